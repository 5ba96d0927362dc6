#!/usr/bin/env python3
"""The project files of examples/ are right, and run as their comments say."""
import glob
import json
import os
import re
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e
import sim_teacher

EXAMPLES = os.path.join(e2e.ROOT, "examples")
PROJECTS = sorted(glob.glob(os.path.join(EXAMPLES, "projects", "*.yaml")))
TEACHERS = {  # what their comments start, beside the truth
    "pairwise_and_pointwise": (), "self_taught": (), "reflection": ("--prefill", "trailing", "--echo"),
    "build_pairs": ("--truth", os.path.join(EXAMPLES, "quickstart", "prompts.jsonl"),
                    "--p-answer", "0.6"),
    "evaluate": ("--model", "strong=0.9", "--model", "weak=0.7"),
}


class Examples(unittest.TestCase):

    def copy(self, path):
        """A project of its own with the example's file and the seeds where it looks for them."""
        project = e2e.enter(e2e.Project("http://127.0.0.1:9/v1", []), self.addCleanup)
        os.makedirs(project.path("examples", "projects"))
        os.makedirs(project.path("examples", "quickstart"))
        shutil.copy(path, project.path("examples", "projects"))
        with open(e2e.QUICKSTART, encoding="utf-8") as f, \
             open(project.path("examples", "quickstart", "seeds.jsonl"), "w",
                  encoding="utf-8") as to:
            to.writelines(f.readlines()[::6])  # of every domain
        shutil.copy(os.path.join(EXAMPLES, "quickstart", "prompts.jsonl"),
                    project.path("examples", "quickstart"))
        return project, project.path("examples", "projects", os.path.basename(path))

    def test_every_example_is_listed_and_tried_here(self):
        names = {os.path.splitext(os.path.basename(p))[0] for p in PROJECTS}
        self.assertEqual(names, set(TEACHERS))
        with open(os.path.join(EXAMPLES, "README.md"), encoding="utf-8") as f:
            text = f.read()
        for name in names:
            self.assertIn(f"`projects/{name}.yaml`", text)

    def test_every_project_file_is_right(self):
        for path in PROJECTS + [os.path.join(EXAMPLES, "quickstart", "gavel.yaml")]:
            with self.subTest(os.path.basename(path)):
                project, copied = self.copy(path)
                if path.endswith("gavel.yaml"):
                    shutil.copy(e2e.QUICKSTART, os.path.dirname(copied))
                out, err = project.gavel("check", copied, "--offline")
                self.assertIn("all keys are right", out)
                self.assertEqual(err, "")
                self.assertFalse(glob.glob(os.path.join(os.path.dirname(copied), "*.db")))

    def test_every_project_runs_before_the_simulated_teacher(self):
        for path in PROJECTS:
            name = os.path.splitext(os.path.basename(path))[0]
            with self.subTest(name), sim_teacher.SimTeacher(*TEACHERS[name]) as teacher:
                project, copied = self.copy(path)
                self.run_example(project, copied, name, teacher)

    def run_example(self, project, copied, name, teacher):
        with open(copied, encoding="utf-8") as f:
            urls = len(re.findall(r"^  - {role: [a-z]+, url", f.read(), re.M))
        sets = [x for i in range(urls) for x in ("--set", f"endpoints[{i}].url={teacher.url}")]
        project.gavel("run", copied, *sets)
        status = json.loads(project.gavel("status", copied, "--json")[0])
        self.assertEqual(status["pairs"]["open"] + status["pairs"]["deferred"], 0)
        out = os.path.join(os.path.dirname(copied), f"{name}.out")
        project.gavel("report", copied)
        if name == "evaluate":
            self.assertFalse(os.path.exists(out))
            return
        project.gavel("verify", out)
        self.assertGreater(len(project.rows("sft", out)), 20)


if __name__ == "__main__":
    unittest.main(verbosity=2)
