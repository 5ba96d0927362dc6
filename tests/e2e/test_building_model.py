#!/usr/bin/env python3
"""Pairs for real questions, built from what a small real model writes; killed and resumed. Needs
node, its npm packages (installed into a scratch folder, or found by GAVEL_TEACHER_MODULES) and the
shared model; else it is skipped."""
import collections
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import building
import gavel_e2e as e2e
from author import Author

TEACHER = os.path.join(e2e.SHARED, "teacher")
MODEL = os.path.join(TEACHER, "gsm8k-micro-f16.gguf")
SERVER = os.path.join(TEACHER, "node-teacher.mjs")
QUESTIONS = os.path.join(e2e.SHARED, "data", "gsm8k", "test.jsonl")
PACKAGES = ("node-llama-cpp@3.22.1", "@node-llama-cpp/linux-x64@3.22.1")
INSTALL_S = 120
N, SAMPLES = int(os.environ.get("GAVEL_QUESTIONS", "12")), 16
LAST = re.compile(r"####\s*\$?(-?[\d,.]*\d)")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def modules(scratch):
    """Puts the server's packages where node finds them from the scratch folder."""
    known = os.environ.get("GAVEL_TEACHER_MODULES")
    if known:
        os.symlink(known, os.path.join(scratch, "node_modules"))
        return
    try:
        subprocess.run(["npm", "install", "--ignore-scripts", "--omit=optional", *PACKAGES],
                       cwd=scratch, timeout=INSTALL_S, check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError) as e:
        skip(f"the npm packages cannot be installed: {e}")


def free_port():
    with Author(lambda r, i: "") as some:
        return some.port


class Model:
    """The real model behind node-teacher.mjs."""

    def __init__(self, scratch):
        shutil.copy(SERVER, scratch)
        self.port = free_port()
        self.process = subprocess.Popen(
            ["node", os.path.join(scratch, os.path.basename(SERVER)), MODEL, str(self.port), "4"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if "ready" not in self.process.stdout.readline():
            skip("the model's server does not start")
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def number(text):
    """The last `#### N` of a solution, by no code of Gavel's."""
    found = LAST.findall(text)
    return found[-1].replace(",", "").rstrip(".") if found else None


class RealModel(unittest.TestCase):
    def project(self, judge, lines):
        p = e2e.enter(judge.project(QUESTIONS), self.addCleanup)
        with open(p.path("test.jsonl"), "w", encoding="utf-8") as f:
            f.writelines(lines)
        p.change(
            seeds=[{"path": "test.jsonl"}],
            endpoints=[{"role": "teacher", "url": judge.url, "model": "judge"},
                       {"role": "generator", "url": model.url, "max_in_flight": 8,
                        "model": os.path.basename(MODEL)}],
            build={"samples": SAMPLES, "temperatures": ["0.8"], "max_tokens": 200,
                   "instruction": ""},
            workers={"slots": 8})
        return p

    def test_killed_and_resumed_it_ends_with_pairs_that_can_be_checked_again(self):
        with open(QUESTIONS, encoding="utf-8") as f:
            lines = [f.readline() for _ in range(N)]
        with Author(lambda r, i: "no") as judge:
            p = self.project(judge, lines)
            process = p.start_run()
            e2e.wait_until(lambda: p.status()["calls"]["done"] >= 20, "twenty answers")
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            before = p.query("SELECT sample, answer FROM samples")
            p.run(patience=500)
            self.assertEqual(p.query("SELECT sample, answer FROM samples WHERE sample <= ?",
                                     before[-1][0]), before)
            status = building.check_counts(self, p)
            self.assertEqual((status["seeds"]["total"], status["builds"]["open"],
                              status["builds"]["deferred"]), (N, 0, 0))
            building.check_frugal(self, p, samples=SAMPLES)
            self.check_marks(p)
            self.check_pairs(p)
            calls = status["calls"]["done"]
            p.run()
            self.assertEqual(p.status()["calls"]["done"], calls)
            self.tell(p, status)

    def check_marks(self, p):
        """A right answer ends in the number that the data set gives, a wrong one in another."""
        golds = dict(p.query("SELECT seed, answer FROM seeds"))
        for seed, group in building.stored_samples(p).items():
            for x in group:
                if x["mark"] == "right":
                    self.assertEqual(float(number(x["answer"])),
                                     float(golds[seed].replace(",", "")))
                elif x["mark"] == "wrong" and number(x["answer"]):
                    self.assertNotEqual(number(x["answer"]), golds[seed])

    def check_pairs(self, p):
        """`gavel show` has all that is needed to check a label by hand."""
        for pair in building.pairs(p):
            shown = json.loads(p.gavel("show", p.dir, pair["id"], "--json")[0])
            by_row = {x["sample"]: x for x in shown["samples"]}
            chosen = by_row[shown["evidence"]["chosen"]["sample"]]
            rejected = by_row[shown["evidence"]["rejected"]["sample"]]
            gold = shown["seed"]["answer"]
            self.assertEqual(float(number(chosen["answer"])), float(gold.replace(",", "")))
            self.assertNotEqual(number(rejected["answer"]), gold)
            self.assertEqual(shown["chosen_author"], os.path.basename(MODEL))
        rows = [row for _, row in p.rows("rl")]
        self.assertEqual(len(rows), 2 * len(building.pairs(p)))
        for row in rows:
            self.assertEqual((row["trust"], row["eval_set"]), ("verified", "GSM8K test"))

    def tell(self, p, status):
        marks = collections.Counter(x["mark"] for g in building.stored_samples(p).values()
                                    for x in g)
        print(f"{N} questions, {sum(marks.values())} answers: {dict(marks)}; "
              f"{status['builds']['built']} built, {status['builds']['failed']} gave none; "
              f"{status['builds']['pairs']} pairs")


if __name__ == "__main__":
    for path in (MODEL, SERVER, QUESTIONS):
        if not os.path.exists(path):
            skip(f"no {path}")
    if not shutil.which("node"):
        skip("no node")
    with tempfile.TemporaryDirectory() as folder:
        modules(folder)
        model = Model(folder)
        try:
            passed = unittest.main(verbosity=2, exit=False).result.wasSuccessful()
        finally:
            model.close()
    sys.exit(not passed)
