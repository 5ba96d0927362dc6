"""The HTTP side of the tests' teacher: one thread, asyncio, no framework."""
import asyncio
import json
import threading
import time

NAMES = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
         429: "Too Many Requests", 500: "Internal Server Error"}


def response(status, body, headers=""):
    return (f"HTTP/1.1 {status} {NAMES[status]}\r\nContent-Type: application/json\r\n{headers}"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def error(status, text, headers=""):
    return response(status, json.dumps({"error": {"message": text}}).encode(), headers)


def stream(body):
    """A completion as server-sent events in chunks, choice by choice."""
    base = {"id": body["id"], "object": "chat.completion.chunk", "model": body["model"]}
    events = []
    for choice in body["choices"]:
        deltas = [{"role": "assistant"}]
        for field in ("reasoning", "reasoning_content", "content"):
            text = choice["message"].get(field) or ""
            deltas += [{field: text[i:i + 37]} for i in range(0, len(text), 37)]
        rows = [(d, None) for d in deltas] + [({}, choice["finish_reason"])]
        events += [dict(base, choices=[{"index": choice["index"], "delta": d, "finish_reason": f}])
                   for d, f in rows]
    events.append(dict(base, choices=[], usage=body["usage"]))
    text = "".join(f"data: {json.dumps(e)}\n\n" for e in events) + "data: [DONE]\n\n"
    chunks = [text[i:i + 700].encode() for i in range(0, len(text), 700)]
    head = (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n")
    return head + b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks) + b"0\r\n\r\n"


class Connection(asyncio.Protocol):
    """One client, one request after the other."""

    def __init__(self, server):
        self.server = server
        self.transport = None
        self.inbox = bytearray()
        self.unwritten = []  # the calls whose answer still lies in the write buffer
        self.promised = False

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(high=0)
        self.server.connections.add(self)

    def connection_lost(self, exc):
        self.transport = None
        self.server.connections.discard(self)

    def resume_writing(self):
        for call in self.unwritten:
            call.written = time.monotonic()
        self.unwritten = []

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
            self.server.serve(self, method, path, headers, body)

    def answer(self, calls, data, close=False):
        """Writes all of `data`; the log says of whole answers when they were out."""
        if self.transport is None or self.transport.is_closing():
            return
        self.transport.write(data)
        if self.transport.get_write_buffer_size() == 0:
            for call in calls:
                call.written = time.monotonic()
        else:
            self.unwritten = calls
        if close:
            self.transport.close()


class Server:
    """`with` it: `serve(connection, method, path, headers, body)` is called for each request."""

    def __init__(self):
        self.connections = set()
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
