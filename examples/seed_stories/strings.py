"""Letters: reversing, counting, shifting, dropping."""

from .steps import Step, Story, choice, neighbours_swapped, operation, prompt_of

WORDS = [
    "lantern", "harvest", "compass", "meadow", "thunder", "blanket", "orchard", "pilgrim", "saddle",
    "bramble", "cottage", "whisper", "granite", "plumage", "weather", "journal", "captain",
    "mustard", "feather", "kingdom", "chimney", "balance", "picture", "dolphin", "village",
    "monarch", "trumpet", "lobster", "panther", "cabinet", "cushion", "drawing", "factory",
    "glacier", "hamster", "insight", "kitchen", "leather", "mansion", "nursery",
]
PHRASES = [
    "seven silent sailors sat beside the sea", "a banana and an ananas are an airy meal",
    "green geese never need new nests", "little bottles rattle in the metal kettle",
    "pepper and apples upset a hippo", "good books look odd on root wood",
    "the eleven elves were never there", "miss the mississippi mist this summer",
    "all tall walls shall fall well", "an indian inn in winter wind",
    "roaring rivers carry broken mirrors", "every evening helen sees the beehive",
]


def reverse_stories():
    rows = [
        ("reverse", 'Write the word "{word}" backwards.'),
        ("mirror", 'A sign reads "{word}". What does it read letter by letter from right to left?'),
        (
            "stack",
            (
                'The letters of "{word}" are put on a stack one after the other and taken off'
                " again. In which sequence do they come off?"
            ),
        ),
    ]

    def steps(env):
        return [
            choice(
                "spelled",
                lambda e: "-".join(e["word"]),
                lambda e: f"Spelled out: {e['spelled']}",
                lambda e, v: [],
                "",
            ),
            choice(
                "back",
                lambda e: "".join(reversed(e["spelled"].split("-"))),
                lambda e: f"From the last letter to the first: {'-'.join(e['back'])}",
                lambda e, v: ["".join(w) for i in range(1, 6) for w in neighbours_swapped(v, i)],
                "two letters changed places",
            ),
        ]

    for name, prompt in rows:
        yield Story(
            "strings",
            name,
            lambda dice: {"word": dice.pick(WORDS)},
            prompt_of(prompt),
            steps,
            lambda env: env["back"],
            lambda env: env["word"][::-1],
            lambda env: env["back"],
        )


def count_stories():
    rows = [
        ("letters", 'How many times does the letter "{letter}" stand in "{phrase}"?'),
        (
            "typesetter",
            'A typesetter sets "{phrase}". How many pieces of the letter "{letter}" are needed?',
        ),
        ("scan", 'Count the letter "{letter}" in this text: {phrase}'),
    ]

    def draw(dice):
        phrase = dice.pick(PHRASES)
        return {"phrase": phrase, "letter": dice.pick(sorted(set(phrase) - {" "}))}

    def steps(env):
        def count_of(name, word):
            return Step(
                name,
                lambda e: word.count(e["letter"]),
                lambda e, v: [(v + 1, "miscounted"), (v - 1, "miscounted")] if v else [],
                lambda e: f'In "{word}": {e[name]}',
            )

        words = env["phrase"].split()
        names = [f"w{i}" for i in range(len(words))]
        total = Step(
            "total",
            lambda e: sum(e[n] for n in names),
            lambda e, v: [(v + 1, "sum off"), (v - 1, "sum off")],
            lambda e: f"Sum: {' + '.join(str(e[n]) for n in names)} = {e['total']}",
        )
        return [count_of(n, w) for n, w in zip(names, words)] + [total]

    for name, prompt in rows:
        yield Story(
            "strings",
            name,
            draw,
            prompt_of(prompt),
            steps,
            lambda env: str(env["total"]),
            lambda env: str(len([c for c in env["phrase"] if c == env["letter"]])),
            lambda env: env["total"] if env["total"] > 1 else None,
        )


def shift_stories():
    rows = [
        (
            "cipher",
            (
                'Encode "{word}" by moving every letter {n} places on in the alphabet (after z'
                " comes a)."
            ),
        ),
        (
            "dial",
            (
                "A dial replaces each letter by the one {n} places after it, z being followed by a."
                ' What becomes of "{word}"?'
            ),
        ),
        (
            "note",
            (
                "A secret note shifts all letters forward by {n}, starting again with a after z."
                ' How does it write "{word}"?'
            ),
        ),
    ]
    alphabet = "abcdefghijklmnopqrstuvwxyz"

    def encode(env):
        return "".join(alphabet[(alphabet.index(c) + env["n"]) % 26] for c in env["word"])

    def one_off(env, value):
        return [
            value[:i] + alphabet[(alphabet.index(c) + off) % 26] + value[i + 1 :]
            for i, c in enumerate(value)
            for off in (1, -1)
        ]

    def steps(env):
        return [
            choice(
                "code",
                encode,
                lambda e: "Letter by letter: "
                + ", ".join(f"{a} to {b}" for a, b in zip(e["word"], e["code"])),
                one_off,
                "one letter moved by one place too many or few",
            )
        ]

    def truth(env):
        turned = alphabet[env["n"] :] + alphabet[: env["n"]]
        return env["word"].translate(str.maketrans(alphabet, turned))

    for name, prompt in rows:
        yield Story(
            "strings",
            name,
            lambda dice: {"word": dice.pick(WORDS), "n": dice.between(2, 7)},
            prompt_of(prompt),
            steps,
            lambda env: env["code"],
            truth,
            lambda env: env["code"],
        )


def vowel_stories():
    rows = [
        (
            "consonants",
            'Take all vowels (a, e, i, o, u) out of "{a} {b}". How many letters are left?',
        ),
        (
            "shorthand",
            (
                "A shorthand drops the vowels a, e, i, o and u. How many letters does it write for"
                ' "{a} {b}"?'
            ),
        ),
    ]

    def draw(dice):
        a, b = dice.sample(WORDS, 2)
        return {"a": a, "b": b}

    def kept(word):
        def slips(env, value):
            dropped = [value[:i] + value[i + 1 :] for i in range(len(value))]
            left_in = [
                word[: i + 1].translate(NO_VOWELS) + c + word[i + 1 :].translate(NO_VOWELS)
                for i, c in enumerate(word)
                if c in "aeiou"
            ]
            return dropped + left_in

        return slips

    def steps(env):
        def without(name, word):
            return choice(
                name,
                lambda e: word.translate(NO_VOWELS),
                lambda e: f"From \"{word}\" stay {'-'.join(e[name])}",
                kept(word),
                "a consonant lost or a vowel left in",
            )

        def length(name, of):
            return choice(
                name,
                lambda e: len(e[of]),
                lambda e: f"Letters there: {e[name]}",
                lambda e, v: [v + 1, v - 1],
                "miscounted",
            )

        return [
            without("first", env["a"]),
            length("n1", "first"),
            without("second", env["b"]),
            length("n2", "second"),
            operation("total", "n1", "+", "n2", "Together", small=True),
        ]

    for name, prompt in rows:
        yield Story(
            "strings",
            name,
            draw,
            prompt_of(prompt),
            steps,
            lambda env: f"{env['total']} letters",
            lambda env: f"{sum(c not in 'aeiou' for c in env['a'] + env['b'])} letters",
            lambda env: env["total"],
        )


NO_VOWELS = str.maketrans("", "", "aeiou")


STORIES = [*reverse_stories(), *count_stories(), *shift_stories(), *vowel_stories()]
