#!/usr/bin/env python3
"""How many rollouts, and which: several from one request, adaptive stopping, quotas, rules for each
trust class, decisions taken anew from what is stored, runs that only measure.
"""
import collections
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
import referee_release as release
from referee import ORDERS, Ledger
from referee_teacher import Table, Teacher, pairs_of

SEEDS = e2e.sums(80)


class Case(unittest.TestCase):

    def both(self, table, seeds=None, teacher=None, **settings):
        seeds = seeds or SEEDS
        t = e2e.enter(Teacher(pairs_of(seeds), table, latency=(0.002, 0.02), **(teacher or {})),
                      self.addCleanup)
        t.keep_bodies = {}
        return t, e2e.enter(e2e.Project(t.url, seeds, **settings), self.addCleanup)

    def reasons(self, project):
        return dict(project.query("SELECT reason, count(*) FROM v_pairs GROUP BY 1"))


class SeveralFromOneRequest(Case):

    def check(self, teacher, project, k, n, per_request, one=False):
        project.run()
        ledger = Ledger(teacher.log, k, n, one=one)
        release.check_store(self, project, teacher, ledger)
        release.check_texts(self, project, ledger)
        release.check_status(self, project, ledger)
        release.check_release(self, project, teacher, ledger)
        requests = {c.body.split("#")[0] for c in teacher.log}
        for body in requests:
            self.assertLessEqual(json.loads(teacher.keep_bodies[body]).get("n", 1), per_request)
        self.assertEqual({len(of[order]) for of in ledger.answers.values()
                          for order in ledger.orders}, {n})
        before = len(teacher.log)
        project.run()
        self.assertEqual(len(teacher.log), before, "the second run made a call")
        return ledger, requests

    def test_all_rollouts_of_an_order_come_with_one_request(self):
        teacher, project = self.both(Table(1, (0.7, 0.6)), accept={"k": 3, "n": 4, "stop": "full"},
                                     generation={"per_request": 4})
        ledger, requests = self.check(teacher, project, 3, 4, 4)
        self.assertEqual(len(requests), 2 * len(SEEDS))
        tokens = project.status()["tokens"]
        self.assertEqual(tokens["prompt"], 100 * len(requests), "a prompt that was counted twice")
        self.assertEqual(ledger.calls(), 4 * len(requests))

    def test_what_is_left_over_is_asked_for_too(self):
        teacher, project = self.both(Table(2, (0.7, 0.6)), accept={"k": 3, "n": 5, "stop": "full"},
                                     generation={"per_request": 2, "stream": True})
        _, requests = self.check(teacher, project, 3, 5, 2)
        # Where little room was left, fewer were asked for at once.
        self.assertLess(len(requests), 1.2 * 3 * 2 * len(SEEDS))

    def test_scores_of_both_orders(self):
        teacher, project = self.both(Table(3, (0.7, 0.6)), judge={"format": "scores"},
                                     accept={"k": 2, "n": 3, "stop": "full"},
                                     generation={"per_request": 3})
        self.check(teacher, project, 2, 3, 3)

    def test_early_stopping_asks_only_for_what_it_surely_needs(self):
        teacher, project = self.both(Table(4, (0.8, 0.7)), accept={"k": 3, "n": 4},
                                     generation={"per_request": 4})
        project.run()
        ledger = Ledger(teacher.log, 3, 4)
        release.check_store(self, project, teacher, ledger)
        release.check_release(self, project, teacher, ledger)
        self.assertLessEqual(ledger.calls() / ledger.needed(), 1.15)

    def test_rollouts_from_one_request_are_gone_on_with_one_by_one(self):
        teacher, project = self.both(
            Table(5, (0.7, 0.6)), teacher={"prefill": "trailing"},
            accept={"k": 2, "n": 3, "stop": "full"}, generation={"per_request": 3},
            reflection={"mode": "wait", "cues": ["Wait,"]})
        project.run()
        ledger = Ledger(teacher.log, 2, 3)
        release.check_store(self, project, teacher, ledger)
        release.check_texts(self, project, ledger, ["Wait,"])
        release.check_release(self, project, teacher, ledger)
        self.assertEqual(len(teacher.log), ledger.calls())

    def test_a_server_without_n_is_refused_by_a_sentence(self):
        teacher, project = self.both(Table(1, (0.7, 0.6)), teacher={"choices": 1},
                                     accept={"stop": "full"}, generation={"per_request": 4})
        _, err = project.run(status=e2e.EXIT_USAGE)
        self.assertIn("per_request", err)
        self.assertIn(teacher.url, err)
        self.assertEqual(teacher.log, [], "money was spent")


