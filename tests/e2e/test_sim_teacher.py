#!/usr/bin/env python3
"""The simulated teacher over real sockets: rates, bias, faults, determinism, queue, protocol."""
import hashlib
import http.client
import io
import json
import os
import random
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

BINARY = os.path.join(os.environ.get("GAVEL_BUILD", "build"), "gavel-sim-teacher")
PATIENCE = 60  # seconds until a wait for a condition is a failure


def question(prompt, a, b):
    return (f"[User Question]\n{prompt}\n\n[The Start of Assistant A's Answer]\n{a}\n"
            f"[The End of Assistant A's Answer]\n\n[The Start of Assistant B's Answer]\n{b}\n"
            "[The End of Assistant B's Answer]")


def body(i, right_first=True, **extra):
    """The request of one judgment of pair i, whose right answer is its sum."""
    right, wrong = f"{i} plus 7 is\n{i + 7}", f"{i} plus 7 is\n{i + 8}"
    a, b = (right, wrong) if right_first else (wrong, right)
    request = {"model": "teacher", "messages": [
        {"role": "system", "content": "You are a judge."},
        {"role": "user", "content": question(f"What is {i} plus 7?", a, b)}]}
    return json.dumps({**request, **extra}).encode()


def bodies(n, right_first=True, **extra):
    return [body(i, right_first, **extra) for i in range(n)]


def post(payload, extra="", path="/v1/chat/completions"):
    return (f"POST {path} HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n{extra}"
            f"Content-Length: {len(payload)}\r\n\r\n").encode() + payload


def side(message):
    text = message.get("content") or ""
    a, b = "[[A]] </answer>" in text, "[[B]] </answer>" in text
    return "both" if a and b else "A" if a else "B" if b else None


class SharedReader(io.BufferedReader):
    """What http.client reads a response from; survives its end, as pipelined answers need it."""

    def makefile(self, _mode):
        return self

    def close(self):
        pass


