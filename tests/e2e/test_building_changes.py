#!/usr/bin/env python3
"""Other rules for pairs that are built: stored answers are checked again without a call, failed
prompts get their pair, and labels that do not hold any more are withdrawn until they do."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import building
import gavel_e2e as e2e
from author import Author, boxed

# What is sampled for each prompt, and whether that makes a pair: as mathematics, as plain text.
CASES = {
    "math only": ("0.5", "!3"),  # as text both are wrong
    "text only": ("1/2", "!0.5"),  # as mathematics both are right
    "both": ("1/2", "!4"),
    "neither": ("2", "!3"),
}
SEEDS = [{"id": name, "prompt": f"What is half of one? ({name})", "answer": "1/2"}
         for name in CASES]
MATH, TEXT = {"kind": "auto"}, {"kind": "text"}
BUILD = {"samples": 2}


def write(request, i):
    name = request.prompt.rsplit("(", 1)[1].rstrip(")")
    return f"{boxed(*CASES[name])(request, i)} ({request.model})"


CHECKER = """import json, sys
from fractions import Fraction
for line in sys.stdin:
    r = json.loads(line)
    same = {same}
    print(json.dumps({{"id": r["id"], "verdict": "equal" if same else "different"}}), flush=True)
"""
AS_NUMBERS = 'Fraction(r["gold"]) == Fraction(r["candidate"])'
AS_TEXT = 'r["gold"] == r["candidate"]'


class Changes(unittest.TestCase):
    def setUp(self):
        self.author = e2e.enter(Author(write), self.addCleanup)
        self.p = e2e.enter(self.author.project(SEEDS, build=BUILD), self.addCleanup)
        self.p.run()
        self.calls = {kind: len(self.author.of(kind)) for kind in ("answer", "judge")}
        self.assertEqual(self.calls["answer"], 2 * len(SEEDS))

    def states(self):
        return {p["seed"]: p["state"] for p in building.pairs(self.p)}

    def reasons(self):
        return {name: s["reason"] for name, s in building.seeds(self.p).items()}

    def released(self):
        return {kind: {json.loads(row["prompt"] if isinstance(row["prompt"], str)
                                  else json.dumps(row["prompt"]))[-1]["content"]
                       .split("(", 1)[1].split(")", 1)[0] for _, row in self.p.rows(kind)}
                for kind in ("sft", "rl")}

    def check(self, names, counts=True):
        """Only these have a pair that may leave, and it does."""
        self.assertEqual({n for n, state in self.states().items() if state == "accepted"}, names)
        self.assertEqual(self.released(), {"sft": names, "rl": names})
        if counts:
            building.check_counts(self, self.p)
        self.assertEqual(len(self.author.of("answer")), self.calls["answer"], "asked once more")

    def test_to_other_rules_and_back_at_the_next_runs(self):
        self.check({"math only", "both"})
        self.assertEqual(self.reasons(), {"math only": "built", "text only": "all_right",
                                          "both": "built", "neither": "all_wrong"})
        before = {p["id"]: p["state"] for p in building.pairs(self.p)}
        self.p.change(answers=TEXT)
        said = self.p.run()[1]
        self.assertIn("1 pairs lost their label, 0 have it back, 1 are new", said)
        self.check({"text only", "both"})
        self.assertEqual(self.reasons(), {"math only": "all_wrong", "text only": "built",
                                          "both": "built", "neither": "all_wrong"})
        reasons = self.p.query("SELECT d.reason, d.detail FROM v_pairs v JOIN decisions d "
                               "ON d.decision = (SELECT max(decision) FROM decisions x "
                               "WHERE x.pair = v.pair) WHERE v.reason = 'label_withdrawn'")
        self.assertEqual(len(reasons), 1)
        self.assertIn("the chosen answer is wrong", reasons[0][1])
        status = self.p.status()
        self.assertEqual(status["pairs"]["rejected"], 1)
        judged = len(self.author.of("judge"))
        self.p.change(answers=MATH)
        self.p.run()
        self.check({"math only", "both"})
        self.assertEqual(len(self.author.of("judge")), judged)
        states = {p["id"]: p["state"] for p in building.pairs(self.p)}
        self.assertEqual({id: states[id] for id in before}, before)
        self.p.run()
        self.check({"math only", "both"})

    def test_refilter_builds_withdraws_and_gives_back(self):
        self.p.change(answers=TEXT)
        said = self.p.gavel("refilter", self.p.dir)[0]
        self.assertIn("8 sampled answers of 4 prompts looked at, 2 are worth something else now",
                      said)
        self.assertIn("1 pairs lost their label", said)
        self.assertIn("1 pairs were built of stored answers", said)
        self.assertEqual(self.states(), {"math only": "rejected", "text only": "open",
                                         "both": "accepted"})
        building.check_counts(self, self.p)
        self.assertNotIn("sampled answers", self.p.gavel("refilter", self.p.dir)[0])
        self.p.gavel("export", self.p.dir)
        self.assertNotIn("math only", self.released()["rl"])
        self.assertEqual(len(self.author.log), sum(self.calls.values()))
        self.p.change(answers=MATH)
        said = self.p.gavel("refilter", self.p.dir)[0]
        self.assertIn("1 pairs have their label back", said)
        self.assertEqual(self.states(), {"math only": "accepted", "text only": "rejected",
                                         "both": "accepted"})
        self.p.run()
        self.check({"math only", "both"})

    def test_a_label_that_comes_back_is_decided_under_the_rules_of_then(self):
        self.p.change(answers=TEXT)
        self.p.gavel("refilter", self.p.dir)
        self.p.change(accept={"k": 2, "n": 2})
        self.p.gavel("refilter", self.p.dir)
        self.p.change(answers=MATH)
        self.p.gavel("refilter", self.p.dir)
        self.assertEqual(self.states()["math only"], "open")
        self.p.change(accept={"k": 1, "n": 1})
        self.p.run()
        self.check({"math only", "both"})

    def test_who_has_no_pair_left_is_asked_for_more(self):
        """The rules leave room for more answers: these are asked for, and nothing else."""
        self.p.change(answers=TEXT, build={"samples": 3})
        said = self.p.gavel("refilter", self.p.dir)[0]
        self.assertIn("2 prompts need more answers", said)
        self.p.run()
        building.check_counts(self, self.p)
        self.assertEqual(len(self.author.of("answer")), self.calls["answer"] + 2)
        self.assertEqual(self.reasons()["math only"], "all_wrong")

    def test_more_pairs_are_made_of_what_is_stored(self):
        """What has its pair is asked for nothing more; stored answers make as many as are wanted."""
        other = e2e.enter(self.author.project(SEEDS, build={"samples": 4, "right": 2, "wrong": 2}),
                          self.addCleanup)
        other.run()
        self.assertEqual(self.names(other), ["both", "math only"])
        before = len(self.author.of("answer"))
        other.change(build={"pairs": 3, "samples": 4})
        said = other.gavel("refilter", other.dir)[0]
        self.assertIn("4 pairs were built of stored answers", said)
        self.assertEqual(self.names(other), ["both"] * 3 + ["math only"] * 3)
        other.run()
        self.assertEqual(len(self.author.of("answer")), before)
        self.assertEqual(len({(p["chosen"], p["rejected"]) for p in building.pairs(other)}), 6)
        building.check_counts(self, other)

    def test_another_command_compares_again(self):
        """Only a run can have answers compared by a command: then labels go and come as well."""
        p = e2e.enter(self.author.project(SEEDS, build=BUILD), self.addCleanup)
        for number, same in enumerate((AS_NUMBERS, AS_TEXT)):
            with open(p.path(f"{number}.py"), "w", encoding="utf-8") as f:
                f.write(CHECKER.format(same=same))
        expected = [{"math only", "both"}, {"text only", "both"}]
        for number in (0, 1, 0):
            p.change(answers={"kind": "exec", "exec": f"python3 {number}.py"})
            if p.processes:
                said = p.gavel("refilter", p.dir)[0]
                self.assertIn("4 prompts have answers that the command", said)
            p.run()
            building.check_counts(self, p)
            self.assertEqual({x["seed"] for x in building.pairs(p) if x["state"] == "accepted"},
                             expected[number])
        self.assertEqual(len(self.author.of("answer")), 2 * self.calls["answer"])

    def names(self, project):
        return sorted(p["seed"] for p in building.pairs(project))

    def test_another_judge_excludes_its_own_answers(self):
        """The generator's model becomes a second teacher: its answers stand in no pair any more."""
        url = self.author.url
        p = self.p
        p.change(endpoints=[{"role": "teacher", "url": url, "model": "referee"},
                            {"role": "generator", "url": url, "model": "writer"}],
                 build={"exclude_judge": True})
        p.run()
        self.assertEqual({p["state"] for p in building.pairs(self.p)
                          if p["author_chosen"] == "referee"}, {"rejected"})
        self.assertEqual({p["author_chosen"] for p in building.pairs(self.p)
                          if p["state"] == "accepted"}, {"writer"})
        building.check_counts(self, p)


if __name__ == "__main__":
    unittest.main(verbosity=2)
