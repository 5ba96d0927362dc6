#!/usr/bin/env python3
"""Are the quickstart's seeds what the generator writes, and is the label hidden from cheap guesses?

Surface cues: a rule that looks only at length, counts, or the size and roundness of numbers must
not guess the better answer much more often than a coin; no word may stand mostly on one side.
"""

import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import source

SEEDS = pathlib.Path("examples/quickstart/seeds.jsonl")
GENERATOR = pathlib.Path("examples/make_seeds.py")
DOMAINS = {"arithmetic", "units", "dates", "ordering", "strings", "logic"}
AT_LEAST = 300
GUESSES = 0.58  # share of pairs that a rule may guess, over all pairs
GUESSES_IN_DOMAIN = 0.65
MEAN_LENGTH_GAP = 0.5  # characters
WORD_SIDED = 0.65  # share of a word's one-sided uses that may be on one side
WORD_USES = 20
NUMBER = re.compile(r"\d+(?:\.\d+)?")
EQUATION = re.compile(r"(\d+(?: [-+*×] \d+)+) = (\d+)")


def numbers(text):
    return [float(n) for n in NUMBER.findall(text)] or [0.0]


def trailing_zeros(text):
    last = str(int(numbers(text)[-1]))
    return len(last) - len(last.rstrip("0"))


FEATURES = {
    "length": len,
    "words": lambda t: len(t.split()),
    "digits": lambda t: sum(c.isdigit() for c in t),
    "letters used": lambda t: len(set(t)),
    "last number": lambda t: numbers(t)[-1],
    "largest number": lambda t: max(numbers(t)),
    "sum of numbers": lambda t: sum(numbers(t)),
    "round last number": trailing_zeros,
    "even last number": lambda t: numbers(t)[-1] % 2 == 0,
    "last digits": lambda t: sum(n % 10 for n in numbers(t)),
    "different numbers": lambda t: len(set(numbers(t))),
    "alphabetical order": lambda t: t,
}


def guessed(pairs, feature):
    """How often the better of two rules, "more wins" and "less wins", is right; ties count half."""
    more = sum(feature(p["chosen"]) > feature(p["rejected"]) for p in pairs)
    less = sum(feature(p["chosen"]) < feature(p["rejected"]) for p in pairs)
    return (max(more, less) + (len(pairs) - more - less) / 2) / len(pairs)


def cue_complaints(pairs):
    groups = [("all pairs", pairs, GUESSES)]
    for domain in sorted({p["domain"] for p in pairs}):
        groups.append((domain, [p for p in pairs if p["domain"] == domain], GUESSES_IN_DOMAIN))
    for where, some, most in groups:
        for name, feature in FEATURES.items():
            share = guessed(some, feature)
            if share > most:
                yield f"surface cue: {name} alone guesses {share:.0%} of {where}, at most {most:.0%}"
    gap = sum(len(p["chosen"]) - len(p["rejected"]) for p in pairs) / len(pairs)
    if abs(gap) > MEAN_LENGTH_GAP:
        yield f"surface cue: chosen answers are longer by {gap:+.2f} characters on average"
    sides = collections.defaultdict(lambda: [0, 0])
    for p in pairs:
        chosen, rejected = set(p["chosen"].split()), set(p["rejected"].split())
        for word in chosen ^ rejected:
            sides[word][word in rejected] += 1
    for word, (left, right) in sorted(sides.items()):
        if left + right >= WORD_USES and max(left, right) / (left + right) > WORD_SIDED:
            yield f'surface cue: "{word}" is in {left} chosen but {right} rejected answers'


def value(expression):
    total = 0
    for term in re.split(r" (?=[-+] )", expression):
        sign = -1 if term.startswith("- ") else 1
        product = 1
        for factor in re.findall(r"\d+", term):
            product *= int(factor)
        total += sign * product
    return total


def wrong_equations(text):
    return sum(value(left) != int(right) for left, right in EQUATION.findall(text))


def pair_complaints(pairs):
    seen = collections.Counter()
    for p in pairs:
        for key in ("id", "prompt", "chosen", "rejected"):
            seen[key, p[key]] += 1
        if wrong_equations(p["chosen"]):
            yield f'{p["id"]}: an equation of the chosen answer does not hold'
        if wrong_equations(p["rejected"]) > 1:
            yield f'{p["id"]}: more than one equation of the rejected answer does not hold'
        if p["chosen"] in p["rejected"] or p["rejected"] in p["chosen"]:
            yield f'{p["id"]}: one answer contains the other'
        if p["trust"] != "verified" or not p["meta"].get("error"):
            yield f'{p["id"]}: must be trusted as verified and name the wrong step'
    for (key, text), count in seen.items():
        if count > 1:
            yield f"{key} is used {count} times: {text[:60]}"


def check(root):
    lines = (root / SEEDS).read_text(encoding="utf-8").splitlines()
    pairs = [json.loads(line) for line in lines]
    complaints = []
    if len(pairs) < AT_LEAST:
        complaints.append(f"{len(pairs)} pairs, at least {AT_LEAST}")
    domains = {p["domain"] for p in pairs}
    if domains != DOMAINS:
        complaints.append(f"domains are {sorted(domains)}, not {sorted(DOMAINS)}")
    complaints += pair_complaints(pairs)
    complaints += cue_complaints(pairs)
    if (root / GENERATOR).is_file():
        command = [sys.executable, "-B", str(root / GENERATOR), "--check"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            complaints.append((run.stdout + run.stderr).strip())
    else:
        complaints.append(f"{GENERATOR} is missing")
    return complaints


def edited(edit):
    """The complaints about a copy of the seeds in which every pair (a dict) went through edit."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        shutil.copytree(source.ROOT / "examples", copy / "examples")
        pairs = [
            json.loads(line) for line in (copy / SEEDS).read_text(encoding="utf-8").splitlines()
        ]
        for number, pair in enumerate(pairs):
            edit(number, pair)
        text = "".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in pairs)
        (copy / SEEDS).write_text(text, encoding="utf-8")
        return "\n".join(check(copy))


def change(key, function, every=1):
    def edit(number, pair):
        if number % every == 0:
            pair[key] = function(pair)

    return edit


def self_test():
    cases = [
        ("nothing", lambda number, pair: None, None),
        ("another text", change("prompt", lambda p: p["prompt"] + " ", 500), "is not what this"),
        ("longer chosen", change("chosen", lambda p: p["chosen"] + ".", 4), "length alone guesses"),
        ("a polite word", change("chosen", lambda p: "Sure: " + p["chosen"], 9), '"Sure:"'),
        ("round chosen", change("chosen", lambda p: p["chosen"] + " 900", 4), "round last number"),
        ("swapped label", change("chosen", lambda p: p["rejected"], 500), "does not hold"),
        ("one domain", change("domain", lambda p: "units"), "domains are"),
        ("equal prompts", change("prompt", lambda p: "the same"), "used 330 times"),
    ]
    failed = 0
    for name, edit, complaint in cases:
        complaints = edited(edit)
        if (
            complaint is None
            and complaints
            or complaint is not None
            and complaint not in complaints
        ):
            failed += 1
            print(f"self-test: {name}: expected {complaint!r}, got: {complaints}")
    print(f"self-test: {len(cases) - failed} of {len(cases)} planted cases are seen")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    source.main(check, [], "the seeds are as generated, and no surface cue gives the label away")
