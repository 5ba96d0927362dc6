#!/usr/bin/env python3
"""Runs before a teacher that fails in every way servers fail, and runs whose processes are killed
at any moment: the results must be what the log implies, no finished call may be made again, no
row may be lost or doubled.
"""
import os
import random
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
import referee_release as release
from referee import Ledger
from referee_prompt import TRACE
from referee_teacher import Table, Teacher, pairs_of_gsm8k, pairs_of_seeds

FAULTS = {"429": 0.05, "500": 0.02, "drop": 0.01, "truncate": 0.01, "badjson": 0.01, "hang": 0.005}
DEADLINES = ("--set", "deadlines.connect=2", "--set", "deadlines.first_byte=2",
             "--set", "deadlines.idle=2")
KILLS = 20


class Killer:
    """Runs a project and kills -9 its processes as the work goes on."""

    def __init__(self, project, rng, *arguments):
        self.project = project
        self.rng = rng
        self.arguments = arguments
        self.kills = []  # (time, "coordinator" or "worker", traces stored before it)
        self.process = self.start()

    def start(self):
        return self.project.start_run(*DEADLINES, *self.arguments)

    def strike(self):
        """Kills one of the processes there are; starts the run again when it was the run."""
        workers = e2e.children(self.process.pid)
        victim = self.rng.choice([self.process.pid] + workers)
        stored = release.stored_traces(self.project)
        os.kill(victim, signal.SIGKILL)
        at = time.monotonic()
        self.kills.append((at, "worker" if victim in workers else "coordinator", stored))
        if victim == self.process.pid:
            self.process.wait(e2e.PATIENCE)
            self.process = self.start()

    def finish(self):
        self.process.wait(e2e.PATIENCE)
        return self.process.returncode

    def explains(self, call, again=None):
        """Whether a kill came after a call was asked for (and before it was asked for again) when
        its answer was not stored yet."""
        return any(call.received <= at and (again is None or at <= again.received)
                   and call.trace not in stored for at, _, stored in self.kills)


class Faults(unittest.TestCase):

    def choose(self):
        if os.path.exists(e2e.GSM8K):
            return e2e.GSM8K, pairs_of_gsm8k(e2e.GSM8K)
        return e2e.QUICKSTART, pairs_of_seeds(e2e.QUICKSTART)

    def test_failing_calls_are_made_again_and_others_are_not(self):
        seeds, pairs = self.choose()
        table = Table(5, (0.75, 0.35), 0.2, loops=0.05)
        with Teacher(pairs, table, FAULTS, latency=(0.005, 0.05)) as teacher, \
             e2e.Project(teacher.url, seeds, filters=["length", "repetition"]) as project:
            project.run(*DEADLINES)
            ledger = Ledger(teacher.log, 3, 4, filters=True)
            release.check_store(self, project, teacher, ledger)
            release.check_release(self, project, teacher, ledger)
            status = release.check_status(self, project, ledger)
            whole = [c.body for c in teacher.log if c.whole]
            self.assertEqual(len(whole), len(set(whole)), "a finished call was made again")
            failed = [c for c in teacher.log if not c.whole]
            self.assertEqual({c.kind for c in failed}, set(FAULTS), "some fault never came")
            # libcurl itself sends a request once more when a connection it reuses is dropped.
            dropped = sum(c.kind == "drop" for c in failed)
            self.assertLessEqual(status["calls"]["retries"], len(failed))
            self.assertGreaterEqual(status["calls"]["retries"], len(failed) - dropped)
            self.assertLess(max(c.attempt for c in teacher.log), 7, "more than `tries`")

    def killed(self, seeds, pairs, calls, seed, **settings):
        """A run with KILLS kills among its first `calls` answers, and every check."""
        rng = random.Random(seed)
        table = Table(seed, (0.75, 0.35), 0.2)
        at = sorted(rng.sample(range(calls), KILLS - 4) + [0] * 4)  # four at its very beginning
        with Teacher(pairs, table, FAULTS, latency=(0.03, 0.2)) as teacher, \
             e2e.Project(teacher.url, seeds, workers={"local": 2, "slots": 32},
                         **settings) as project:
            killer = Killer(project, rng)
            for answers in at:
                e2e.wait_until(lambda n=answers: len(teacher.log) >= n
                               or killer.process.poll() is not None, f"{answers} answers")
                self.assertIsNone(killer.process.poll(), project.said(killer.process))
                killer.strike()
            self.assertEqual(killer.finish(), e2e.EXIT_COMPLETE, project.said(killer.process))
            self.check_after_kills(project, teacher, killer)

    def check_after_kills(self, project, teacher, killer):
        release.check_fates(self, project, teacher, Ledger(teacher.log, 3, 4))
        served = {c.trace: c for c in teacher.log if c.trace and c.kind == "whole"}
        stored = [served[TRACE.search(thought).group()]
                  for thought, in project.query("SELECT thought FROM texts")]
        bodies = {c.body for c in stored}
        self.assertEqual(len(bodies), len(stored), "a row is doubled")
        lost = [c for c in teacher.log
                if c.whole and c.body not in bodies and not killer.explains(c)]
        self.assertEqual(len(lost), 0, "a finished call was lost")
        kept = Ledger(stored, 3, 4)
        release.check_store(self, project, teacher, kept)
        release.check_status(self, project, kept)
        release.check_release(self, project, teacher, kept)
        self.check_repetition(teacher, killer)
        before = len(teacher.log)
        project.run()
        self.assertEqual(len(teacher.log), before, "the last run made a call")

    def check_repetition(self, teacher, killer):
        """A whole answer that was asked for again must have been on its way during a kill."""
        whole = {}
        again, needless = 0, []
        for call in sorted((c for c in teacher.log if c.whole), key=lambda c: c.received):
            first = whole.setdefault(call.body, call)
            if first is not call:
                again += 1
                if not killer.explains(first, call):
                    needless.append(call.received - first.written)
        roles = [role for _, role, _ in killer.kills]
        print(f"{self.id()}: {roles.count('coordinator')} coordinators and "
              f"{roles.count('worker')} workers killed; {len(whole)} answers, {again} asked for "
              "again because they were on their way")
        self.assertEqual(needless, [], "a finished call was made again")

    def test_kills_while_pairs_are_stopped_early(self):
        seeds, pairs = self.choose()
        self.killed(seeds, pairs, 2 * len(pairs), 1)

    def test_kills_while_pairs_are_drawn_in_full(self):
        pairs = pairs_of_seeds(e2e.QUICKSTART)
        self.killed(e2e.QUICKSTART, pairs, 6 * len(pairs), 2, accept={"stop": "full"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
