#!/usr/bin/env python3
"""Judgments that are gone on with after a cue: in every mode, in every way that servers have for
it, through kills. No call is made twice, segments are what was said, what is accepted and exported
is what the teacher's log implies.
"""
import json
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
import referee_release as release
from referee import Ledger
from referee_teacher import Table, Teacher, pairs_of

SEEDS = e2e.sums(80)
CUES = ["Wait,", "Hold on, let me look again."]
RATES = (0.75, 0.6)
WAYS = ({"prefill": "trailing", "echo": True}, {"prefill": "flag"}, {"prefill": "prefix"},
        {"prefill": None})


class Case(unittest.TestCase):

    def judge(self, mode, way=None, k=2, n=3, keep=1, table=None, seeds=None, check=None,
              **settings):
        """One whole run of one mode, and every check; returns the ledger."""
        seeds = seeds or SEEDS
        table = table or Table(11, RATES, hopeless=0.1, loops=0.03)
        judge = settings.get("judge", {})
        one = judge.get("format") == "pointwise"
        settings["accept"] = {"k": k, "n": n, "keep_per_order": keep, **settings.get("accept", {})}
        settings["reflection"] = {"mode": mode, "cues": CUES, **settings.get("reflection", {})}
        with Teacher(pairs_of(seeds), table, latency=(0.002, 0.02), **(way or WAYS[0])) as teacher, \
             e2e.Project(teacher.url, seeds, **settings) as project:
            teacher.keep_bodies = {}
            project.run()
            log = release.stored_calls(project, teacher.log) if one else None
            ledger = self.check_all(project, teacher, k, n, keep, one, log)
            before = len(teacher.log)
            project.run()
            self.assertEqual(len(teacher.log), before, "the second run made a call")
            self.check_requests(teacher, (way or WAYS[0])["prefill"])
            if check:
                check(project, teacher, ledger)
        return ledger

    def check_all(self, project, teacher, k, n, keep=1, one=False, log=None):
        log = log or teacher.log
        ledger = Ledger(log, k, n, one=one)
        release.check_store(self, project, teacher, ledger)
        release.check_texts(self, project, ledger, CUES)
        release.check_status(self, project, ledger)
        release.check_release(self, project, teacher, ledger, keep)
        if log is teacher.log:
            self.assertEqual(len(log), len(teacher.bodies), "a call was made twice")
        return ledger

    def check_requests(self, teacher, prefill):
        """Continuations are asked for in the way that the probe found."""
        asked = [c for c in teacher.log if c.ask in ("continue", "close")]
        for call in asked:
            request = json.loads(teacher.keep_bodies[call.body])
            last = request["messages"][-1]
            self.assertEqual(last["role"], "assistant" if prefill else "user")
            self.assertEqual(request.get("continue_final_message"),
                             True if prefill == "flag" else None)
            self.assertEqual(last.get("prefix"), True if prefill == "prefix" else None)

    def flips(self, project):
        """{(first outcome, last outcome): how many} of the rollouts that were given a cue."""
        return {(first, last): n for first, last, n in project.query(
            "SELECT first, last, sum(rollouts) FROM v_flips WHERE cues > 0 GROUP BY 1, 2")}


def outcome(verdict):
    return {"right": "correct", "wrong": "incorrect", "tie": "tie"}.get(verdict, "no_verdict")


