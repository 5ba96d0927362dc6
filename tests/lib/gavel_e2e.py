"""Starting Gavel on a project of a test, and looking at what it left behind."""
import contextlib
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("GAVEL_BUILD", os.path.join(ROOT, "build"))
SHARED = os.environ.get("GAVEL_SHARED", os.path.join(ROOT, "..", "shared"))
GAVEL = os.path.join(BUILD, "gavel")
QUICKSTART = os.path.join(ROOT, "examples", "quickstart", "seeds.jsonl")
GSM8K = os.path.join(SHARED, "data", "gsm8k", "example_model_solutions.jsonl")
PATIENCE = 120  # seconds until a wait for a condition is a failure
EXIT_COMPLETE, EXIT_FAILED, EXIT_USAGE, EXIT_STOPPED = 0, 1, 2, 3


def wait_until(condition, what, patience=PATIENCE, step=0.02):
    """Polls until the condition is true; returns its value."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience} s in vain: {what}")
        time.sleep(step)


def enter(context, cleanup):
    """Enters a context that a test, or a whole class, leaves by its `cleanup` (addCleanup)."""
    value = context.__enter__()
    cleanup(context.__exit__, None, None, None)
    return value


def children(pid):
    """Processes that this process has started and that still run."""
    found = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as f:
                found += map(int, f.read().split())
    return found


def environment(**variables):
    env = {k: v for k, v in os.environ.items() if not k.endswith("_KEY")}
    env.update(LC_ALL="C.UTF-8", CI="1", **variables)
    return env


def sums(n):
    """Seed lines of n small pairs."""
    return [{"id": f"sum-{i}", "prompt": f"What is {i} plus 7?",
             "chosen": f"{i} plus 7 is\n{i + 7}", "rejected": f"{i} plus 7 is\n{i + 8}"}
            for i in range(n)]


class Project:
    """A project file with a store and a release folder in a folder of their own. `seeds`: the path
    of a seed file, or a list of seed lines."""

    def __init__(self, url, seeds, **settings):
        self.dir = tempfile.mkdtemp(prefix="gavel-e2e-")
        self.file = os.path.join(self.dir, "gavel.yaml")
        self.store_path = os.path.join(self.dir, "judge.db")
        self.out = os.path.join(self.dir, "out")
        self.settings = {
            "name": "e2e", "store": "judge.db", "rng_seed": 7,
            "seeds": [{"path": seeds if isinstance(seeds, str) else self.write_lines(seeds)}],
            "endpoints": [{"role": "teacher", "url": url, "model": "referee",
                           "max_in_flight": 512}],
            "deadlines": {"connect": 5, "first_byte": 60, "idle": 30, "total": 120},
            "accept": {"rule": "k_of_n", "k": 3, "n": 4},
            "reflection": {"mode": "none"},
            "calibration": 0,
            "filters": [],
            "workers": {"local": 1, "slots": 64},
            "export": {"dir": "out", "formats": ["sft", "dpo", "rl"], "shard_rows": 200,
                       "split": {"train": 0.8, "validation": 0.2}},
        }
        self.processes = []
        self.change(**settings)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for p in self.processes:
            if p.poll() is None:
                p.kill()
                p.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def change(self, **settings):
        """Rewrites the project file; sections are merged. JSON is YAML."""
        for key, value in settings.items():
            old = self.settings.get(key)
            merged = isinstance(value, dict) and isinstance(old, dict)
            self.settings[key] = {**old, **value} if merged else value
        self.write(json.dumps(self.settings, indent=1))

    def write_lines(self, seeds):
        path = self.path("seeds.jsonl")
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(seed, ensure_ascii=False) + "\n" for seed in seeds)
        return path

    def write(self, text):
        with open(self.file, "w", encoding="utf-8") as f:
            f.write(text)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def start(self, *arguments, env=None, **options):
        """A process in a session of its own; its output goes to files, see said()."""
        number = len(self.processes)
        with open(self.path(f"{number}.out"), "wb") as out, \
             open(self.path(f"{number}.err"), "wb") as err:
            p = subprocess.Popen([GAVEL, *map(str, arguments)], stdin=subprocess.DEVNULL,
                                 stdout=out, stderr=err, start_new_session=True,
                                 env=env or environment(), **options)
        p.number = number
        self.processes.append(p)
        return p

    def said(self, process):
        """(standard output, standard error) so far."""
        texts = []
        for kind in ("out", "err"):
            with open(self.path(f"{process.number}.{kind}"), encoding="utf-8",
                      errors="replace") as f:
                texts.append(f.read())
        return texts

    def gavel(self, *arguments, status=EXIT_COMPLETE, patience=PATIENCE, env=None):
        """Runs to the end; (standard output, standard error). The exit status must be as said."""
        return self.ended(self.start(*arguments, env=env), status, patience)

    def run(self, *arguments, **options):
        return self.gavel("run", self.dir, *arguments, **options)

    def start_run(self, *arguments, **options):
        return self.start("run", self.dir, *arguments, **options)

    def ended(self, process, status, patience=PATIENCE):
        """Waits for a process of start(); what it said. The exit status must be as said."""
        wait_until(lambda: process.poll() is not None, f"the end of {process.args}", patience)
        out, err = self.said(process)
        if process.returncode != status:
            raise AssertionError(f"{process.args}: exit status {process.returncode}, not {status}"
                                 f"\n{out}\n{err}")
        return out, err

    def status(self):
        return json.loads(self.gavel("status", self.dir, "--json")[0])

    def query(self, sql, *values):
        db = sqlite3.connect(f"file:{self.store_path}?mode=ro", uri=True, timeout=30)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def counter(self, name):
        rows = self.query("SELECT value FROM counters WHERE name = ?", name)
        return rows[0][0] if rows else 0

    def states(self):
        """{(prompt, right text, wrong text): (state, pair id)} of every stored pair."""
        rows = self.query(
            "SELECT s.prompt, c.messages, r.messages, v.state, v.pair_id FROM pairs p "
            "JOIN seeds s ON s.seed = p.seed JOIN responses c ON c.response = p.chosen "
            "JOIN responses r ON r.response = p.rejected JOIN v_pairs v ON v.pair = p.pair")
        return {tuple(json.loads(t)[-1]["content"] for t in row[:3]): row[3:] for row in rows}

    def rows(self, kind, out=None):
        """[(split, row)] of one format, in the order of the shards."""
        found = []
        folder = os.path.join(out or self.out, kind)
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                found += [(name.split("-")[0], json.loads(line)) for line in f]
        return found

    def manifest(self, out=None):
        with open(os.path.join(out or self.out, "manifest.json"), encoding="utf-8") as f:
            return json.load(f)


def interrupt(process):
    """Ctrl-C: the terminal tells the whole process group."""
    os.killpg(process.pid, signal.SIGINT)


def digest(path):
    """(bytes, rows, SHA-256) of a file."""
    with open(path, "rb") as f:
        data = f.read()
    return len(data), data.count(b"\n"), hashlib.sha256(data).hexdigest()
