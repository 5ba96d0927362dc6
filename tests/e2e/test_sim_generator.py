#!/usr/bin/env python3
"""The simulated teacher as a generator, over real sockets: rates, forms, determinism, faults,
counters, and that it knows the pairs again that are built of what it wrote."""
import collections
import json
import os
import re
import subprocess
import tempfile
import unittest

from test_sim_teacher import BINARY, PATIENCE, Teacher, question, share

INSTRUCTION = "\n\nPut your final answer within \\boxed{}."
POEM = "Write a short poem about a quiet river in early spring, with a bridge and an old dog in it."
NONCE = "_k3f9t2B"
WORDING = os.path.join(os.path.dirname(__file__), "..", "..", "judges", "generation.c")


def sum_of(i):
    return f"A baker fills {i} trays with 6 rolls each. How many rolls are there?"


def request(text, **extra):
    return json.dumps({"model": "teacher", "messages": [{"role": "user", "content": text}],
                       **extra}).encode()


def wording():
    """The text of judges/generation.c that asks for a modification: its string literals."""
    with open(WORDING, encoding="utf-8") as f:
        source = f.read()
    body = source[source.index("static void put_modify("):]
    body = body[:body.index("\n}")]
    calls = re.findall(r'buf_str\(b, ((?:"(?:[^"\\]|\\.)*"\s*)+)\);', body)
    return ["".join(json.loads(s) for s in re.findall(r'"(?:[^"\\]|\\.)*"', c)) for c in calls]


def modify(prompt, nonce=NONCE, response="Once upon a time.", **extra):
    begin, end = wording()
    return request(
        f"{begin}[The Start of the Prompt{nonce}]\n{prompt}\n[The End of the Prompt{nonce}]\n\n"
        f"[The Start of the Response{nonce}]\n{response}\n[The End of the Response{nonce}]\n\n"
        f"{end}<changed_prompt{nonce}>\nthe changed prompt\n</changed_prompt{nonce}>\n"
        f"<answer_to_it{nonce}>\nyour response to the changed prompt\n</answer_to_it{nonce}>\n",
        **extra)


def parts(text, nonce=NONCE):
    found = re.fullmatch(f"\\s*<changed_prompt{nonce}>(.*)</changed_prompt{nonce}>\\s*"
                         f"<answer_to_it{nonce}>(.*)</answer_to_it{nonce}>\\s*", text, re.S)
    return found and (found[1].strip(), found[2].strip())


def boxed(text):
    return re.findall(r"\\boxed\{(.*?)\}", text)


def text_of(answer, i=0):
    return answer["choices"][i]["message"]["content"]


class Generator(Teacher):
    """A teacher that knows 200 sums, a word and a poem, and shows no thought."""

    def __init__(self, *options):
        self.seeds = tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8")
        lines = [{"prompt": sum_of(i), "answer": str(6 * i)} for i in range(200)]
        lines += [{"prompt": "Which metal is liquid?", "answer": "quicksilver"}, {"prompt": POEM}]
        for line in lines:
            self.seeds.write(json.dumps(line) + "\n")
        self.seeds.flush()
        super().__init__("--thought", "none", "--truth", self.seeds.name, *options)

    def __exit__(self, *exc):
        super().__exit__(*exc)
        self.seeds.close()

    def texts(self, payloads):
        return [text_of(answer) for _, answer in self.ask(payloads)]


