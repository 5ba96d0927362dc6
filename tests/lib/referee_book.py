"""The pairs of a seed file, and which of them a judge prompt shows, by their texts alone."""
import json

PAIRWISE = ("chosen_first", "rejected_first")
POINTWISE = ("chosen_only", "rejected_only")


class Pair:
    """A question with the texts that count as right and as wrong for it."""

    def __init__(self, prompt, right, wrong):
        self.prompt = prompt
        self.right = list(dict.fromkeys(right))
        self.wrong = list(dict.fromkeys(wrong))


def read_lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def pairs_of(seeds):
    return [Pair(s["prompt"], [s["chosen"]], [s["rejected"]]) for s in seeds]


def pairs_of_seeds(path):
    return pairs_of(read_lines(path))


def pairs_of_gsm8k(path):
    """Questions that have a right and a wrong solution; any two of them may be the pair."""
    pairs = []
    for line in read_lines(path):
        solutions = [v for key, v in line.items() if key not in ("question", "ground_truth")]
        right = [s["solution"] for s in solutions if s["is_correct"]]
        wrong = [s["solution"] for s in solutions if not s["is_correct"]]
        if right and wrong:
            pairs.append(Pair(line["question"], right, wrong))
    return pairs


class Book:
    """Finds the pair a judge prompt is about, and the order it is shown in."""

    def __init__(self, pairs):
        self.pairs = pairs
        self.by_first_line = {}
        for pair in pairs:
            line = pair.prompt.split("\n", 1)[0]
            self.by_first_line.setdefault(line, []).append(pair)

    def locate(self, text, one=False):
        """(prompt, right text, wrong text, order), or None. `one`: one answer is shown."""
        for line in dict.fromkeys(text.split("\n")):
            for pair in self.by_first_line.get(line, ()):
                found = self.alone_in(pair, text) if one else self.locate_in(pair, text)
                if found:
                    return found
        return None

    @staticmethod
    def answers_of(pair, text):
        """Where the answers may begin; a reference answer may be the text of one of them."""
        at = text.find("\n" + pair.prompt + "\n")
        return -1 if at < 0 else max(at + len(pair.prompt),
                                     text.find("\n[The End of the Reference Answer", at))

    @staticmethod
    def shown(answers, text, start):
        """(where, length, answer) of the longest answer that stands there: one may be the
        beginning of another."""
        places = [(text.find("\n" + a + "\n", start), len(a), a) for a in answers]
        return max((p for p in places if p[0] >= 0), key=lambda p: p[1], default=None)

    def locate_in(self, pair, text):
        start = self.answers_of(pair, text)
        if start < 0:
            return None
        right, wrong = (self.shown(answers, text, start)
                        for answers in (pair.right, pair.wrong))
        if not right or not wrong:
            return None
        return pair.prompt, right[2], wrong[2], PAIRWISE[right[0] > wrong[0]]

    def alone_in(self, pair, text):
        """Of pairs with one right and one wrong answer."""
        start = self.answers_of(pair, text)
        if start < 0:
            return None
        sides = [self.shown(answers, text, start)
                 for answers in (pair.right, pair.wrong)]
        if not any(sides):
            return None
        best = max((s for s in sides if s), key=lambda p: p[1])
        return pair.prompt, pair.right[0], pair.wrong[0], POINTWISE[sides.index(best)]
