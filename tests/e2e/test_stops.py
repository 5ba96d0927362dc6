#!/usr/bin/env python3
"""Runs that end early: a teacher that is gone or refuses, signals, budgets, deadlines, a store that
is taken. Each says what happened, exits with the right status, and the next run goes on from there
without making a finished call again.
"""
import os
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
import referee_release as release
from referee import Ledger
from referee_teacher import Table, Teacher, error, pairs_of

SEEDS = e2e.sums(40)
QUICK = {"deadlines": {"connect": 1, "first_byte": 60, "idle": 10, "total": 100}}
NEVER = 1000  # seconds of latency: longer than any test


class Stops(unittest.TestCase):

    def teacher(self, **options):
        return Teacher(pairs_of(SEEDS), Table(3, (0.8, 0.8)), **options)

    def project(self, url, **settings):
        return e2e.Project(url, SEEDS, **{**QUICK, **settings})

    def assert_complete(self, project, teacher, **options):
        """The next run finishes the job; over all runs no finished call was made twice."""
        project.run(**options)
        ledger = Ledger(teacher.log, 3, 4)
        release.check_store(self, project, teacher, ledger)
        release.check_release(self, project, teacher, ledger)
        whole = [c.body for c in teacher.log if c.whole]
        self.assertEqual(len(whole), len(set(whole)), "a finished call was made again")

    def assert_nothing_lost(self, project, teacher):
        done = {c.body for c in teacher.log if c.whole}
        self.assertEqual(project.counter("calls.done"), len(done))

    # The teacher

    def test_a_teacher_that_was_never_there(self):
        with self.teacher() as teacher:
            teacher.away()
            with self.project(teacher.url, give_up_after=2) as project:
                _, err = project.run(status=e2e.EXIT_STOPPED)
                self.assertIn("the teacher gave no answer for 2 seconds (give_up_after)", err)
                self.assertIn("nothing is lost, run it again to go on", err)
                self.assertEqual(teacher.log, [])
                teacher.back()
                self.assert_complete(project, teacher)

    def test_a_teacher_that_goes_away_and_comes_back(self):
        with self.teacher(latency=(0.02, 0.05)) as teacher, \
             self.project(teacher.url, workers={"slots": 8}, give_up_after=60) as project:
            run = project.start_run()
            e2e.wait_until(lambda: len(teacher.log) >= 40, "40 answers")
            teacher.away()
            e2e.wait_until(lambda: project.counter("failure.connect") > 0, "a call that failed")
            teacher.back()
            project.ended(run, e2e.EXIT_COMPLETE)
            self.assert_complete(project, teacher)

    def test_a_teacher_that_goes_away_for_good(self):
        with self.teacher(latency=(0.02, 0.05)) as teacher, \
             self.project(teacher.url, workers={"slots": 8}, give_up_after=2) as project:
            run = project.start_run()
            e2e.wait_until(lambda: len(teacher.log) >= 40, "40 answers")
            teacher.away()
            _, err = project.ended(run, e2e.EXIT_STOPPED)
            self.assertIn("the teacher gave no answer for 2 seconds", err)
            self.assert_nothing_lost(project, teacher)
            teacher.back()
            self.assert_complete(project, teacher)

    def test_a_wrong_key(self):
        keys = {"env": e2e.environment(TEACHER_KEY="sk-wrong-0123456789")}
        with self.teacher(key="sk-right-0123456789") as teacher, \
             self.project(teacher.url, endpoints=[{"url": teacher.url, "model": "referee",
                                                   "api_key_env": "TEACHER_KEY"}]) as project:
            _, err = project.run(status=e2e.EXIT_STOPPED, **keys)
            self.assertIn(teacher.url, err)
            self.assertIn("wrong key", err)
            self.assertLess(len(teacher.log), 200, "it went on asking")
            keys = {"env": e2e.environment(TEACHER_KEY="sk-right-0123456789")}
            teacher.log.clear()
            self.assert_complete(project, teacher, **keys)

    def test_an_unknown_model(self):
        def refuse(call, request):
            call.kind = "404"
            return error(404, f"The model {request['model']} does not exist.")
        with self.teacher(script=refuse) as teacher, self.project(teacher.url) as project:
            _, err = project.run(status=e2e.EXIT_STOPPED)
            self.assertIn("The model referee does not exist.", err)
            teacher.script = None
            teacher.log.clear()
            self.assert_complete(project, teacher)

    def test_a_pair_the_teacher_refuses_is_deferred_and_taken_up_by_the_next_run(self):
        def refuse(call, request):
            if "What is 13 plus 7?" in request["messages"][-1]["content"]:
                call.kind = "400"
                return error(400, "maximum context length exceeded")
            return None
        with self.teacher(script=refuse) as teacher, self.project(teacher.url) as project:
            project.run()
            self.assertEqual(project.status()["pairs"]["deferred"], 1)
            teacher.script = None
            self.assert_complete(project, teacher)
            self.assertEqual(project.status()["pairs"]["deferred"], 0)

    def test_a_teacher_that_answers_nothing_ends_the_run(self):
        def fail(call, _):
            call.kind = "500"
            return error(500, "out of order")
        with self.teacher(script=fail) as teacher, \
             self.project(teacher.url, tries=1) as project:
            out, err = project.run(status=e2e.EXIT_STOPPED)
            self.assertIn("answered none of the first", err)
            self.assertIn("out of order", out, "why pairs are deferred")
            teacher.script = None
            teacher.log.clear()
            self.assert_complete(project, teacher)

    def test_pairs_that_were_refused_before_do_not_end_the_next_run(self):
        def refuse(call, request):
            if int(request["messages"][-1]["content"].split("What is ")[1].split()[0]) % 2:
                call.kind = "400"
                return error(400, "nothing odd")
            return None
        seeds = e2e.sums(60)
        with Teacher(pairs_of(seeds), Table(3, (0.8, 0.8)), script=refuse) as teacher, \
             e2e.Project(teacher.url, seeds, **QUICK) as project:
            project.run()
            deferred = project.status()["pairs"]["deferred"]
            self.assertEqual(deferred, 30)
            project.run()
            self.assertEqual(project.status()["pairs"]["deferred"], deferred)

    # Signals

    def interrupted(self, teacher, project):
        """A run with calls in flight that was told once to stop."""
        run = project.start_run()
        e2e.wait_until(lambda: teacher.in_flight >= 8, "calls in flight")
        e2e.interrupt(run)
        e2e.wait_until(lambda: "interrupted" in project.said(run)[1], "a word")
        return run

    def test_one_interrupt_waits_for_the_calls_in_flight(self):
        with self.teacher(latency=(1, 1.5)) as teacher, \
             self.project(teacher.url, workers={"slots": 8}) as project:
            project.ended(self.interrupted(teacher, project), e2e.EXIT_STOPPED)
            self.assertEqual(teacher.in_flight, 0)
            self.assertTrue(all(c.whole for c in teacher.log), "a call was cut")
            self.assertLessEqual(len(teacher.log), 16, "it went on asking")
            self.assert_nothing_lost(project, teacher)
            self.assertEqual(project.status()["state"], "stopped")
            teacher.latency = (0, 0)
            self.assert_complete(project, teacher)

    def test_two_interrupts_stop_at_once(self):
        with self.teacher(latency=(NEVER, NEVER)) as teacher, \
             self.project(teacher.url, workers={"slots": 8}) as project:
            run = self.interrupted(teacher, project)
            e2e.interrupt(run)
            project.ended(run, e2e.EXIT_STOPPED, patience=20)
            teacher.latency = (0, 0)
            self.assert_complete(project, teacher)

    def test_a_job_managers_sigterm_to_the_whole_group_is_one_interrupt(self):
        """timeout(1) sends it twice: to its child, and to the group."""
        with self.teacher(latency=(1, 1.5)) as teacher, \
             self.project(teacher.url, workers={"slots": 8}) as project:
            run = project.start_run()
            e2e.wait_until(lambda: teacher.in_flight >= 8, "calls in flight")
            run.terminate()
            os.killpg(run.pid, signal.SIGTERM)
            project.ended(run, e2e.EXIT_STOPPED)
            self.assertTrue(all(c.whole for c in teacher.log), "a call was cut")
            self.assert_nothing_lost(project, teacher)

    # Limits

    def test_a_budget_of_calls_is_kept_to_the_call(self):
        with self.teacher() as teacher, self.project(teacher.url) as project:
            for calls in (10, 20):
                _, err = project.run("--set", "budget.calls=10", status=e2e.EXIT_STOPPED)
                self.assertIn("budget.calls is used up", err)
                self.assertEqual(len(teacher.log), calls)
                self.assert_nothing_lost(project, teacher)
            self.assert_complete(project, teacher)

    def test_a_budget_of_tokens(self):
        with self.teacher() as teacher, self.project(teacher.url) as project:
            _, err = project.run("--set", "budget.tokens=2000", status=e2e.EXIT_STOPPED)
            self.assertIn("budget.tokens is used up", err)
            tokens = project.status()["tokens"]
            self.assertGreaterEqual(tokens["prompt"] + tokens["completion"], 2000)
            self.assert_nothing_lost(project, teacher)
            self.assert_complete(project, teacher)

    def test_until(self):
        with self.teacher(latency=(0.4, 0.6)) as teacher, \
             self.project(teacher.url, workers={"slots": 2}) as project:
            before = time.monotonic()
            _, err = project.run("--until", "+2s", status=e2e.EXIT_STOPPED)
            self.assertIn("--until", err)
            self.assertGreaterEqual(time.monotonic() - before, 1.9)
            self.assert_nothing_lost(project, teacher)
            teacher.latency = (0, 0)
            self.assert_complete(project, teacher)

    # One store, one run

    def test_a_second_run_says_who_holds_the_store_and_looking_is_free(self):
        with self.teacher(latency=(0.3, 0.4)) as teacher, \
             self.project(teacher.url, workers={"slots": 4}) as project:
            run = project.start_run()
            e2e.wait_until(lambda: len(teacher.log) >= 4, "answers")
            _, err = project.run(status=e2e.EXIT_FAILED)
            self.assertIn("in use by", err)
            self.assertIn(f"process {run.pid} ", err)
            status = e2e.wait_until(lambda: self.running(project), "calls in flight")
            self.assertEqual(status["state"], "running")
            self.assertEqual([w["slots"] for w in status["workers"]], [4])
            project.gavel("export", project.dir, "--out", project.path("early"))
            self.assertIsNone(run.poll(), "the test is too slow for what it wants to see")
            teacher.latency = (0, 0)
            project.ended(run, e2e.EXIT_COMPLETE)
            self.assertEqual(project.status()["state"], "complete")
            self.assert_complete(project, teacher)

    @staticmethod
    def running(project):
        status = project.status()
        return status if status["calls"]["in_flight"] else None


if __name__ == "__main__":
    unittest.main(verbosity=2)