class Adaptive(Case):

    def test_pairs_that_are_not_worth_it_are_deferred_and_told_and_paid_for_once(self):
        table = Table(6, (0.75, 0.7), hopeless=0.5)
        seeds = e2e.sums(400)
        teacher, project = self.both(table, seeds,
                                     accept={"k": 1, "n": 8, "stop": "adaptive", "loss": 0.05})
        project.run()
        ledger = Ledger(teacher.log, 1, 8)
        self.assertEqual(len(teacher.log), len(teacher.bodies), "a call was made twice")
        reasons = self.reasons(project)
        self.assertGreater(reasons.get("stopped", 0), 20)
        for key, (state, _) in project.states().items():
            fate = ledger.fate(key)
            self.assertEqual(state, "deferred" if fate == "undecided" else fate)
        out, _ = project.gavel("status", project.dir)
        self.assertIn("stopped", out)
        out, _ = project.gavel("report", project.dir)
        self.assertIn("stopped", out)
        for _, row in project.rows("rl"):
            self.assertEqual(row["stopped"], row["n_rollouts"] < 8)

    def test_the_next_run_takes_deferred_pairs_up_and_uses_what_is_there(self):
        table = Table(6, (0.75, 0.7), hopeless=0.5)
        seeds = e2e.sums(300)
        teacher, project = self.both(table, seeds, accept={"k": 1, "n": 8, "stop": "adaptive"})
        project.run()
        deferred = project.counter("pairs.deferred")
        self.assertGreater(deferred, 0)
        project.change(accept={"stop": "early"})
        project.run()
        ledger = Ledger(teacher.log, 1, 8)
        release.check_fates(self, project, teacher, ledger)
        self.assertEqual(len(teacher.log), len(teacher.bodies), "a call was made twice")
        self.assertEqual(project.counter("pairs.deferred"), 0)


class Quotas(Case):

    def kinds(self, n):
        seeds = [dict(s, domain="even" if i % 2 == 0 else "odd", trust="human" if i % 3 else
                      "verified") for i, s in enumerate(e2e.sums(n))]
        return seeds, {s["prompt"]: s["domain"] for s in seeds}

    def test_a_full_quota_defers_the_rest_of_its_kind_and_nothing_else(self):
        seeds, domain = self.kinds(240)
        teacher, project = self.both(Table(7, (0.9, 0.9)), seeds, accept={"k": 2, "n": 3},
                                     quotas=[{"domain": "even", "accepted": 15}])
        project.run()
        ledger = Ledger(teacher.log, 2, 3)
        self.assertEqual(len(teacher.log), len(teacher.bodies), "a call was made twice")
        accepted = collections.Counter()
        for key, (state, pair_id) in project.states().items():
            accepted[domain[key[0]]] += state == "accepted"
            reason = project.query("SELECT reason FROM v_pairs WHERE pair_id = ?", pair_id)[0][0]
            if state == "deferred":
                self.assertEqual((domain[key[0]], reason), ("even", "quota"))
            else:
                self.assertEqual(state, ledger.fate(key))
        self.assertEqual(accepted["even"], 15)
        self.assertGreater(accepted["odd"], 80)
        self.assertLess(len({k for k in ledger.answers if domain[k[0]] == "even"}), 100,
                        "pairs of a full kind were judged on")
        out, _ = project.gavel("status", project.dir)
        self.assertIn("quota", out)
        before = len(teacher.log)
        project.run()
        self.assertEqual(len(teacher.log), before, "a full quota was paid for again")

    def test_a_wider_quota_takes_up_what_was_deferred(self):
        seeds, domain = self.kinds(80)
        teacher, project = self.both(Table(7, (0.9, 0.9)), seeds, accept={"k": 2, "n": 3},
                                     quotas=[{"domain": "even", "accepted": 10}])
        project.run()
        project.change(quotas=[{"domain": "even", "accepted": 20}])
        project.run()
        accepted = sum(state == "accepted" and domain[key[0]] == "even"
                       for key, (state, _) in project.states().items())
        self.assertEqual(accepted, 20)
        self.assertEqual(len(teacher.log), len(teacher.bodies), "a call was made twice")

    def test_quotas_with_adaptive_stopping(self):
        seeds, _ = self.kinds(300)
        teacher, project = self.both(Table(8, (0.8, 0.8), hopeless=0.4), seeds,
                                     accept={"k": 1, "n": 8, "stop": "adaptive"},
                                     quotas=[{"domain": "odd", "accepted": 30},
                                             {"trust": "verified", "accepted": 40}])
        project.run()
        reasons = self.reasons(project)
        self.assertGreater(reasons["quota"], 20)
        self.assertEqual(project.status()["pairs"]["open"], 0)
        self.assertEqual(len(teacher.log), len(teacher.bodies), "a call was made twice")