class Modes(Case):

    def check_counts(self, project, _, ledger):
        """Kept, fixed, broken, stuck are those of the log."""
        found = {}
        for r in ledger.all():
            if r.cues:
                place = outcome(r.first.verdict), outcome(r.verdict)
                found[place] = found.get(place, 0) + 1
        self.assertEqual(self.flips(project), found)

    def test_wait_gives_every_judgment_two_cues(self):
        ledger = self.judge("wait", reflection={"rounds": 2}, keep=2, check=self.check_counts)
        for r in ledger.all():
            if r.first.verdict in ("right", "wrong", "tie", "cut_thought"):
                self.assertEqual(r.cues, 2)
            else:
                self.assertEqual(len(r.calls), 1, "there was nothing to go on with")

    def test_wrong_to_right_goes_on_with_what_is_wrong(self):
        ledger = self.judge("wrong_to_right", keep=3, check=self.check_counts)
        for r in ledger.all():
            self.assertEqual(r.cues, int(self.before_cue(r) in ("wrong", "tie")))
        self.assertTrue(any(r.cues and r.verdict == "right" for r in ledger.all()))

    def test_right_to_right_goes_on_with_what_is_right(self):
        ledger = self.judge("right_to_right", table=Table(11, (0.8, 0.8), empty=0.03),
                            check=self.check_counts)
        for r in ledger.all():
            self.assertEqual(r.cues, int(self.before_cue(r) == "right"))

    @staticmethod
    def before_cue(rollout):
        """The verdict that a cue would follow; a thought that was cut off is closed first."""
        before = [c for c in rollout.calls if c.ask != "continue"]
        return before[-1].verdict

    def test_mixed_does_not_look_at_the_label(self):
        ledger = self.judge("mixed", seeds=e2e.sums(300), reflection={"share": 0.5}, k=1, n=2,
                            table=Table(12, (0.7, 0.7), misses=0), check=self.check_counts)
        cued = {"right": [0, 0], "wrong": [0, 0]}
        for r in ledger.all():
            cued[r.first.verdict][r.cues] += 1
        shares = {v: n[1] / sum(n) for v, n in cued.items()}
        self.assertGreater(min(shares.values()), 0.25)
        self.assertAlmostEqual(shares["right"], shares["wrong"], delta=0.12)

    def test_natural_gives_no_cue_and_wants_a_thought_that_reflects(self):
        """The tests' teacher never does that by itself."""
        def check(project, teacher, ledger):
            self.assertNotIn("continue", {c.ask for c in teacher.log})
            self.assertEqual(project.counter("pairs.accepted"), 0)
            reasons = dict(project.query("SELECT filter, count(*) FROM v_rollouts GROUP BY 1"))
            self.assertEqual(reasons["reflection"], sum(r.said is not None for r in ledger.all()))

        with Teacher(pairs_of(SEEDS), Table(2, RATES, misses=0.5)) as teacher, \
             e2e.Project(teacher.url, SEEDS, reflection={"mode": "natural"},
                         export={"dir": ""}) as project:
            project.run()
            self.assertEqual(teacher.plain, [], "a probe that nothing depends on")
            check(project, teacher, Ledger(teacher.log, 3, 4))

    def test_thoughts_that_are_cut_off_are_closed_and_answered_for(self):
        def everything_is_cut(verdict):
            class Cut(Table):
                def verdict(self, key, order, i):
                    return verdict, False
            return Cut(3, (0.8, 0.8))
        ledger = self.judge("wait", table=everything_is_cut("cut_thought"), seeds=SEEDS[:20])
        for r in ledger.all():
            self.assertEqual([c.ask for c in r.calls], ["judge", "close", "continue"])
        self.assertTrue(ledger.with_fate("accepted"))

    def test_a_bound_on_the_thought_keeps_cues_away(self):
        ledger = self.judge("wait", seeds=SEEDS[:20], table=Table(3, (0.8, 0.8), misses=0),
                            reflection={"max_tokens": 5})
        self.assertEqual({r.cues for r in ledger.all()}, {0})

    def test_short_thoughts_are_given_more_cues(self):
        ledger = self.judge("wait", seeds=SEEDS[:20], table=Table(3, (0.8, 0.8), misses=0, empty=0),
                            reflection={"min_tokens": 300})
        self.assertGreater(min(r.cues for r in ledger.all()), 1)

    def test_corrected_verdicts_hold_in_both_orders_and_broken_ones_never_leave(self):
        table = Table(5, (0.6, 0.6), fix=0.8, breaks=0.4, empty=0, misses=0)
        ledger = self.judge("wait", k=1, n=3, keep=3, table=table, check=self.check_counts)
        self.assertTrue(any(r.first.verdict == "right" and r.verdict == "wrong"
                            for r in ledger.all()))


