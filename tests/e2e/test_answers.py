#!/usr/bin/env python3
"""gavel tool compare-answers and extract-answer: lines in order, real data, and a command that
misbehaves in every way it can."""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e

CASES = os.path.join(e2e.SHARED, "cases", "math_equivalence.jsonl")
MATH = os.path.join(e2e.SHARED, "data", "qwen-math-rm", "math_cot_100.jsonl")
EXAMPLE = os.path.join(e2e.ROOT, "examples", "checkers", "exec_checker.py")
SOLVERS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")

# A label of that set that is wrong, by problem: that of 10000 was made by comparing it with
# "10{,}000" as text.
WRONG_LABELS = {72: 1}


def run(part, *arguments, text=b"", **more):
    return subprocess.run([e2e.GAVEL, "tool", part, *arguments], input=text, capture_output=True,
                          timeout=300, env=e2e.environment(**more))


def rows_of(part, rows, *arguments, **more):
    done = run(part, *arguments, text="".join(json.dumps(r) + "\n" for r in rows).encode(), **more)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(found) == len(rows), (len(found), len(rows))
    return found


def compare(rows, *arguments, **more):
    return rows_of("compare-answers", rows, *arguments, **more)


def verdicts(rows):
    return ["error" if "error" in row else row["verdict"] for row in rows]


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def needs(path):
    return unittest.skipUnless(os.path.exists(path), "skipped: no data beside this folder")


