#!/usr/bin/env python3
"""`gavel report` against the store: what it says of each judge, counted here once more from the
views, one judgment at a time."""
import itertools
import json
import os
import re
import subprocess
import sys
import unittest
from collections import defaultdict

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e

SIM = os.path.join(e2e.BUILD, "gavel-sim-teacher")
PAIRS = 40


class Sim:
    """The simulated teacher, as long as the context lasts."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __enter__(self):
        self.process = subprocess.Popen(
            [SIM, "--listen", "127.0.0.1:0", *self.arguments], stdout=subprocess.PIPE, text=True,
            start_new_session=True)
        self.url = f"http://{self.process.stdout.readline().split()[-1]}/v1"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def vote(outcomes, n):
    """Exact mean over all choices of n; as many of each count half, none of either nothing."""
    won = ways = 0
    for chosen in itertools.combinations(outcomes, n):
        right, wrong = chosen.count("correct"), chosen.count("incorrect")
        won += 1 if right > wrong else 0.5 if right == wrong > 0 else 0
        ways += 1
    return won / ways


class Report(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.seeds = [dict(seed, source="bench" if i < 10 else "sums",
                          domain="odd" if i % 2 else "even")
                     for i, seed in enumerate(e2e.sums(PAIRS))]
        cls.project = e2e.enter(e2e.Project("http://unused/v1", cls.seeds), cls.addClassCleanup)
        sim = Sim("--truth", cls.project.path("seeds.jsonl"), "--prefill", "trailing", "--echo",
                  "--model", "good=0.8", "--model", "other=0.6", "--model", "small=0.55")
        cls.sim = e2e.enter(sim, cls.addClassCleanup)
        endpoint = {"url": cls.sim.url, "max_in_flight": 64}
        cls.project.change(
            purpose="evaluate", export={"dir": ""}, generation={"max_tokens": 2000},
            judge={"mix": {"verdict": 1, "scores": 1, "pointwise": 1}},
            accept={"k": 1, "n": 4}, reflection={"mode": "wait", "rounds": 2}, student={"n": 2},
            endpoints=[{**endpoint, "model": "good"}, {**endpoint, "model": "other"},
                       {**endpoint, "model": "small", "role": "student"}])
        cls.project.run()
        cls.report = json.loads(cls.project.gavel("report", cls.project.dir, "--json")[0])
        cls.rollouts = cls.read()

    @classmethod
    def read(cls):
        """{(model, set, form): {pair: {order: [row by rollout]}}}"""
        found = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
        for row in cls.project.query(
                'SELECT q.model, s.source, v.pair, v."order", v.outcome, v.verdict, v.score_a, '
                "v.score_b FROM v_rollouts v "
                "JOIN recipes q ON q.recipe = v.recipe JOIN pairs p ON p.pair = v.pair "
                "JOIN seeds s ON s.seed = p.seed ORDER BY v.pair, v.\"order\", v.rollout"):
            model, source, pair, order = row[:4]
            form = "pointwise" if order.endswith("only") else "pairwise"
            found[model, source, form][pair][order].append(row[4:])
        return found

    def test_every_judge_is_measured_on_every_set(self):
        said = {(m["model"], m["set"], m["form"]) for m in self.report["measured"]}
        self.assertEqual(said, set(self.rollouts))
        self.assertEqual({m["judge"] for m in self.report["measured"]},
                         {"teacher", "second_teacher", "student"})
        self.assertEqual({m["set"] for m in self.report["measured"]}, {"bench", "sums"})
        self.assertEqual({d["domain"] for d in self.report["calibration"]["domains"]},
                         {"odd", "even"})

    def test_every_pair_is_drawn_in_full(self):
        for m in self.report["measured"]:
            for pair in self.pairs_of(m):
                for half in pair.values():
                    self.assertEqual(len(half), 2 if m["judge"] == "student" else 4)

    def pairs_of(self, measured):
        return self.rollouts[measured["model"], measured["set"], measured["form"]].values()

    def test_accuracy_consistency_flips_and_ties_add_up(self):
        for m in self.report["measured"]:
            if m["form"] == "pointwise":
                continue
            right = {"chosen_first": 0, "rejected_first": 0}
            both = flip = 0
            for pair in self.pairs_of(m):
                n = len(pair["chosen_first"])
                for order in right:
                    right[order] += sum(r[0] == "correct" for r in pair[order]) / n
                for a, b in itertools.product(pair["chosen_first"], pair["rejected_first"]):
                    both += (a[0] == b[0] == "correct") / n ** 2
                    flip += ({a[0], b[0]} == {"correct", "incorrect"}) / n ** 2
            pairs = len(self.pairs_of(m))
            self.assertEqual(m["pairs"], pairs)
            for order, sum_of in right.items():
                self.assertAlmostEqual(m[order]["accuracy"], sum_of / pairs)
                low, high = m[order]["accuracy_interval"]
                self.assertTrue(low <= m[order]["accuracy"] <= high)
            self.assertAlmostEqual(m["consistent_accuracy"], both / pairs)
            self.assertAlmostEqual(m["flips"], flip / pairs)

    def test_a_majority_is_exact(self):
        for m in self.report["measured"]:
            if m["form"] == "pointwise":
                continue
            self.assertEqual([p["n"] for p in m["majority"]],
                             [1, 2] if m["judge"] == "student" else [1, 2, 4])
            for point in m["majority"]:
                right = both = 0
                for pair in self.pairs_of(m):
                    a, b = (vote([r[0] for r in pair[order]], point["n"])
                            for order in ("chosen_first", "rejected_first"))
                    right += (a + b) / 2
                    both += a * b
                self.assertAlmostEqual(point["accuracy"], right / m["pairs"])
                self.assertAlmostEqual(point["consistent_accuracy"], both / m["pairs"])

    def test_mean_scores_of_answers_judged_alone(self):
        seen = 0
        for m in self.report["measured"]:
            if m["form"] == "pairwise":
                continue
            for point in m["mean_score"]:
                right = pairs = 0
                for pair in self.pairs_of(m):
                    chosen = [r[2] for r in pair["chosen_only"]]
                    rejected = [r[2] for r in pair["rejected_only"]]
                    if all(s is None for s in chosen + rejected):
                        continue
                    pairs += 1
                    blocks = len(chosen) // point["n"]
                    for i in range(blocks):
                        at = slice(i * point["n"], (i + 1) * point["n"])
                        a = [s for s in chosen[at] if s is not None]
                        b = [s for s in rejected[at] if s is not None]
                        ahead = a and b and sum(a) * len(b) - sum(b) * len(a) > 1e-6
                        right += bool(ahead) / blocks
                self.assertEqual(point["pairs"], pairs)
                self.assertAlmostEqual(point["accuracy"], right / pairs)
                seen += 1
        self.assertGreater(seen, 0)

    def test_each_cue_is_measured_with_what_was_said_before_it(self):
        for m in self.report["measured"]:
            if m["judge"] == "student" or m["form"] == "pointwise":
                continue
            self.assertEqual([c["cues"] for c in m["cues"]], [0, 1, 2])
            first = {c["cues"]: c["chosen_first"] for c in m["cues"]}
            self.assertAlmostEqual(first[2]["accuracy"], m["chosen_first"]["accuracy"])
            self.assertAlmostEqual(first[1]["accuracy_before"], first[0]["accuracy"])
            rows = self.project.query(
                "SELECT c.verdict FROM v_calls c JOIN pairs p ON p.pair = c.pair JOIN seeds s ON "
                "s.seed = p.seed JOIN recipes q ON q.recipe = c.recipe WHERE "
                "c.\"order\" = 'chosen_first' AND c.step = 1 AND q.model = ? AND s.source = ?",
                m["model"], m["set"])
            verdicts = [row[0] for row in rows]
            self.assertAlmostEqual(first[1]["accuracy"], verdicts.count("A") / len(verdicts))

    def test_what_was_spent_is_told_by_judge(self):
        judges = self.report["judges"]
        self.assertEqual(sum(j["calls"] for j in judges.values()), self.report["calls"]["done"])
        self.assertEqual(judges["student"]["calls"], PAIRS * 2 * 2)
        self.assertEqual(judges["teacher"]["calls"], PAIRS * 2 * 4 * 3)

    def test_text_and_looking_show_it_too(self):
        text, _ = self.project.gavel("report", self.project.dir)
        for word in ("SC@N", "Mean@N", "after cues", "bench", "second_teacher other",
                     "P(flip | cue)", "who was asked"):
            self.assertTrue(word in text, word)
        pair = self.project.query("SELECT pair_id FROM v_pairs LIMIT 1")[0][0]
        shown, _ = self.project.gavel("show", self.project.dir, pair)
        for word in ("> cue of step 1", "student +small", "second_teacher +other", "after 2 cues"):
            self.assertTrue(re.search(word, shown), word)
        calls = json.loads(self.project.gavel("show", self.project.dir, pair, "--json")[0])["calls"]
        self.assertEqual(len(calls), 2 * 4 * 3 * 2 + 2 * 2)
        self.assertEqual({c["seat"] for c in calls}, {"teacher", "second_teacher", "student"})
        self.assertTrue(any(c["segments"] for c in calls))
        sample = self.project.gavel("sample", self.project.dir, "--reason", "suspect_label",
                                    "--json")[0]
        sample = json.loads(sample)
        self.assertEqual(sample["total"], self.report["suspect_labels"]["total"])
        self.assertEqual([p["pair_id"] for p in sample["pairs"]],
                         [p["pair_id"] for p in self.report["suspect_labels"]["pairs"]][:20])


if __name__ == "__main__":
    unittest.main(verbosity=2)
