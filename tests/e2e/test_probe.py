#!/usr/bin/env python3
"""What `gavel check` finds out about servers of different kinds, and what `gavel run` does with it.
The servers behave as was seen of theirs or read in their source: how each goes on with an answer,
where it puts the thought, what it counts."""
import http.server
import json
import os
import random
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import gavel_e2e as e2e

COUNT = "one, two, three, four, five, six, seven, eight, nine, ten"
WORDS = "ash bay cod den elm fig gum hay ink jam kit log".split()


class Server(http.server.ThreadingHTTPServer):
    """`quirks` say what it is: goes_on: function of the request; thought: field; and so on."""
    daemon_threads = True

    def __init__(self, **quirks):
        self.quirks = {"goes_on": lambda request: False, "echoes": False, "thought": None,
                       "n": True, "counts_all": True, "seed": True, "logprobs": True,
                       "usage": True, "stream_usage": True, "models": {}, "props": None,
                       "limit": None, **quirks}
        self.completions = 0
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def refuse(self, message):
        self.reply(400, {"error": {"message": message, "type": "invalid_request_error",
                                   "code": 400}})

    def do_GET(self):
        quirks = self.server.quirks
        if self.path == "/v1/models":
            self.reply(200, {"object": "list", "data": [{"id": "referee", **quirks["models"]}]})
        elif self.path == "/props" and quirks["props"]:
            self.reply(200, quirks["props"])
        else:
            self.reply(404, {"error": {"message": "not found", "code": 404}})

    def text(self, request, index):
        """Completion and finish of one choice."""
        quirks = self.server.quirks
        last = request["messages"][-1]
        words = request.get("max_tokens", 1000)
        if last["role"] == "assistant":
            if not quirks["goes_on"](request):
                return COUNT, "stop"
            begun = last["content"][last["content"].index("one"):]
            rest = COUNT[COUNT.index(begun) + len(begun):]
            return (last["content"] if quirks["echoes"] else "") + rest, "stop"
        if "random words" in last["content"]:
            seed = request.get("seed") if quirks["seed"] else None
            chosen = random.Random(seed).sample(WORDS, len(WORDS))
            return " ".join(chosen), "stop"
        if "hundred" in last["content"]:
            return " ".join(["one"] * words), "length"
        return "ready", "stop"

    def do_POST(self):
        quirks = self.server.quirks
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.completions += 1
        n = request.get("n", 1)
        if n > 1 and quirks["n"] == "refused":
            return self.refuse("n must be 1")
        if quirks["limit"] and request.get("max_tokens", 0) > quirks["limit"]:
            return self.refuse(f"This model's maximum context length is {quirks['limit']} tokens. "
                               f"However, you requested {request['max_tokens']} tokens.")
        choices = []
        for index in range(n if quirks["n"] is True else 1):
            text, finish = self.text(request, index)
            message = {"role": "assistant", "content": text}
            if quirks["thought"] and text == "ready":
                message[quirks["thought"]] = "They want one word."
            choices.append({"index": index, "message": message, "finish_reason": finish})
            if request.get("logprobs") and quirks["logprobs"]:
                choices[-1]["logprobs"] = {"content": [{"token": "a", "logprob": -1.0}]}
        used = [len(c["message"]["content"].split()) for c in choices]
        usage = {"prompt_tokens": 9,
                 "completion_tokens": sum(used) if quirks["counts_all"] else used[0]}
        body = {"id": "x", "model": "referee", "choices": choices}
        if not request.get("stream"):
            return self.reply(200, {**body, **({"usage": usage} if quirks["usage"] else {})})
        self.stream(choices, usage)

    def stream(self, choices, usage):
        events = [{"choices": [{"index": c["index"], "delta": c["message"],
                                "finish_reason": c["finish_reason"]}]} for c in choices]
        if self.server.quirks["stream_usage"]:
            events.append({"choices": [], "usage": usage})
        text = "".join(f"data: {json.dumps(e)}\n\n" for e in events) + "data: [DONE]\n\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


def trailing(request):
    return True


def flagged(request):
    return request.get("continue_final_message") and request.get("add_generation_prompt") is False


def prefixed(request):
    return request["messages"][-1].get("prefix")


