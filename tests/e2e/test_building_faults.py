#!/usr/bin/env python3
"""Building while processes are killed and the generator fails: nothing that was finished is asked
for again, and in the end there are the same pairs."""
import collections
import os
import random
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import building
import gavel_e2e as e2e
from author import Author, by_hash
from building import Generator, known, open_ones

SEEDS = known(80) + open_ones(30)
KILLS = 12
LAG = 0.3  # seconds until the author's thread has looked at what a killed process had sent
FAULTS = [a for f in ("429=0.05", "500=0.05", "drop=0.03", "truncate=0.03", "badjson=0.03")
          for a in ("--fault", f)]


def stored(project):
    """The requests whose answers are in the store."""
    if not os.path.exists(project.store_path):
        return set()
    rows = project.query("SELECT answer FROM samples")
    return {row[0].split("[", 1)[1].split("]", 1)[0] for row in rows}


class Kills(unittest.TestCase):
    def undisturbed(self):
        with Author(by_hash) as author, author.project(SEEDS) as p:
            p.run()
            building.check_counts(self, p)
            return building.texts(p), len(author.of("answer", "modify"))

    def strike(self, p, process, rng):
        """Kills one of the run's processes; (the run, when, what was stored before)."""
        victim = rng.choice([process.pid] + e2e.children(process.pid))
        before, begun = stored(p), time.monotonic()
        os.kill(victim, signal.SIGKILL)
        at = (begun, time.monotonic())
        if victim == process.pid:
            process.wait(e2e.PATIENCE)
            process = p.start_run()
        return process, (at, before)

    def test_kills_lose_nothing_that_was_finished(self):
        pairs, calls = self.undisturbed()
        rng = random.Random(11)
        with Author(by_hash, latency=0.03) as author, \
             author.project(SEEDS, workers={"slots": 8}) as p:
            process, kills = p.start_run(), []
            for i in range(KILLS):
                goal = calls * (i + 1) // (KILLS + 2)
                e2e.wait_until(lambda: len(author.of("answer", "modify")) >= goal or
                               process.poll() is not None, "calls of the generator")
                process, kill = self.strike(p, process, rng)
                kills.append(kill)
            self.assertEqual(process.wait(e2e.PATIENCE), e2e.EXIT_COMPLETE)
            building.check_counts(self, p)
            building.check_evidence(self, p)
            self.assertEqual(building.texts(p), pairs)
            self.assertEqual(p.status()["builds"]["open"], 0)
            self.check_repetition(author, kills)

    def check_repetition(self, author, kills):
        times = collections.defaultdict(list)
        for r in author.of("answer", "modify"):
            times[r.body].append(r.received)
        again = 0
        for body, at in times.items():
            for first, second in zip(at, at[1:]):
                again += 1
                self.assertTrue(any(first <= late + LAG and early <= second and body not in before
                                    for (early, late), before in kills),
                                "asked again without a reason")
        print(f"{len(kills)} kills: {again} of {len(times)} calls were asked for again")


