#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What compiling and running a Sieve script costs in Postern and in Dovecot's Sieve library, side by side in one run.

    Benchmarks/peers/sieve.py [--postern PATH] [--rounds 5] [--iterations 1000] [--compilations 500] [--scripts 1,40,400]

Both sides get the same script, the same message and the same envelope. Dovecot's side is `pigeonhole.c`, a loop inside one
process around the library that Debian ships, compiled against its headers; Postern's is `sieve bench`. So neither pays for
starting a process. The two take turns, round by round. Figures are microseconds of processor time, for compiling, for running
the script on a message whose header is already read, and for reading the message from its bytes and running the script.

Needs Debian's dovecot-sieve and dovecot-dev, gcc, and a release build of Postern. Root runs Dovecot's side as nobody, since it
refuses root. One JSON line a round, then one with the medians and what of Dovecot's time Postern takes, then a table.
"""
import argparse
import json
import os
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPTS = os.path.join(ROOT, "Benchmarks/sieve")
SENDER, RECIPIENT = "kim@sender.example", "robin@receiver.example"
FIGURES = ("compile_us", "parsed_us", "reparse_us")


class Dovecot:
    def __init__(self, folder):
        self.folder = folder
        self.program = os.path.join(folder, "pigeonhole")
        subprocess.run(["gcc", "-O2", "-std=gnu11", "-DHAVE_CONFIG_H", "-I/usr/include/dovecot", "-I/usr/include/dovecot/sieve",
                        "-o", self.program, os.path.join(ROOT, "Benchmarks/peers/pigeonhole.c"), "-L/usr/lib/dovecot",
                        "-ldovecot-sieve", "-ldovecot-storage", "-ldovecot", "-Wl,-rpath,/usr/lib/dovecot"], check=True)
        self.configuration = os.path.join(folder, "dovecot.conf")
        nobody = pwd.getpwnam("nobody")
        self.identity = {}
        if os.geteuid() == 0:
            self.identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        with open(self.configuration, "w") as out:
            out.write(f"mail_location = maildir:{folder}/mail\nmail_home = {folder}\nfirst_valid_uid = 1\n"
                      f"mail_uid = {nobody.pw_uid if self.identity else os.getuid()}\n"
                      f"mail_gid = {nobody.pw_gid if self.identity else os.getgid()}\nlog_path = /dev/stderr\nssl = no\n"
                      f"base_dir = {folder}/run\nnamespace inbox {{\n  inbox = yes\n}}\n")
        os.chmod(folder, 0o755)
        if self.identity:
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    def figures(self, script, message, given):
        ran = subprocess.run([self.program, "-c", self.configuration, script, message, str(given.iterations),
                              str(given.compilations)], capture_output=True, text=True, cwd=self.folder,
                             env={"PATH": os.environ["PATH"], "HOME": self.folder}, **self.identity)
        if ran.returncode != 0:
            sys.exit(f"{self.program}: {ran.stderr.strip()[-500:]}")
        found = json.loads(ran.stdout)
        return dict(zip(FIGURES, (found["compile_us"], found["cpu_us_per_evaluation"], found["cpu_us_with_reparse"])))


class Postern:
    def __init__(self, program):
        self.program = os.path.abspath(program)
        if not os.access(self.program, os.X_OK):
            sys.exit(f"{self.program} is no program; build a release, or name one with --postern")

    def bench(self, script, message, given, *more):
        ran = subprocess.run([self.program, "sieve", "bench", "--script", script, "--message", message, "--iterations",
                              str(given.iterations), "--from", SENDER, "--to", RECIPIENT, *more],
                             capture_output=True, text=True)
        if ran.returncode != 0:
            sys.exit(f"{self.program}: {ran.stderr.strip()[-500:]}")
        found = json.loads(ran.stdout)
        if found.get("error") or not found["implicit_keep"]:
            sys.exit(f"{script} was not run to its end: {ran.stdout}")
        return found

    def figures(self, script, message, given):
        parsed = self.bench(script, message, given)
        reparsed = self.bench(script, message, given, "--reparse")
        compiling = statistics.mean([parsed["compile_us"], reparsed["compile_us"]])
        return dict(zip(FIGURES, (compiling, parsed["cpu_us_per_evaluation"], reparsed["cpu_us_per_evaluation"])))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postern", default=os.path.join(ROOT, ".build/release/postern"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--iterations", type=int, default=1_000)
    parser.add_argument("--compilations", type=int, default=500)
    parser.add_argument("--scripts", default="1,40,400", help="numbers of rules, with commas between")
    given = parser.parse_args()
    postern = Postern(given.postern)
    medians = []
    with tempfile.TemporaryDirectory(prefix="bench-sieve-") as folder:
        for name in os.listdir(SCRIPTS):
            if name.endswith((".sieve", ".eml")):
                shutil.copy(os.path.join(SCRIPTS, name), folder)
        dovecot = Dovecot(folder)
        message = os.path.join(folder, "message.eml")
        for rules in given.scripts.split(","):
            script = os.path.join(folder, f"{rules}.sieve")
            if not os.path.exists(script):
                made = subprocess.run([os.path.join(SCRIPTS, "generate"), "--rules", rules], check=True, capture_output=True)
                with open(script, "wb") as out:
                    out.write(made.stdout)
            rounds = []
            for number in range(given.rounds):
                turn = {"pigeonhole": dovecot.figures(script, message, given), "postern": postern.figures(script, message, given)}
                print(json.dumps({"rules": int(rules), "round": number + 1, **turn}), flush=True)
                rounds.append(turn)
            line = {"rules": int(rules)}
            for figure in FIGURES:
                theirs = statistics.median(turn["pigeonhole"][figure] for turn in rounds)
                ours = statistics.median(turn["postern"][figure] for turn in rounds)
                line[figure] = {"pigeonhole": theirs, "postern": ours, "ratio": round(ours / theirs, 3)}
            print(json.dumps(line), flush=True)
            medians.append(line)
    print(f"\n{'rules':>5}  {'':12} {'Dovecot, us':>12} {'Postern, us':>12} {'of its time':>12}")
    for line in medians:
        for figure, words in zip(FIGURES, ("compile", "run", "read and run")):
            row = line[figure]
            print(f"{line['rules']:5}  {words:12} {row['pigeonhole']:12.1f} {row['postern']:12.1f} {row['ratio']:12.2f}")


if __name__ == "__main__":
    main()
