"""A listener as a client runs one: a small HTTP server on this machine that keeps what it is sent."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson


class Listener:
    """What was posted, and how to answer: each answer once, in order, then always the last one."""

    def __init__(self):
        self.posts, self.headers, self.answers = [], [], [200]
        self.before = lambda: None

    def next_answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def kinds(self):
        """The types of the notifications taken, in order."""
        return [_of(post, "type") for post in self.posts]

    def numbers(self):
        """The event numbers in order of arrival, those that were not taken included."""
        return [number for post in self.posts for number in event_numbers(post)]


def status_of(post):
    return post["entry"][0]["resource"]


def _of(post, name):
    held = next(one for one in status_of(post)["parameter"] if one["name"] == name)
    return next(value for key, value in held.items() if key.startswith("value"))


def event_numbers(post):
    """Return the event numbers of a notification."""
    return [
        int(part["valueString"])
        for one in status_of(post)["parameter"]
        if one["name"] == "notification-event"
        for part in one["part"]
        if part["name"] == "event-number"
    ]


def foci(post):
    """Return the addresses of what a notification is about."""
    return [
        part["valueReference"]["reference"]
        for one in status_of(post)["parameter"]
        if one["name"] == "notification-event"
        for part in one["part"]
        if part["name"] == "focus"
    ]


@contextmanager
def listening():
    """Run a listener; yields it with its address."""
    kept = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.before()
            kept.posts.append(orjson.loads(body))
            kept.headers.append(dict(self.headers))
            self.send_response(kept.next_answer())
            self.send_header("Content-Length", "0")
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_address[1]}/heard"
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