class Rules(Case):

    def test_each_trust_class_has_its_own_bar(self):
        seeds = [dict(s, trust=("verified", "human")[i % 2]) for i, s in enumerate(SEEDS)]
        trust = {s["prompt"]: s["trust"] for s in seeds}
        teacher, project = self.both(Table(9, (0.8, 0.7)), seeds,
                                     accept={"k": 3, "n": 4, "verified": {"k": 1, "n": 2}})
        project.run()
        ledgers = {"verified": Ledger(teacher.log, 1, 2), "human": Ledger(teacher.log, 3, 4)}
        for key, (state, _) in project.states().items():
            self.assertEqual(state, ledgers[trust[key[0]]].fate(key), trust[key[0]])

    def test_other_rules_over_what_is_stored_make_no_call_and_say_what_moves(self):
        teacher, project = self.both(Table(10, (0.7, 0.6), loops=0.2),
                                     accept={"k": 3, "n": 4, "stop": "full"})
        project.run()
        calls = len(teacher.log)
        moves = ((("accept.rule=majority",), 3, 4, False), (("accept.k=1",), 1, 4, False),
                 (("accept.rule=share", "accept.share=0.5"), 2, 4, False),
                 (("accept.k=2", "filters=[length, repetition]"), 2, 4, True))
        for sets, k, n, filters in moves:
            with self.subTest(sets):
                before = {key: state for key, (state, _) in project.states().items()}
                arguments = [x for s in sets for x in ("--set", s)]
                out, _ = project.gavel("refilter", project.dir, *arguments)
                ledger = Ledger(teacher.log, k, n, filters=filters)
                after = {key: state for key, (state, _) in project.states().items()}
                self.assertEqual(after, {key: ledger.fate(key) for key in after})
                moved = {(before[key], after[key]) for key in after if before[key] != after[key]}
                for one, other in moved:
                    self.assertIn(f"{one} -> {other}", out)
        self.assertEqual(len(teacher.log), calls, "a call was made")

    def test_reflections_are_decided_on_anew_without_a_call(self):
        """Other filters look at traces of several calls as a worker does."""
        teacher, project = self.both(
            Table(11, (0.7, 0.6), loops=0.2), teacher={"prefill": "flag"},
            accept={"k": 2, "n": 3, "stop": "full"},
            reflection={"mode": "wait", "cues": ["Wait,"]})
        project.run()
        calls = len(teacher.log)
        project.change(filters=["repetition"])
        project.gavel("refilter", project.dir)
        release.check_store(self, project, teacher, Ledger(teacher.log, 2, 3, filters=True))
        project.change(filters=[])
        project.gavel("refilter", project.dir)
        release.check_store(self, project, teacher, Ledger(teacher.log, 2, 3))
        self.assertEqual(len(teacher.log), calls, "a call was made")


class Evaluate(Case):
    """A run that only measures: everything in full, nothing exported, and what the report says is
    what the log says."""

    def test_accuracy_is_the_logs(self):
        table, other = Table(12, (0.8, 0.6)), Table(13, (0.6, 0.7))
        teacher, project = self.both(table, teacher={"models": {"other": other}},
                                     purpose="evaluate", accept={"n": 4}, export={"dir": ""})
        project.change(endpoints=[project.settings["endpoints"][0],
                                  {"role": "teacher", "url": teacher.url, "model": "other"}])
        project.run()
        self.assertFalse(os.path.exists(project.out), "something was exported")
        report = json.loads(project.gavel("report", project.dir, "--json")[0])
        for model in ("referee", "other"):
            ledger = Ledger(teacher.log, 3, 4, model=model)
            self.assertEqual({len(of[order]) for of in ledger.answers.values()
                              for order in ORDERS}, {4})
            found = self.row_of(report, model)
            right = {order: sum(r.verdict == "right" for key in ledger.answers
                                for r in ledger.answers[key][order]) for order in ORDERS}
            rollouts = 4 * len(ledger.answers)
            self.assertAlmostEqual(found["accuracy"], sum(right.values()) / (2 * rollouts),
                                   places=6)
            for order in ORDERS:
                self.assertAlmostEqual(found[order]["accuracy"], right[order] / rollouts, places=6)
            both = sum(sum(r.verdict == "right" for r in of[ORDERS[0]])
                       * sum(r.verdict == "right" for r in of[ORDERS[1]]) / 16
                       for of in ledger.answers.values()) / len(ledger.answers)
            self.assertAlmostEqual(found["consistent_accuracy"], both, places=6)
        before = len(teacher.log)
        project.run()
        self.assertEqual(len(teacher.log), before, "the second run made a call")

    @staticmethod
    def row_of(report, model):
        return next(row for row in report["measured"] if row["model"] == model)


if __name__ == "__main__":
    unittest.main(verbosity=2)
