#!/usr/bin/env python3
"""A checker of answers for Gavel, as a command of yours.

In the project file:

    answers:
      kind: exec
      exec: python3 exec_checker.py       # run by /bin/sh in the project's folder
      exec_timeout: 10                    # seconds for one comparison, the start included
      exec_workers: 2                     # processes of it at once

Or try it alone:

    echo '{"gold": "1/2", "candidate": "0.5"}' |
        gavel tool compare-answers --exec 'python3 examples/checkers/exec_checker.py'

Gavel starts the command once and keeps it. It writes one request a line to its standard input,

    {"id": "7", "gold": "1/2", "candidate": "0.5", "prompt": "What is ..."}     (prompt if any)

and waits for one reply a line on its standard output, with the same id:

    {"id": "7", "verdict": "equal", "why": "the same fraction"}

verdict is equal, different or unknown; why may be left out. Say unknown whenever you are not sure:
such an answer is then neither right nor wrong, and no judge is trained on it. Whatever is written to
standard error goes to Gavel's log. A process that hangs, dies or writes anything else is killed and
started again, and the comparison it was at is unknown.

This one asks Math-Verify (pip install math-verify) when it is there. Without it it knows only
whether two answers are the same text or the same fraction or decimal.
"""

import json
import sys
from fractions import Fraction

try:
    import math_verify
except ImportError:
    math_verify = None
    print("math_verify is not installed: only the same text and the same number count as equal, "
          "and only another number as different", file=sys.stderr)


def with_math_verify(gold, candidate):
    """Math-Verify reads both sides; what it cannot read is unknown. It is not symmetric: gold first.
    Its own timeout uses a signal of this process; Gavel's is there in any case."""
    sides = [math_verify.parse(text if "$" in text or "\\boxed" in text else f"${text}$")
             for text in (gold, candidate)]
    if not all(sides):
        return "unknown", "Math-Verify cannot read the " + ("candidate" if sides[0] else "gold")
    same = math_verify.verify(sides[0], sides[1])
    return ("equal" if same else "different"), "Math-Verify"


def number(text):
    """The exact value of 12, -0.5, 3/4, 1e-3; None for anything else."""
    try:
        return Fraction(text.strip().strip("$").replace(" ", ""))
    except (ValueError, ZeroDivisionError):
        return None


def without(gold, candidate):
    if gold.split() == candidate.split():
        return "equal", "the same text"
    numbers = number(gold), number(candidate)
    if None in numbers:
        return "unknown", "not two numbers, and Math-Verify is not installed"
    return ("equal" if numbers[0] == numbers[1] else "different"), "as numbers"


def main():
    check = with_math_verify if math_verify else without
    for line in sys.stdin:
        request = json.loads(line)
        try:
            verdict, why = check(request["gold"], request["candidate"])
        except Exception as error:  # one strange answer must not end the process
            verdict, why = "unknown", f"{type(error).__name__}: {error}"
        reply = {"id": request["id"], "verdict": verdict, "why": why}
        print(json.dumps(reply), flush=True)  # flush: Gavel waits for the line


if __name__ == "__main__":
    main()
