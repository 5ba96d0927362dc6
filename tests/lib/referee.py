"""What a run must have done, by the log of the teacher alone."""
from referee_book import PAIRWISE, POINTWISE
from referee_text import letters, score_of

ORDERS = PAIRWISE
OUTCOMES = {"right": "correct", "wrong": "incorrect", "tie": "tie"}  # all others: no verdict


class Rollout:
    """The calls of one judgment, in the order of their steps."""

    def __init__(self, first):
        self.calls = [first]
        self.k = None  # its index in the store: only two halves of a judgment need it

    first = property(lambda self: self.calls[0])
    last = property(lambda self: self.calls[-1])
    key = property(lambda self: self.first.key)
    order = property(lambda self: self.first.order)
    trace = property(lambda self: self.first.trace)
    verdict = property(lambda self: self.last.verdict)
    format = property(lambda self: self.first.format)
    loop = property(lambda self: self.first.loop)
    hint = property(lambda self: self.first.hint)
    mentions = property(lambda self: self.first.mentions)

    @property
    def cues(self):
        return sum(c.ask == "continue" for c in self.calls)

    @property
    def new(self):
        """Something new was said after every cue."""
        return all(c.new for c in self.calls)

    @property
    def score(self):
        return score_of(self.last)

    @property
    def said(self):
        """The verdict as it is stored."""
        if self.order in POINTWISE:
            return "score" if self.score is not None else None
        return letters(self.order).get(self.verdict)


def counts(rollout, filters):
    """Whether a judgment is worth a correct rollout."""
    return rollout.verdict == "right" and rollout.new and not (filters and rollout.loop)


class Ledger:
    """The distinct whole answers of a log, per pair and order, in the order they were served.

    `model`: whose; `hinted`: those of the pass that was told the winner. `one`: each answer was
    judged alone, and match() says which halves belong together.
    """

    def __init__(self, log, k, n, filters=False, model="referee", hinted=False, one=False):
        self.k, self.n, self.filters, self.one = k, n, filters, one
        self.orders = POINTWISE if one else PAIRWISE
        self.answers = {}  # key: order: [rollout]
        self.by_trace = {}
        self.rollouts = {}  # body of the first call: rollout
        self.checks = {}  # trace of a rollout: the reviews of it
        self.bodies = set()
        for call in sorted((c for c in log if c.whole), key=lambda c: c.written):
            if call.trace:
                self.by_trace[call.trace] = call
            if call.model == model and call.body not in self.bodies:
                self.add(call, hinted)

    def add(self, call, hinted):
        if call.ask == "check":
            self.bodies.add(call.body)
            self.checks.setdefault(call.root, []).append(call)
            return
        first = call if call.ask == "judge" else self.by_trace[call.root]
        if bool(first.hint) != hinted:
            return
        self.bodies.add(call.body)
        if call.ask != "judge":
            self.rollouts[first.body].calls.append(call)
            return
        rollout = self.rollouts[call.body] = Rollout(call)
        of = self.answers.setdefault(call.key, {order: [] for order in self.orders})
        of[call.order].append(rollout)

    def rollout_of(self, trace):
        """The judgment whose first thought was called so."""
        return self.rollouts[self.by_trace[trace].body]

    def match(self, indexes):
        """{trace: index of its rollout}: which halves of pointwise judgments belong together. One
        that is not there was not gone on with, because the other half was worth nothing."""
        for trace, k in indexes.items():
            self.rollout_of(trace).k = k
        for of in self.answers.values():
            for order in self.orders:
                of[order] = [r for r in of[order] if r.k is not None]

    def judgments(self, key):
        """Of the two halves of each index that is whole: correct, incorrect, tie, no_verdict."""
        halves = [{r.k: r for r in self.answers[key][order]} for order in self.orders]
        found = {}
        for k in halves[0].keys() & halves[1].keys():
            chosen, rejected = halves[0][k], halves[1][k]
            if chosen.score is None or rejected.score is None:
                found[k] = "no_verdict"
            else:
                more = chosen.score - rejected.score
                found[k] = "correct" if more > 0 else "tie" if more == 0 else "incorrect"
        return found

    def sound(self, rollout):
        return rollout.new and not (self.filters and rollout.loop)

    def outcome(self, rollout):
        """As the store has it."""
        if not self.one:
            return OUTCOMES.get(rollout.verdict, "no_verdict")
        return self.judgments(rollout.key).get(
            rollout.k, "pending" if rollout.score is not None else "no_verdict")

    def correct(self, key, order):
        """Judgments of this order that count as correct; pointwise: of both halves together."""
        if not self.one:
            return sum(counts(r, self.filters) for r in self.answers[key][order])
        halves = [{r.k: r for r in self.answers[key][o]} for o in self.orders]
        return sum(outcome == "correct" and all(self.sound(h[k]) for h in halves)
                   for k, outcome in self.judgments(key).items())

    def done(self, key, order):
        """Judgments that are over; pointwise: one half that is worth nothing ends both."""
        if not self.one:
            return len(self.answers[key][order])
        lost = {r.k for r in self.of(key) if r.score is None or not self.sound(r)}
        return len(lost | self.judgments(key).keys())

    def most_of_one_order(self):
        return max(len(of[order]) for of in self.answers.values() for order in self.orders)

    def fate(self, key):
        """accepted, rejected, or undecided: what the answers that were served imply."""
        right = {order: self.correct(key, order) for order in self.orders}
        if all(right[order] >= self.k for order in self.orders):
            return "accepted"
        if any(self.done(key, order) - right[order] > self.n - self.k for order in self.orders):
            return "rejected"
        return "undecided"

    def with_fate(self, fate):
        return {key for key in self.answers if self.fate(key) == fate}

    def calls(self):
        return len(self.bodies)

    def of(self, key):
        """All rollouts of a pair."""
        return [r for order in self.orders for r in self.answers[key][order]]

    def all(self):
        return [r for key in self.answers for r in self.of(key)]

    def reached(self, outcomes, wanted, value):
        """How many of the outcomes are needed to see `value` so often; None: they never do."""
        for i, outcome in enumerate(outcomes):
            wanted -= outcome == value
            if wanted == 0:
                return i + 1
        return None

    def certificate(self, key, outcomes):
        """The calls that prove the fate of a pair, by the outcomes of both orders."""
        passed = [self.reached(o, self.k, True) for o in outcomes]
        if all(passed):
            return sum(passed)
        lost = [self.reached(o, self.n - self.k + 1, False) for o in outcomes]
        return min(x for x in lost if x)

    def needed(self):
        """The calls that the log proves necessary."""
        return sum(self.certificate(key, [[counts(c, self.filters) for c in of[order]]
                                          for order in self.orders])
                   for key, of in self.answers.items())

    def needed_by(self, table):
        """The same by the whole table: also by what was never asked."""
        def outcomes(key, order):
            for i in range(self.n):
                verdict, loop = table.verdict(key, order, i)
                yield verdict == "right" and not (self.filters and loop)
        return sum(self.certificate(key, [list(outcomes(key, order)) for order in self.orders])
                   for key in self.answers)