class Teacher:
    """One server process; `with Teacher("--p-correct", "1") as t:`."""

    def __init__(self, *options, pairs=0):
        self.dir = tempfile.TemporaryDirectory()
        self.log_path = os.path.join(self.dir.name, "log.jsonl")
        self.options = list(options)
        if pairs:
            self.options += ["--truth", self.write_truth(pairs)]

    def write_truth(self, pairs):
        path = os.path.join(self.dir.name, "seeds.jsonl")
        with open(path, "w", encoding="utf-8") as f:
            for i in range(pairs):
                seed = {"prompt": f"What is {i} plus 7?", "chosen": f"{i} plus 7 is\n{i + 7}",
                        "rejected": f"{i} plus 7 is\n{i + 8}"}
                f.write(json.dumps(seed) + "\n")
        return path

    def __enter__(self):
        self.process = subprocess.Popen(
            [BINARY, "--listen", "127.0.0.1:0", "--log", self.log_path] + self.options,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on 127.0.0.1:"):
            raise AssertionError(f"first line: {line!r}")
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.status = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.lines = self.log()
        self.dir.cleanup()
        if self.status != 0:
            raise AssertionError(f"exit status {self.status}")

    def log(self):
        if self.process.poll() is None:
            self.stats()  # a round trip: what was answered before it has been logged
        with open(self.log_path, encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def socket(self):
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def get(self, path, headers=None):
        c = self.connect()
        c.request("GET", path, headers=headers or {})
        r = c.getresponse()
        text = r.read()
        c.close()
        return r.status, json.loads(text)

    def stats(self):
        return self.get("/stats")[1]

    def wait_for(self, reached):
        """Until reached(stats); every wait in this file is one on a condition."""
        end = time.monotonic() + PATIENCE
        while not reached(self.stats()):
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain: {self.stats()}")
            threading.Event().wait(0.01)

    def ask(self, payloads):
        """(status, parsed answer or the exception) of each, over one connection at a time."""
        c, results = self.connect(), []
        for payload in payloads:
            try:
                c.request("POST", "/v1/chat/completions", payload)
                r = c.getresponse()
                results.append((r.status, json.loads(r.read())))
            except (OSError, ValueError, http.client.HTTPException) as e:
                results.append((0, e))
                c.close()
        c.close()
        return results

    def sides(self, payloads):
        return [side(a["choices"][0]["message"]) for _, a in self.ask(payloads)]


def share(values, wanted):
    return sum(v == wanted for v in values) / len(values)


class Verdicts(unittest.TestCase):
    def test_right_answers_come_at_the_given_rate_in_both_orders(self):
        with Teacher("--p-correct", "0.8", pairs=1500) as t:
            first, second = t.sides(bodies(1500)), t.sides(bodies(1500, False))
            self.assertAlmostEqual(share(first, "A"), 0.8, delta=0.05)
            self.assertAlmostEqual(share(second, "B"), 0.8, delta=0.05)
            self.assertEqual([line["verdict"] for line in t.log()], first + second)
            for line in t.log():
                self.assertEqual(line["correct"], line["verdict"] == line["gold"])
            self.assertEqual({line["gold"] for line in t.log()[:1500]}, {"A"})
            self.assertEqual(t.log()[7]["body_sha"], hashlib.sha256(body(7)).hexdigest()[:16])

    def test_bias_moves_the_rates_apart(self):
        with Teacher("--p-correct", "0.6", "--position-bias", "0.3", pairs=1000) as t:
            self.assertAlmostEqual(share(t.sides(bodies(1000)), "A"), 0.9, delta=0.05)
            self.assertAlmostEqual(share(t.sides(bodies(1000, False)), "B"), 0.3, delta=0.06)

    def test_an_unknown_pair_gets_a_coin(self):
        with Teacher("--p-correct", "1") as t:
            self.assertAlmostEqual(share(t.sides(bodies(1000)), "A"), 0.5, delta=0.06)
            self.assertEqual({line["correct"] for line in t.log()}, {None})

    def test_hopeless_pairs_are_hopeless_in_both_orders(self):
        with Teacher("--p-correct", "1", "--hopeless", "0.3", pairs=600) as t:
            first, second = t.sides(bodies(600)), t.sides(bodies(600, False))
            self.assertAlmostEqual(share(first, "B"), 0.3, delta=0.07)
            wrong_twice = sum(x == "B" and y == "A" for x, y in zip(first, second))
            self.assertGreater(wrong_twice, 0.85 * sum(x == "B" for x in first))

    def test_the_thought_is_put_where_it_was_asked_for(self):
        for where in ("tag", "reasoning", "reasoning_content", "none"):
            with Teacher("--thought", where) as t:
                message = t.ask([body(1)])[0][1]["choices"][0]["message"]
                self.assertEqual("<think>" in message["content"], where == "tag")
                for field in ("reasoning", "reasoning_content"):
                    self.assertEqual(len(message.get(field, "").split()) > 50, where == field)


class Determinism(unittest.TestCase):
    OPTIONS = ("--p-correct", "0.7", "--fault", "429=0.2", "--fault", "tie=0.1", "--seed", "5")

    def run_once(self, payloads, *options):
        with Teacher(*(options or self.OPTIONS), pairs=300) as t:
            answers = {}
            for payload, (status, answer) in zip(payloads, t.ask(payloads)):
                key = "choices" if "choices" in answer else "error"
                answers[payload] = (status, json.dumps(answer[key]))
        return answers

    def test_a_run_is_repeatable_in_any_order(self):
        payloads = bodies(300)
        shuffled = payloads[:]
        random.Random(1).shuffle(shuffled)
        one = self.run_once(payloads)
        self.assertEqual(one, self.run_once(payloads))
        self.assertEqual(one, self.run_once(shuffled))
        self.assertNotEqual(one, self.run_once(payloads, *self.OPTIONS[:-1], "6"))

    def test_asking_again_helps_and_changes_no_verdict(self):
        with Teacher("--fault", "500=0.5", "--fault", "empty=0.2", pairs=200) as t:
            waiting, asked, verdicts = bodies(200), 0, {}
            while waiting:
                asked += len(waiting)
                self.assertLess(asked, 2000)
                results = t.ask(waiting)
                for payload, (status, answer) in zip(waiting, results):
                    if status == 200:
                        verdicts[payload] = answer["choices"][0]
                waiting = [p for p, (status, _) in zip(waiting, results) if status != 200]
            stats = t.stats()
            self.assertEqual((stats["calls"], stats["repeated_bodies"]), (200, 0))
            self.assertEqual(stats["requests"], asked)
            again = t.ask(bodies(200))
            for payload, (status, answer) in zip(bodies(200), again):
                if status == 200:
                    self.assertEqual(answer["choices"][0], verdicts[payload])
            self.assertEqual(t.stats()["repeated_bodies"], sum(s == 200 for s, _ in again))
        seen = {}
        for line in t.lines:
            seen[line["body_sha"]] = seen.get(line["body_sha"], 0) + 1
            self.assertEqual(line["seen"], seen[line["body_sha"]])


class Faults(unittest.TestCase):
    def always(self, kind, payload=None):
        """The answer's bytes when the fault always strikes, up to the end of the connection."""
        with Teacher("--fault", f"{kind}=1") as t:
            with t.socket() as s:
                s.sendall(post(payload or body(1), "Connection: close\r\n"))
                received = b""
                try:
                    while piece := s.recv(65536):
                        received += piece
                except ConnectionResetError:
                    pass
            t.wait_for(lambda stats: stats["in_flight"] == 0)
            self.assertEqual(t.stats()["faults"][kind], 1)
            line = t.log()[0]
            self.assertEqual(line["fault"], kind)
        return received, line

    def test_refusals(self):
        rows = (("429", b"429 Too Many"), ("500", b"500 Internal"), ("503", b"503 Service"))
        for kind, phrase in rows:
            answer, line = self.always(kind)
            self.assertIn(phrase, answer.split(b"\r\n")[0])
            self.assertEqual(b"\r\nRetry-After: 1\r\n" in answer, kind == "429")
            error = json.loads(answer.split(b"\r\n\r\n", 1)[1])["error"]
            self.assertEqual((error["code"], line["whole"]), (int(kind), False))

    def test_broken_answers(self):
        for stream in (False, True):
            answer, line = self.always("badjson", body(1, stream=stream))
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK"))
            self.assertFalse(line["whole"])
            answer, line = self.always("error200", body(1, stream=stream))
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK"))
            self.assertIn(b'{"error":{', answer)
            self.assertFalse(line["whole"])

    def test_truncated_answers_announce_more_than_they_send(self):
        answer, line = self.always("truncate")
        head, rest = answer.split(b"\r\n\r\n", 1)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        self.assertLess(len(rest), length)
        self.assertFalse(line["whole"])
        answer, line = self.always("truncate", body(1, stream=True))
        self.assertNotIn(b"0\r\n\r\n", answer[-5:])
        self.assertFalse(line["whole"])

    def test_drops_come_before_or_within_the_answer(self):
        with Teacher("--fault", "drop=1") as t:
            kinds = {type(e).__name__ for _, e in t.ask(bodies(60))}
            self.assertGreaterEqual(len(kinds & {"RemoteDisconnected", "ConnectionResetError",
                                                 "IncompleteRead", "BadStatusLine"}), 2)
            self.assertEqual(t.stats()["calls"], 0)
        self.assertEqual({line["whole"] for line in t.lines}, {False})
        self.assertEqual(len(t.lines), 60)

    def test_a_hanging_answer_never_comes_and_ends_with_its_client(self):
        with Teacher("--fault", "hang=1") as t:
            s = t.socket()
            s.sendall(post(body(1)))
            t.wait_for(lambda stats: stats["in_flight"] == 1)
            s.setblocking(False)
            self.assertRaises(BlockingIOError, s.recv, 1)
            s.close()
            t.wait_for(lambda stats: stats["in_flight"] == 0)
            self.assertEqual((t.log()[0]["fault"], t.log()[0]["whole"]), ("hang", False))

    def test_a_dripping_answer_is_slow_and_whole(self):
        with Teacher("--fault", "drip=1") as t:
            start = time.monotonic()
            self.assertIsNotNone(t.sides([body(1)])[0])
            self.assertGreater(time.monotonic() - start, 2)
            self.assertEqual((t.stats()["calls"], t.log()[0]["whole"]), (1, True))

    def test_faults_of_the_content_are_whole_answers_without_a_verdict(self):
        expected = {"no_verdict": ("stop", "no_verdict"), "tie": ("stop", "tie"),
                    "both": ("stop", "conflicting"), "unclosed": ("stop", "unclosed_think"),
                    "length": ("length", "truncated"), "refused": ("content_filter", "refused"),
                    "empty": ("stop", "empty")}
        for kind, (finish, verdict) in expected.items():
            with Teacher("--fault", f"{kind}=1", pairs=5) as t:
                for status, answer in t.ask(bodies(5)):
                    choice = answer["choices"][0]
                    self.assertEqual((status, choice["finish_reason"]), (200, finish))
                    after = (choice["message"]["content"] or "").rsplit("</think>", 1)[-1]
                    if kind not in ("both", "unclosed"):
                        self.assertIsNone(side({"content": after}))
            for line in t.lines:
                self.assertEqual((line["verdict"], line["correct"], line["whole"], line["fault"]),
                                 (verdict, False, True, kind))

    def test_rates(self):
        with Teacher("--fault", "429=0.1", "--fault", "badjson=0.2", "--fault", "tie=0.3") as t:
            t.ask(bodies(2000))
            faults = t.stats()["faults"]
            self.assertAlmostEqual(faults["429"] / 2000, 0.1, delta=0.04)
            self.assertAlmostEqual(faults["badjson"] / 2000, 0.2, delta=0.05)
            self.assertAlmostEqual(faults["tie"] / 2000, 0.7 * 0.3, delta=0.05)
            self.assertEqual(t.stats()["calls"], 2000 - faults["429"] - faults["badjson"])


class Protocol(unittest.TestCase):
    def exchange(self, t, request, answers=1):
        """Sends raw bytes, returns that many parsed answers."""
        with t.socket() as s:
            s.sendall(request)
            results, reader = [], SharedReader(socket.SocketIO(s, "r"))
            for _ in range(answers):
                r = http.client.HTTPResponse(reader)
                r.begin()
                results.append((r.status, r.read()))
            return results

    def test_an_answer_has_what_clients_look_for(self):
        with Teacher("--context", "5000") as t:
            c = t.connect()
            c.request("POST", "/chat/completions", body(1))
            r = c.getresponse()
            answer = json.loads(r.read())
            self.assertTrue(r.getheader("x-request-id"))
            self.assertTrue(answer["id"].startswith("chatcmpl-"))
            self.assertEqual((answer["object"], answer["model"]), ("chat.completion", "teacher"))
            usage = answer["usage"]
            self.assertEqual(usage["total_tokens"],
                             usage["prompt_tokens"] + usage["completion_tokens"])
            self.assertAlmostEqual(usage["prompt_tokens"], len(body(1)) / 4, delta=40)
            c.close()
            self.assertEqual(t.get("/health")[0], 200)
            self.assertEqual(t.get("/v1/models")[1]["data"][0]["max_model_len"], 5000)

    def test_errors_have_the_shape_of_the_protocol(self):
        with Teacher("--model", "teacher") as t:
            rows = [(b"GET /nothing HTTP/1.1\r\n\r\n", 404),
                    (b"GET /v1/chat/completions HTTP/1.1\r\n\r\n", 405),
                    (b"DELETE /stats HTTP/1.1\r\n\r\n", 405),
                    (post(b"{not json"), 400), (post(b"{}"), 400), (post(b""), 400),
                    (post(body(1).replace(b'"teacher"', b'"other"')), 404),
                    (post(body(1, n=65)), 400),
                    (b"nonsense\r\n\r\n", 400), (b"GET / HTTP/3.0\r\n\r\n", 505),
                    (b"GET / HTTP/1.1\r\nX: " + b"x" * 70000, 431),
                    (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413)]
            for request, expected in rows:
                status, text = self.exchange(t, request)[0]
                error = json.loads(text)["error"]
                self.assertEqual((status, error["code"]), (expected, expected), request[:60])
                self.assertTrue(error["message"] and error["type"] and "param" in error)
            self.assertEqual(t.stats()["requests"], 0)

    def test_the_key_is_asked_for(self):
        with Teacher("--key", "sesame") as t:
            for header, expected in (("", 401), ("Authorization: Bearer wrong\r\n", 401),
                                     ("Authorization: sesame\r\n", 401),
                                     ("Authorization: Bearer sesame2\r\n", 401),
                                     ("Authorization: Bearer sesame\r\n", 200)):
                self.assertEqual(self.exchange(t, post(body(1), header))[0][0], expected)
            self.assertEqual(t.get("/v1/models")[0], 401)
            self.assertEqual(t.get("/health")[0], 200)
            self.assertEqual(t.stats()["requests"], 1)

    def test_pipelined_requests_are_answered_in_order(self):
        with Teacher("--latency", "1") as t:
            payloads = [body(i, max_tokens=10 + i) for i in range(120)]
            together = b"".join(post(p) for p in payloads) + b"GET /health HTTP/1.1\r\n\r\n"
            results = self.exchange(t, together, 121)
            one_by_one = [a["choices"] for _, a in t.ask(payloads)]
            self.assertEqual([json.loads(text)["choices"] for _, text in results[:-1]], one_by_one)
            self.assertEqual(json.loads(results[-1][1])["status"], "ok")

    def test_bodies_in_chunks_and_expectations(self):
        with Teacher() as t:
            payload = body(1)
            head = post(payload).split(b"Content-Length")[0]
            chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
            for i in range(0, len(payload), 100):
                piece = payload[i:i + 100]
                chunked += b"%x\r\n%s\r\n" % (len(piece), piece)
            plain = json.loads(self.exchange(t, post(payload))[0][1])["choices"]
            got = json.loads(self.exchange(t, chunked + b"0\r\n\r\n")[0][1])["choices"]
            self.assertEqual(plain, got)
            with t.socket() as s:
                request = post(payload, "Expect: 100-continue\r\n")
                s.sendall(request[:-len(payload)])
                self.assertEqual(s.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
                s.sendall(payload)
                r = http.client.HTTPResponse(s)
                r.begin()
                self.assertEqual(json.loads(r.read())["choices"], plain)

    def test_a_large_request_is_taken(self):
        with Teacher("--context", "100000000") as t:
            message = {"role": "user", "content": "x" * 20000000}
            payload = json.dumps({"model": "m", "messages": [message]})
            self.assertEqual(t.ask([payload.encode()])[0][0], 200)

    def read_stream(self, t, payload):
        c = t.connect()
        c.request("POST", "/v1/chat/completions", payload)
        r = c.getresponse()
        self.assertIn("text/event-stream", r.getheader("content-type"))
        events = r.read().decode().split("\n\n")
        c.close()
        self.assertEqual(events.pop(), "")
        self.assertEqual(events.pop(), "data: [DONE]")
        return [json.loads(e.removeprefix("data: ")) for e in events]

    def test_a_stream_brings_the_same_in_pieces(self):
        for options in (("--thought", "reasoning"), ("--latency", "200")):
            with Teacher(*options) as t:
                payload = body(1, stream=True, stream_options={"include_usage": True})
                events = self.read_stream(t, payload)
                self.assertEqual(events[-1]["choices"], [])
                self.assertGreater(events[-1]["usage"]["completion_tokens"], 50)
                deltas = [e["choices"][0] for e in events[:-1]]
                self.assertEqual(deltas[0]["delta"]["role"], "assistant")
                self.assertEqual([d["finish_reason"] for d in deltas][-2:], [None, "stop"])
                text = "".join(d["delta"].get("content") or "" for d in deltas)
                self.assertIn(side({"content": text}), ("A", "B"))
                thought = "".join(d["delta"].get("reasoning", "") for d in deltas)
                self.assertEqual(bool(thought), "reasoning" in options)
                without = self.read_stream(t, body(1, stream=True))
                self.assertTrue(without[-1]["choices"])
                self.assertEqual(t.stats()["calls"], 2)


class Load(unittest.TestCase):
    def open_all(self, t, n, payload_of):
        """n connections, each with one request on the way."""
        sockets = []
        for i in range(n):
            s = t.socket()
            s.sendall(post(payload_of(i)))
            sockets.append(s)
        return sockets

    def read_all(self, sockets):
        """The status line of each socket's answer."""
        waiting, done = selectors.DefaultSelector(), []
        for s in sockets:
            s.setblocking(False)
            waiting.register(s, selectors.EVENT_READ, [b""])
        end = time.monotonic() + PATIENCE
        while len(done) < len(sockets):
            self.assertLess(time.monotonic(), end, f"{len(done)} of {len(sockets)} answered")
            for key, _ in waiting.select(1):
                key.data[0] += key.fileobj.recv(65536)
                if b'"completion_tokens_details"' in key.data[0]:
                    done.append(key.data[0].split(b"\r\n")[0])
                    waiting.unregister(key.fileobj)
        for s in sockets:
            s.close()
        return done

    def test_two_thousand_connections_wait_at_once(self):
        with Teacher("--latency", "2000") as t:
            sockets = self.open_all(t, 2000, body)
            t.wait_for(lambda stats: stats["peak_connections"] >= 2000)
            done = self.read_all(sockets)
            self.assertEqual(set(done), {b"HTTP/1.1 200 OK"})
            stats = t.stats()
            self.assertEqual((stats["calls"], stats["in_flight"]), (2000, 0))
            self.assertGreater(stats["peak_in_flight"], 500)
            t.wait_for(lambda stats: stats["connections"] == 1)

    def test_over_capacity_requests_queue_in_order(self):
        with Teacher("--latency", "100", "--capacity", "4") as t:
            start = time.monotonic()
            self.read_all(self.open_all(t, 40, body))
            self.assertGreater(time.monotonic() - start, 0.9)  # ten rounds of 100 ms
            place = {line["body_sha"]: n for n, line in enumerate(t.log())}
            for i in range(40):
                self.assertLess(abs(place[hashlib.sha256(body(i)).hexdigest()[:16]] - i), 8)
            self.assertGreater(t.stats()["peak_in_flight"], 20)
            times = [line["t_ms"] for line in t.log()]
            for first, fifth in zip(times, times[4:]):
                self.assertGreaterEqual(fifth - first, 98)

    def test_who_goes_away_frees_its_place(self):
        with Teacher("--latency", "600000", "--capacity", "1", "--fault", "hang=0") as t:
            sockets = self.open_all(t, 5, body)
            t.wait_for(lambda stats: stats["in_flight"] == 5)
            for s in sockets:
                s.close()
            t.wait_for(lambda stats: stats["in_flight"] == 0)
            self.assertEqual(t.stats()["calls"], 0)
        self.assertEqual([line["whole"] for line in t.lines], [False] * 5)

    def test_a_signal_ends_it_at_once_with_work_in_flight(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with Teacher("--latency", "600000") as t:
                sockets = self.open_all(t, 20, body)
                t.wait_for(lambda stats: stats["in_flight"] == 20)
                start = time.monotonic()
                t.process.send_signal(number)
                self.assertEqual(t.process.wait(PATIENCE), 0)
                self.assertLess(time.monotonic() - start, 10)
                for s in sockets:
                    s.close()


class Usage(unittest.TestCase):
    def run_with(self, *options):
        return subprocess.run([BINARY, *options], capture_output=True, text=True, timeout=PATIENCE)

    def test_wrong_options_are_named(self):
        listen = ("--listen", "127.0.0.1:0")
        for options, message in [((), "--listen"), (("--listen", "nowhere"), "HOST:PORT"),
                                 (("--listen", "127.0.0.1:99999"), "HOST:PORT"),
                                 ((*listen, "--p-correct", "1.5"), "--p-correct"),
                                 ((*listen, "--position-bias", "-2"), "--position-bias"),
                                 ((*listen, "--fault", "sneeze=0.1"), "sneeze"),
                                 ((*listen, "--latency", "soon"), "--latency"),
                                 ((*listen, "--thought", "aloud"), "--thought"),
                                 ((*listen, "extra"), "too much"),
                                 ((*listen, "--capacity", "-1"), "--capacity")]:
            result = self.run_with(*options)
            self.assertEqual(result.returncode, 2, options)
            self.assertIn(message, result.stderr)

    def test_a_missing_seed_file_is_named(self):
        result = self.run_with("--listen", "127.0.0.1:0", "--truth", "/nonexistent.jsonl")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("/nonexistent.jsonl", result.stderr)

    def test_help_names_every_fault(self):
        result = self.run_with("--help")
        self.assertEqual(result.returncode, 0)
        for word in ("429", "500", "503", "hang", "drop", "truncate", "badjson", "drip", "error200",
                     "no_verdict", "tie", "both", "unclosed", "length", "refused", "empty",
                     "--truth", "--capacity", "/stats"):
            self.assertIn(word, result.stdout)


if __name__ == "__main__":
    if not os.access(BINARY, os.X_OK):
        print(f"skipped: {BINARY} is not built")
        sys.exit(77)
    unittest.main()
