"""A generator and judge that writes what a test tells it to, and keeps every request."""
import collections
import hashlib
import json
import re
import time

import gavel_e2e as e2e
from referee_prompt import Asked
from referee_server import Server, error, response
from referee_teacher import completion

SOUND, SHAKY = "Sound: ", "Shaky: "  # how an answer begins that the judge takes for right, or not
INSTRUCTION = "\n\nPut your final answer within \\boxed{}."


class Request:
    """kind: judge, modify, or answer."""

    def __init__(self, body, headers):
        self.received = time.monotonic()
        self.body = hashlib.sha1(body).hexdigest()
        self.headers = headers
        self.request = json.loads(body)
        self.text = self.request["messages"][-1]["content"]
        self.model = self.request["model"]
        self.n = self.request.get("n", 1)
        self.seed = self.request.get("seed")
        self.kind = "answer"
        if Asked(self.request, None).kind != "plain":
            self.kind = "judge"
        elif "First write a changed prompt" in self.text:
            self.kind = "modify"

    @property
    def prompt(self):
        """Of the kind answer: what the user asked."""
        return self.text.removesuffix(INSTRUCTION)

    @property
    def nonce(self):
        """Of the kind modify: what the marks end in."""
        return self.text.rsplit("<changed_prompt", 1)[1].split(">", 1)[0]

    def marked(self, prompt, answer):
        """Of the kind modify: an answer with its two parts."""
        return (f"<changed_prompt{self.nonce}>\n{prompt}\n</changed_prompt{self.nonce}>\n"
                f"<answer_to_it{self.nonce}>\n{answer}\n</answer_to_it{self.nonce}>")


def judged(text):
    """The better one is the answer that begins soundly."""
    a = text.rsplit("[The Start of Assistant A's Answer]\n", 1)[1]
    return f"<think>I look at both.</think>\n<answer> [[{'A' if a.startswith(SOUND) else 'B'}]] " \
           "</answer>"


class Author(Server):
    """`write(request, i)`: the content for the i-th different request of its kind and prompt; or
    None: an error 500; or bytes to send as they are."""

    def __init__(self, write, status=500, latency=0.0):
        super().__init__()
        self.write = write
        self.status = status
        self.latency = latency
        self.log = []
        self.places = collections.defaultdict(list)

    def serve(self, connection, method, path, headers, body):
        if method == "GET":
            connection.answer([], response(200, b'{"object": "list", "data": []}'))
            return
        r = Request(body, headers)
        self.log.append(r)
        place = self.places[r.kind, r.text]
        if r.body not in place:
            place.append(r.body)
        i = place.index(r.body)
        contents = [judged(r.text) if r.kind == "judge" else self.write(r, i + j)
                    for j in range(r.n)]
        data = self.answer_of(r, contents)
        if self.latency:
            self.loop.call_later(self.latency, connection.answer, [], data)
        else:
            connection.answer([], data)

    def answer_of(self, r, contents):
        if contents[0] is None:
            return error(self.status, "not today")
        if isinstance(contents[0], bytes):
            return contents[0]
        made = [({"role": "assistant", "content": c}, "stop") for c in contents]
        return response(200, json.dumps(completion(made, r.model)).encode())

    def of(self, *kinds):
        return [r for r in self.log if r.kind in kinds]

    def project(self, seeds, **settings):
        return e2e.Project(self.url, seeds, **{"accept": {"k": 1, "n": 1}, **settings})


def boxed(*values):
    """A `write` for known answers: sound ones and shaky ones (a value that begins with "!"), in
    turn."""
    def write(_, i):
        value = values[i % len(values)]
        begin = SHAKY if value.startswith("!") else SOUND
        return f"{begin}it is \\boxed{{{value.lstrip('!')}}} by my count number {i}."
    return write


def by_hash(r, _):
    """A `write` for the prompts of building.known() and building.open_ones() that goes by the
    request's bytes alone and names them, so that each answer is known again."""
    draw = int(r.body[:8], 16)
    name = f"[{r.body}]"
    known = re.search(r"fills (\d+) trays", r.text)
    if known:
        right = draw % 2
        value = 6 * int(known[1]) + (0 if right else 1 + draw % 3)
        return f"{SOUND if right else SHAKY}{name} \\boxed{{{value}}}"
    if r.kind == "answer":
        return f"{SOUND}{name} a river, a bridge, a dog."
    if draw % 3 == 0:
        return f"{name} I will not."
    changed = re.search(r"\]\n(Write a short poem .*)\n", r.text)[1].replace("river", "lake")
    return r.marked(changed, f"{SHAKY}{name} a lake.")
