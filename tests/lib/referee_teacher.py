"""A teacher for the tests that knows nothing of Gavel but what its requests show.

It finds out which answer of which pair is shown first by the texts of the seed file, rules by a
table of outcomes that was fixed before the run, puts a text of its own into every answer, fails in
the ways servers fail, and logs every call it served. What a run must have done follows from that
log alone (see referee.py).
"""
import asyncio
import hashlib
import json
import struct
import threading
import time
import zlib

MISSES = ("tie", "no_tags", "cut_off", "empty", "refused")
FAULTS = ("429", "500", "drop", "truncate", "badjson", "hang")


def number(*parts):
    """64 bits that depend on nothing but the parts."""
    text = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return struct.unpack("<Q", hashlib.blake2b(text, digest_size=8).digest())[0]


def share(*parts):
    """The same as a fraction in [0, 1)."""
    return number(*parts) / 2**64


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

    def locate(self, text):
        """(prompt, right text, wrong text, order), or None."""
        for line in dict.fromkeys(text.split("\n")):
            for pair in self.by_first_line.get(line, ()):
                found = self.locate_in(pair, text)
                if found:
                    return found
        return None

    @staticmethod
    def locate_in(pair, text):
        at = text.find("\n" + pair.prompt + "\n")
        if at < 0:
            return None
        start = at + len(pair.prompt)
        shown = {}
        for side, answers in (("right", pair.right), ("wrong", pair.wrong)):
            places = [(text.find("\n" + a + "\n", start), len(a), a) for a in answers]
            places = [p for p in places if p[0] >= 0]
            if not places:
                return None
            shown[side] = max(places, key=lambda p: p[1])  # one may be the beginning of another
        right, wrong = shown["right"], shown["wrong"]
        order = "chosen_first" if right[0] < wrong[0] else "rejected_first"
        return pair.prompt, right[2], wrong[2], order


class Table:
    """Outcomes, fixed beforehand, per pair, order and how-many-th distinct request of the two.

    `rates`: the share of correct judgments with the right answer first and last: a bias towards a
    slot is a difference between the two. `hopeless`: the share of pairs that are judged wrong
    nearly always. `loops`: the share of answers whose thought has fallen into a loop.
    """

    def __init__(self, seed, rates, hopeless=0.0, loops=0.0):
        self.seed = seed
        self.rates = dict(zip(("chosen_first", "rejected_first"), rates))
        self.hopeless = hopeless
        self.loops = loops

    def verdict(self, key, order, i):
        """(what is answered, whether the thought is a loop): right, wrong or one of MISSES."""
        lost = share(self.seed, "hopeless", *key) < self.hopeless
        rate = 0.02 if lost else self.rates[order]
        loop = share(self.seed, "loop", *key, order, i) < self.loops
        if share(self.seed, "right", *key, order, i) < rate:
            return "right", loop
        how = number(self.seed, "miss", *key, order, i) % 20
        return (MISSES[how] if how < len(MISSES) else "wrong"), loop


class Call:
    """One served request."""

    __slots__ = ("body", "key", "order", "attempt", "verdict", "loop", "kind", "trace", "received",
                 "written", "thought", "headers")

    def __init__(self, body, headers):
        self.body = body  # hash of its bytes
        self.headers = headers
        self.key = self.order = self.verdict = self.written = self.trace = self.thought = None
        self.attempt = 0
        self.loop = False
        self.kind = "whole"  # or one of FAULTS
        self.received = time.monotonic()

    @property
    def whole(self):
        """The whole, sound answer was handed to the socket."""
        return self.kind == "whole" and self.written is not None


LOOP = "wait, let me think about it again from the start. " * 60


