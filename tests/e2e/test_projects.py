#!/usr/bin/env python3
"""Project files and secrets: what a mistake is answered with, and what never leaves."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
from referee_teacher import Table, Teacher, error, pairs_of

SEEDS = e2e.sums(8)
NOWHERE = "http://127.0.0.1:9/v1"
SECRET = "sk-referee-7f3c9b1e5d2a4860"
PROJECT = """\
name: e2e
store: judge.db
seeds:
  - {path: seeds.jsonl}
endpoints:
  - {role: teacher, url: "http://127.0.0.1:9/v1", model: referee}
"""


class Mistakes(unittest.TestCase):

    def refused(self, text, *arguments, **options):
        with e2e.Project(NOWHERE, SEEDS) as project:
            project.write(text)
            _, err = project.run(*arguments, status=e2e.EXIT_USAGE, **options)
            self.assertFalse(os.path.exists(project.store_path), "a store was made")
            return err

    def test_a_misspelt_key_is_named_with_its_place_and_the_nearest_one(self):
        err = self.refused(PROJECT + "calibraton: 0.1\n")
        for word in ("gavel.yaml:7:1", "calibraton", "calibration"):
            self.assertIn(word, err)

    def test_a_misspelt_key_of_a_section(self):
        err = self.refused(PROJECT + "accept:\n  k: 3\n  kep_per_order: 2\n")
        for word in ("gavel.yaml:9:3", "kep_per_order", "keep_per_order"):
            self.assertIn(word, err)

    def test_a_misspelt_override(self):
        err = self.refused(PROJECT, "--set", "acept.k=1")
        for word in ("acept", "accept"):
            self.assertIn(word, err)

    def test_a_value_out_of_its_bounds(self):
        err = self.refused(PROJECT + "accept: {k: 5, n: 4}\n")
        for word in ("gavel.yaml:7", "accept.k", "accept.n"):
            self.assertIn(word, err)

    def test_a_file_that_is_no_yaml(self):
        self.assertIn("gavel.yaml:3", self.refused("name: x\nseeds: [\n  - {a: b\n"))

    def test_a_key_given_twice(self):
        self.assertIn("gavel.yaml:7:1", self.refused(PROJECT + "name: again\n"))

    def test_what_comes_later_is_refused_by_a_sentence(self):
        text = "budget: {cost_usd: 1}"
        self.assertIn("this version", self.refused(PROJECT + text + "\n"))

    def test_an_environment_variable_that_is_not_set_is_named(self):
        text = PROJECT.replace("model: referee", "model: referee, api_key_env: REFEREE_KEY")
        self.assertIn("REFEREE_KEY", self.refused_late(text))

    def test_a_key_file_that_is_not_there_is_named(self):
        text = PROJECT.replace("model: referee", "model: referee, api_key_file: /no/such/key")
        self.assertIn("/no/such/key", self.refused_late(text))

    def refused_late(self, text):
        with e2e.Project(NOWHERE, SEEDS) as project:
            project.write(text)
            return project.run(status=e2e.EXIT_USAGE)[1]

    def test_no_project_there(self):
        with e2e.Project(NOWHERE, SEEDS) as project:
            _, err = project.gavel("run", project.path("nothing.yaml"), status=e2e.EXIT_USAGE)
            self.assertIn("nothing.yaml", err)

    def test_seeds_that_are_not_there(self):
        text = PROJECT.replace("seeds.jsonl", "absent.jsonl")
        with e2e.Project(NOWHERE, SEEDS) as project:
            project.write(text)
            _, err = project.run(status=e2e.EXIT_USAGE)
            self.assertIn("absent.jsonl", err)


class Secrets(unittest.TestCase):
    """A key is seen by the teacher, and nowhere else."""

    def teacher(self, **options):
        return Teacher(pairs_of(SEEDS), Table(1, (0.9, 0.9)), key=SECRET, **options)

    def project(self, teacher, **key):
        return e2e.Project(teacher.url, SEEDS,
                           endpoints=[{"url": teacher.url, "model": "referee", **key}])

    def assert_unseen(self, project):
        secret = SECRET.encode()
        for folder, _, names in os.walk(project.dir):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    self.assertNotIn(secret, f.read(), name)

    def command_lines(self, process):
        pids = [process.pid] + e2e.children(process.pid)
        lines = []
        for pid in pids:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                lines.append(f.read())
        return lines

    def test_a_key_from_the_environment(self):
        with self.teacher(latency=(0.1, 0.2)) as teacher, \
             self.project(teacher, api_key_env="REFEREE_KEY") as project:
            run = project.start_run(env=e2e.environment(REFEREE_KEY=SECRET))
            e2e.wait_until(lambda: teacher.in_flight > 0, "calls in flight")
            lines = self.command_lines(run)
            self.assertEqual(len(lines), 2, "the run and its worker")
            self.assertNotIn(SECRET.encode(), b"".join(lines))
            project.ended(run, e2e.EXIT_COMPLETE)
            self.assertEqual({c.headers["authorization"] for c in teacher.log},
                             {f"Bearer {SECRET}"})
            self.assert_unseen(project)

    def test_a_key_from_a_file(self):
        with self.teacher() as teacher, e2e.Project(NOWHERE, []) as elsewhere:
            with open(elsewhere.path("key"), "w", encoding="ascii") as f:
                f.write(SECRET + "\n")
            with self.project(teacher, api_key_file=elsewhere.path("key")) as project:
                project.run()
                self.assert_unseen(project)

    def test_a_key_file_is_relative_to_the_project_for_workers_too(self):
        with self.teacher() as teacher, \
             self.project(teacher, api_key_file="key") as project:
            with open(project.path("key"), "w", encoding="ascii") as f:
                f.write(SECRET + "\n")
            run = project.start("run", project.dir, cwd="/")
            project.ended(run, e2e.EXIT_COMPLETE)
            self.assertEqual({c.headers["authorization"] for c in teacher.log},
                             {f"Bearer {SECRET}"})

    def test_a_key_in_the_place_of_its_variable_is_not_repeated(self):
        with self.teacher() as teacher, self.project(teacher, api_key_env=SECRET) as project:
            _, err = project.run(status=e2e.EXIT_USAGE)
            self.assertIn("name of an environment variable", err)
            self.assertNotIn(SECRET, err)

    def test_a_teacher_that_repeats_the_key(self):
        """Some servers quote the key they refuse, and some gateways the whole request."""
        def refuse(call, _):
            call.kind = "400"
            return error(400, f"cannot serve: authorization: Bearer {SECRET} is not for this")
        with self.teacher(script=refuse) as teacher, \
             self.project(teacher, api_key_env="REFEREE_KEY") as project:
            _, err = project.run(env=e2e.environment(REFEREE_KEY=SECRET))
            self.assertEqual(project.counter("pairs.deferred"), len(SEEDS))
            detail = project.query("SELECT detail FROM v_pairs")[0][0]
            self.assertIn("cannot serve", detail)
            self.assertNotIn(SECRET, err)
            self.assert_unseen(project)

    def test_a_key_in_the_url_is_refused(self):
        with e2e.Project(f"http://me:{SECRET}@127.0.0.1:9/v1", SEEDS) as project:
            _, err = project.run(status=e2e.EXIT_USAGE)
            self.assertIn("api_key_env", err)
            self.assertNotIn(SECRET, err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
