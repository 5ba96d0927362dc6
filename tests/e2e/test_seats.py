#!/usr/bin/env python3
"""Others who judge beside the teacher: a second teacher who must agree, a checker who reviews, a
student who is measured, the teacher told who wins. What each of them was asked and what came of it
follows from the log.
"""
import collections
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
import referee_release as release
from referee import ORDERS, Ledger, counts
from referee_prompt import TRACE
from referee_teacher import Table, Teacher, pairs_of

SEEDS = e2e.sums(120)


class Seats(unittest.TestCase):

    def start(self, table, others, teacher=None, **settings):
        """A project whose endpoints are the teacher and `others`: [(role, model, table)]."""
        t = Teacher(pairs_of(SEEDS), table, models={model: own for _, model, own in others},
                    latency=(0.002, 0.02), **(teacher or {}))
        t = e2e.enter(t, self.addCleanup)
        settings["accept"] = {"k": 2, "n": 3, **settings.get("accept", {})}
        endpoints = [{"role": "teacher", "url": t.url, "model": "referee", "max_in_flight": 64}]
        endpoints += [{"role": role, "url": t.url, "model": model, "max_in_flight": 64}
                      for role, model, _ in others]
        project = e2e.enter(e2e.Project(t.url, SEEDS, endpoints=endpoints, **settings),
                            self.addCleanup)
        return t, project

    def run_once(self, teacher, project, cut=()):
        """`cut`: what is asked of both orders at once, and not needed when one of them fails."""
        project.run()
        self.assertEqual(len(teacher.log), len(teacher.bodies), "a call was made twice")
        sure = sum(c.ask not in cut for c in teacher.log)
        self.assertTrue(sure <= project.counter("calls.done") <= len(teacher.log))
        before = len(teacher.log)
        project.run()
        self.assertEqual(len(teacher.log), before, "the second run made a call")

    def states(self, project):
        """{key: (state, reason)}"""
        reasons = dict(project.query("SELECT pair_id, reason FROM v_pairs"))
        return {key: (state, reasons[pair_id])
                for key, (state, pair_id) in project.states().items()}

    def test_a_second_teacher_is_asked_about_what_the_first_accepts_and_must_accept_it_too(self):
        teacher, project = self.start(Table(1, (0.8, 0.7)),
                                      [("teacher", "other", Table(2, (0.7, 0.8)))])
        self.run_once(teacher, project)
        first, second = (Ledger(teacher.log, 2, 3, model=m) for m in ("referee", "other"))
        self.assertEqual(set(second.answers), first.with_fate("accepted"))
        for key, found in self.states(project).items():
            if first.fate(key) == "rejected":
                self.assertEqual(found[0], "rejected")
            else:
                agreed = second.fate(key) == "accepted"
                self.assertEqual(found, ("accepted", "accepted") if agreed
                                 else ("rejected", "teachers_disagree"))
        accepted = second.with_fate("accepted")
        self.assertTrue(accepted and accepted < first.with_fate("accepted"))
        release.Release(self, project, teacher, first, accepted=accepted).check()
        seats = dict(project.query("SELECT seat, count(*) FROM v_rollouts GROUP BY 1"))
        self.assertEqual(seats, {"teacher": first.calls(), "second_teacher": second.calls()})

    def test_a_checker_reviews_until_one_trace_of_each_order_stands(self):
        teacher, project = self.start(Table(3, (0.9, 0.8)),
                                      [("checker", "critic", Table(4, (1, 1), dispute=0.45))])
        self.run_once(teacher, project, cut=("check",))
        ledger = Ledger(teacher.log, 2, 3)
        reviews = [c for c in teacher.log if c.ask == "check"]
        reviewed = collections.Counter(c.root for c in reviews)
        self.assertEqual(max(reviewed.values()), 1, "a trace was reviewed twice")
        self.assertTrue(all(c.model == "critic" for c in reviews))
        for review in reviews:
            rollout = ledger.rollout_of(review.root)
            self.assertTrue(counts(rollout, False), "a review of a trace that cannot leave")
            self.assertEqual(ledger.fate(rollout.key), "accepted")
            self.assertNotIn(f"[[{review.side}]]", review.thought)
        standing = {c.root for c in reviews if not c.disputes}
        stands = lambda key, order: any(r.trace in standing for r in ledger.answers[key][order])
        accepted = {key for key in ledger.with_fate("accepted")
                    if all(stands(key, order) for order in ORDERS)}
        for key, found in self.states(project).items():
            wanted = ("accepted", "accepted") if key in accepted else \
                     ("rejected", "checker_failed") if ledger.fate(key) == "accepted" else None
            if wanted:
                self.assertEqual(found, wanted)
        self.assertTrue(0 < len(accepted) < len(ledger.with_fate("accepted")))
        for order in ORDERS:  # no more reviews than it takes
            for key in accepted:
                of = [reviewed[r.trace] for r in ledger.answers[key][order]]
                passed = sum(r.trace in standing for r in ledger.answers[key][order])
                self.assertEqual(passed, 1, "it went on after one had stood")
                self.assertGreaterEqual(sum(of), 1)
        release.Release(self, project, teacher, ledger, accepted=accepted,
                        standing=standing).check()
        self.assertEqual({row["checked"] for _, row in project.rows("sft")}, {"passed"})

    def test_a_checker_that_looks_at_sides_only_disputes_nothing(self):
        teacher, project = self.start(Table(3, (0.9, 0.8)),
                                      [("checker", "critic", Table(4, (1, 1), dispute=1))],
                                      checker={"claims": False})
        self.run_once(teacher, project)
        self.assertEqual({c.claims for c in teacher.log if c.ask == "check"}, {False})
        release.check_fates(self, project, teacher, Ledger(teacher.log, 2, 3))

    def test_students_are_drawn_in_full_and_decide_nothing(self):
        teacher, project = self.start(Table(5, (0.8, 0.7)),
                                      [("student", "small", Table(6, (0.4, 0.5)))],
                                      student={"n": 3})
        self.run_once(teacher, project)
        ledger, student = (Ledger(teacher.log, 2, 3, model=m) for m in ("referee", "small"))
        release.check_fates(self, project, teacher, ledger)
        self.assertEqual(set(student.answers), set(ledger.answers), "a pair was left out")
        self.assertEqual({len(of[order]) for of in student.answers.values() for order in ORDERS},
                         {3})
        release.check_release(self, project, teacher, ledger)
        ids = {pair_id: key for key, (_, pair_id) in project.states().items()}
        for _, row in project.rows("rl"):
            right = student.correct(ids[row["pair_id"]], row["order"])
            self.assertEqual((row["n_correct_student"], row["n_student"]), (right, 3))
        self.assertEqual(project.status()["rollouts"]["total"], len(ledger.all()))

    def test_students_of_a_judge_that_reflects_make_one_call(self):
        teacher, project = self.start(Table(5, (0.8, 0.7)),
                                      [("student", "small", Table(6, (0.4, 0.5)))],
                                      {"prefill": "trailing"}, student={"n": 2},
                                      reflection={"mode": "wait", "cues": ["Wait,"]})
        self.run_once(teacher, project)
        self.assertEqual({c.ask for c in teacher.log if c.model == "small"}, {"judge"})
        release.check_fates(self, project, teacher, Ledger(teacher.log, 2, 3))

    # The second pass

    def check_hinted(self, teacher, project, share, k, n):
        plain, hinted = (Ledger(teacher.log, k, n, hinted=h) for h in (False, True))
        failed = plain.with_fate("rejected")
        self.assertLessEqual(set(hinted.answers), failed, "a hint for a pair that needs none")
        for call in teacher.log:
            if call.hint:
                right = {"chosen_first": "A", "rejected_first": "B"}[call.order]
                self.assertEqual(call.hint, right)
        held = {}
        # A sentence that says who wins may have been cut off with the conclusion.
        tells = {TRACE.search(row["thought"]).group() for row in release.traces(project, "hinted")
                 if "I was told" in row["thought"]}
        self.assertTrue(tells)
        for key in hinted.answers:
            for order in ORDERS:
                for r in hinted.answers[key][order]:
                    asks = [c.ask for c in r.calls]
                    self.assertEqual(asks, ["judge", "close"] if r.first.verdict == "right"
                                     else ["judge"])
                    held[key, order] = held.get((key, order), 0) + \
                        (r.verdict == "right" and len(asks) == 2 and r.trace not in tells)
        passed = {key for key in hinted.answers if all(held.get((key, o), 0) >= 1
                                                       for o in ORDERS)}
        states = self.states(project)
        self.assertEqual({key for key, found in states.items()
                          if found == ("accepted", "accepted_hinted")}, passed)
        accepted = sum(state == "accepted" for state, _ in states.values())
        self.assertEqual(accepted, len(plain.with_fate("accepted")) + len(passed))
        self.assertLessEqual(len(passed), share * accepted)
        return passed

    def test_a_second_pass_with_a_hint_is_judged_again_without_it_and_marked(self):
        table = Table(7, (0.6, 0.6), misses=0, hold=0.8, mention=0.3)
        teacher, project = self.start(table, [], {"prefill": "trailing"},
                                      hint={"share": 0.25, "k": 1, "n": 2})
        self.run_once(teacher, project)
        passed = self.check_hinted(teacher, project, 0.25, 2, 3)
        self.assertTrue(passed)
        ids = {pair_id: key for key, (_, pair_id) in project.states().items()}
        rows = [row for _, row in project.rows("sft")]
        self.assertEqual({ids[row["pair_id"]] for row in rows if row["hinted"]}, passed)
        for row in rows:
            self.assertNotIn("known to be the better", row["prompt"][-1]["content"])
            self.assertNotIn("I was told", row["completion"][0]["content"])
        for row in rows:
            if row["hinted"]:
                self.assertEqual(row["n_correct"], Ledger(teacher.log, 2, 3).correct(
                    ids[row["pair_id"]], row["order"]))

    def test_without_a_hint_no_prompt_has_one(self):
        teacher, project = self.start(Table(7, (0.6, 0.6)), [])
        self.run_once(teacher, project)
        self.assertEqual({c.hint for c in teacher.log}, {None})


if __name__ == "__main__":
    unittest.main(verbosity=2)