class Answers(unittest.TestCase):
    def test_the_final_answer_is_right_at_the_given_rate(self):
        with Generator("--p-answer", "0.7", "--p-no-answer", "0.1", "--p-conflict", "0.1") as t:
            kinds, wrong = [], collections.Counter()
            for k in range(10):
                asked = [request(sum_of(i) + INSTRUCTION, seed=k) for i in range(200)]
                for i, text in enumerate(t.texts(asked)):
                    values = boxed(text)
                    kinds.append("no_answer" if not values else
                                 "conflict" if len(set(values)) > 1 else
                                 "right" if values[-1] == str(6 * i) else "wrong")
                    if i == 7 and kinds[-1] == "wrong":
                        wrong[values[-1]] += 1
            self.assertAlmostEqual(share(kinds, "no_answer"), 0.1, delta=0.03)
            self.assertAlmostEqual(share(kinds, "conflict"), 0.1, delta=0.03)
            self.assertAlmostEqual(share(kinds, "right"), 0.8 * 0.7, delta=0.04)
            self.assertLessEqual(len(wrong), 3)
            self.assertEqual([line["generated"] for line in t.log()], kinds)
            stats = t.stats()
            self.assertEqual((stats["calls"], stats["answers"], stats["modifications"]),
                             (2000, 2000, 0))
            self.assertEqual({k: n for k, n in stats["generated"].items() if n},
                             collections.Counter(kinds))

    def test_forms_of_the_final_answer(self):
        for form, pattern in (("boxed", r"\\boxed\{42\}"), ("hashes", r"\n#### 42$"),
                              ("plain", r"\nThe answer is 42\.$")):
            with Generator("--p-answer", "1", "--answer-form", form) as t:
                for text in t.texts([request(sum_of(7), seed=k) for k in range(20)]):
                    self.assertRegex(text, pattern)

    def test_a_wrong_word_is_another_word(self):
        with Generator("--p-answer", "0") as t:
            for text in t.texts([request("Which metal is liquid?", seed=k) for k in range(30)]):
                self.assertRegex(boxed(text)[0], "^[A-Za-z]+$")
                self.assertNotEqual(boxed(text)[0], "quicksilver")

    def test_samples_differ_and_a_run_is_repeatable(self):
        asked = [request(p, seed=k) for k in range(20) for p in (POEM, sum_of(3))]
        asked += [modify(POEM, seed=k) for k in range(20)]
        with Generator() as t:
            one = t.texts(asked)
            self.assertEqual(one[::-1], t.texts(asked[::-1]))
        with Generator() as t:
            self.assertEqual(one, t.texts(asked))
        with Generator("--seed", "1") as t:
            self.assertNotEqual(one, t.texts(asked))
        self.assertGreater(len(set(one)), 55)

    def test_an_answer_to_an_open_prompt_says_something_about_it(self):
        with Generator() as t:
            words = set(re.findall(r"[a-z]{4,}", POEM))
            for text in t.texts([request(POEM + INSTRUCTION, seed=k) for k in range(50)]):
                self.assertGreaterEqual(len(words & set(re.findall(r"[a-z]{4,}", text))), 1)
                self.assertEqual(boxed(text), [])

    def test_several_choices_usage_and_streams(self):
        with Generator() as t:
            (_, answer), = t.ask([request(sum_of(5), n=8)])
            self.assertGreater(len({text_of(answer, i) for i in range(8)}), 5)
            size = sum(len(text_of(answer, i)) for i in range(8))
            self.assertAlmostEqual(answer["usage"]["completion_tokens"], size / 4, delta=8)
            self.assertEqual([len(line["choices"]) for line in t.log()], [8])
            self.assertEqual(sum(t.stats()["generated"].values()), 8)
            whole, = t.texts([request(POEM)])
            c = t.connect()
            c.request("POST", "/v1/chat/completions", request(POEM, stream=True))
            events = re.findall(r"^data: (\{.*\})$", c.getresponse().read().decode(), re.M)
            c.close()
            streamed = "".join(json.loads(e)["choices"][0]["delta"].get("content") or ""
                               for e in events)
            self.assertGreater(min(len(whole), len(streamed)), 60)


