#!/usr/bin/env python3
"""Loss masks for the sft rows of a release, for TRL, Axolotl and verl.

A row's `segments` cut its completion into parts; those with `"train": false` are the wrong first
half of a trace that a cue set right. A model must read them and must not learn to write them. The
trainers mask prompts by themselves, but not parts of a completion:

TRL        loss_mask.py out --tokenizer MODEL --for trl --output masked.jsonl
           rows of `input_ids` and `completion_mask`. SFTTrainer takes data with `input_ids` as it
           is; set `SFTConfig(completion_only_loss=True)`, which it cannot guess from such rows.
Axolotl    loss_mask.py out --tokenizer MODEL --for axolotl --output masked.jsonl
           rows of `segments` as its `type: input_output` wants them, with `train_on_inputs: false`.
           The chat template is in the text already.
verl       data.custom_cls.path=.../loss_mask.py data.custom_cls.name=JudgeDataset
           data.train_files=[out/sft/train-00000-of-00001.jsonl]
           A 1 in `loss_mask` stands at the token that is to be learned; verl shifts it by one.

As a library: token_mask(tokenizer, row) gives ids and mask of one row with any fast tokenizer.
Python 3.9; needs `transformers` for the tokenizer, `zstandard` for releases compressed with zstd.
"""
import argparse
import glob
import gzip
import json
import os
import sys

THINK = "<think>"
IGNORED = -100  # label of a token without loss


def open_rows(path):
    if path.endswith(".zst"):
        import zstandard
        return zstandard.open(path, "rt", encoding="utf-8")
    return gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(
        path, encoding="utf-8")


def read_rows(paths):
    """The sft rows of shards, or of all shards of a release's folder."""
    for path in paths:
        files = sorted(glob.glob(os.path.join(path, "sft", "*.jsonl*"))) if os.path.isdir(
            path) else [path]
        if not files:
            raise SystemExit(f"{path} holds no shards of sft")
        for file in files:
            with open_rows(file) as lines:
                for line in lines:
                    yield json.loads(line)


def frame(tokenizer, row, end=None):
    """What the model reads before the completion, how much of the completion that holds already,
    and what ends its turn."""
    prefix = tokenizer.apply_chat_template(row["prompt"], tokenize=False,
                                           add_generation_prompt=True)
    ahead = 0
    if prefix.rstrip().endswith(THINK):  # some templates open the thought themselves
        prefix, ahead = prefix.rstrip(), len(THINK)
    return prefix, ahead, tokenizer.eos_token if end is None else end


def parts(tokenizer, row, end=None):
    """[(text, whether it is learned)]: prompt, parts of the completion, end of turn."""
    prefix, ahead, end = frame(tokenizer, row, end)
    found = [(prefix, False)]
    for segment in row["segments"]:
        text = segment["text"][ahead:]
        ahead = max(0, ahead - len(segment["text"]))
        if text:
            found.append((text, segment["train"]))
    return found + [(end, True)]


def token_mask(tokenizer, row, end=None):
    """(ids, mask): mask is 1 at tokens to be learned. Prompt and completion are encoded apart, as
    they are when the model is used; a token that reaches into a part not to be learned is not."""
    (prefix, _), *rest = parts(tokenizer, row, end)
    ids = list(tokenizer(prefix, add_special_tokens=False)["input_ids"])
    mask = [0] * len(ids)
    skipped, at = [], 0
    for text, train in rest:
        if not train:
            skipped.append((at, at + len(text)))
        at += len(text)
    encoded = tokenizer("".join(text for text, _ in rest), add_special_tokens=False,
                        return_offsets_mapping=True)
    for token, (begin, stop) in zip(encoded["input_ids"], encoded["offset_mapping"]):
        ids.append(token)
        mask.append(int(not any(begin < b and a < stop for a, b in skipped)))
    return ids, mask


def labels(ids, mask):
    return [token if learn else IGNORED for token, learn in zip(ids, mask)]


def for_trl(tokenizer, row, end=None):
    ids, mask = token_mask(tokenizer, row, end)
    return {"input_ids": ids, "completion_mask": mask}


def for_axolotl(tokenizer, row, end=None):
    return {"segments": [{"label": learn, "text": text}
                         for text, learn in parts(tokenizer, row, end)]}


class JudgeDataset:
    """verl's interface of a data set of its own: data.custom_cls."""

    def __init__(self, parquet_files, tokenizer, config, processor=None, max_samples=-1):
        files = [parquet_files] if isinstance(parquet_files, str) else list(parquet_files)
        self.tokenizer = tokenizer
        self.max_length = config.get("max_length", 1024)
        self.truncation = config.get("truncation", "error")
        self.padded = config.get("pad_mode", "right") == "right"
        self.rows = list(read_rows(files))
        if max_samples > 0:
            self.rows = self.rows[:max_samples]

    def __len__(self):
        return len(self.rows)

    def cut(self, ids, mask):
        if len(ids) <= self.max_length:
            return ids, mask
        if self.truncation == "left":
            return ids[-self.max_length:], mask[-self.max_length:]
        if self.truncation == "right":
            return ids[:self.max_length], mask[:self.max_length]
        raise ValueError(f"{len(ids)} tokens are more than data.max_length ({self.max_length})")

    def __getitem__(self, i):
        import torch
        ids, mask = self.cut(*token_mask(self.tokenizer, self.rows[i]))
        n = len(ids)
        missing = self.max_length - n if self.padded else 0
        filler = self.tokenizer.pad_token_id or 0
        item = {"input_ids": torch.tensor(ids + [filler] * missing),
                "position_ids": torch.tensor(list(range(n)) + [0] * missing),
                "loss_mask": torch.tensor(mask + [0] * missing)}
        if self.padded:
            item["attention_mask"] = torch.tensor([1] * n + [0] * missing)
        return item


def main():
    about = argparse.ArgumentParser(description=__doc__,
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    about.add_argument("release", nargs="+", help="folder of a release, or shards of sft")
    about.add_argument("--tokenizer", required=True, help="model whose tokenizer it is for")
    about.add_argument("--for", dest="trainer", choices=("trl", "axolotl"), required=True)
    about.add_argument("--output", default="-", help="file to write; -: standard output")
    about.add_argument("--end", help="what ends a turn, if not the tokenizer's eos_token")
    args = about.parse_args()
    from transformers import AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(args.tokenizer)
    make = for_trl if args.trainer == "trl" else for_axolotl
    out = sys.stdout if args.output == "-" else open(args.output, "w", encoding="utf-8")
    with out:
        for row in read_rows(args.release):
            json.dump(make(tokenizer, row, args.end), out, ensure_ascii=False)
            out.write("\n")


if __name__ == "__main__":
    main()
