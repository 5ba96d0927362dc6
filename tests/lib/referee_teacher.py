"""A teacher for the tests that knows nothing of Gavel but what its requests show.

It finds out which answer of which pair is shown first by the texts of the seed file, rules by a
table of outcomes that was fixed before the run, puts a text of its own into every answer, fails in
the ways servers fail, and logs every call it served. What a run must have done follows from that
log alone (see referee.py).
"""
import hashlib
import json
import time
import zlib

from referee_book import (POINTWISE, PAIRWISE, Book, Pair, pairs_of, pairs_of_gsm8k,
                          pairs_of_seeds, read_lines)
from referee_prompt import Asked, count
from referee_server import Server, error, response, stream
from referee_text import FIELDS, letters, message, number, share

__all__ = ["Book", "Call", "Pair", "Table", "Teacher", "error", "pairs_of", "pairs_of_gsm8k",
           "pairs_of_seeds", "read_lines"]

MISSES = ("tie", "no_tags", "cut_off", "empty", "refused", "cut_thought")
FAULTS = ("429", "500", "drop", "truncate", "badjson", "hang")


class Table:
    """Outcomes, fixed beforehand, per pair, order and how-many-th distinct request of the two.

    `rates`: the share of correct judgments with the right answer first and last: a bias towards a
    slot is a difference between the two. `hopeless`: the share of pairs that are judged wrong
    nearly always. `loops`: the share of answers whose thought has fallen into a loop. `fix`,
    `breaks`, `empty`: what becomes of a wrong and of a right judgment after a cue, and how often
    nothing new is said. `hold`: how often a closed thought is answered as it was. `dispute`: how
    often a reviewer finds a critique false. `follows`, `mention`: who is told the winner names it,
    and says that it was told.
    """

    def __init__(self, seed, rates, hopeless=0.0, loops=0.0, fix=0.5, breaks=0.1, empty=0.15,
                 hold=1.0, dispute=0.2, follows=0.9, mention=0.3, misses=1.0):
        self.seed = seed
        self.rates = dict(zip(PAIRWISE, rates)) | dict(zip(POINTWISE, rates))
        self.hopeless = hopeless
        self.loops = loops
        self.fix, self.breaks, self.empty = fix, breaks, empty
        self.hold, self.dispute = hold, dispute
        self.follows, self.mention = follows, mention
        self.misses = misses

    def verdict(self, key, order, i):
        """(what is answered, whether the thought is a loop): right, wrong or one of MISSES."""
        lost = share(self.seed, "hopeless", *key) < self.hopeless
        rate = 0.02 if lost else self.rates[order]
        loop = share(self.seed, "loop", *key, order, i) < self.loops
        if share(self.seed, "right", *key, order, i) < rate:
            return "right", loop
        how = number(self.seed, "miss", *key, order, i) % 20
        if share(self.seed, "any miss", *key, order, i) >= self.misses:
            how = len(MISSES)
        return (MISSES[how] if how < len(MISSES) else "wrong"), loop

    def after(self, body, was):
        """(what is answered after a cue, whether anything new is said)."""
        if share(self.seed, "empty", body) < self.empty:
            return was, False
        turned = share(self.seed, "turn", body)
        if was == "right":
            return ("wrong" if turned < self.breaks else "right"), True
        return ("right" if turned < self.fix else was), True

    def closed(self, body, order, was):
        """What is answered when a thought was closed by who asks."""
        if was not in ("right", "wrong"):
            return "right" if share(self.seed, "close", body) < self.rates[order] else "wrong"
        other = {"right": "wrong", "wrong": "right"}[was]
        return was if share(self.seed, "hold", body) < self.hold else other

    def told(self, key, order, i, right):
        """The same as verdict() when the winner was told: `right`, whether it is the right one."""
        followed = share(self.seed, "follow", *key, order, i) < self.follows
        return "right" if followed == right else "wrong"


