#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Relay throughput of Postern and of Postfix, side by side in one run.

    Benchmarks/peers/relay.py [--postern PATH] [--sizes 2048,20480] [--sessions 10,50] [--messages 4000] [--rounds 3]

smtp-source -> server (durable queue, both on the same disk file system) -> smtp-sink, all on loopback, one connection per
message. For each size and number of sessions the servers take turns for so many rounds; the median of the rounds is
given. `delivered/s` counts until the sink has the last message; `cpu` is processor seconds of all the server's processes
per 1,000 messages; `foreign` is the share of the machine that neither server, client nor sink used. A round with more
foreign use than --foreign-max is repeated, a few times.

Needs root (Postfix does), Debian's postfix package, and a release build of Postern. One JSON line per round and a table
of medians come out.
"""
import argparse
import json
import os
import pwd
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TICK = os.sysconf("SC_CLK_TCK")
REPEATS_MAX = 3


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_greeting(port, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as line:
                line.settimeout(5)
                if line.recv(512).startswith(b"220"):
                    line.sendall(b"QUIT\r\n")
                    return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing greets on port {port}")


def stat_fields(pid):
    with open(f"/proc/{pid}/stat") as file:
        text = file.read()
    return text[text.rindex(")") + 2:].split()


def cpu_of_tree(root):
    """Processor seconds of a process, its living descendants, and those that they have waited for."""
    parents, times = {}, {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            fields = stat_fields(name)
        except (OSError, ValueError):
            continue
        parents[int(name)] = int(fields[1])
        times[int(name)] = sum(int(value) for value in fields[11:15]) / TICK
    total = 0.0
    for pid in times:
        ancestor = pid
        while ancestor and ancestor != root:
            ancestor = parents.get(ancestor, 0)
        if ancestor == root:
            total += times[pid]
    return total


def machine_cpu():
    with open("/proc/stat") as file:
        values = [int(value) for value in file.readline().split()[1:9]]
    return (sum(values) - values[3] - values[4]) / TICK, sum(values) / TICK


class Sink:
    """smtp-sink, whose running counter says how many messages it has taken."""

    def __init__(self, folder):
        self.port = free_port()
        self.output = os.path.join(folder, "sink.out")
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen(
                ["smtp-sink", "-c", "-u", "nobody", f"127.0.0.1:{self.port}", "1024"], stdin=subprocess.DEVNULL,
                stdout=out, stderr=out)
        wait_for_greeting(self.port)

    def count(self):
        with open(self.output, "rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 4096))
            found = re.findall(rb"mesg=(\d+)", file.read())
        return int(found[-1]) if found else 0

    def stop(self):
        self.process.kill()
        self.process.wait()


class Postern:
    name = "postern"

    def __init__(self, folder, sink_port, binary):
        self.folder, self.port = folder, free_port()
        config = os.path.join(folder, "postern.toml")
        with open(config, "wb") as out:
            subprocess.run(
                [binary, "config", "bench", "--listen", f"127.0.0.1:{self.port}", "--next-hop",
                 f"127.0.0.1:{sink_port}", "--state", os.path.join(folder, "state"), "--rules",
                 os.path.join(ROOT, "rules")], stdout=out, check=True)
        self.log = open(os.path.join(folder, "log"), "wb")
        self.process = subprocess.Popen(
            [binary, "serve", "--config", config], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_for_greeting(self.port)
        self.root = self.process.pid

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Postfix:
    def __init__(self, folder, sink_port, limit):
        self.name = f"postfix-{limit}" if limit else "postfix"
        self.folder, self.port = folder, free_port()
        user = pwd.getpwnam("postfix")
        os.chmod(folder, 0o755)
        for part in ("etc", "queue", "data", "log"):
            os.makedirs(os.path.join(folder, part))
        os.chown(os.path.join(folder, "data"), user.pw_uid, user.pw_gid)
        log = os.path.join(folder, "log", "mail.log")
        open(log, "w").close()
        os.chown(log, user.pw_uid, user.pw_gid)
        settings = {
            "compatibility_level": "3.6", "queue_directory": f"{folder}/queue", "data_directory": f"{folder}/data",
            "command_directory": "/usr/sbin", "daemon_directory": "/usr/lib/postfix/sbin", "mail_owner": "postfix",
            "setgid_group": "postdrop", "maillog_file": log, "maillog_file_prefixes": folder,
            "inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4", "myhostname": "mx.bench.test",
            "mydestination": "", "local_recipient_maps": "", "alias_maps": "", "alias_database": "",
            "mynetworks": "127.0.0.0/8", "relayhost": f"[127.0.0.1]:{sink_port}",
            "smtp_dns_support_level": "disabled", "smtpd_peername_lookup": "no", "smtp_tls_security_level": "none",
        }
        if limit:
            settings["default_process_limit"] = str(limit)
            settings["in_flow_delay"] = "0"
        with open(f"{folder}/etc/main.cf", "w") as file:
            for key, value in settings.items():
                file.write(f"{key} = {value}\n")
        with open("/usr/share/postfix/master.cf.dist") as file:
            master = file.read()
        lines = []
        for line in master.splitlines():
            if re.match(r"smtp\s+inet\s", line):
                line = f"127.0.0.1:{self.port} inet n - n - - smtpd"
            elif re.match(r"(pickup|maildrop|uucp|ifmail|bsmtp|scalemail|mailman)\s", line):
                continue
            else:
                line = re.sub(r"^(\S+\s+(?:unix|unix-dgram|fifo|inet)\s+\S+\s+\S+\s+)(y|-)(\s)", r"\1n\3", line)
            lines.append(line)
        # postlogd writes maillog_file.
        if not any(line.startswith("postlog") for line in lines):
            lines.append("postlog unix-dgram n - n - 1 postlogd")
        with open(f"{folder}/etc/master.cf", "w") as file:
            file.write("\n".join(line for line in lines if not line.startswith("  ")) + "\n")
        subprocess.run(["postfix", "-c", f"{folder}/etc", "start"], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_greeting(self.port)
        with open(f"{folder}/queue/pid/master.pid") as file:
            self.root = int(file.read())

    def stop(self):
        subprocess.run(["postfix", "-c", f"{self.folder}/etc", "stop"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(server, sink, size, sessions, messages):
    before_sink = sink.count()
    cpu, (busy, total) = cpu_of_tree(server.root), machine_cpu()
    ours = os.times()
    sink_cpu = cpu_of_tree(sink.process.pid)
    start = time.time()
    source = subprocess.run(
        ["smtp-source", "-s", str(sessions), "-m", str(messages), "-l", str(size), "-f", "sender@source.test", "-t",
         "recipient@sink.test", f"127.0.0.1:{server.port}"], stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
    accepted = time.time()
    if source.returncode:
        raise SystemExit(f"{server.name}: smtp-source: {source.stderr.decode(errors='replace')[:500]}")
    arrived, progressed = 0, time.time()
    while arrived < messages:
        now = sink.count() - before_sink
        if now > arrived:
            arrived, progressed = now, time.time()
        elif time.time() - progressed > 30:
            raise SystemExit(f"{server.name}: only {arrived} of {messages} messages arrived")
        time.sleep(0.01)
    end = time.time()
    # What the server still writes down belongs to these messages.
    time.sleep(0.5)
    used = cpu_of_tree(server.root) - cpu
    busy_after, total_after = machine_cpu()
    mine = os.times()
    own = sum(mine[:4]) - sum(ours[:4]) + cpu_of_tree(sink.process.pid) - sink_cpu
    foreign = max(0.0, (busy_after - busy) - used - own) / max(total_after - total, 0.01)
    return {
        "server": server.name, "size": size, "sessions": sessions, "messages": messages,
        "accepted_per_s": round(messages / (accepted - start), 1), "delivered_per_s": round(messages / (end - start), 1),
        "cpu_s_per_1000": round(used * 1000 / messages, 3), "foreign": round(foreign, 3),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postern", default=os.path.join(ROOT, ".build/release/postern"))
    parser.add_argument("--sizes", default="2048,20480")
    parser.add_argument("--sessions", default="10,50")
    parser.add_argument("--messages", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--servers", default="postern,postfix,postfix-250")
    parser.add_argument("--foreign-max", type=float, default=0.2)
    parser.add_argument("--folder", help="where queues go; the disk that is measured (default: a temporary folder)")
    options = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("run it as root: Postfix needs that")
    for program in ("smtp-source", "smtp-sink", "postfix"):
        if not shutil.which(program):
            raise SystemExit(f"{program} is missing; install Debian's postfix package")
    base = tempfile.mkdtemp(prefix="postern-relay-", dir=options.folder)
    os.chmod(base, 0o755)
    rows, servers, sink = [], [], None
    try:
        sink = Sink(base)
        for name in options.servers.split(","):
            folder = os.path.join(base, name)
            os.makedirs(folder)
            if name == "postern":
                servers.append(Postern(folder, sink.port, options.postern))
            else:
                servers.append(Postfix(folder, sink.port, int(name.split("-")[1]) if "-" in name else 0))
        for size in map(int, options.sizes.split(",")):
            for sessions in map(int, options.sessions.split(",")):
                for _ in range(options.rounds):
                    for server in servers:
                        for _ in range(REPEATS_MAX):
                            row = measure(server, sink, size, sessions, options.messages)
                            print(json.dumps(row), flush=True)
                            if row["foreign"] <= options.foreign_max:
                                break
                        rows.append(row)
    finally:
        for server in servers:
            server.stop()
        if sink:
            sink.stop()
        shutil.rmtree(base, ignore_errors=True)
    print(f"\n{'server':12} {'size':>6} {'sessions':>8} {'delivered/s':>12} {'accepted/s':>11} {'cpu s/1000':>11} foreign")
    groups = {}
    for row in rows:
        groups.setdefault((row["size"], row["sessions"], row["server"]), []).append(row)
    for (size, sessions, name), group in groups.items():
        median = {key: statistics.median(row[key] for row in group)
                  for key in ("delivered_per_s", "accepted_per_s", "cpu_s_per_1000", "foreign")}
        print(f"{name:12} {size:6} {sessions:8} {median['delivered_per_s']:12.1f} {median['accepted_per_s']:11.1f} "
              f"{median['cpu_s_per_1000']:11.3f} {median['foreign']:.2f}")
    for size, sessions in sorted({key[:2] for key in groups}):
        own = groups.get((size, sessions, "postern"))
        peers = [group for key, group in groups.items() if key[:2] == (size, sessions) and key[2] != "postern"]
        if not own or not peers:
            continue
        speed = statistics.median(row["delivered_per_s"] for row in own)
        cpu = statistics.median(row["cpu_s_per_1000"] for row in own)
        best = max(statistics.median(row["delivered_per_s"] for row in group) for group in peers)
        least = min(statistics.median(row["cpu_s_per_1000"] for row in group) for group in peers)
        print(f"{size} octets, {sessions} sessions: {speed / best:.2f} times the better Postfix's messages per second, "
              f"{cpu / least:.2f} of the leaner one's processor time per message")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