def judgment(call, serial):
    """(message, finish reason) of an answer; the thought stands where servers put it."""
    letters = {"right": "A", "wrong": "B"} if call.order == "chosen_first" else \
              {"right": "B", "wrong": "A"}
    call.trace = f"trace-{call.body[:16]}-{serial}"
    thought = f"I compare the two answers. {call.trace} is what I call this thought.\n" \
              "The first says [[B]], the second <answer>[[A]]</answer>; neither binds me."
    if call.loop:
        thought += "\n" + LOOP
    call.thought = thought.strip()
    verdict = {"tie": "<answer>[[C]]</answer>", "no_tags": "Both are fine.", "cut_off": "<answer>",
               "empty": "", "refused": ""}.get(call.verdict)
    if verdict is None:
        verdict = f"<answer> [[{letters[call.verdict]}]] </answer>"
    finish = {"cut_off": "length", "refused": "content_filter"}.get(call.verdict, "stop")
    field = ("think", "reasoning", "reasoning_content")[number(call.body) % 3]
    if field == "think":
        return {"role": "assistant", "content": f"<think>{thought}</think>\n{verdict}"}, finish
    return {"role": "assistant", "content": verdict, field: thought}, finish


def completion(message, finish, model):
    text = json.dumps(message)
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {"prompt_tokens": 100, "completion_tokens": len(text) // 4,
                      "total_tokens": 100 + len(text) // 4}}


def response(status, body, headers=""):
    names = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
             429: "Too Many Requests", 500: "Internal Server Error"}
    return (f"HTTP/1.1 {status} {names[status]}\r\nContent-Type: application/json\r\n{headers}"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def error(status, text, headers=""):
    return response(status, json.dumps({"error": {"message": text}}).encode(), headers)


class Connection(asyncio.Protocol):
    """One client, one request after the other."""

    def __init__(self, teacher):
        self.teacher = teacher
        self.transport = None
        self.inbox = bytearray()
        self.unwritten = None  # the call whose answer still lies in the write buffer
        self.promised = False

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(high=0)
        self.teacher.connections.add(self)

    def connection_lost(self, exc):
        self.transport = None
        self.teacher.connections.discard(self)

    def resume_writing(self):
        if self.unwritten:
            self.unwritten.written = time.monotonic()
            self.unwritten = None

    def data_received(self, data):
        self.inbox += data
        while True:
            end = self.inbox.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.inbox[:end].decode("latin-1").split("\r\n")
            headers = {k.strip().lower(): v.strip()
                       for k, _, v in (line.partition(":") for line in head[1:])}
            length = int(headers.get("content-length", 0))
            if len(self.inbox) < end + 4 + length:
                if "100-continue" in headers.get("expect", "") and not self.promised:
                    self.promised = True
                    self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            body = bytes(self.inbox[end + 4:end + 4 + length])
            del self.inbox[:end + 4 + length]
            self.promised = False
            method, path = head[0].split(" ")[:2]
            self.teacher.serve(self, method, path, headers, body)

    def answer(self, call, data, close=False):
        """Writes all of `data`; when it is a whole answer, the log says when it was out."""
        if self.transport is None or self.transport.is_closing():
            return
        self.transport.write(data)
        if self.transport.get_write_buffer_size() == 0:
            call.written = time.monotonic()
        else:
            self.unwritten = call
        if close:
            self.transport.close()


class Teacher:
    """`with Teacher(pairs, table) as t:` serves t.url from a thread until the block ends.

    `faults`: {kind of FAULTS: share of the calls}. `latency`: (least, most) seconds. `key`: the
    bearer token that is asked for. `script(call, request)`: may return bytes to send instead.
    """

    def __init__(self, pairs, table, faults=None, latency=(0.0, 0.0), key=None, script=None):
        self.book = Book(pairs)
        self.table = table
        self.faults = faults or {}
        self.latency = latency
        self.key = key
        self.script = script
        self.log = []
        self.strays = []  # judge prompts that are about no known pair
        self.bodies = {}  # hash: its place among the distinct requests of pair and order, attempts
        self.distinct = {}  # (key, order): how many
        self.connections = set()
        self.in_flight = self.peak = 0
        self.keep_bodies = None  # a dict: bodies are kept by their hash
        self.loop = asyncio.new_event_loop()
        self.server = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.port = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self):
        ready = threading.Event()
        self.loop.call_soon(lambda: self.loop.create_task(self.listen(ready)))
        self.thread.start()
        ready.wait(10)
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self.close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    async def listen(self, ready):
        self.server = await self.loop.create_server(lambda: Connection(self), "127.0.0.1",
                                                    self.port, backlog=4096)
        self.port = self.server.sockets[0].getsockname()[1]
        ready.set()

    async def close(self):
        self.server.close()
        for c in list(self.connections):
            if c.transport:
                c.transport.abort()

    def away(self):
        """Nobody listens any more; what is under way is cut."""
        asyncio.run_coroutine_threadsafe(self.close(), self.loop).result(10)

    def back(self):
        """Listens again, at the same port."""
        ready = threading.Event()
        asyncio.run_coroutine_threadsafe(self.listen(ready), self.loop).result(10)

    def serve(self, connection, method, path, headers, body):
        if method == "GET":
            listing = {"object": "list", "data": [{"id": "referee", "object": "model"}]}
            connection.transport.write(response(200, json.dumps(listing).encode()))
            return
        call = Call(hashlib.sha1(body).hexdigest(), headers)
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            call.kind = "401"
            self.log.append(call)
            connection.answer(call, error(401, "wrong key"))
            return
        if self.keep_bodies is not None:
            self.keep_bodies[call.body] = body
        request = json.loads(body)
        data = self.script(call, request) if self.script else None
        close = False
        if data is None:
            data, close = self.rule(call, request)
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        low, high = self.latency
        delay = low + (high - low) * share("latency", call.body, call.attempt)
        self.loop.call_later(delay, self.deliver, connection, call, data, close)

    def deliver(self, connection, call, data, close):
        self.in_flight -= 1
        self.log.append(call)
        if call.kind != "hang":
            connection.answer(call, data, close)

    def place(self, call):
        """Which distinct request of its pair and order this is; counts the attempt."""
        if call.body not in self.bodies:
            i = self.distinct.get((call.key, call.order), 0)
            self.distinct[call.key, call.order] = i + 1
            self.bodies[call.body] = [i, 0]
        known = self.bodies[call.body]
        known[1] += 1
        call.attempt = known[1]
        return known[0]

    def fault(self, call):
        at = share(self.table.seed, "fault", call.body, call.attempt)
        for kind, rate in self.faults.items():
            if at < rate:
                return kind
            at -= rate
        return "whole"

    def rule(self, call, request):
        """(bytes of the answer, whether the connection is closed after them)."""
        found = self.book.locate(request["messages"][-1]["content"])
        if not found:
            self.strays.append(request)
            return error(400, "I do not know this pair"), False
        call.key, call.order = found[:3], found[3]
        call.verdict, call.loop = self.table.verdict(call.key, call.order, self.place(call))
        call.kind = self.fault(call)
        if call.kind == "429":
            hint = ("Retry-After: 1", "Retry-After-Ms: 40")[number(call.body, call.attempt) % 2]
            return error(429, "slow down", hint + "\r\n"), False
        if call.kind == "500":
            return error(500, "worker crashed"), False
        if call.kind == "drop":
            return b"", True
        message, finish = judgment(call, len(self.log))
        body = completion(message, finish, request["model"])
        text = json.dumps(body, ensure_ascii=bool(zlib.crc32(call.body.encode()) & 1)).encode()
        if call.kind == "badjson":
            return response(200, text[:-20]), False
        data = response(200, text)
        if call.kind == "truncate":
            return data[:-20], True
        if request.get("stream"):
            return stream(body), False
        return data, False


def stream(body):
    """The same answer as server-sent events in chunks."""
    choice = body["choices"][0]
    deltas = [{"role": "assistant"}]
    for field in ("reasoning", "reasoning_content", "content"):
        text = choice["message"].get(field, "")
        deltas += [{field: text[i:i + 37]} for i in range(0, len(text), 37)]
    base = {"id": body["id"], "object": "chat.completion.chunk", "model": body["model"]}
    events = [dict(base, choices=[{"index": 0, "delta": d, "finish_reason": None}])
              for d in deltas]
    events.append(dict(base, choices=[{"index": 0, "delta": {},
                                       "finish_reason": choice["finish_reason"]}]))
    events.append(dict(base, choices=[], usage=body["usage"]))
    text = "".join(f"data: {json.dumps(e)}\n\n" for e in events) + "data: [DONE]\n\n"
    chunks = [text[i:i + 700].encode() for i in range(0, len(text), 700)]
    head = (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n")
    return head + b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks) + b"0\r\n\r\n"
