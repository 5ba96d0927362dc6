#!/usr/bin/env python3
"""Coordinator and workers as commands of their own, over TCP: any of them may die."""
import os
import signal
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
import referee_release as release
from referee import Ledger
from referee_teacher import Table, Teacher, pairs_of

SEEDS = e2e.sums(60)
SECRET = "sk-far-0123456789abcdef"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class FarWorkers(unittest.TestCase):

    def setUp(self):
        teacher = Teacher(pairs_of(SEEDS), Table(1, (0.8, 0.7)), key=SECRET, latency=(0.1, 0.3))
        self.teacher = e2e.enter(teacher, self.addCleanup)
        self.endpoint = f"tcp://127.0.0.1:{free_port()}"
        project = e2e.Project(
            self.teacher.url, SEEDS, workers={"local": 0, "listen": self.endpoint},
            limits={"lease_s": 2},
            endpoints=[{"url": self.teacher.url, "model": "referee", "api_key_env": "FAR_KEY"}])
        self.project = e2e.enter(project, self.addCleanup)
        self.key = e2e.environment(FAR_KEY=SECRET)

    def coordinator(self):
        p = self.project.start("coordinator", self.project.dir, env=self.key)
        e2e.wait_until(lambda: self.endpoint in self.project.said(p)[0]
                       or p.poll() is not None, "where to connect")
        self.assertIsNone(p.poll(), self.project.said(p))
        return p

    def worker(self, *arguments):
        return self.project.start("worker", self.endpoint, "--slots", 8, *arguments, env=self.key)

    def wait_for_calls(self, n):
        e2e.wait_until(lambda: len(self.teacher.log) >= n and self.teacher.in_flight >= 4,
                       f"{n} answers and calls in flight")

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait(e2e.PATIENCE)
        return time.monotonic()

    def finish(self, coordinator, *workers):
        """All end by themselves; every fate and count is the log's."""
        self.project.ended(coordinator, e2e.EXIT_COMPLETE)
        for w in workers:
            self.project.ended(w, e2e.EXIT_COMPLETE, patience=30)
        ledger = Ledger(self.teacher.log, 3, 4)
        release.check_fates(self, self.project, self.teacher, ledger)
        self.project.gavel("export", self.project.dir)
        self.assertEqual(self.project.query("SELECT count(*) FROM calls c JOIN rollouts r "
                                            "ON r.call = c.call")[0][0],
                         self.project.counter("calls.done"))

    def repeated(self):
        """Whole answers that were asked for once more."""
        return [first for first, _ in self.pairs_repeated()]

    def pairs_repeated(self):
        first, again = {}, []
        for call in sorted((c for c in self.teacher.log if c.whole), key=lambda c: c.received):
            if first.setdefault(call.body, call) is not call:
                again.append((first[call.body], call))
        return again

    def test_two_workers(self):
        coordinator = self.coordinator()
        self.finish(coordinator, self.worker(), self.worker())
        self.assertEqual(self.repeated(), [])
        self.assertEqual(self.project.counter("calls.done"), len(self.teacher.bodies))

    def test_a_worker_is_killed_and_another_takes_its_calls(self):
        coordinator, victim, other = self.coordinator(), self.worker(), self.worker()
        self.wait_for_calls(40)
        e2e.wait_until(lambda: len(release.stored_traces(self.project)) >= 20, "stored answers")
        stored = release.stored_traces(self.project)
        at = self.kill(victim)
        self.finish(coordinator, other)
        needless = [c for c, again in self.pairs_repeated()
                    if c.trace in stored or not c.received <= at <= again.received]
        self.assertEqual(needless, [], "a finished call was made again")

    def test_a_worker_that_is_told_to_leave_finishes_its_calls(self):
        coordinator, leaver, other = self.coordinator(), self.worker(), self.worker()
        self.wait_for_calls(40)
        e2e.interrupt(leaver)
        self.project.ended(leaver, e2e.EXIT_COMPLETE, patience=30)
        self.assertLess(len(self.teacher.log), 200, "it took new calls")
        self.finish(coordinator, other)
        self.assertEqual(self.repeated(), [])
        self.assertTrue(all(c.whole for c in self.teacher.log), "a call was cut")

    def test_a_coordinator_is_killed_and_its_workers_lose_nothing(self):
        workers = [self.worker(), self.worker()]
        coordinator = self.coordinator()
        for answers in (40, 120):
            self.wait_for_calls(answers)
            self.kill(coordinator)
            coordinator = self.coordinator()
        self.finish(coordinator, *workers)
        self.assertEqual(self.repeated(), [], "a finished call was made again")

    def test_a_coordinator_that_is_killed_at_its_start_still_waits_for_its_workers(self):
        """The one that is killed has heard of no worker yet."""
        workers = [self.worker() for _ in range(3)]
        coordinator = self.coordinator()
        self.wait_for_calls(40)
        for _ in range(4):
            self.kill(coordinator)
            coordinator = self.coordinator()
        self.finish(coordinator, *workers)
        self.assertEqual(self.repeated(), [], "a finished call was made again")

    def test_the_key_stays_with_its_process(self):
        """What travels and what is stored never holds it, and a worker without it says so."""
        coordinator = self.coordinator()
        poor = self.project.start("worker", self.endpoint, env=e2e.environment())
        e2e.wait_until(lambda: "FAR_KEY" in self.project.said(poor)[1], "a word about the key")
        e2e.wait_until(lambda: poor.poll() is not None, "its end")
        self.finish(coordinator, self.worker())
        for folder, _, names in os.walk(self.project.dir):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    self.assertNotIn(SECRET.encode(), f.read(), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
