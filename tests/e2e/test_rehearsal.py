#!/usr/bin/env python3
"""Whole runs before the simulated teacher, in each of the ways that it can be told to be: what the
probe finds out about it, how it goes on with judgments, reviews, is hinted, and is several models.
"""
import collections
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
from sim_teacher import SimTeacher

SEEDS = e2e.sums(60)


class Case(unittest.TestCase):

    def project(self, teacher, **settings):
        return e2e.enter(e2e.Project(teacher.url, SEEDS, **settings), self.addCleanup)

    def teacher(self, *options):
        """It knows the seeds of this test: a file that only it reads."""
        elsewhere = e2e.enter(e2e.Project("http://127.0.0.1:9/v1", SEEDS), self.addCleanup)
        return e2e.enter(SimTeacher(*options, truth=elsewhere.path("seeds.jsonl")),
                         self.addCleanup)


class Abilities(Case):

    def test_the_probe_finds_out_what_it_was_told_to_be(self):
        rows = (((), {"continuation": "turn", "thought_field": "think_tag", "n_choices": 2}),
                (("--prefill", "trailing"), {"continuation": "trailing", "echoes": False}),
                (("--prefill", "trailing", "--echo"),
                 {"continuation": "trailing", "echoes": True}),
                (("--prefill", "flag", "--thought", "reasoning"),
                 {"continuation": "flag", "thought_field": "reasoning"}),
                (("--prefill", "prefix", "--thought", "reasoning_content"),
                 {"continuation": "prefix", "thought_field": "reasoning_content"}),
                (("--choices", "1"), {"n_choices": 0}),
                (("--usage-first-choice",), {"n_choices": 2, "counts_all": False}),
                (("--context", "30000", "--model", "referee"),
                 {"context": 30000, "seed": True, "usage": True,
                  "stream_usage": True, "counts_all": True}))
        for options, expected in rows:
            with self.subTest(options):
                project = self.project(self.teacher(*options))
                told = json.loads(project.gavel("check", project.dir, "--json")[0])
                ability = told["endpoints"][0]["ability"]
                self.assertEqual({key: ability[key] for key in expected}, expected)


class Reflection(Case):
    WAYS = (("--prefill", "trailing", "--echo"), ("--prefill", "flag", "--thought", "reasoning"),
            ("--prefill", "prefix"), ())

    def flips_of_log(self, log):
        """Of judgments with one cue each."""
        found = collections.Counter()
        name = {True: "correct", False: "incorrect"}
        for line in log:
            if line["ask"] == "continue" and line["gold"]:  # else it is the probe's
                found[name[line["before"] == line["gold"]], name[line["correct"]]] += 1
        return dict(found)

    def test_what_cues_do_is_what_its_log_says_in_every_way_of_going_on(self):
        for way in self.WAYS:
            with self.subTest(way):
                teacher = self.teacher("--p-correct", "0.7", "--fix", "0.6", "--break", "0.2", *way)
                project = self.project(teacher, accept={"stop": "full"},
                                       reflection={"mode": "wait"})
                project.run()
                flips = {(first, last): n for first, last, n in project.query(
                    "SELECT first, last, sum(rollouts) FROM v_flips GROUP BY 1, 2")}
                self.assertEqual(flips, self.flips_of_log(teacher.log()))
                wrong = flips["incorrect", "correct"] + flips["incorrect", "incorrect"]
                self.assertAlmostEqual(flips["incorrect", "correct"] / wrong, 0.54, delta=0.12)

    def test_reflections_that_say_nothing_new_are_rejected(self):
        teacher = self.teacher("--empty-reflection", "0.5")
        project = self.project(teacher, accept={"stop": "full"}, reflection={"mode": "wait"})
        project.run()
        idle = project.query("SELECT avg(filter = 'reflection') FROM rollouts")[0][0]
        self.assertAlmostEqual(idle, 0.5, delta=0.08)

    def test_every_format_reflects(self):
        for i, name in enumerate(("scores", "scores_verdict", "pointwise", "plan")):
            with self.subTest(name):
                project = self.project(self.teacher(*self.WAYS[i]), accept={"k": 2, "n": 3},
                                       judge={"format": name, "nonce": i % 2 == 0},
                                       reflection={"mode": "mixed", "share": 0.5})
                project.run()
                self.assertGreater(len(project.rows("sft")), 20)
                project.gavel("verify", project.out)
                self.assertGreater(project.query(
                    "SELECT count(*) FROM rollouts WHERE cues > 0")[0][0], 20)


class Seats(Case):

    def test_one_process_plays_teacher_second_teacher_checker_and_student(self):
        teacher = self.teacher("--model", "big=0.85", "--model", "other=0.8", "--model", "critic",
                               "--model", "small=0.55", "--dispute", "0.3")
        project = self.project(teacher, accept={"k": 2, "n": 3})
        project.change(endpoints=[
            {"role": role, "url": teacher.url, "model": model}
            for role, model in (("teacher", "big"), ("teacher", "other"), ("checker", "critic"),
                                ("student", "small"))])
        project.run()
        asked = collections.Counter((line["model"], line["ask"]) for line in teacher.log())
        self.assertEqual(set(asked), {("big", "judge"), ("other", "judge"), ("critic", "check"),
                                      ("small", "judge")})
        right = {seat: share for seat, share in project.query(
            "SELECT seat, avg(outcome = 'correct') FROM v_rollouts GROUP BY 1")}
        self.assertAlmostEqual(right["teacher"], 0.85, delta=0.1)
        self.assertAlmostEqual(right["student"], 0.55, delta=0.1)
        self.assertTrue(0 < project.counter("pairs.accepted") < len(SEEDS))

    def test_a_hinted_pass(self):
        teacher = self.teacher("--p-correct", "0.55", "--mention", "0.3", "--hold", "0.9")
        project = self.project(teacher, accept={"k": 2, "n": 3}, hint={"share": 0.3})
        project.run()
        hinted = [line for line in teacher.log() if line["hint"]]
        self.assertTrue(hinted)
        self.assertEqual({line["hint"] for line in hinted if line["hint"] != line["gold"]}, set())
        rows = [row for _, row in project.rows("sft") if row["hinted"]]
        self.assertTrue(rows)
        for row in rows:
            text = row["completion"][0]["content"]
            for phrase in ("I was told", "hint says", "given winner"):
                self.assertNotIn(phrase, text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