class Ways(Case):
    """The same run over every way of going on; formats and nonces, too."""

    def test_every_way(self):
        for way in WAYS:
            with self.subTest(way):
                ledger = self.judge("wait", way, reflection={"rounds": 2}, seeds=SEEDS[:40])
                self.assertGreater(sum(r.cues for r in ledger.all()), 100)

    def test_every_format(self):
        formats = ("verdict", "scores", "scores_verdict", "plan")
        for i, name in enumerate(formats):
            with self.subTest(name):
                self.judge("mixed", WAYS[i], reflection={"share": 0.6}, seeds=SEEDS[:40],
                           judge={"format": name, "nonce": i % 2 == 0})

    def test_pointwise(self):
        """Halves go on by themselves: what is right is not known before both are there."""
        table = Table(7, (0.85, 0.85), misses=0)
        for way in (WAYS[0], WAYS[3]):
            with self.subTest(way):
                ledger = self.judge("wait", way, table=table, seeds=SEEDS[:40], keep=2,
                                    judge={"format": "pointwise"})
                self.assertEqual({r.cues for r in ledger.all()}, {1})

    def test_streamed(self):
        self.judge("wait", WAYS[1], seeds=SEEDS[:30], generation={"stream": True})

    def test_a_way_that_the_project_names_is_not_looked_for(self):
        with Teacher(pairs_of(SEEDS), Table(1, RATES), prefill="trailing") as teacher, \
             e2e.Project(teacher.url, SEEDS[:40], reflection={"mode": "wait", "cues": CUES}) as p:
            p.change(endpoints=[{**p.settings["endpoints"][0], "continuation": "turn"}])
            p.run()
            self.assertEqual(teacher.plain, [])
            self.check_all(p, teacher, 3, 4)


class Kills(Case):

    KILLS = 6

    def test_a_run_that_is_killed_goes_on_in_the_middle_of_its_rollouts(self):
        from test_faults import Killer
        rng = random.Random(9)
        with Teacher(pairs_of(SEEDS), Table(13, RATES), latency=(0.02, 0.08), **WAYS[0]) as teacher, \
             e2e.Project(teacher.url, SEEDS, accept={"k": 2, "n": 3}, tries=20,
                         reflection={"mode": "wait", "rounds": 2, "cues": CUES},
                         workers={"local": 2, "slots": 16}) as project:
            killer = Killer(project, rng)
            for answers in sorted(rng.sample(range(50, 700), self.KILLS)):
                e2e.wait_until(lambda n=answers: len(teacher.log) >= n
                               or killer.process.poll() is not None, f"{answers} answers")
                self.assertIsNone(killer.process.poll(), project.said(killer.process))
                killer.strike()
            self.assertEqual(killer.finish(), e2e.EXIT_COMPLETE, project.said(killer.process))
            self.check_after_kills(project, teacher, killer)

    def check_after_kills(self, project, teacher, killer):
        stored = release.stored_calls(project, teacher.log)
        self.check_all(project, teacher, 2, 3, log=stored)
        bodies = {c.body for c in stored}
        again = {}
        for call in sorted((c for c in teacher.log if c.whole), key=lambda c: c.received):
            if call.body not in bodies:
                self.assertTrue(killer.explains(call), "a finished call was lost")
            first = again.setdefault(call.body, call)
            if first is not call:
                self.assertTrue(killer.explains(first, call), "a finished call was made again")
        steps = {}
        for call in stored:
            place = call.root, call.ask, len(steps.setdefault(call.root, []))
            steps[call.root].append(place)
        self.assertGreater(max(map(len, steps.values())), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
