"""Sorting, chains of clues, ranks with ties."""

import itertools

from .steps import NAMES, Story, choice, neighbours_swapped, ordinal, prompt_of


def sorted_story(domain, name, prompt, draw, order, label, truth):
    """Items are put in order, then the k-th is taken; the slip swaps it with a neighbour."""

    def steps(env):
        return [
            choice(
                "order",
                order,
                lambda e: f"{label}: {', '.join(map(str, e['order']))}",
                lambda e, v: list(neighbours_swapped(v, e["k"] - 1)),
                "two neighbours in the wrong order",
            ),
            choice(
                "kth",
                lambda e: e["order"][e["k"] - 1],
                lambda e: f"The {ordinal(e['k'])} of them is {e['kth']}",
                lambda e, v: [],
                "",
            ),
        ]

    return Story(
        domain,
        name,
        draw,
        prompt_of(prompt),
        steps,
        lambda env: str(env["kth"]),
        truth,
        lambda env: env["kth"],
    )


def ordering_stories():
    ladders = [
        ["plain", "plane", "planet", "plank", "plant", "plaster", "plate", "player"],
        ["stable", "stack", "stage", "stain", "stamp", "stand", "staple", "start"],
        ["cabin", "cable", "candle", "canoe", "canvas", "carbon", "cargo", "carpet"],
        ["marble", "march", "margin", "marine", "market", "maroon", "marsh", "martin"],
        ["grape", "graph", "grasp", "grass", "grate", "gravel", "gravy", "graze"],
    ]

    def in_order(backwards):
        return lambda env: sorted(env["items"], reverse=backwards)

    def by_removal(backwards):
        def truth(env):
            size = float if str(env["items"][0])[0].isdigit() else str
            extreme = max if backwards else min
            rest = list(env["items"])
            for _ in range(env["k"] - 1):
                rest.remove(extreme(rest, key=size))
            return str(extreme(rest, key=size))

        return truth

    def draw_decimals(dice):
        whole = dice.between(0, 9)
        values = dice.sample(range(1, 100), 5)
        items = [f"{whole}.{v // 10}" if v % 10 == 0 else f"{whole}.{v:02d}" for v in values]
        return {"items": items, "k": dice.between(2, 4), "list": ", ".join(items)}

    def draw_integers(dice):
        items = [dice.between(4, 9) * 1000 + v for v in dice.sample(range(100, 999), 5)]
        return {"items": items, "k": dice.between(2, 4), "list": ", ".join(map(str, items))}

    def draw_words(dice):
        items = dice.sample(dice.pick(ladders), 5)
        return {"items": items, "k": dice.between(2, 4), "list": ", ".join(items)}

    # name, prompt, draw, whether the order goes backwards
    rows = [
        (
            "decimals", "Put {list} in ascending order. Which number is at position {k}?",
            draw_decimals, False,
        ),
        (
            "temperatures",
            (
                "The readings of a probe were {list}. Sorted from high to low, which one has"
                " position {k}?"
            ),
            draw_decimals, True,
        ),
        (
            "lots",
            (
                "Lots are called up from the highest number to the lowest. The numbers {list} are"
                " waiting. Which is called as number {k}?"
            ),
            draw_integers, True,
        ),
        (
            "index",
            (
                "In what place a word stands in an index depends on the alphabet. Which of {list}"
                " is at place {k} of the five?"
            ),
            draw_words, False,
        ),
        (
            "labels",
            (
                "Five labels, {list}, are filed alphabetically but backwards, from z to a. What"
                " does label number {k} say?"
            ),
            draw_words, True,
        ),
        (
            "dictionary",
            "Sort these words as a dictionary does: {list}. Name the word at position {k}.",
            draw_words, False,
        ),
    ]
    for name, prompt, draw, backwards in rows:
        order, truth = in_order(backwards), by_removal(backwards)
        yield sorted_story("ordering", name, prompt, draw, order, "In order", truth)


