"""What a run must have done, by the log of the teacher alone."""
ORDERS = ("chosen_first", "rejected_first")


def counts(call, filters):
    """Whether a served judgment is worth a correct rollout."""
    return call.verdict == "right" and not (filters and call.loop)


class Ledger:
    """The distinct whole answers of a log, per pair and order, in the order they were served."""

    def __init__(self, log, k, n, filters=False):
        self.k, self.n, self.filters = k, n, filters
        self.answers = {}  # key: order: [call]
        self.by_trace = {}
        seen = set()
        for call in sorted((c for c in log if c.whole), key=lambda c: c.written):
            if call.trace:
                self.by_trace[call.trace] = call
            if call.body in seen:
                continue
            seen.add(call.body)
            of = self.answers.setdefault(call.key, {order: [] for order in ORDERS})
            of[call.order].append(call)
        self.bodies = seen

    def correct(self, key, order):
        return sum(counts(c, self.filters) for c in self.answers[key][order])

    def most_of_one_order(self):
        return max(len(of[order]) for of in self.answers.values() for order in ORDERS)

    def fate(self, key):
        """accepted, rejected, or undecided: what the answers that were served imply."""
        of = self.answers[key]
        right = {order: self.correct(key, order) for order in ORDERS}
        if all(right[order] >= self.k for order in ORDERS):
            return "accepted"
        if any(len(of[order]) - right[order] > self.n - self.k for order in ORDERS):
            return "rejected"
        return "undecided"

    def with_fate(self, fate):
        return {key for key in self.answers if self.fate(key) == fate}

    def calls(self):
        return len(self.bodies)

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
                                          for order in ORDERS])
                   for key, of in self.answers.items())

    def needed_by(self, table):
        """The same by the whole table: also by what was never asked."""
        def outcomes(key, order):
            for i in range(self.n):
                verdict, loop = table.verdict(key, order, i)
                yield verdict == "right" and not (self.filters and loop)
        return sum(self.certificate(key, [list(outcomes(key, order)) for order in ORDERS])
                   for key in self.answers)