class Faults(unittest.TestCase):
    def test_failing_calls_are_made_again_and_others_are_not(self):
        with Generator(known(40) + open_ones(20), *FAULTS) as g:
            g.project.run()
            status, built = building.check_all(self, g)
            self.assertGreater(status["calls"]["retries"], 0)
            self.assertEqual(status["builds"]["deferred"], 0)
            self.assertEqual(len(g.written()), g.project.counter("samples.total"))
            self.assertGreater(len(built), 50)

    def test_out_of_tries_defers_and_the_next_run_takes_up(self):
        broken = True

        def write(r, i):
            return None if broken and r.kind == "modify" else by_hash(r, i)
        with Author(write) as author, author.project(open_ones(8), tries=2) as p:
            p.run()
            status = building.check_counts(self, p)
            self.assertEqual((status["builds"]["deferred"], status["pairs"]["total"]), (8, 0))
            seed = building.seeds(p)["open-3"]
            self.assertEqual(seed["reason"], "out_of_tries")
            self.assertIn("not today", seed["detail"])
            before = len(author.of("answer"))
            broken = False
            p.run()
            status = building.check_counts(self, p)
            self.assertEqual(status["builds"]["deferred"], 0)
            self.assertGreater(status["pairs"]["total"], 0)
            self.assertEqual(len(author.of("answer")), before)

    def test_what_the_endpoint_refuses_is_deferred_however_often(self):
        """As many as there are: that they are refused once more does not end the run."""
        with Author(lambda r, i: None if r.kind != "judge" and "trays" in r.text else by_hash(r, i),
                    status=400) as author, author.project(open_ones(5) + known(60)) as p:
            for _ in range(3):
                p.run()
                status = building.check_counts(self, p)
                self.assertEqual(status["builds"]["deferred"], 60)
            self.assertEqual({s["reason"] for n, s in building.seeds(p).items()
                              if n.startswith("known")}, {"request_refused"})

    def test_an_endpoint_that_is_not_there_ends_the_run(self):
        with e2e.Project("http://127.0.0.1:9/v1", known(5), give_up_after=1) as p:
            p.run(status=e2e.EXIT_STOPPED)
            self.assertEqual(building.check_counts(self, p)["builds"]["open"], 5)

    def test_a_budget_ends_the_run_and_the_next_goes_on(self):
        pairs, calls = None, 0
        with Author(by_hash) as author, author.project(SEEDS) as p:
            p.run()
            pairs, calls = building.texts(p), len(author.log)
        with Author(by_hash) as author, author.project(SEEDS) as p:
            p.change(budget={"calls": 40})
            for i in range(1, 100):
                process = p.start_run()
                process.wait(e2e.PATIENCE)
                self.assertLessEqual(len(author.log), 40 * i)
                if process.returncode == e2e.EXIT_COMPLETE:
                    break
                self.assertEqual(process.returncode, e2e.EXIT_STOPPED)
                self.assertEqual(len(author.log), 40 * i)
                building.check_counts(self, p)
            self.assertEqual((building.texts(p), len(author.log)), (pairs, calls))

    def test_ctrl_c_finishes_what_is_in_flight(self):
        with Author(by_hash, latency=0.2) as author, \
             author.project(SEEDS, workers={"slots": 4}) as p:
            process = p.start_run()
            e2e.wait_until(lambda: len(author.log) >= 10, "ten calls")
            e2e.interrupt(process)
            p.ended(process, e2e.EXIT_STOPPED)
            self.assertEqual(len(stored(p)), len(author.of("answer", "modify")))
            building.check_counts(self, p)
            author.latency = 0
            p.change(workers={"slots": 64})
            p.run()
            bodies = [r.body for r in author.log]
            self.assertEqual(len(bodies), len(set(bodies)))


class Roles(unittest.TestCase):
    def test_a_generator_of_its_own(self):
        """No judgment goes to it, and no answer comes from the teacher."""
        with Author(by_hash) as judge, Author(by_hash) as writer, \
             judge.project(known(10) + open_ones(5)) as p:
            p.change(endpoints=[
                {"role": "teacher", "url": judge.url, "model": "judge-1"},
                {"role": "generator", "url": writer.url, "model": "writer-1"}],
                build={"exclude_judge": True})
            p.run()
            building.check_counts(self, p)
            built = building.check_evidence(self, p)
            self.assertEqual(judge.of("answer", "modify"), [])
            self.assertEqual(writer.of("judge"), [])
            self.assertEqual({p["author_chosen"] for p in built}, {"writer-1"})
            self.assertEqual({r.model for r in writer.log}, {"writer-1"})

    def test_what_does_not_go_together_is_told(self):
        both = [{"role": "generator", "url": "http://127.0.0.1:9/v1", "model": m} for m in "ab"]
        teacher = {"role": "teacher", "url": "http://127.0.0.1:9/v1", "model": "t"}
        cases = [
            ({"endpoints": [teacher, *both]}, "generators must all serve one model, not a and b"),
            ({"build": {"exclude_judge": True}}, "needs an endpoint with the role generator"),
            ({"build": {"exclude_judge": True}, "endpoints": [teacher, {
                "role": "teacher", "url": "http://127.0.0.1:9/v1", "model": "a"}, both[0]]},
             "needs an endpoint with the role generator"),
            ({"build": {"sample": 3}}, "samples"),
            ({"build": {"samples": 2, "right": 2}}, "build.samples"),
            ({"build": {"temperatures": ["hot"]}}, "build.temperatures"),
            ({"build": {"min_overlap": 0.5, "max_overlap": 0.4}}, "build.min_overlap"),
            ({"answers": {"percents": "drop"}}, "percent"),
            ({"answers": {"kind": "exec"}}, "answers.exec"),
            ({"answers": {"kind": "text", "relative": 0.1}}, "answers.relative"),
        ]
        for settings, sentence in cases:
            with self.subTest(settings), \
                 e2e.Project("http://127.0.0.1:9/v1", known(2), **settings) as p:
                self.assertIn(sentence, p.run(status=e2e.EXIT_USAGE)[1])


if __name__ == "__main__":
    unittest.main(verbosity=2)
