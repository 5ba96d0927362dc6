"""The simulated teacher as a process, for tests that rehearse with it."""
import json
import os
import subprocess
import tempfile
import urllib.request

from gavel_e2e import BUILD, QUICKSTART

BINARY = os.path.join(BUILD, "gavel-sim-teacher")


class SimTeacher:
    """`with SimTeacher("--prefill", "flag") as t:` serves t.url until the block ends."""

    def __init__(self, *options, truth=QUICKSTART):
        self.dir = tempfile.TemporaryDirectory()
        self.log_path = os.path.join(self.dir.name, "log.jsonl")
        self.options = [*options, *(("--truth", truth) if truth else ())]
        self.process = None
        self.port = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self):
        self.process = subprocess.Popen(
            [BINARY, "--listen", "127.0.0.1:0", "--log", self.log_path, *self.options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.process.stdout.close()
        self.dir.cleanup()

    def log(self):
        """The lines so far; asking for the counters first is a round trip after which all that
        was answered has been logged."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats") as answer:
            answer.read()
        with open(self.log_path, encoding="utf-8") as f:
            return [json.loads(line) for line in f]
