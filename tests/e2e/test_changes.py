#!/usr/bin/env python3
"""Projects that change between two runs: what was paid for is used again."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
import referee_release as release
from referee import ORDERS, Ledger
from referee_teacher import Table, Teacher, pairs_of

SEEDS = e2e.sums(60)


class Changes(unittest.TestCase):

    def both(self, table, **settings):
        teacher = Teacher(pairs_of(SEEDS), table, latency=(0.002, 0.01))
        e2e.enter(teacher, self.addCleanup)
        teacher.keep_bodies = {}
        return teacher, e2e.enter(e2e.Project(teacher.url, SEEDS, **settings), self.addCleanup)

    def check(self, project, teacher, k, n, filters=False):
        """The store and the release are what the log implies under these rules."""
        ledger = Ledger(teacher.log, k, n, filters)
        for of in ledger.answers.values():
            for order in ORDERS:
                del of[order][n:]  # rules that were tightened look at the first n
        release.check_fates(self, project, teacher, ledger)
        self.assertEqual(len(teacher.log), len(teacher.bodies), "a call was made twice")
        self.assertEqual(project.counter("calls.done"), len(teacher.bodies))
        return ledger

    def test_wider_rules_make_only_the_calls_that_are_missing(self):
        teacher, project = self.both(Table(1, (0.6, 0.5)), accept={"k": 1, "n": 2})
        project.run()
        self.check(project, teacher, 1, 2)
        before = len(teacher.log)
        project.change(accept={"k": 1, "n": 8})
        _, err = project.run()
        self.assertIn("accept.n: 2 -> 8", err)
        ledger = self.check(project, teacher, 1, 8)
        accepted = [c.key for c in teacher.log[:before]
                    if all(Ledger(teacher.log[:before], 1, 2).correct(c.key, o) for o in ORDERS)]
        self.assertGreater(len(accepted), 0)
        self.assertFalse({c.key for c in teacher.log[before:]} & set(accepted),
                         "a call for a pair whose fate was known")
        self.assertGreater(len(ledger.with_fate("accepted")), len(set(accepted)))

    def test_narrower_rules_need_no_call_and_refilter_says_what_moves(self):
        teacher, project = self.both(Table(2, (0.6, 0.5)), accept={"k": 1, "n": 8})
        project.run()
        self.check(project, teacher, 1, 8)
        shards = release.files_of(project.out)
        before = len(teacher.log)
        project.change(accept={"n": 2})
        out, _ = project.gavel("refilter", project.dir)
        self.assertIn("accepted -> rejected", out)
        self.check(project, teacher, 1, 2)
        project.run()
        self.check(project, teacher, 1, 2)
        self.assertNotEqual(release.files_of(project.out), shards)
        project.change(accept={"n": 8})
        project.run()
        self.check(project, teacher, 1, 8)
        self.assertEqual(release.files_of(project.out), shards, "back to where it began")
        self.assertEqual(len(teacher.log), before, "a call was made")

    def test_refilter_there_and_back_is_as_before(self):
        teacher, project = self.both(Table(2, (0.6, 0.5)), accept={"k": 2, "n": 4})
        project.run()
        states, shards = project.states(), release.files_of(project.out)
        out, _ = project.gavel("refilter", project.dir, "--set", "accept.k=1")
        self.assertIn("rejected -> open", out)
        out, _ = project.gavel("refilter", project.dir)
        self.assertIn("open -> rejected", out)
        self.assertEqual(project.states(), states)
        project.gavel("export", project.dir)
        self.assertEqual(release.files_of(project.out), shards)

    def test_filters_apply_to_what_is_stored(self):
        teacher, project = self.both(Table(3, (0.8, 0.8), loops=0.3),
                                     accept={"k": 2, "n": 3, "stop": "full"})
        project.run()
        plain = self.check(project, teacher, 2, 3)
        before = len(teacher.log)
        project.change(filters=["length", "repetition"])
        project.gavel("refilter", project.dir)
        strict = self.check(project, teacher, 2, 3, filters=True)
        self.assertLess(strict.with_fate("accepted"), plain.with_fate("accepted"))
        project.run()
        release.check_release(self, project, teacher, strict)
        project.change(filters=[])
        _, err = project.run()
        self.assertIn("filters", err)
        release.check_release(self, project, teacher, plain)
        self.assertEqual(len(teacher.log), before, "a call was made")

    def tokens_of(self, teacher, calls):
        return {json.loads(teacher.keep_bodies[c.body])["max_tokens"] for c in calls}

    def test_a_changed_recipe_leaves_decided_pairs_alone(self):
        teacher, project = self.both(Table(4, (0.8, 0.8)), generation={"max_tokens": 100})
        project.run("--set", "budget.calls=150", status=e2e.EXIT_STOPPED)
        before = len(teacher.log)
        decided = {key for key, (state, _) in project.states().items() if state != "open"}
        self.assertGreater(len(decided), 0)
        project.change(generation={"max_tokens": 200})
        _, err = project.run()
        self.assertIn("max_tokens: 100 -> 200", err)
        later = teacher.log[before:]
        self.assertEqual(self.tokens_of(teacher, teacher.log[:before]), {100})
        self.assertEqual(self.tokens_of(teacher, later), {200})
        self.assertEqual({c.key for c in later} | decided, set(project.states()))
        self.assertFalse({c.key for c in later} & decided, "a decided pair was judged anew")
        new = Ledger(later, 3, 4)
        for key, (state, _) in project.states().items():
            if key not in decided:
                self.assertEqual(state, new.fate(key))

    def test_redraw_judges_all_pairs_anew(self):
        teacher, project = self.both(Table(5, (0.8, 0.8)), generation={"max_tokens": 100})
        project.run()
        before = len(teacher.log)
        project.change(generation={"max_tokens": 200})
        project.run()
        self.assertEqual(len(teacher.log), before, "redraw is `undecided` when nothing is said")
        project.run("--set", "redraw=all")
        later = teacher.log[before:]
        self.assertEqual(self.tokens_of(teacher, later), {200})
        release.check_fates(self, project, teacher, Ledger(later, 3, 4))
        project.run("--set", "redraw=all")
        self.assertEqual(len(teacher.log), before + len(later), "a run with nothing to do")

    def test_seeds_that_come_later_are_judged_and_the_others_left_alone(self):
        teacher, project = self.both(Table(6, (0.8, 0.8)))
        project.write_lines(SEEDS[:20])
        project.run()
        self.assertEqual(len(project.states()), 20)
        project.write_lines(SEEDS[10:])
        project.run()
        self.check(project, teacher, 3, 4)
        self.assertEqual(len(project.states()), 60)

    def test_another_url_is_no_other_recipe(self):
        teacher, project = self.both(Table(7, (0.8, 0.8)))
        project.run("--set", "budget.calls=60", status=e2e.EXIT_STOPPED)
        url = teacher.url.replace("127.0.0.1", "localhost")
        _, err = project.run("--set", f"endpoints[0].url={url}")
        self.assertNotIn("changed since the last run", err)
        self.check(project, teacher, 3, 4)


if __name__ == "__main__":
    unittest.main(verbosity=2)
