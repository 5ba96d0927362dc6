#!/usr/bin/env python3
"""Measures Gavel against yardsticks of the same machine and minute, and prints one table.

    tests/bench/bench.py [--build DIR] [--full] [--only NAME]...

Builds what it needs (Release) unless --build names a folder with the programs. How to read it:
README.md beside this file.
"""
import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = ["gavel", "gavel-sim-teacher", "tests/bench/bench_calls", "tests/bench/bench_ledger"]
MIB = 1024 * 1024


class Failed(Exception):
    """A measurement that could not be made, and why."""


def build():
    folder = os.path.join(ROOT, "build-bench")
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    subprocess.run(["cmake", "-S", ROOT, "-B", folder, "-DCMAKE_BUILD_TYPE=Release",
                    "-DGAVEL_TESTS=ON"], **quiet)
    targets = [os.path.basename(p) for p in PROGRAMS]
    subprocess.run(["cmake", "--build", folder, "-j2", "--target", *targets], **quiet)
    return folder


def seeds(path, n, text_bytes=40):
    filler = "and every step of it is written out " * (text_bytes // 36 + 1)
    with open(path, "w", encoding="utf-8") as f:
        for i in range(n):
            f.write(json.dumps({"id": f"p{i}", "prompt": f"What is {i} plus 7? {filler[:text_bytes]}",
                                "chosen": f"{i} plus 7 is {i + 7}.",
                                "rejected": f"{i} plus 7 is {i + 8}."}) + "\n")


def project(folder, url, **more):
    os.makedirs(folder, exist_ok=True)
    doc = {"name": "bench", "store": "judge.db", "seeds": [{"path": "seeds.jsonl"}],
           "endpoints": [{"url": url, "model": "bench", "max_in_flight": 65536}],
           "filters": [], "export": {"dir": ""}, **more}
    path = os.path.join(folder, "gavel.yaml")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(doc, f)
    return path


def memory(pid):
    """The most memory the process has had, in bytes; 0 when it is gone."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmHWM:\s+(\d+) kB", f.read()).group(1)) * 1024
    return 0


def children(pid):
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [int(c) for c in f.read().split()]
    return []


def timed(command, **options):
    """Runs it to its end: (wall seconds, its most memory in bytes, standard output)."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          **options) as child:
        out, errors = child.communicate()
    if child.returncode:
        raise Failed(f"{command[0]}: {errors.decode()[-400:]}")
    return time.monotonic() - began, out


def timed_with_memory(command):
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    if child.returncode:
        raise Failed(f"{command[0]}: {errors.decode()[-400:]}")
    return time.monotonic() - began, usage.ru_maxrss * 1024


class Bench:
    def __init__(self, folder, scratch, full):
        self.folder, self.scratch, self.full = folder, scratch, full
        self.rows = []

    def program(self, name):
        return os.path.join(self.folder, name)

    def room(self, name):
        path = os.path.join(self.scratch, name)
        os.makedirs(path)
        return path

    def row(self, what, measured, yardstick, ratio, better="high"):
        self.rows.append((what, measured, yardstick, ratio, better))
        print(f"  {what}: {measured}; {yardstick}; {ratio}", file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def teacher(self, *options):
        command = [self.program("gavel-sim-teacher"), "--listen", "127.0.0.1:0", *options]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            place = child.stdout.readline().decode().split()[-1]
            yield f"http://{place}"
        finally:
            child.kill()
            child.wait()
            child.stdout.close()

    @contextlib.contextmanager
    def run(self, path, *options):
        command = [self.program("gavel"), "run", path, *options]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield child
        finally:
            for _ in range(2):
                with contextlib.suppress(ProcessLookupError):
                    child.send_signal(signal.SIGINT)
                time.sleep(0.2)
            child.wait()

    # The measurements

    def rate(self):
        """20,000 pairs, 1,024 slots, a teacher of 200 ms: the middle 60 % of the calls."""
        room, pairs, slots, latency = self.room("rate"), 20000, 1024, 0.2
        seeds(os.path.join(room, "seeds.jsonl"), pairs)
        log = os.path.join(room, "log.jsonl")
        with self.teacher("--truth", os.path.join(room, "seeds.jsonl"), "--latency",
                          str(int(latency * 1000)), "--log", log) as url:
            path = project(room, url + "/v1", workers={"local": 1, "slots": slots})
            timed([self.program("gavel"), "import", path])
            began = time.monotonic()
            with self.run(path) as child:
                if child.wait() != 0:
                    raise Failed("the run did not complete")
            wall = time.monotonic() - began
        with open(log, encoding="utf-8") as f:
            times = sorted(json.loads(line)["t_ms"] for line in f)
        first, last = len(times) // 5, len(times) * 4 // 5
        rate = (last - first) / (times[last] - times[first]) * 1000
        ideal = slots / latency
        self.row("calls/s, steady part", f"{rate:.0f} of {len(times)} calls in {wall:.0f} s",
                 f"ideal {ideal:.0f} ({slots} slots / {latency:g} s)", f"{rate / ideal:.3f}")

    def memory(self):
        """4,096 calls in flight."""
        room, slots = self.room("memory"), 4096
        seeds(os.path.join(room, "seeds.jsonl"), 8000, 2000)
        with self.teacher("--truth", os.path.join(room, "seeds.jsonl"), "--latency",
                          "4000") as url:
            path = project(room, url + "/v1", workers={"local": 1, "slots": slots},
                           accept={"stop": "full"})
            timed([self.program("gavel"), "import", path])
            peak = coordinator = worker = 0
            with self.run(path) as child:
                deadline = time.monotonic() + 30
                while time.monotonic() < deadline and child.poll() is None:
                    with urllib.request.urlopen(url + "/stats") as f:
                        peak = json.load(f)["peak_in_flight"]
                    coordinator = max(coordinator, memory(child.pid))
                    worker = max([worker, *map(memory, children(child.pid))])
                    time.sleep(0.5)
        self.row("worker memory", f"{worker / MIB:.0f} MiB with {peak} in flight", "limit 200 MB",
                 f"{worker / 200e6:.2f}", "low")
        self.row("coordinator memory", f"{coordinator / MIB:.0f} MiB", "limit 100 MB",
                 f"{coordinator / 100e6:.2f}", "low")

    def imports(self):
        """Seed lines of some 500 bytes; reading them line by line in Python is the yardstick."""
        room, lines = self.room("imports"), 1000000 if self.full else 100000
        source = os.path.join(room, "seeds.jsonl")
        seeds(source, lines, 350)
        path = project(room, "http://127.0.0.1:1/v1")
        wall, most = timed_with_memory([self.program("gavel"), "import", path])
        began = time.monotonic()
        with open(source, "rb") as f:
            for line in f:
                json.loads(line)
        reading = time.monotonic() - began
        self.row(f"import of {lines} lines", f"{lines / wall:.0f} lines/s, {most / MIB:.0f} MiB",
                 f"Python's json alone {lines / reading:.0f} lines/s", f"{reading / wall:.2f}")

    def filled(self):
        """A store of 200,000 calls; made once."""
        room = os.path.join(self.scratch, "filled")
        path = os.path.join(room, "gavel.yaml")
        if not os.path.exists(room):
            os.makedirs(room)
            seeds(os.path.join(room, "seeds.jsonl"), 25100, 400)
            project(room, "http://127.0.0.1:1/v1", export={"dir": "out"})
            timed([self.program("gavel"), "import", path])
            timed([self.program("tests/bench/bench_ledger"), path, "100"])
        return room, path

    def exports(self):
        """All three formats from 200,000 rollouts; `sqlite3 .dump` of the store is the yardstick."""
        room, path = self.filled()
        wall, _ = timed([self.program("gavel"), "export", path])
        with open(os.path.join(room, "out", "manifest.json"), encoding="utf-8") as f:
            files = json.load(f)["files"]
        rows, size = sum(f["rows"] for f in files), sum(f["bytes"] for f in files)
        self.row("export", f"{rows / wall:.0f} rows/s ({rows} rows, {size / MIB:.0f} MiB)",
                 *self.against_dump(os.path.join(room, "judge.db"), wall))

    @staticmethod
    def against_dump(store, wall):
        if not shutil.which("sqlite3"):
            return "no sqlite3 here", "-"
        began = time.monotonic()
        subprocess.run(["sqlite3", "-readonly", store, ".dump"], check=True,
                       stdout=subprocess.DEVNULL)
        dump = time.monotonic() - began
        return f"export {wall:.1f} s, .dump {dump:.1f} s", f"{dump / wall:.2f}"

    def calls(self):
        """Rendering a request of 4 kB and reading an answer of 4 kB."""
        _, out = timed([self.program("tests/bench/bench_calls")])
        us = json.loads(out)
        total = us["render_us"] + us["read_us"]
        self.row("work of one call", f"render {us['render_us']:.0f} us, read {us['read_us']:.0f} us",
                 "195 us: a call at 5,120 calls/s", f"{total / (1e6 / 5120):.2f}", "low")

    def resume(self):
        """From the start of the program to the first call, with 200,000 calls in the store; the
        same of an empty one is the yardstick."""
        _, long_run = self.filled()
        room = self.room("empty")
        seeds(os.path.join(room, "seeds.jsonl"), 100)
        short_run = project(room, "http://127.0.0.1:1/v1")
        timed([self.program("gavel"), "import", short_run])
        first, later = self.until_first_call(short_run), self.until_first_call(long_run)
        self.row("resume of 200,000 calls", f"{later * 1000:.0f} ms to the first call",
                 f"empty store {first * 1000:.0f} ms", f"{later / first:.2f}", "low")

    def until_first_call(self, path):
        with self.teacher("--latency", "60000") as url:
            began = time.monotonic()
            with self.run(path, "--set", f"endpoints[0].url={url}/v1") as child:
                while child.poll() is None:
                    with urllib.request.urlopen(url + "/stats") as f:
                        if json.load(f)["requests"]:
                            return time.monotonic() - began
                    time.sleep(0.002)
        raise Failed("the run ended without a call")

    def table(self):
        head = ("what", "measured", "yardstick", "ratio", "better")
        widths = [max(len(r[i]) for r in [head, *self.rows]) for i in range(len(head))]
        for r in [head, *self.rows]:
            print("  ".join(c.ljust(w) for c, w in zip(r, widths)).rstrip())


NAMES = ["rate", "memory", "imports", "exports", "calls", "resume"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", help="folder of a Release build with -DGAVEL_TESTS=ON")
    parser.add_argument("--full", action="store_true", help="import a million lines, not 100,000")
    parser.add_argument("--only", action="append", choices=NAMES, help="may be repeated")
    options = parser.parse_args()
    folder = options.build or build()
    failures = 0
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as scratch:
        bench = Bench(os.path.abspath(folder), scratch, options.full)
        for name in options.only or NAMES:
            try:
                getattr(bench, name)()
            except Failed as why:
                failures += 1
                bench.row(name, "failed", str(why).replace("\n", " ")[-200:], "-", "-")
        bench.table()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
