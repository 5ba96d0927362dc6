#!/usr/bin/env python3
"""The quickstart's seeds: pairs of worked answers whose winner is known because it was computed.

    python3 examples/make_seeds.py            writes examples/quickstart/seeds.jsonl
    python3 examples/make_seeds.py --check    is the file there what would be written?

Every problem is a list of steps over named values. The chosen answer takes each step right. The
rejected answer slips in exactly one step (a lost carry, an off-by-one day, a wrong conversion
factor) and goes on consistently from there. Both are rendered by the same template, in the same
style, and the slip's direction alternates, so that neither length nor the size of a number tells
them apart.

Before a pair is written it is verified: the chosen answer has no wrong step and ends in what a
second way of computing gives; the rejected answer has exactly one wrong step and ends elsewhere.
"""

import collections
import json
import pathlib
import sys

from seed_stories import dates, logic, numbers, ordering, strings
from seed_stories.steps import Dice

OUTPUT = pathlib.Path(__file__).resolve().parent / "quickstart" / "seeds.jsonl"
PAIRS_PER_STORY = 5  # stories are the groups: their pairs share a split
MAX_LENGTH_GAP = 6  # characters between chosen and rejected
STORIES = numbers.STORIES + dates.STORIES + ordering.STORIES + strings.STORIES + logic.STORIES

# Styles: how an answer is written. Both sides of a pair share one.
SIGNS = [{"+": "+", "-": "-", "*": "×"}, {"+": "+", "-": "-", "*": "*"}]
OPENERS = [
    "", "Let me work this out step by step.\n", "Here is the reasoning.\n",
    "I go through it in order.\n",
]
LAYOUTS = [
    lambda texts: "\n".join(f"{i}. {t}." for i, t in enumerate(texts, 1)),
    lambda texts: "\n".join(f"- {t}" for t in texts),
    lambda texts: ". ".join(texts) + ".",
    lambda texts: "\n".join(f"Step {i}: {t}" for i, t in enumerate(texts, 1)),
]
CLOSERS = [
    "\nAnswer: {}", "\nThe answer is {}.", "\nSo the result is {}.", "\n**{}**",
    "\nFinal answer: {}",
]


def solve(story, given, style, slip=None):
    """The env with every step's value; slip is (index of the step, wrong value)."""
    env = dict(given, signs=style[0])
    for i, step in enumerate(story.steps(given)):
        env[step.name] = slip[1] if slip and slip[0] == i else step.value(env)
        if isinstance(env[step.name], int) and env[step.name] < 0:
            return None
    return env


def wrong_steps(story, given, env):
    return [i for i, step in enumerate(story.steps(given)) if env[step.name] != step.value(env)]


def render(story, given, env, style):
    _, opener, layout, closer = style
    texts = [step.text(env) for step in story.steps(given)]
    return opener + layout(texts) + closer.format(story.answer(env))


def shown(value):
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def attempt(story, dice, larger):
    """One pair whose rejected answer is larger (or smaller), or None if these draws make none."""
    given = story.draw(dice)
    style = (dice.pick(SIGNS), dice.pick(OPENERS), dice.pick(LAYOUTS), dice.pick(CLOSERS))
    right = solve(story, given, style)
    if right is None or story.key(right) is None:
        return None
    steps = story.steps(given)
    options = [
        (i, wrong, why)
        for i, step in enumerate(steps)
        for wrong, why in step.slips(right, right[step.name])
    ]
    if not options:
        return None
    i, wrong, why = dice.pick(options)
    slipped = solve(story, given, style, (i, wrong))
    if (
        slipped is None
        or story.key(slipped) is None
        or story.answer(slipped) == story.answer(right)
    ):
        return None
    if (story.key(slipped) > story.key(right)) != larger:
        return None
    chosen, rejected = render(story, given, right, style), render(story, given, slipped, style)
    if story.truth(given) is None or abs(len(chosen) - len(rejected)) > MAX_LENGTH_GAP:
        return None
    assert story.answer(right) == story.truth(given), (story.name, given)
    assert wrong_steps(story, given, right) == [] and wrong_steps(story, given, slipped) == [i], (
        story.name,
        given,
    )
    error = f"step {i + 1}: {shown(wrong)} instead of {shown(right[steps[i].name])} ({why})"
    return {
        "prompt": story.prompt(given),
        "chosen": chosen,
        "rejected": rejected,
        "error": error,
        "answer": story.answer(right),
    }


def generate():
    prompts, texts, numbers = set(), set(), collections.Counter()
    for place, story in enumerate(STORIES):
        for n in range(PAIRS_PER_STORY):
            dice = Dice(f"gavel-quickstart/{story.domain}/{story.name}/{n}")
            larger = (place + n) % 2 == 0
            pair = None
            while (
                pair is None
                or pair["prompt"] in prompts
                or not texts.isdisjoint((pair["chosen"], pair["rejected"]))
            ):
                assert dice.count < 100000, f"no further pair for {story.name}"
                pair = attempt(story, dice, larger)
            prompts.add(pair["prompt"])
            texts.update((pair["chosen"], pair["rejected"]))
            numbers[story.domain] += 1
            yield {
                "id": f"qs-{story.domain}-{numbers[story.domain]:03d}",
                "prompt": pair["prompt"],
                "chosen": pair["chosen"],
                "rejected": pair["rejected"],
                "domain": story.domain,
                "source": "gavel-quickstart",
                "language": "en",
                "trust": "verified",
                "group": f"{story.domain}-{story.name}",
                "meta": {"error": pair["error"], "answer": pair["answer"]},
            }


def main(arguments):
    if arguments not in ([], ["--check"]):
        print(__doc__.strip())
        return 0 if arguments in (["-h"], ["--help"]) else 2
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in generate())
    if not arguments:
        OUTPUT.parent.mkdir(parents=True, exist_ok=True)
        OUTPUT.write_text(text, encoding="utf-8", newline="\n")
        print(f"{OUTPUT}: {text.count(chr(10))} pairs")
        return 0
    if not OUTPUT.is_file() or OUTPUT.read_bytes() != text.encode():
        print(
            f"{OUTPUT} is not what this generator writes: run it without --check and commit the"
            " file"
        )
        return 1
    print(f"{OUTPUT}: {text.count(chr(10))} pairs, as generated")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
