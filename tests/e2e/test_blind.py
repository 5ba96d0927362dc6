#!/usr/bin/env python3
"""The prompt-blind baseline of `gavel import` and `gavel report`: planted cues are found, named and
warned of; labels by chance are not; text is data."""
import json
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e

PAIRS = 200
GSM8K = os.path.join(os.environ.get("GAVEL_SHARED", ""), "data", "gsm8k",
                     "example_model_solutions.jsonl")


def sentence(rng, n=25):
    return " ".join(f"word{rng.randrange(1 + rng.randrange(60))}" for _ in range(n))


def seeds():
    rng = random.Random(4)
    lines = []
    for i in range(PAIRS):
        pair = {"prompt": f"Question {i}: {sentence(rng, 8)}?", "chosen": sentence(rng),
                "rejected": sentence(rng)}
        lines.append({**pair, "source": "fair"})
        lines.append({**pair, "source": "marked\u202e\n\u001b[31m",
                      "rejected": pair["rejected"] + " \u001b[2J\u202eevil marker"})
        lines.append({**pair, "source": "long", "chosen": pair["chosen"] + " " + sentence(rng, 20)})
        if i < 20:
            lines.append({**pair, "source": "few", "prompt": f"Another {i}?"})
    return lines


class Blind(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.project = e2e.enter(e2e.Project("http://unused/v1", seeds()), cls.addClassCleanup)
        cls.first = json.loads(cls.project.gavel("import", cls.project.dir, "--json")[0])
        cls.sources = {s["source"]: s for s in cls.first["prompt_blind"]["sources"]}

    def test_it_stands_in_the_report_of_an_import(self):
        self.assertEqual(self.first["pairs"], 3 * PAIRS + 20)
        self.assertTrue(self.first["prompt_blind"]["whole"])
        self.assertEqual(len(self.sources), 4)
        for source in self.sources.values():
            if not source["enough"]:
                continue
            for share in (source["learned"], source["prompt_overlap"],
                          *source["more_wins"].values()):
                low, high = share["accuracy_interval"]
                self.assertTrue(0 <= low <= share["accuracy"] <= high + 1e-9 <= 1 + 1e-9, share)
            self.assertEqual((source["pairs"], source["prompts"]), (PAIRS, PAIRS))
            self.assertTrue(source["prompt_overlap"]["reads_prompt"])

    def test_a_fair_source_gets_no_warning(self):
        low, high = self.sources["fair"]["learned"]["accuracy_interval"]
        self.assertTrue(low <= 0.5 <= high)
        self.assertEqual(self.sources["fair"]["warnings"], [])

    def test_a_marker_is_named_and_made_safe(self):
        marked, = (s for name, s in self.sources.items() if name.startswith("marked"))
        self.assertGreater(marked["learned"]["accuracy"], 0.95)
        words = [w["words"] for w in marked["learned"]["rejected_words"]]
        self.assertIn("marker", words)
        self.assertTrue(all(c.isprintable() for w in words for c in w), words)
        warning, = marked["warnings"]
        self.assertIn("without the prompt", warning)
        self.assertTrue(warning.isprintable())

    def test_length_is_the_strongest_cue_where_it_is_one(self):
        source = self.sources["long"]
        self.assertIn(source["strongest_cue"], ("more characters", "more words"))
        self.assertGreater(source["more_wins"]["words"]["accuracy"], 0.99)
        self.assertIn(source["strongest_cue"], source["warnings"][0])

    def test_few_pairs_are_too_few_to_tell(self):
        self.assertFalse(self.sources["few"]["enough"])
        self.assertEqual(self.sources["few"]["pairs"], 20)

    def test_a_second_import_and_the_report_say_the_same(self):
        again = json.loads(self.project.gavel("import", self.project.dir, "--json")[0])
        self.assertEqual(again["added"], 0)
        self.assertEqual(again["prompt_blind"], self.first["prompt_blind"])
        report = json.loads(self.project.gavel("report", self.project.dir, "--json")[0])
        self.assertEqual(report["prompt_blind"], self.first["prompt_blind"])

    def test_people_read_it_too(self):
        for command in ("import", "report"):
            text = self.project.gavel(command, self.project.dir)[0]
            self.assertIn("guessed without the prompt", text)
            self.assertIn("too few to tell", text)
            self.assertIn("warning: source 'long'", text)
            self.assertNotIn("warning: source 'fair'", text)
            self.assertTrue(all(line.isprintable() for line in text.splitlines()), text)

    def test_it_can_be_left_out(self):
        said = json.loads(self.project.gavel("import", self.project.dir, "--json",
                                             "--no-baseline")[0])
        self.assertNotIn("prompt_blind", said)

    def test_a_store_without_pairs(self):
        with e2e.Project("http://unused/v1", [{"prompt": "2 + 2?", "answer": "4"}]) as project:
            said = json.loads(project.gavel("import", project.dir, "--json")[0])
            self.assertEqual(said["prompt_blind"], {"visited": 0, "whole": True,
                                                    "passed_over": 0, "sources": []})
            self.assertNotIn("guessed", project.gavel("import", project.dir)[0])

    @unittest.skipUnless(os.path.isfile(GSM8K), "no GSM8K beside the project")
    def test_model_solutions_of_gsm8k_are_hard_to_guess(self):
        with e2e.Project("http://unused/v1", []) as project:
            said = json.loads(project.gavel("import", project.dir, GSM8K, "--json")[0])
            source, = said["prompt_blind"]["sources"]
            self.assertEqual(source["pairs"], 731)
            low, high = source["learned"]["accuracy_interval"]
            self.assertTrue(0.5 < high and low < 0.6, source["learned"])
            self.assertEqual(source["warnings"], [])


if __name__ == "__main__":
    unittest.main()
