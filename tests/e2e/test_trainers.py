#!/usr/bin/env python3
"""What trainers make of a release: rows of every judge format follow their schemas, and the loss
masks of examples/trainers cover what is to be learned and nothing else."""
import collections
import json
import os
import re
import subprocess
import sys
import types
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.path.insert(0, os.path.join(HERE, "..", "..", "examples", "trainers"))

import gavel_e2e as e2e
import loss_mask

try:
    import jsonschema
except ImportError:
    jsonschema = None
try:
    import tokenizers
except ImportError:
    tokenizers = None

SIM = os.path.join(e2e.BUILD, "gavel-sim-teacher")
FORMATS = ("verdict", "scores", "scores_verdict", "pointwise", "plan")
END = "<|end|>"


def setUpModule():
    global teacher, project, sft
    teacher = subprocess.Popen(
        [SIM, "--listen", "127.0.0.1:0", "--truth", e2e.QUICKSTART, "--fix", "0.5",
         "--p-correct", "0.75"], stdout=subprocess.PIPE, text=True)
    unittest.addModuleCleanup(teacher.stdout.close)
    unittest.addModuleCleanup(teacher.wait)
    unittest.addModuleCleanup(teacher.kill)
    url = "http://%s/v1" % teacher.stdout.readline().split()[-1]
    project = e2e.enter(
        e2e.Project(url, e2e.QUICKSTART, accept={"k": 1, "n": 4, "keep_per_order": 2},
                    judge={"mix": {name: 1 for name in FORMATS}, "nonce": True},
                    reflection={"mode": "mixed", "share": 0.8}),
        unittest.addModuleCleanup)
    project.run()
    sft = [row for _, row in project.rows("sft")]


class Words:
    """A tokenizer with the interface of a fast one: words, blanks and single marks."""

    eos_token = END
    pad_token_id = 0

    def __init__(self):
        self.ids = {}

    def pieces(self, text):
        for m in re.finditer(r"<\|\w+\|>|\w+|\s+|[^\w\s]", text):
            yield self.ids.setdefault(m.group(), len(self.ids) + 1), m.span()

    def __call__(self, text, add_special_tokens, return_offsets_mapping=False):
        found = list(self.pieces(text))
        return {"input_ids": [i for i, _ in found], "offset_mapping": [span for _, span in found]}

    @staticmethod
    def apply_chat_template(messages, tokenize, add_generation_prompt):
        assert not tokenize and add_generation_prompt
        return "".join(f"<|{m['role']}|>{m['content']}{END}" for m in messages) + "<|assistant|>"


class Pairs(Words):
    """The same with a real byte-level BPE that was trained on the rows: tokens cross words."""

    def __init__(self):
        super().__init__()
        self.bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
        self.bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False,
                                                                     use_regex=False)
        trainer = tokenizers.trainers.BpeTrainer(
            vocab_size=2000, show_progress=False, special_tokens=[END],
            initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet())
        self.bpe.train_from_iterator((row["completion"][0]["content"] for row in sft), trainer)

    def pieces(self, text):
        encoded = self.bpe.encode(text, add_special_tokens=False)
        return zip(encoded.ids, encoded.offsets)


class OpensThought(Words):
    """A template that opens the thought itself, as those of R1-like models do."""

    @staticmethod
    def apply_chat_template(messages, tokenize, add_generation_prompt):
        return Words.apply_chat_template(messages, tokenize, add_generation_prompt) + "<think>\n"


def kinds_of_tokenizers():
    return [Words, OpensThought] + ([Pairs] if tokenizers else [])


class Rows(unittest.TestCase):

    def test_every_judge_format_and_kind_of_reflection_is_there(self):
        self.assertEqual({row["judge_format"] for row in sft}, set(FORMATS))
        kinds = collections.Counter(row["reflection"] for row in sft)
        for kind in ("right_to_right", "wrong_to_right", "continued"):
            self.assertGreater(kinds[kind], 5, kinds)

    @unittest.skipUnless(jsonschema, "no python3-jsonschema")
    def test_they_follow_their_schemas(self):
        def validator(name):
            path = os.path.join(e2e.ROOT, "schemas", f"{name}.schema.json")
            with open(path, encoding="utf-8") as f:
                return jsonschema.Draft202012Validator(json.load(f))
        for kind in ("sft", "dpo", "rl"):
            check = validator(f"row_{kind}")
            rows = [row for _, row in project.rows(kind)]
            self.assertGreater(len(rows), 0, kind)
            for row in rows:
                check.validate(row)
        validator("manifest").validate(project.manifest())

    def test_no_nonce_is_left(self):
        marked = project.query("SELECT count(*) FROM texts WHERE answer GLOB '*</*_???????>*'")
        self.assertGreater(marked[0][0], len(sft), "the teacher's answers had them")
        for kind in ("sft", "dpo", "rl"):
            for _, row in project.rows(kind):
                self.assertNotRegex(json.dumps(row), r"</?(answer|score|score_[AB])_\w{7}>")

    def test_the_release_stands_up_to_its_own_check(self):
        out, _ = project.gavel("verify", project.out)
        self.assertIn("as its manifest says", out)

    def test_both_halves_of_a_pair_are_neighbours(self):
        rows = [row for _, row in project.rows("rl")]
        for a, b in zip(rows[::2], rows[1::2]):
            self.assertEqual(a["pair_id"], b["pair_id"])
            golds = {a["gold"], b["gold"]}
            pointwise = a["judge_format"] == "pointwise"
            self.assertEqual(golds, {"chosen", "rejected"} if pointwise else {"A", "B"})


