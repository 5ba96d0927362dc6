"""What stories are made of: draws, steps and chains of steps."""

import collections
import hashlib

# A step: value(env) computes what it should be from the values before it, slips(env, value) lists
# (wrong value, what went wrong), text(env) says it.
Step = collections.namedtuple("Step", "name value slips text")
# A story: draw(dice) makes the given values; prompt(env), steps(env) and answer(env) say and solve
# it; truth(env) computes the answer in another way; key(env) orders answers by size, None refuses.
Story = collections.namedtuple("Story", "domain name draw prompt steps answer truth key")


class Dice:
    """Deterministic draws that are the same in every Python."""

    def __init__(self, label):
        self.label, self.count = label, 0

    def below(self, n):
        self.count += 1
        digest = hashlib.sha256(f"{self.label}/{self.count}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % n

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def pick(self, items):
        return items[self.below(len(items))]

    def sample(self, items, n):
        rest = list(items)
        return [rest.pop(self.below(len(rest))) for _ in range(n)]


CALCULATE = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}


def number_slips(a, op, b, value):
    if op == "+":
        slips = [(value + 10, "carried a ten too many")]
        if a % 10 + b % 10 >= 10:
            slips.append((value - 10, "lost the carry"))
        return slips
    if op == "-":
        slips = [(value - 10, "borrowed a ten too many")]
        if a % 10 < b % 10:
            slips.append((value + 10, "forgot the borrow"))
        return slips
    return [
        (a * (b + 1), f"took {b + 1} times instead of {b}"),
        (a * (b - 1), f"took {b - 1} times instead of {b}"),
    ]


def operation(name, left, op, right, label, small=False):
    """label: left op right = value. Small ones slip by one, others by a carry, borrow or row."""

    def value(env):
        return CALCULATE[op](env[left], env[right])

    def slips(env, v):
        if small:
            return [(v + 1, "off by one"), (v - 1, "off by one")]
        return number_slips(env[left], op, env[right], v)

    def text(env):
        return f"{label}: {env[left]} {env['signs'][op]} {env[right]} = {env[name]}"

    return Step(name, value, slips, text)


def fact(name, right, wrong, sentence, why="wrong conversion factor"):
    return Step(
        name,
        lambda env: right,
        lambda env, v: [(w, why) for w in wrong],
        lambda env: sentence.format(**{name: env[name]}),
    )


def choice(name, function, label, slips, why):
    """A value that is no number: slips(env, value) lists the wrong ones."""
    return Step(name, function, lambda env, v: [(w, why) for w in slips(env, v) if w != v], label)


def ordinal(n):
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(n, f"{n}th")


def neighbours_swapped(items, position):
    """The sequence with the item at position swapped with the one before or after it."""
    for first in (position - 1, position):
        if 0 <= first < len(items) - 1:
            wrong = list(items)
            wrong[first], wrong[first + 1] = wrong[first + 1], wrong[first]
            yield wrong


NAMES = [
    "Ada", "Ben", "Cleo", "Dan", "Edith", "Finn", "Grace", "Hugo", "Ines", "Jonas", "Kira", "Leo",
]


def chain(domain, name, prompt, ranges, steps, formula, unit):
    """ranges: name -> (low, high). formula: the answer in one Python expression."""

    def draw(dice):
        env = {key: dice.between(*bounds) for key, bounds in ranges.items()}
        env["who"] = dice.pick(NAMES)
        return env

    last = steps[-1].name
    return Story(
        domain,
        name,
        draw,
        lambda env: prompt.format(**env),
        lambda env: steps,
        lambda env: f"{env[last]} {unit}",
        lambda env: f"{eval(formula, {}, dict(env))} {unit}",
        lambda env: env[last],
    )


def prompt_of(template):
    return lambda env: template.format(**env)
