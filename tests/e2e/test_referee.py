#!/usr/bin/env python3
"""Whole runs before a teacher that keeps its own log: what is accepted, counted and exported must
be what the log implies, and early stopping must cost little more than the log proves necessary.
"""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
import referee_release as release
from referee import ORDERS, Ledger
from referee_teacher import Table, Teacher, pairs_of_gsm8k, pairs_of_seeds

BIASED, SWAPPED = (0.75, 0.35), (0.35, 0.75)


class Case(unittest.TestCase):
    seeds = e2e.QUICKSTART
    read_pairs = staticmethod(pairs_of_seeds)

    def judge(self, k, n, rates, hopeless=0.2, seed=1, keep=1, filters=False, **settings):
        """One whole run and every check; returns the ledger and the table."""
        table = Table(seed, rates, hopeless, loops=0.05 if filters else 0.02)
        settings["accept"] = {"k": k, "n": n, "keep_per_order": keep, **settings.get("accept", {})}
        settings["filters"] = ["length", "repetition"] if filters else []
        pairs = self.read_pairs(self.seeds)
        with Teacher(pairs, table, latency=(0.005, 0.03)) as teacher, \
             e2e.Project(teacher.url, self.seeds, **settings) as project:
            project.run()
            ledger = Ledger(teacher.log, k, n, filters)
            self.assertEqual(len(ledger.answers), len(pairs))
            release.check_store(self, project, teacher, ledger)
            release.check_texts(self, project, ledger)
            release.check_status(self, project, ledger)
            manifest = release.check_release(self, project, teacher, ledger, keep)
            self.assertEqual(len(teacher.log), ledger.calls(), "a call was made twice")
            self.do_it_again(project, teacher, manifest)
        return ledger, table

    def do_it_again(self, project, teacher, manifest):
        """A second run finds everything done; a second export is the same, byte for byte."""
        before = len(teacher.log)
        project.run()
        self.assertEqual(len(teacher.log), before, "the second run made a call")
        self.assertEqual(project.manifest(), manifest)
        other = project.path("again")
        project.gavel("export", project.dir, "--out", other)
        self.assertEqual(release.files_of(other), release.files_of(project.out))
        self.assertEqual(project.manifest(other)["files"], manifest["files"])

    def assert_cheap(self, ledger, table, most):
        """Early stopping: calls made per call that the log proves necessary."""
        cost = ledger.calls() / ledger.needed()
        print(f"{self.id()}: {ledger.calls()} calls, {cost:.3f} of what the log proves necessary, "
              f"{ledger.calls() / ledger.needed_by(table):.3f} of what its table does; "
              f"{len(ledger.with_fate('accepted'))} of {len(ledger.answers)} accepted")
        self.assertLessEqual(cost, most)


class Quickstart(Case):
    """The bundled seeds: every rule, both ways to stop."""

    def test_one_of_one(self):
        self.judge(1, 1, BIASED)

    def test_two_of_three_with_filters_and_several_traces_of_each_order(self):
        self.judge(2, 3, SWAPPED, filters=True, keep=2)

    def test_one_of_eight_streamed(self):
        self.judge(1, 8, SWAPPED, generation={"stream": True})

    def test_speculation_changes_no_fate(self):
        """Calls that turn out to be in vain are cut, so the log may hold more than the store."""
        pairs = self.read_pairs(self.seeds)
        with Teacher(pairs, Table(1, (0.8, 0.8), 0.2), latency=(0.005, 0.03)) as teacher, \
             e2e.Project(teacher.url, self.seeds, accept={"speculate": 2}) as project:
            project.run()
            ledger = Ledger(teacher.log, 3, 4)
            release.check_fates(self, project, teacher, ledger)
            self.assertEqual(len(teacher.log), len(teacher.bodies), "a call was made twice")

    def test_calibration_of_all_pairs_draws_every_rollout_of_both_orders(self):
        ledger, _ = self.judge(3, 4, BIASED, calibration=1.0, filters=True, keep=4)
        self.assert_full(ledger)

    def test_stop_full_draws_every_rollout_of_both_orders(self):
        ledger, _ = self.judge(2, 3, (0.6, 0.6), accept={"stop": "full"})
        self.assert_full(ledger)

    def test_a_coin_flipping_teacher_gets_few_pairs_accepted_by_the_default_rule(self):
        ledger, _ = self.judge(3, 4, (0.5, 0.5), hopeless=0)
        accepted = len(ledger.with_fate("accepted")) / len(ledger.answers)
        self.assertLessEqual(accepted, 0.15)

    def assert_full(self, ledger):
        sizes = {len(of[order]) for of in ledger.answers.values() for order in ORDERS}
        self.assertEqual(sizes, {ledger.n})


@unittest.skipUnless(os.path.exists(e2e.GSM8K), f"no {e2e.GSM8K}")
class Gsm8k(Case):
    """731 questions with solutions of language models: what early stopping costs."""
    seeds = e2e.GSM8K
    read_pairs = staticmethod(pairs_of_gsm8k)

    def test_one_of_eight_biased_towards_the_first_slot(self):
        self.assert_cheap(*self.judge(1, 8, BIASED), 1.05)

    def test_one_of_eight_biased_towards_the_second_slot(self):
        self.assert_cheap(*self.judge(1, 8, SWAPPED, workers={"slots": 256}), 1.05)

    def test_three_of_four_biased_towards_the_first_slot_with_filters(self):
        self.assert_cheap(*self.judge(3, 4, BIASED, filters=True, workers={"slots": 256}), 1.12)

    def test_three_of_four_biased_towards_the_second_slot(self):
        self.assert_cheap(*self.judge(3, 4, SWAPPED), 1.12)

    def test_three_of_four_of_a_good_teacher_by_two_workers(self):
        self.assert_cheap(*self.judge(3, 4, (0.85, 0.8), hopeless=0.1, workers={"local": 2}), 1.12)


if __name__ == "__main__":
    unittest.main(verbosity=2)