class Call:
    """One answer of a served request; a request may ask for several."""

    def __init__(self, body, headers, index=0):
        self.body = body if index == 0 else f"{body}#{index}"  # hash of the request's bytes
        self.index = index
        self.headers = headers
        self.key = self.order = self.verdict = self.written = self.trace = self.thought = None
        self.model = self.ask = self.format = self.root = self.was = self.side = None
        self.nonce = ""
        self.n = 1
        self.attempt = 0
        self.loop = self.mentions = self.disputes = self.claims = False
        self.hint = None
        self.new = True  # something new is said
        self.kind = "whole"  # or one of FAULTS
        self.received = time.monotonic()

    @property
    def whole(self):
        """The whole, sound answer was handed to the socket."""
        return self.kind == "whole" and self.written is not None


def completion(messages, model, usage_of_all=True):
    texts = [json.dumps(m) for m, _ in messages]
    tokens = sum(len(t) // 4 for t in (texts if usage_of_all else texts[:1]))
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": model,
            "choices": [{"index": i, "message": m, "finish_reason": finish}
                        for i, (m, finish) in enumerate(messages)],
            "usage": {"prompt_tokens": 100, "completion_tokens": tokens,
                      "total_tokens": 100 + tokens}}


class Teacher(Server):
    """`with Teacher(pairs, table) as t:` serves t.url from a thread until the block ends.

    `faults`: {kind of FAULTS: share of the calls}. `latency`: (least, most) seconds. `key`: the
    bearer token that is asked for. `script(call, request)`: may return bytes to send instead.
    `models`: {name: table} of those that rule by another table. `prefill`: how it is made to go
    on with an answer: trailing, flag, prefix, or None; `echo`: it repeats what it goes on with.
    `choices`: the largest n.
    """

    def __init__(self, pairs, table, faults=None, latency=(0.0, 0.0), key=None, script=None,
                 models=None, prefill=None, echo=False, choices=64):
        super().__init__()
        self.book = Book(pairs)
        self.table = table
        self.models = models or {}
        self.faults = faults or {}
        self.latency = latency
        self.key = key
        self.script = script
        self.prefill, self.echo, self.choices = prefill, echo, choices
        self.log = []
        self.plain = []  # requests that are no judge's: of the probe
        self.strays = []  # judge prompts that are about no known pair
        self.bodies = {}  # hash: what was ruled, and how often it was asked
        self.distinct = {}  # (model, key, order): how many
        self.chains = {}  # what a thought was called: the verdicts of its rollout so far
        self.in_flight = self.peak = 0
        self.keep_bodies = None  # a dict: bodies are kept by their hash

    def serve(self, connection, method, path, headers, body):
        if method == "GET":
            names = ["referee", *self.models]
            listing = {"object": "list", "data": [{"id": n, "object": "model"} for n in names]}
            connection.transport.write(response(200, json.dumps(listing).encode()))
            return
        digest = hashlib.sha1(body).hexdigest()
        call = Call(digest, headers)
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            call.kind = "401"
            self.log.append(call)
            connection.answer([call], error(401, "wrong key"))
            return
        request = json.loads(body)
        asked = Asked(request, self.prefill)
        if asked.kind == "plain" and not self.script:
            self.plain.append(request)
            connection.answer([], self.say(asked, request))
            return
        if self.keep_bodies is not None:
            self.keep_bodies[digest] = body
        calls, close = [call], False
        data = self.script(call, request) if self.script else None
        if data is None and asked.kind == "plain":
            self.plain.append(request)
            connection.answer([], self.say(asked, request))
            return
        if data is None:
            calls += [Call(digest, headers, i) for i in range(1, asked.n)]
            data, close = self.rule(calls, asked, request)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        low, high = self.latency
        delay = low + (high - low) * share("latency", call.body, call.attempt)
        self.loop.call_later(delay, self.deliver, connection, calls, data, close)

    def deliver(self, connection, calls, data, close):
        self.in_flight -= 1
        self.log += calls
        if calls[0].kind != "hang":
            connection.answer(calls, data, close)

    def say(self, asked, request):
        """The answer to a request that is no judge's."""
        if asked.n > self.choices:
            return error(400, "n is too large")
        rest = count(asked.said) if asked.prefilled else None
        text = "ready" if rest is None else (asked.said if self.echo else "") + rest
        made = {"role": "assistant", "content": text}
        return response(200, json.dumps(completion([(made, "stop")] * asked.n,
                                                   request["model"])).encode())

    def place(self, calls, decide):
        """Rules once for each distinct request; counts the attempt."""
        known = self.bodies.setdefault(calls[0].body, {"ruled": None, "attempts": 0})
        known["attempts"] += 1
        if known["ruled"] is None:
            known["ruled"] = [decide(c) for c in calls]
        for call, ruled in zip(calls, known["ruled"]):
            call.attempt = known["attempts"]
            for name, value in ruled.items():
                setattr(call, name, value)

    def decide(self, call, asked, table):
        """What a distinct request is answered, as attributes of its call."""
        if asked.kind == "judge":
            place = (asked.model, call.key, call.order, bool(asked.hint))
            i = self.distinct.get(place, 0)
            self.distinct[place] = i + 1
            if asked.hint:
                right = letters(call.order)["right"] == asked.hint
                return {"verdict": table.told(call.key, call.order, i, right),
                        "mentions": share(table.seed, "mention", *place, i) < table.mention}
            verdict, loop = table.verdict(call.key, call.order, i)
            return {"verdict": verdict, "loop": loop}
        if asked.kind == "check":
            was = self.chains[asked.root][-1]
            return {"verdict": was, "side": letters(call.order)[was], "root": asked.root,
                    "disputes": asked.claims and share(table.seed, "dispute", call.body)
                    < table.dispute}
        was = self.chains[asked.root][-1]
        new = True
        if asked.kind == "continue":
            verdict, new = table.after(call.body, was)
        else:
            verdict = table.closed(call.body, call.order, was)
        self.chains[asked.root].append(verdict)
        return {"verdict": verdict, "was": was, "root": asked.root, "new": new}

    def name(self, calls, asked):
        """What the thought of each answer is called, so that it is known again."""
        for call in calls:
            call.trace = f"trace-{call.body[:16]}-{len(self.log)}{call.index:03}"
            if asked.kind == "judge":
                call.root = call.trace
                self.chains[call.trace] = [call.verdict]

    def fault(self, call):
        at = share(self.table.seed, "fault", call.body, call.attempt)
        for kind, rate in self.faults.items():
            if at < rate:
                return kind
            at -= rate
        return "whole"

    def refuse(self, call):
        """(bytes, whether the connection is closed) of an answer that fails before it is made."""
        if call.kind == "429":
            hint = ("Retry-After: 1", "Retry-After-Ms: 40")[number(call.body, call.attempt) % 2]
            return error(429, "slow down", hint + "\r\n"), False
        if call.kind == "500":
            return error(500, "worker crashed"), False
        return (b"", True) if call.kind == "drop" else None

    def rule(self, calls, asked, request):
        """(bytes of the answer, whether the connection is closed after them)."""
        found = self.book.locate(asked.question, asked.one)
        if not found or asked.n > self.choices:
            self.strays.append(request)
            return error(400, "I do not know this pair, or not so often"), False
        table = self.models.get(asked.model, self.table)
        for call in calls:
            call.key, call.order = found[:3], found[3]
            call.model, call.ask, call.format = asked.model, asked.kind, asked.format
            call.nonce, call.claims, call.hint = asked.nonce, asked.claims, asked.hint
            call.n = asked.n
            call.field = FIELDS[number(call.body) % 3]
        self.place(calls, lambda c: self.decide(c, asked, table))
        kind = self.fault(calls[0])
        for call in calls:
            call.kind = kind
        refused = self.refuse(calls[0])
        if refused:
            return refused
        self.name(calls, asked)
        body = completion([message(c, asked, self.echo) for c in calls], request["model"])
        text = json.dumps(body, ensure_ascii=bool(zlib.crc32(calls[0].body.encode()) & 1)).encode()
        if kind == "badjson":
            return response(200, text[:-20]), False
        data = response(200, text)
        if kind == "truncate":
            return data[:-20], True
        return (stream(body) if request.get("stream") else data), False
