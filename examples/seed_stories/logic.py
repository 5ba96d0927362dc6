"""Truth values, parity, sets and rules."""

from .steps import Story, chain, choice, operation, prompt_of

SCENES = [
    "This morning", "Today", "At noon", "Yesterday", "Last Monday", "On Friday", "In the evening",
    "Right now", "On the first day", "During the test", "At the start", "Around nine",
    "Before lunch", "On Sunday",
]


def rule_stories():
    # The rule, its Python form, and three statements A, B, C that are given as true or false.
    rows = [
        (
            "alarm",
            (
                "The alarm sounds if the door is open and the key is not in the lock, or if there"
                " is smoke"
            ),
            ("the door is open", "the key is in the lock", "there is smoke"),
            "(A and not B) or C",
            [
                ("x", "not B", "The key is not in the lock"),
                ("y", "A and x", "Open door and no key in the lock"),
                ("z", "y or C", "That or smoke"),
            ],
            "Does the alarm sound?",
        ),
        (
            "ticket",
            (
                "A ticket is cheaper if the visitor is a pupil or comes after five, and it is not a"
                " holiday"
            ),
            ("the visitor is a pupil", "the visitor comes after five", "it is a holiday"),
            "(A or B) and not C",
            [
                ("x", "A or B", "Pupil or after five"),
                ("y", "not C", "It is not a holiday"),
                ("z", "x and y", "Both of these hold"),
            ],
            "Is the ticket cheaper?",
        ),
        (
            "valve",
            "The valve opens if exactly one of the two levers is up and the pump is running",
            ("the left lever is up", "the right lever is up", "the pump is running"),
            "(A != B) and C",
            [
                ("x", "A or B", "At least one lever is up"),
                ("y", "A and B", "Both levers are up"),
                ("z", "x and not y and C", "Exactly one lever, and the pump runs"),
            ],
            "Does the valve open?",
        ),
    ]

    def maker(name, rule, statements, formula, parts, question):
        def draw(dice):
            values = [dice.below(2) == 1 for _ in statements]
            said = "; ".join(
                f"\"{s}\" is {'true' if v else 'false'}" for s, v in zip(statements, values)
            )
            return {
                "A": values[0],
                "B": values[1],
                "C": values[2],
                "given": said,
                "day": dice.pick(SCENES),
            }

        def evaluate(expression):
            return lambda env: eval(expression, {}, {k: env[k] for k in "ABCxyz" if k in env})

        def part(key, expression, label):
            return choice(
                key,
                evaluate(expression),
                lambda e: f"{label}: {'true' if e[key] else 'false'}",
                lambda e, v: [not v],
                "a truth value turned round",
            )

        def answer(value):
            return "yes" if value else "no"

        return Story(
            "logic",
            name,
            draw,
            lambda env: f"{rule}. {env['day']}, {env['given']}. {question}",
            lambda env: [part(*p) for p in parts],
            lambda env: answer(env["z"]),
            lambda env: answer(evaluate(formula)(env)),
            lambda env: env["z"],
        )

    return [maker(*row) for row in rows]


def lamp_stories():
    rows = [
        (
            "lamp",
            (
                "A lamp is off. People numbered 1 to {n} walk by. Everyone whose number is a"
                " multiple of {k} presses its switch once, and everyone whose number is a multiple"
                " of {m} presses it once (both: twice). Is the lamp on or off at the end?"
            ),
        ),
        (
            "gate",
            (
                "A gate light is off at hour 0. From hour 1 to hour {n} it is switched at each hour"
                " divisible by {k} and, separately, at each hour divisible by {m}. Is it on or off"
                " after hour {n}?"
            ),
        ),
        (
            "sign",
            (
                "A neon sign starts dark. In {n} ticks, one timer switches it at each {k}th tick"
                " and another timer at each {m}th tick. Is the sign on or off afterwards?"
            ),
        ),
    ]

    def draw(dice):
        k, m = dice.sample(range(4, 13), 2)
        return {"n": dice.between(50, 140), "k": k, "m": m}

    def steps(env):
        def multiples(name, of):
            return choice(
                name,
                lambda e: e["n"] // e[of],
                lambda e: f"Multiples of {e[of]} up to {e['n']}: {e[name]}",
                lambda e, v: [v + 1, v - 1],
                "counted one multiple too many or too few",
            )

        return [
            multiples("a", "k"),
            multiples("b", "m"),
            operation("total", "a", "+", "b", "Switchings", small=True),
            choice(
                "odd",
                lambda e: e["total"] % 2 == 1,
                lambda e: f"{e['total']} is {'odd' if e['odd'] else 'even'}",
                lambda e, v: [],
                "",
            ),
        ]

    def truth(env):
        on = False
        for i in range(1, env["n"] + 1):
            for step in (env["k"], env["m"]):
                on ^= i % step == 0
        return "on" if on else "off"

    for name, prompt in rows:
        yield Story(
            "logic",
            name,
            draw,
            prompt_of(prompt),
            steps,
            lambda env: "on" if env["odd"] else "off",
            truth,
            lambda env: (env["total"], env["odd"]),
        )