class Modifications(unittest.TestCase):
    def test_both_parts_stand_between_their_marks(self):
        with Generator() as t:
            for nonce in (NONCE, ""):
                asked = [modify(POEM, nonce, seed=k) for k in range(50)]
                for text in t.texts(asked):
                    prompt, answer = parts(text, nonce)
                    old, new = set(POEM.split()), set(prompt.split())
                    self.assertGreater(len(old & new) / len(old), 0.6)
                    self.assertTrue(new - old)
                    self.assertGreater(len(answer), 60)
            self.assertEqual(t.stats()["modifications"], 100)
            self.assertEqual({line["ask"] for line in t.log()}, {"modify"})

    def test_bad_ones_come_at_the_given_rates(self):
        with Generator("--p-unparseable", "0.3", "--p-identical", "0.2", "--p-off-topic",
                       "0.1") as t:
            kinds = []
            for text in t.texts([modify(POEM, seed=k) for k in range(1000)]):
                found = parts(text)
                if not found or not found[1] or text.count(f"<changed_prompt{NONCE}>") != 1:
                    kinds.append("unparseable")
                    continue
                common = len(set(POEM.split()) & set(found[0].split())) / len(set(POEM.split()))
                kinds.append("identical" if found[0] == POEM else
                             "off_topic" if common < 0.3 else "modified")
            for kind, wanted in (("unparseable", 0.3), ("identical", 0.2), ("off_topic", 0.1)):
                self.assertAlmostEqual(share(kinds, kind), wanted, delta=0.05)
            self.assertEqual([line["generated"] for line in t.log()], kinds)


class Pairs(unittest.TestCase):
    def judge(self, t, prompt, right, wrong):
        asked = [request(question(prompt, *order)) for order in ((right, wrong), (wrong, right))]
        return t.sides(asked)

    def test_built_pairs_are_known_again(self):
        with Generator("--p-correct", "1") as t:
            solutions = t.texts([request(sum_of(9) + INSTRUCTION, seed=k) for k in range(40)])
            right = [s for s in solutions if boxed(s) == ["54"]]
            wrong = [s for s in solutions if boxed(s) != ["54"]]
            self.assertTrue(right and wrong)
            for pair in zip(right, wrong):
                self.assertEqual(self.judge(t, sum_of(9), *pair), ["A", "B"])
            for k in range(20):
                good, made = t.texts([request(POEM, seed=k), modify(POEM, seed=k)])
                self.assertEqual(self.judge(t, POEM, good, parts(made)[1]), ["A", "B"])
            judged = [line for line in t.log() if line["ask"] == "judge"]
            self.assertEqual({line["correct"] for line in judged}, {True})
            self.assertEqual({line["generated"] for line in judged}, {""})

    def test_they_are_judged_wrongly_at_the_given_rate(self):
        with Generator("--p-correct", "0.7") as t:
            sides = []
            for i in range(200):
                sides += self.judge(t, sum_of(i), f"Six times.\n\\boxed{{{6 * i}}}",
                                    f"Five times.\n\\boxed{{{5 * i + 1}}}")[:1]
            self.assertAlmostEqual(share(sides, "A"), 0.7, delta=0.09)


class Faults(unittest.TestCase):
    def test_faults_strike_generators_too(self):
        with Generator("--fault", "429=0.2", "--fault", "drop=0.2", "--fault", "length=0.2") as t:
            results = t.ask([request(sum_of(i)) for i in range(200)])
            self.assertAlmostEqual(share([s for s, _ in results], 429), 0.2, delta=0.09)
            self.assertAlmostEqual(share([s for s, _ in results], 0), 0.2, delta=0.09)
            ends = [a["choices"][0]["finish_reason"] for s, a in results if s == 200]
            self.assertAlmostEqual(share(ends, "length"), 0.2, delta=0.1)
            stats = t.stats()
            self.assertEqual(stats["answers"], len(ends))
            self.assertEqual(stats["generated"]["lost"], ends.count("length"))

    def test_the_latency_is_theirs_too(self):
        with Generator("--latency", "100000") as t:
            c = t.connect()
            c.request("POST", "/v1/chat/completions", request(POEM))
            t.wait_for(lambda stats: stats["in_flight"] == 1)
            c.close()
            t.wait_for(lambda stats: stats["in_flight"] == 0)
            self.assertEqual(t.stats()["answers"], 0)

    def test_wrong_options_are_refused(self):
        for options, named in ((("--p-answer", "2"), "--p-answer"),
                               (("--answer-form", "roman"), "boxed, hashes or plain"),
                               (("--p-identical", "0.6", "--p-off-topic", "0.5"), "--p-off-topic")):
            run = subprocess.run([BINARY, "--listen", "127.0.0.1:0", *options], text=True,
                                 capture_output=True, timeout=PATIENCE)
            self.assertEqual(run.returncode, 2)
            self.assertIn(named, run.stderr)


if __name__ == "__main__":
    unittest.main()