class Masks(unittest.TestCase):

    def test_what_is_learned_is_what_the_segments_say(self):
        for kind in kinds_of_tokenizers():
            tokenizer = kind()
            hidden = 0
            for row in sft:
                prefix, ahead, _ = loss_mask.frame(tokenizer, row)
                rest = row["completion"][0]["content"][ahead:] + END
                ids, mask = loss_mask.token_mask(tokenizer, row)
                prompt = len(tokenizer(prefix, add_special_tokens=False)["input_ids"])
                self.assertEqual(mask[:prompt], [0] * prompt)
                self.assertEqual(len(ids), len(mask))
                learn = []  # by character of the completion
                for segment in row["segments"]:
                    learn += [segment["train"]] * len(segment["text"])
                learn = learn[ahead:] + [True] * len(END)
                spans = tokenizer(rest, add_special_tokens=False,
                                  return_offsets_mapping=True)["offset_mapping"]
                self.assertEqual(len(spans), len(mask) - prompt)
                for (begin, end), on in zip(spans, mask[prompt:]):
                    self.assertEqual(bool(on), all(learn[begin:end]), rest[begin:end])
                self.assertEqual(mask[-1], 1)
                hidden += 0 in mask[prompt:]
            wrong = sum(row["reflection"] == "wrong_to_right" for row in sft)
            self.assertEqual(hidden, wrong, kind.__name__)

    @unittest.skipUnless(tokenizers, "no tokenizers from PyPI")
    def test_a_real_tokenizer_crosses_the_border_of_a_segment(self):
        tokenizer = Pairs()
        crossed = 0
        for row in sft:
            at, borders = 0, set()
            for segment in row["segments"]:
                at += len(segment["text"])
                borders.add(at)
            spans = tokenizer(row["completion"][0]["content"] + END, add_special_tokens=False,
                              return_offsets_mapping=True)["offset_mapping"]
            crossed += any(a < b < c for a, c in spans for b in borders)
        self.assertGreater(crossed, 0, "else the test above proves little")

    def test_rows_for_trl_and_axolotl(self):
        tokenizer = OpensThought()
        for row in sft:
            trl = loss_mask.for_trl(tokenizer, row)
            self.assertEqual(set(trl), {"input_ids", "completion_mask"})
            self.assertLessEqual(set(trl["completion_mask"]), {0, 1})
            segments = loss_mask.for_axolotl(tokenizer, row)["segments"]
            text = "".join(s["text"] for s in segments)
            prefix = tokenizer.apply_chat_template(row["prompt"], False, True)
            content = row["completion"][0]["content"]
            self.assertTrue(content.startswith("<think>\n"))
            self.assertEqual(text, prefix + content[len("<think>\n"):] + END)
            self.assertFalse(segments[0]["label"])
            told = [s["text"] for s in row["segments"] if not s["train"]]
            self.assertEqual([s["text"] for s in segments[1:] if not s["label"]], told)

    def test_labels_are_ignored_where_the_mask_is_0(self):
        self.assertEqual(loss_mask.labels([5, 6, 7], [0, 1, 0]), [-100, 6, -100])

    def test_the_data_set_for_verl(self):
        real = sys.modules.get("torch")
        sys.modules["torch"] = types.SimpleNamespace(tensor=list)  # lists do for looking at
        try:
            tokenizer = Words()
            make = lambda **config: loss_mask.JudgeDataset(project.out, tokenizer, config)
            padded = make(max_length=4000)
            self.assertEqual(len(padded), len(sft))
            ids, mask = loss_mask.token_mask(tokenizer, sft[0])
            item, n = padded[0], len(ids)
            self.assertEqual({len(column) for column in item.values()}, {4000})
            self.assertEqual((item["input_ids"][:n], item["loss_mask"][:n]), (ids, mask))
            self.assertEqual((sum(item["attention_mask"]), sum(item["loss_mask"][n:])), (n, 0))
            plain = make(max_length=4000, pad_mode="no_padding")[0]
            self.assertEqual(set(plain), {"input_ids", "position_ids", "loss_mask"})
            self.assertEqual(plain["position_ids"], list(range(n)))
            cut = make(max_length=n - 3, truncation="right")[0]
            self.assertEqual((cut["input_ids"], cut["loss_mask"]), (ids[:-3], mask[:-3]))
            with self.assertRaisesRegex(ValueError, "max_length"):
                make(max_length=5)[0]
        finally:
            del sys.modules["torch"]
            if real:
                sys.modules["torch"] = real


if __name__ == "__main__":
    unittest.main()