def parcel_stories():
    rows = [
        (
            "parcels",
            (
                "A parcel goes by train if it is red and weighs more than {limit} kg, otherwise by"
                " van. {list}. How many parcels go by train?"
            ),
            "parcels",
        ),
        (
            "crates",
            (
                "A crate is opened if it is red and heavier than {limit} kg; other crates stay"
                " closed. {list}. How many crates are opened?"
            ),
            "crates",
        ),
    ]

    def draw(dice):
        limit = dice.between(4, 8)
        items = [
            (
                dice.pick(["red", "red", "blue"]),
                limit * 10 + dice.pick([-8, -5, -3, -1, 1, 2, 4, 7]),
            )
            for _ in range(5)
        ]
        return {
            "limit": limit,
            "items": items,
            "list": ". ".join(
                f"Number {i} is {c} and weighs {w / 10} kg" for i, (c, w) in enumerate(items, 1)
            ),
        }

    def steps(env):
        def decide(i, colour, weight):
            name = f"p{i}"
            return choice(
                name,
                lambda e: int(colour == "red" and weight > 10 * e["limit"]),
                lambda e: (
                    f"Number {i} ({colour}, {weight / 10} kg): {'meets' if e[name] else 'fails'}"
                    " the rule"
                ),
                lambda e, v: [1 - v],
                "the rule is read wrongly",
            )

        decisions = [decide(i, *item) for i, item in enumerate(env["items"], 1)]
        count = choice(
            "count",
            lambda e: sum(e[d.name] for d in decisions),
            lambda e: f"Meeting the rule: {e['count']}",
            lambda e, v: [],
            "",
        )
        return decisions + [count]

    for name, prompt, unit in rows:
        yield Story(
            "logic",
            name,
            draw,
            prompt_of(prompt),
            steps,
            lambda env, unit=unit: f"{env['count']} {unit}",
            lambda env, unit=unit: (
                f"{len([1 for c, w in env['items'] if c == 'red' and w / 10 > env['limit']])} "
                f"{unit}"
            ),
            lambda env: env["count"] if env["count"] > 1 else None,
        )


def set_stories():
    rows = [
        (
            "clubs",
            (
                "Of {n} pupils, {a} play chess and {b} sing in the choir; {c} do both. How many"
                " pupils do neither?"
            ),
            "pupils",
        ),
        (
            "readers",
            (
                "In a street of {n} homes, {a} take the morning paper and {b} the evening paper,"
                " and {c} of these take both. How many homes take no paper?"
            ),
            "homes",
        ),
        (
            "guests",
            (
                "A hotel has {n} guests. {a} booked breakfast, {b} booked dinner, and {c} booked"
                " both. How many guests booked no meal?"
            ),
            "guests",
        ),
    ]
    for name, prompt, unit in rows:
        steps = [
            operation("sum", "a", "+", "b", "Both counts added"),
            operation("either", "sum", "-", "c", "At least one of the two"),
            operation("neither", "n", "-", "either", "None of the two"),
        ]
        yield chain(
            "logic",
            name,
            prompt,
            {"n": (140, 260), "a": (46, 98), "b": (37, 89), "c": (14, 35)},
            steps,
            "n - (a + b - c)",
            unit,
        )


STORIES = [*rule_stories(), *lamp_stories(), *set_stories(), *parcel_stories()]