SERVERS = {
    "llama.cpp": ({"goes_on": trailing, "echoes": True, "counts_all": False, "seed": False,
                   "thought": "reasoning_content",
                   "props": {"default_generation_settings": {"n_ctx": 4096}}},
                  {"continuation": "trailing", "echoes": True, "counts_all": False, "seed": False,
                   "n_choices": 2, "thought_field": "reasoning_content", "context": 4096,
                   "logprobs": True, "usage": True, "stream_usage": True}),
    "vLLM": ({"goes_on": flagged, "thought": "reasoning", "models": {"max_model_len": 32768}},
             {"continuation": "flag", "echoes": False, "counts_all": True, "seed": True,
              "n_choices": 2, "thought_field": "reasoning", "context": 32768, "logprobs": True}),
    "DeepSeek": ({"goes_on": prefixed, "n": "refused", "logprobs": False,
                  "thought": "reasoning_content"},
                 {"continuation": "prefix", "echoes": False, "n_choices": 0, "counts_all": None,
                  "logprobs": False, "thought_field": "reasoning_content", "context": 0}),
    "TGI": ({"n": "ignored", "usage": False},
            {"continuation": "turn", "n_choices": 1, "counts_all": None, "usage": False,
             "stream_usage": True, "thought_field": ""}),
    "OpenAI": ({"stream_usage": False}, {"continuation": "turn", "n_choices": 2, "seed": True,
                                         "stream_usage": False, "usage": True}),
}


class Probe(unittest.TestCase):

    def start(self, **quirks):
        server = e2e.enter(Server(**quirks), self.addCleanup)
        project = e2e.enter(e2e.Project(server.url, e2e.sums(2)), self.addCleanup)
        return server, project

    def check(self, project, *arguments, **options):
        return json.loads(project.gavel("check", project.dir, "--json", *arguments, **options)[0])

    def test_each_server_is_known_by_what_it_does(self):
        for name, (quirks, expected) in SERVERS.items():
            with self.subTest(name):
                server, project = self.start(**quirks)
                found = self.check(project, "--set", "generation.max_tokens=1000")
                ability = found["endpoints"][0]["ability"]
                for key, value in expected.items():
                    self.assertEqual(ability[key], value, key)
                self.assertLessEqual(server.completions, 10)
                text, _ = project.gavel("check", project.dir, "--set", "generation.max_tokens=1000")
                self.assertIn("further turn" if expected["continuation"] == "turn" else "goes on",
                              text)

    def test_a_way_to_go_on_that_was_not_seen_is_said_and_taken_all_the_same(self):
        """The owner knows better: a weak model may not show that it goes on."""
        _, project = self.start()
        text, _ = project.gavel("check", project.dir, "--set", "endpoints[0].continuation=flag")
        self.assertIn("the project says `continuation: flag`", text)
        self.assertNotIn("further turn", text)

    def test_what_cannot_be_served_is_refused_and_said(self):
        rows = [
            # a run that has nothing else to find out does not ask
            ({"models": {"max_model_len": 2048}},
             ["generation.max_tokens=2048", "reflection.mode=mixed"], "generation.max_tokens"),
            ({"n": "refused"}, ["generation.per_request=4"], "generation.per_request"),
            ({"n": "ignored"}, ["generation.per_request=4"], "it sends one"),
            ({"usage": False}, ["budget.tokens=1000"], "budget.tokens"),
        ]
        for quirks, settings, expected in rows:
            with self.subTest(expected):
                _, project = self.start(**quirks)
                sets = [a for s in settings for a in ("--set", s)]
                _, err = project.gavel("check", project.dir, *sets, status=e2e.EXIT_USAGE)
                self.assertIn(expected, err)
                _, err = project.run(*sets, status=e2e.EXIT_USAGE)
                self.assertIn(expected, err)

    def test_an_endpoint_that_is_not_there_is_named_and_the_other_probed(self):
        server, project = self.start(**SERVERS["vLLM"][0])
        endpoints = [{"url": server.url, "model": "referee"},
                     {"url": "http://127.0.0.1:9/v1", "model": "referee"}]
        project.change(endpoints=endpoints)
        out, err = project.gavel("check", project.dir, "--set", "generation.max_tokens=1000",
                                 status=e2e.EXIT_STOPPED)
        self.assertIn("does not answer", out)
        self.assertIn("continue_final_message", out)
        self.assertIn("1 of the endpoints", err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
