#!/usr/bin/env python3
"""Runs that build pairs for prompts without one: labels, evidence, counts and calls are checked
again from the stored answers and from the generator's log."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import building
import gavel_e2e as e2e
from building import Generator, known, open_ones

TRUST = {"bakery": "verified", "poems": "synthetic"}


class Building(unittest.TestCase):
    def build(self, generator, **settings):
        generator.project.change(**settings)
        generator.project.run()
        return building.check_all(self, generator, **{
            k: v for k, v in settings.get("build", {}).items() if k in building.FRUGAL})

    def check_rows(self, project):
        for kind in ("sft", "dpo", "rl"):
            rows = [row for _, row in project.rows(kind)]
            self.assertTrue(rows)
            ids = {p["id"]: TRUST["bakery" if p["gold"] else "poems"]
                   for p in building.pairs(project)}
            for row in rows:
                self.assertEqual(row["trust"], ids[row["pair_id"]])
                self.assertEqual(TRUST[row["source"]], row["trust"])

    def check_nothing_is_left(self, generator):
        """A second run makes no call and changes no byte of the release."""
        project, before = generator.project, len(generator.log())
        manifest = project.manifest()
        project.run()
        self.assertEqual(len(generator.log()), before)
        self.assertEqual(project.manifest(), manifest)

    def test_pairs_of_known_answers(self):
        with Generator(known(60), "--hard-prompts", "0.1", "--easy-prompts", "0.1",
                       "--p-no-answer", "0.05", "--p-conflict", "0.05") as g:
            status, built = self.build(g)
            self.assertEqual(status["builds"]["built"], len(built))
            self.assertGreater(len(built), 40)
            written = g.written()
            self.assertEqual(len(written), g.project.counter("samples.total"))
            self.assertEqual({line["seen"] for line in written}, {1})
            self.check_rows(g.project)
            for name in ("known-1", "known-7"):
                building.check_show(self, g.project, name)
            self.check_nothing_is_left(g)

    def test_pairs_of_open_prompts(self):
        with Generator(open_ones(60), "--p-unparseable", "0.2", "--p-identical", "0.2",
                       "--p-off-topic", "0.2") as g:
            status, built = self.build(g)
            marks = {x["mark"] for group in building.stored_samples(g.project).values() for x in group}
            self.assertLessEqual({"usable", "unparseable", "identical", "off_topic"}, marks)
            self.assertGreater(len(built), 40)
            self.assertEqual(status["builds"]["failed"], 60 - len(built))
            self.assertEqual(len(g.written()), g.project.counter("samples.total"))
            self.check_rows(g.project)
            building.check_show(self, g.project, "open-0")
            self.check_nothing_is_left(g)

    def test_bounds_on_overlap_decide_again_without_a_call(self):
        with Generator(open_ones(30), "--p-off-topic", "0.3") as g:
            self.build(g, build={"modifications": 1, "min_overlap": 0.3, "max_overlap": 0.31})
            p = g.project
            marks = [x["mark"] for group in building.stored_samples(p).values() for x in group]
            self.assertIn("too_close", marks)
            self.assertEqual(building.pairs(p), [])
            before = len(g.written())
            status, built = self.build(g, build={"max_overlap": 0.95})
            self.assertEqual(len(g.written()), before)
            off = marks.count("off_topic")
            self.assertEqual((len(built), status["builds"]["failed"]), (30 - off, off))
            self.assertEqual({s["reason"] for s in building.seeds(p).values()},
                             {"built", "no_modified"})

    def test_several_pairs_of_one_prompt(self):
        for pick in ("random", "closest_length", "frequent_wrong"):
            with self.subTest(pick), Generator(known(12)) as g:
                want = {"samples": 16, "right": 3, "wrong": 3, "pairs": 3, "pick": pick}
                self.build(g, build=want)
                of = {}
                for p in building.pairs(g.project):
                    of.setdefault(p["seed"], []).append(p)
                self.assertEqual(len(of), 12)
                for some in of.values():
                    self.assertLessEqual(len(some), 3)
                    self.assertEqual(len({(p["chosen"], p["rejected"]) for p in some}), len(some))
                if pick == "random": # answers are used again only when all stand in a pair
                    self.assertTrue(all(len({p["chosen"] for p in some}) == len(some)
                                        for some in of.values()))
                self.check_nothing_is_left(g)

    def test_samples_that_share_a_request(self):
        """At one temperature several answers may come with one request."""
        with Generator(known(20)) as g:
            self.build(g, build={"samples": 16, "right": 2, "wrong": 2, "temperatures": []},
                       generation={"per_request": 4})
            calls = g.solved()
            self.assertLess(len(calls), g.project.counter("samples.total"))
            self.assertEqual(sum(len(c["choices"]) for c in calls),
                             g.project.counter("samples.total"))
            g.project.run()
            self.assertEqual(len(g.solved()), len(calls))

    def test_what_is_switched_off_is_left_open(self):
        with Generator(known(5) + open_ones(5)) as g:
            status, _ = self.build(g, build={"open": False})
            self.assertEqual((status["builds"]["open"], status["builds"]["built"]), (5, 5))
            self.assertEqual({c["ask"] for c in g.written()}, {"answer"})
            status, _ = self.build(g, build={"open": True})
            self.assertEqual(status["builds"]["built"], 10)

    def test_who_measures_builds_nothing(self):
        seeds = known(5) + open_ones(5) + e2e.sums(3)
        with Generator(seeds) as g:
            g.project.change(purpose="evaluate", export={"dir": ""})
            g.project.run()
            status = g.project.status()
            self.assertEqual(g.written(), [])
            self.assertEqual((status["builds"]["open"], status["pairs"]["total"]), (10, 3))


if __name__ == "__main__":
    unittest.main(verbosity=2)