def race_stories():
    rows = [
        (
            "race", "{clues} Nobody tied. Who came in at place {k} of the five?",
            "{0} finished before {1}.",
        ),
        (
            "queue",
            "Five people wait in a line. {clues} Who has place {k}, counted from the front?",
            "{0} stands right before {1}.",
        ),
        (
            "shelf",
            (
                "Five friends compare their book shelves. {clues} Who has the shelf at place {k},"
                " beginning with the longest?"
            ),
            "The shelf of {0} is longer than that of {1}.",
        ),
    ]

    def drawer(clue):
        def draw(dice):
            order = dice.sample(NAMES, 5)
            pairs = dice.sample(list(zip(order, order[1:])), 4)
            return {
                "pairs": pairs,
                "k": dice.between(2, 4),
                "clues": " ".join(clue.format(*p) for p in pairs),
            }

        return draw

    def follow(env):
        after = dict(env["pairs"])
        order = [next(name for name in after if name not in after.values())]
        while order[-1] in after:
            order.append(after[order[-1]])
        return order

    def brute_force(env):
        people = sorted(set(itertools.chain(*env["pairs"])))
        fitting = [
            order
            for order in itertools.permutations(people)
            if all(order.index(a) < order.index(b) for a, b in env["pairs"])
        ]
        return fitting[0][env["k"] - 1] if len(fitting) == 1 else None

    for name, prompt, clue in rows:
        yield sorted_story(
            "ordering", name, prompt, drawer(clue), follow, "Linking the clues", brute_force
        )


def tie_stories():
    rows = [
        (
            "quiz", "points", "seconds",
            (
                "A quiz is ranked by points, the highest first; between equal points the "
                "shorter time wins. {list}. Who is at rank {k}?"
            ),
        ),
        (
            "bids", "stars", "euros",
            (
                "Offers are ranked by stars, the most first; between equal stars the lower price "
                "wins. {list}. Whose offer is at rank {k}?"
            ),
        ),
    ]

    def drawer(score, cost):
        def draw(dice):
            people, scores = dice.sample(NAMES, 5), dice.sample(range(11, 40), 4)
            k = dice.between(2, 4)
            scores = sorted(scores, reverse=True)
            scores.insert(k - 1, scores[k - 2])  # a tie between ranks k-1 and k
            costs = dice.sample(range(41, 99), 5)
            entries = dice.sample(list(zip(people, scores, costs)), 5)
            return {
                "entries": {e[0]: e for e in entries},
                "k": k,
                "list": "; ".join(f"{p} has {s} {score} and {c} {cost}" for p, s, c in entries),
            }

        return draw

    def rank(env):
        return sorted(env["entries"], key=lambda p: (-env["entries"][p][1], env["entries"][p][2]))

    def by_counting(env):
        def beats(a, b):
            return a[1] > b[1] or (a[1] == b[1] and a[2] < b[2])

        entries = env["entries"].values()
        return next(e[0] for e in entries if sum(beats(o, e) for o in entries) == env["k"] - 1)

    for name, score, cost, prompt in rows:

        def steps(env, score=score):
            def tie_turned(e, order):
                wrong = list(order)
                wrong[e["k"] - 2], wrong[e["k"] - 1] = wrong[e["k"] - 1], wrong[e["k"] - 2]
                return [wrong]

            def text(e):
                return "The ranking: " + ", ".join(
                    f"{p} ({e['entries'][p][1]} {score})" for p in e["order"]
                )

            return [
                choice("order", rank, text, tie_turned, "the tie is decided the wrong way round"),
                choice(
                    "kth",
                    lambda e: e["order"][e["k"] - 1],
                    lambda e: f"Rank {e['k']} goes to {e['kth']}",
                    lambda e, v: [],
                    "",
                ),
            ]

        yield Story(
            "ordering",
            name,
            drawer(score, cost),
            prompt_of(prompt),
            steps,
            lambda env: env["kth"],
            by_counting,
            lambda env: env["kth"],
        )


STORIES = [*ordering_stories(), *race_stories(), *tie_stories()]
