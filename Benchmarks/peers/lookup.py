#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What looking up a key costs in a Postern mapping table and in Postfix's tables, side by side in one run.

    Benchmarks/peers/lookup.py [--postern PATH] [--entries 10000] [--keys 100000] [--seconds 2] [--rounds 5]

For each kind of entry both sides get a table of the same entries and the same keys: addresses as they are (Postfix: cdb and
hash), networks (cidr), and patterns with a star at the front or inside (pcre). Half of the keys match the last entry only, the
other half one of the others each. Then Postern gets the shipped table, in which all four kinds are mixed.

Postfix answers `postmap -q -`, keys on standard input, so that it is started and reads its table once; what that costs is
measured with one key, and taken off. A table that is slow gets fewer keys, as many as it answers in --seconds. Postern answers
`mapping bench`, which evaluates every probe in full. Both figures are processor time for one key, the median of the rounds, in
which the two take turns. postmap also reads the key and prints the answer; Postern also expands a template and writes a trail.

Needs Debian's postfix, postfix-cdb and postfix-pcre, and a release build of Postern. One JSON line a round, then a table.
"""
import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLES = os.path.join(ROOT, "Benchmarks/tables")


def addresses(number):
    key = f"user{number}@mail{number * 37 % 97}.example"
    return key, key, key


def networks(number):
    start = f"10.{number >> 8 & 255}.{number & 255}" if number < 65536 else f"11.{number >> 8 & 255}.{number & 255}"
    return f"$({start}.0/24)", f"{start}.0/24", f"{start}.{number * 89 % 256}"


def leading(number):
    name = f"@ads{number}.example"
    return "*" + name, f"/@ads{number}\\.example$/", f"person{number * 61 % 1000}{name}"


def inner(number):
    return (f"news*@list{number}.example", f"/^news.*@list{number}\\.example$/",
            f"newsletter-{number * 61 % 1000}@list{number}.example")


# Kind, Postfix's types for it, what makes an entry and its key.
KINDS = [("exact", ("cdb", "hash"), addresses), ("network", ("cidr",), networks), ("leading star", ("pcre",), leading),
         ("inner star", ("pcre",), inner)]


def keys(make, entries, count):
    """Every second key is that of the last entry."""
    last = make(entries - 1)[2]
    return [last if number % 2 == 0 else make(number * 7919 % (entries - 1))[2] for number in range(count)]


class Postfix:
    def __init__(self, folder, name, make, entries):
        self.folder, self.name = folder, name
        self.table = f"{name}:{folder}/{make.__name__}.{name}"
        path = self.table.split(":", 1)[1]
        with open(path, "w") as out:
            out.writelines(f"{make(number)[1]} REJECT listed\n" for number in range(entries))
        if name in ("cdb", "hash"):
            subprocess.run(["postmap", "-c", f"{folder}/etc", f"{name}:{path}"], check=True)

    def processor_seconds(self, given):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = subprocess.run(["postmap", "-c", f"{self.folder}/etc", "-q", "-", self.table],
                             input="".join(key + "\n" for key in given).encode(), capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = ran.stdout.count(b"\n")
        if found != len(given):
            sys.exit(f"{self.table} answered {found} of {len(given)} keys: {ran.stderr[:300].decode(errors='replace')}")
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def measure(self, given, seconds):
        """Nanoseconds for one key."""
        start = min(self.processor_seconds(given[:1]) for _ in range(3))
        count = min(500, len(given))
        used = self.processor_seconds(given[:count]) - start
        while count < len(given) and used < seconds / 4:
            count = min(len(given), count * 4)
            used = self.processor_seconds(given[:count]) - start
        return used * 1e9 / count


class Postern:
    name = "postern"

    def __init__(self, binary, table, probes):
        self.command = [binary, "mapping", "bench", "--file", table, "--table", "BLOCKED", "--probes", probes]

    def measure(self):
        answer = json.loads(subprocess.run(self.command, check=True, capture_output=True).stdout)
        if answer["matched"] != answer["probes"] * answer["iterations"]:
            sys.exit(f"{self.command}: only {answer['matched']} evaluations matched")
        return answer["ns_per_probe"]


def write_tables(folder, make, entries, given):
    table, probes = os.path.join(folder, make.__name__ + ".mappings"), os.path.join(folder, make.__name__ + ".probes")
    with open(table, "w") as out:
        out.write("BLOCKED\n\n")
        out.writelines(f"  {make(number)[0]}  $X5.7.1|$N$0$ is$ listed\n" if make is not addresses
                       else f"  {make(number)[0]}  $X5.7.1|$NThis$ address$ is$ listed\n" for number in range(entries))
    with open(probes, "w") as out:
        out.writelines(key + "\n" for key in given)
    return table, probes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postern", default=os.path.join(ROOT, ".build/release/postern"))
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if not shutil.which("postmap"):
        sys.exit("postmap is missing; install Debian's postfix, postfix-cdb and postfix-pcre")
    folder = tempfile.mkdtemp(prefix="postern-lookup-")
    rows = {}

    def note(kind, name, nanoseconds):
        rows.setdefault((kind, name), []).append(nanoseconds)
        print(json.dumps({"kind": kind, "table": name, "ns_per_key": round(nanoseconds, 1)}), flush=True)

    try:
        os.makedirs(f"{folder}/etc")
        with open(f"{folder}/etc/main.cf", "w") as out:
            out.write("compatibility_level = 3.6\n")
        open(f"{folder}/etc/master.cf", "w").close()
        sides = []
        for kind, types, make in KINDS:
            given = keys(make, options.entries, options.keys)
            own = Postern(options.postern, *write_tables(folder, make, options.entries, given[:2_000]))
            sides.append((kind, own, [Postfix(folder, name, make, options.entries) for name in types], given))
        mixed = {count: Postern(options.postern, f"{TABLES}/{count}.mappings", f"{TABLES}/{count}.probes")
                 for count in (10, 10_000)}
        for _ in range(options.rounds):
            for kind, own, peers, given in sides:
                note(kind, own.name, own.measure())
                for peer in peers:
                    note(kind, peer.name, peer.measure(given, options.seconds))
            for count, own in mixed.items():
                note(f"all four, {count:,} entries", own.name, own.measure())
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    median = {place: statistics.median(values) for place, values in rows.items()}
    print(f"\n{'kind':26} {'table':8} {'ns/key':>12} {'keys/s':>12} {'times Postern':>14}")
    for (kind, name), value in median.items():
        ratio = value / median[(kind, Postern.name)]
        print(f"{kind:26} {name:8} {value:12,.0f} {1e9 / value:12,.0f} {ratio:14.2f}")
    small, large = (median[(f"all four, {count:,} entries", Postern.name)] for count in (10, 10_000))
    print(f"\n10,000 mixed entries cost {large / small:.2f} times what 10 cost.")


if __name__ == "__main__":
    main()
