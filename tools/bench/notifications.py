"""A thousand notifications to a listener that is slow and fails, beside one that is well: what arrives, and in which order.

`python -m tools.bench.notifications` makes a small world of its own; retries are run by telling the time, not by waiting.
"""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

EVENTS = 1000
SLOW_SECONDS = 0.005
FAILS_EVERY = 4
AT = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)


@dataclass
class Heard:
    """What a listener took, and what it turned away."""

    numbers: list[int] = field(default_factory=list)
    refused: int = 0


@contextmanager
def listening(*, is_bad: bool) -> Iterator[tuple[str, Heard]]:
    """Run a listener; a bad one is slow and answers every fourth notification with 503, or not at all."""
    heard = Heard()
    count = 0

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            nonlocal count
            body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            count += 1
            if is_bad:
                time.sleep(SLOW_SECONDS)
                if count % FAILS_EVERY == 0:
                    heard.refused += 1
                    if count % (2 * FAILS_EVERY) == 0:
                        self.close_connection = True
                        return
                    self.send_error(503)
                    return
            heard.numbers += _numbers(body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", heard
    finally:
        server.shutdown()
        server.server_close()


def _numbers(notification: dict[str, Any]) -> list[int]:
    status = notification["entry"][0]["resource"]["parameter"]
    parts = [part for one in status if one["name"] == "notification-event" for part in one["part"]]
    return [int(part["valueString"]) for part in parts if part["name"] == "event-number"]


def measure() -> str:
    """Send the events to both listeners and return a sentence; a loss or a wrong order stops the run."""
    from openum import jobs
    from openum.adapters.fhir import codes
    from openum.adapters.fhir.pas.versions import V2_0
    from openum.adapters.fhir.subscriptions import services
    from openum.adapters.fhir.subscriptions.models import Subscription
    from openum.adapters.fhir.subscriptions.reading import wanted_of
    from tests import world as worlds

    world = worlds.build(now=AT)
    accepted = worlds.send(world, worlds.knee_request(world, at=AT), at=AT)
    if accepted.case is None:
        raise SystemExit("The request that is told about was not taken in.")
    with listening(is_bad=True) as (bad_url, bad), listening(is_bad=False) as (good_url, good):
        for url in (bad_url, good_url):
            channel = {"type": "rest-hook", "endpoint": url}
            sent = {"resourceType": "Subscription", "criteria": codes.PAS_TOPIC, "channel": channel}
            wanted = wanted_of(sent, version=V2_0, at=AT)
            services.create(
                client=world.client, base="2.0", server="https://plan.example/fhir/2.0", wanted=wanted, at=AT
            )
        moment = AT + timedelta(seconds=10)
        jobs.run_due(moment, limit=100_000)
        for number in range(EVENTS):
            services.tell(case=accepted.case, cause=f"bench {number}", except_client="", at=moment)
        started, passes, when_good_had_all = time.monotonic(), 0, 0
        while Subscription.objects.filter(next_at__isnull=False).exists():
            passes += 1
            jobs.run_due(moment, limit=100_000)
            when_good_had_all = when_good_had_all or (passes if len(good.numbers) == EVENTS else 0)
            moment += timedelta(seconds=5)
        seconds = time.monotonic() - started
    wanted_numbers = list(range(1, EVENTS + 1))
    if list(dict.fromkeys(bad.numbers)) != wanted_numbers or good.numbers != wanted_numbers:
        raise SystemExit("Notifications were lost or came out of order.")
    again = len(bad.numbers) - EVENTS
    return (
        f"{EVENTS:,} notifications to a listener that takes {SLOW_SECONDS * 1000:.0f} ms and fails {bad.refused} times: "
        f"all arrived in order, {again} twice, none lost; {passes} passes five seconds apart, {seconds:.1f} s of work. "
        f"A well listener beside it had all of its {EVENTS:,} after pass {when_good_had_all}."
    )


def main() -> int:
    """Make a database, measure, print."""
    directory = tempfile.mkdtemp(prefix="openum-bench-")
    os.environ.update(
        OPENUM_DATA=directory, OPENUM_DEMO="1", DJANGO_SETTINGS_MODULE="tests.settings", OPENUM_LOG_LEVEL="CRITICAL"
    )
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(measure())
    return 0


if __name__ == "__main__":
    sys.exit(main())
