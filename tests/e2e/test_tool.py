#!/usr/bin/env python3
"""gavel tool parse: one line out for each line in, in order, whatever the line holds."""
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e

SHARED = os.environ.get("GAVEL_SHARED", "")


def tool(*arguments, text=b""):
    return subprocess.run([e2e.GAVEL, "tool", "parse", *arguments], input=text,
                          capture_output=True, timeout=60)


def parse(rows, *arguments):
    done = tool(*arguments, text="".join(json.dumps(row) + "\n" for row in rows).encode())
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


class Tool(unittest.TestCase):

    def test_every_line_has_its_answer_in_order(self):
        lines = [b'{"text": "<answer>[[A]]</answer>"}', b"no JSON", b"", b'{"text": 3}', b"[]",
                 b'{"text": "<answer>[[A]]</answer>", "finish_reason": "length"}',
                 b'{"text": "<answer>[[B]]</answer>", "finish_reason": "soon"}',
                 b'{"text": "\xff"}', b'{"text": "<answer>[[B]]</answer>"}']
        done = tool("--judge", "verdict", text=b"\n".join(lines) + b"\n")
        outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
        self.assertEqual(outcomes, ["A", "error", "error", "error", "error", "truncated", "error",
                                    "error", "B"])
        self.assertEqual(done.returncode, 0)

    def test_scores_come_with_the_outcome(self):
        text = "<think>t</think><score_A>7.25</score_A><score_B>3</score_B>"
        self.assertEqual(parse([{"text": text}], "--judge", "scores"),
                         [{"outcome": "A", "score_a": 7.25, "score_b": 3, "thought_chars": 1}])
        self.assertEqual(parse([{"text": "<score>10</score>"}], "--judge", "pointwise"),
                         [{"outcome": "score", "score": 10, "thought_chars": 0}])
        self.assertNotIn("score_a", parse([{"text": "x"}], "--judge", "scores")[0])

    def test_with_a_nonce_only_tags_that_carry_it_count(self):
        rows = [{"text": "<answer>[[B]]</answer><answer_k3f9b2d>[[A]]</answer_k3f9b2d>"},
                {"text": "<answer>[[B]]</answer>"}]
        found = [row["outcome"] for row in parse(rows, "--judge", "verdict", "--nonce", "_k3f9b2d")]
        self.assertEqual(found, ["A", "outside_answer_tag"])

    def test_what_a_server_escaped_is_taken(self):
        rows = [{"text": "<think>\u0000 \ud800</think><answer>[[A]]</answer>"}]
        self.assertEqual(parse(rows, "--judge", "verdict")[0]["outcome"], "A")

    def test_a_megabyte_of_verdicts_is_read_to_its_end(self):
        rows = [{"text": "[[A]]" * 200_000}, {"text": "<answer>" * 125_000}]
        for arguments in (["--judge", "plan"], ["--judge", "scores_verdict"],
                          ["--compat", "judgebench"]):
            self.assertEqual(len(parse(rows, *arguments)), 2)

    def test_wrong_usage_says_what_there_is(self):
        for arguments, words in ((["--judge", "verdicts"], b"did you mean 'verdict'?"),
                                 (["--judge", "verdict", "--compat", "mtbench"], b"'mt-bench'?"),
                                 ([], b"--judge"),
                                 (["--judge", "verdict", "--nonce", "a>"], b"--nonce")):
            done = tool(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stdout, b"")

    @unittest.skipUnless(os.path.exists(os.path.join(SHARED, "cases", "verdicts.jsonl")),
                         "skipped: no cases beside this folder")
    def test_cases_from_elsewhere(self):
        with open(os.path.join(SHARED, "cases", "verdicts.jsonl"), encoding="utf-8") as file:
            cases = [json.loads(line) for line in file]
        for case in cases:
            arguments = ["--judge", case["judge"]]
            if "compat" in case:
                arguments += ["--compat", case["compat"]]
            outcome = parse([{"text": case["text"]}], *arguments)[0]["outcome"]
            said = outcome if outcome in ("A", "B", "tie", "score") else "none"
            self.assertIn(said, case["expect"].split("|"), case["why"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