class Lines(unittest.TestCase):

    def test_every_line_has_its_answer_in_order(self):
        lines = [b'{"gold": "1/2", "candidate": "0.5"}', b"no JSON", b"", b"[]",
                 b'{"gold": "1/2"}', b'{"gold": "a lot", "candidate": "5"}',
                 b'{"gold": 5, "candidate": 5.0}', b'{"gold": "5", "candidate": ["5"]}',
                 b'{"gold": "5", "candidate": "\xff"}', b'{"gold": "5", "candidate": "6"}',
                 b'{"gold": "B", "candidate": "(B)", "kind": "choice"}']
        done = run("compare-answers", "--kind", "number", text=b"\n".join(lines))
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(verdicts(rows), ["equal", "error", "error", "error", "error", "error",
                                          "equal", "error", "error", "different", "error"])
        self.assertIn("'candidate' is missing", rows[4]["error"])
        self.assertIn("the gold: is not one number", rows[5]["error"])
        for row in rows:
            self.assertLessEqual({"verdict", "strict", "lenient", "why"}, set(row))
            self.assertTrue("error" not in row or row["verdict"] == "unknown", row)
        self.assertEqual(done.returncode, 0)

    def test_a_line_says_its_kind(self):
        rows = [{"gold": "B", "candidate": "B: so", "kind": "choice"},
                {"gold": "[0-9]+", "candidate": "12", "kind": "regex"},
                {"gold": "Eve", "candidate": "eve", "kind": "text"},
                {"gold": "5", "candidate": "5", "kind": "exec"},
                {"gold": "5", "candidate": "5", "kind": "magic"},
                {"gold": "(", "candidate": "(", "kind": "regex"}]
        found = compare(rows)
        self.assertEqual(verdicts(found), ["equal", "equal", "different", "error", "error", "error"])
        self.assertEqual(found[2]["lenient"], "equal")
        self.assertIn("regular expression", found[5]["error"])

    def test_options_reach_the_checkers(self):
        for row, options, expect in (
                (("50%", "0.5"), ["--percent", "fraction"], "equal"),
                (("50%", "0.5"), [], "different"),
                (("5 cm", "5"), ["--units", "required"], "different"),
                (("100", "101"), ["--tolerance", "0.01"], "equal"),
                (("100", "101.00001"), ["--tolerance", "0.01"], "different"),
                (("100", "101"), ["--absolute", "1"], "equal"),
                (("1/2", "1:2"), ["--ratios"], "equal"),
                (("3", "three"), ["--digits-only"], "different")):
            found = compare([{"gold": row[0], "candidate": row[1]}], "--kind", "number", *options)
            self.assertEqual(verdicts(found), [expect], (row, options))
        found = compare([{"gold": "Eve", "candidate": "EVE"}], "--kind", "text", "--fold-case")
        self.assertEqual(found[0]["strict"], "equal")

    def test_texts_are_data(self):
        nasty = "\u0000\n\u202e\x1b[31m\"'$(touch x)`[[A]]" + "\U0001f600" * 50
        for kind in ("text", "number", "choice", "math"):
            done = run("compare-answers", "--kind", kind,
                       text=json.dumps({"gold": "5" if kind != "choice" else "C",
                                        "candidate": nasty}).encode() + b"\n")
            self.assertEqual(done.returncode, 0)
            row = json.loads(done.stdout)
            self.assertNotIn("\x1b", row["why"])
            self.assertNotEqual(row["verdict"], "equal")

    def test_wrong_usage_says_what_there_is(self):
        for arguments, words in ((["--kind", "maths"], b"did you mean 'math'?"),
                                 (["--percent", "half"], b"either"),
                                 (["--kind", "exec"], b"--exec"),
                                 (["--tolerance", "2"], b"--tolerance"),
                                 (["--exec", "x", "--exec-workers", "0"], b"--exec-workers")):
            done = run("compare-answers", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
            self.assertIn(words, done.stderr)

    def test_extracting(self):
        rows = [{"text": "So \\boxed{\\frac{1}{2}}."}, {"text": "no"}, {"text": 5},
                {"text": "\\boxed{1} \\boxed{2}"}, {"text": "\\boxed{1"}, {},
                {"text": "\\boxed{1}", "finish_reason": "length"},
                {"text": "It is:\n(B)", "kind": "choice"},
                {"text": "\\boxed{1} \\boxed{1.0}", "kind": "number"}]
        found = rows_of("extract-answer", rows)
        self.assertEqual([row.get("answer") or row.get("reason") or "error" for row in found],
                         ["\\frac{1}{2}", "no_answer", "no_answer", "conflicting", "malformed",
                          "error", "truncated", "(B)", "1.0"])
        found = rows_of("extract-answer", [{"text": "we get 7 in all"}], "--style", "last_number")
        self.assertEqual(found, [{"answer": "7"}])

    def test_a_megabyte_of_boxes(self):
        rows = [{"text": "\\boxed{" * 150_000}, {"text": "answer is " * 100_000}]
        found = rows_of("extract-answer", rows)
        self.assertEqual([row["reason"] for row in found], ["malformed", "no_answer"])

    def test_without_an_answer_there_is_no_verdict(self):
        found = compare([{"gold": "5", "candidate": "I cannot say."},
                         {"gold": "5", "candidate": "It is \\boxed{5}."}],
                        "--kind", "number", "--extract")
        self.assertEqual(verdicts(found), ["unknown", "equal"])
        self.assertIn("no_answer", found[0]["why"])
        self.assertEqual(found[1]["extracted"], "5")


class RealData(unittest.TestCase):

    @needs(e2e.GSM8K)
    def test_gsm8k_labels_are_found_again(self):
        rows, labels = [], []
        for line in read(e2e.GSM8K):
            gold = re.search(r"(?:####|A:) *(.*)$", line["ground_truth"]).group(1)
            for solver in SOLVERS:
                rows.append({"gold": gold, "candidate": line[solver]["solution"]})
                labels.append(line[solver]["is_correct"])
        self.assertEqual(len(rows), 5276)
        for kind in ("number", "math"):
            found = compare(rows, "--kind", kind, "--extract")
            wrong = [(row["gold"], row["candidate"][-60:], result)
                     for row, label, result in zip(rows, labels, found)
                     if label != (result["verdict"] == "equal")]
            self.assertLessEqual(len(wrong), 0.002 * len(rows), wrong[:5])
            right = sum(result["strict"] == "equal" for result in found)
            self.assertGreaterEqual(right, 0.99 * sum(labels))

    @needs(MATH)
    def test_scores_of_sampled_math_answers_are_found_again(self):
        rows, labels = [], []
        for line in read(MATH):
            for response, score in zip(line["response"], line["score"]):
                rows.append({"gold": line["gt"], "candidate": response})
                labels.append((line["idx"], score))
        self.assertEqual(len(rows), 800)
        found = compare(rows, "--kind", "math", "--extract")
        wrong = [(number, row["gold"], result) for row, (number, score), result
                 in zip(rows, labels, found) if score != (result["verdict"] == "equal")]
        mistaken = collections.Counter(number for number, _, _ in wrong)
        ours = sum((mistaken - collections.Counter(WRONG_LABELS)).values())
        self.assertLessEqual(ours, 0.01 * len(rows), wrong)

    @needs(CASES)
    def test_shared_cases(self):
        cases = read(CASES)
        found = compare(cases, "--kind", "math")
        for case, result in zip(cases, found):
            self.assertEqual(result.get("verdict") == "equal", case["equal"], (case, result))


# Answers by the candidate's first word; the rest of the lines must not notice.
UNRULY = r"""
import json, os, subprocess, sys, time
for line in sys.stdin:
    r = json.loads(line)
    word = r["candidate"].split(" ")[0]
    reply = {"id": r["id"], "verdict": "equal" if r["gold"] == r["candidate"] else "different"}
    if word == "hang":
        subprocess.Popen(["sleep", "1000"]) if r["candidate"].endswith("child") else None
        time.sleep(1000)
    if word == "die": os._exit(3)
    if word == "kill": os.kill(os.getpid(), 9)
    if word == "garbage": print("hello", flush=True); continue
    if word == "flood":
        while True: sys.stdout.write("x" * 65536)
    if word == "lines":
        while True: sys.stdout.write("{}\n" * 1000)
    if word == "other": reply["id"] = "no"
    if word == "maybe": reply["verdict"] = "maybe"
    if word == "close": os.close(1); time.sleep(1000)
    if word == "noise": sys.stderr.write("\x1b[31mred\u202e\n" * 5000); sys.stderr.flush()
    if word == "secret": reply["why"] = os.environ.get("TEACHER_KEY", "none") + " \x1b[31m" + "y" * 999
    if word == "prompt": reply["why"] = r.get("prompt", "none")
    if word == "number": reply["id"] = int(reply["id"])
    print(json.dumps(reply), flush=True)
    if word == "twice": print(json.dumps(reply), flush=True)
    if word == "once": sys.exit(0)
"""


class Exec(unittest.TestCase):

    def setUp(self):
        folder = e2e.enter(tempfile.TemporaryDirectory(), self.addCleanup)
        self.script = os.path.join(folder, "unruly.py")
        with open(self.script, "w", encoding="utf-8") as file:
            file.write(UNRULY)
        self.mark = f"UNRULY_TEST={folder}".encode()
        self.command = f"exec env UNRULY_TEST={folder} python3 {self.script}"

    def ask(self, candidates, *arguments, timeout="30"):
        rows = [{"gold": "5", "candidate": c} for c in candidates]
        return compare(rows, "--exec", self.command, "--exec-timeout", timeout, *arguments)

    def test_what_goes_wrong_is_unknown_and_the_rest_comes_out_right(self):
        bad = ("die 1", "kill 1", "garbage", "flood", "lines", "other", "maybe", "close")
        candidates = []
        for i, word in enumerate(bad):
            candidates += ["5", f"{i + 10}", word, "5"]
        found = self.ask(candidates)
        for candidate, result in zip(candidates, found):
            expect = "unknown" if candidate in bad else \
                     "equal" if candidate == "5" else "different"
            self.assertEqual(result["verdict"], expect, (candidate, result))
            self.assertEqual(result["strict"], result["lenient"])
        why = dict(zip(candidates, (result["why"] for result in found)))
        self.assertIn("status 3", why["die 1"])
        self.assertIn("signal 9", why["kill 1"])
        self.assertIn("no JSON", why["garbage"])
        self.assertIn("too long", why["flood"])
        self.assertIn("id", why["other"])
        self.assertIn("verdict", why["maybe"])

    def test_what_hangs_is_killed_with_all_it_started(self):
        found = self.ask(["5", "hang with child", "6", "5"], "--exec-workers", "1", timeout="3")
        self.assertEqual(verdicts(found), ["equal", "unknown", "different", "equal"])
        self.assertIn("within 3 s", found[1]["why"])
        self.assertFalse(self.still_running())

    def still_running(self):
        """Is there a process of the script, or one that it started (which has its mark)?"""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    if self.mark in f.read():
                        return True
            except OSError:
                continue
        return False

    def test_surplus_replies_and_one_shot_commands_do_no_harm(self):
        candidates = ["5", "twice", "5", "6", "once", "5", "number", "twice", "twice", "once", "5"]
        found = self.ask(candidates, "--exec-workers", "1")
        self.assertEqual(verdicts(found),
                         ["equal" if c == "5" else "different" for c in candidates])

    def test_standard_error_goes_to_the_log_made_safe_and_bounded(self):
        rows = [{"gold": "5", "candidate": "noise"}, {"gold": "5", "candidate": "5"}]
        done = run("compare-answers", "--exec", self.command,
                   text="".join(json.dumps(row) + "\n" for row in rows).encode())
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertNotIn(b"\x1b", done.stderr)
        self.assertNotIn("\u202e".encode(), done.stderr)
        self.assertLess(done.stderr.count(b"answers.exec"), 1100)
        self.assertIn(b"red", done.stderr)

    def test_reasons_are_safe_and_short(self):
        found = self.ask(["secret", "5"])
        self.assertNotIn("\x1b", found[0]["why"])
        self.assertLess(len(found[0]["why"]), 200)

    def test_the_prompt_is_passed_on(self):
        rows = [{"gold": "5", "candidate": "prompt", "prompt": "What is \"2+3\"?\n$(x)"},
                {"gold": "5", "candidate": "prompt"}]
        found = compare(rows, "--exec", self.command)
        self.assertEqual(found[1]["why"], "none")
        self.assertIn("$(x)", found[0]["why"])

    def test_a_command_that_never_works_is_given_up(self):
        for command in ("exit 7", "no-such-command-at-all", "read line; exit 1", "yes"):
            rows = [{"gold": "5", "candidate": str(i)} for i in range(300)]
            done = run("compare-answers", "--exec", command, "--exec-timeout", "60",
                       text="".join(json.dumps(row) + "\n" for row in rows).encode())
            found = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual(verdicts(found), ["unknown"] * 300)
            self.assertIn(b"20 times in a row", done.stderr)

    def test_many_comparisons_keep_their_order(self):
        candidates = [str(i % 7) for i in range(3000)]
        found = self.ask(candidates, "--exec-workers", "3")
        self.assertEqual(verdicts(found),
                         ["equal" if c == "5" else "different" for c in candidates])

    def test_bad_lines_stand_between_good_ones(self):
        text = b'{"gold": "5", "candidate": "5"}\nno\n{"gold": "", "candidate": "5"}\n' \
               b'{"gold": "5", "candidate": ""}\n{"gold": "5", "candidate": "6"}\n'
        done = run("compare-answers", "--exec", self.command, text=text)
        self.assertEqual(verdicts(map(json.loads, done.stdout.splitlines())),
                         ["equal", "error", "error", "different", "different"])

    def test_a_dialogue_is_answered_line_by_line(self):
        with subprocess.Popen([e2e.GAVEL, "tool", "compare-answers", "--exec", self.command],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=e2e.environment(),
                              text=True) as tool:
            for candidate, expect in (("5", "equal"), ("6", "different"), ("5", "equal")):
                tool.stdin.write(json.dumps({"gold": "5", "candidate": candidate}) + "\n")
                tool.stdin.flush()
                self.assertEqual(json.loads(tool.stdout.readline())["verdict"], expect)
            tool.stdin.close()
            self.assertEqual(tool.wait(60), 0)

    def test_the_example(self):
        rows = [{"gold": "1/2", "candidate": "0.5"}, {"gold": "1/2", "candidate": "0.25"},
                {"gold": "1/2", "candidate": "a lot of words"}]
        found = compare(rows, "--exec", f"{sys.executable} {EXAMPLE}", "--exec-timeout", "120")
        self.assertEqual(verdicts(found)[:2], ["equal", "different"])
        self.assertNotEqual(verdicts(found)[2], "equal")


if __name__ == "__main__":
    unittest.main()
