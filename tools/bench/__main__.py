"""`make bench`: what a submission, the worklist, memory and start-up cost, as ratios to a bare view in the same run.

Builds the demo world in a temporary directory, drives its web process with 8 clients, and writes docs/benchmarks.md.
"""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.bench import conversation, deadlines, engine, forms, letters, ordering, population, validation
from tools.bench.load import Measured, drive, family, resident_mb

ROOT = Path(__file__).resolve().parents[2]
CLIENTS, PORT, BARE_PORT = 8, 18650, 18660
STORY = "2026-11-23T09:15:00-05:00"
"""When the lumbar request of the samples is made."""

FHIR = {"Content-Type": "application/fhir+json"}


def main() -> int:
    """Run everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=400, metavar="N", help="submissions of each kind (default 400)")
    parser.add_argument("--cases", type=int, default=100_000, metavar="N", help="open cases on the worklist")
    parser.add_argument("--order-sign", action="store_true", help="only `order-sign`; prints its rows, writes no page")
    parser.add_argument("--keep", metavar="DIR", help="keep the data here and use it again")
    options = parser.parse_args()
    directory = Path(options.keep or tempfile.mkdtemp(prefix="openum-bench-")).resolve()
    try:
        if options.order_sign:
            print(*order_sign_rows(measure_order_sign(directory, requests=options.requests)), sep="\n")
            return 0
        results = measure(directory, requests=options.requests, cases=options.cases)
    finally:
        if not options.keep:
            shutil.rmtree(directory, ignore_errors=True)
    page = ROOT / "docs" / "benchmarks.md"
    page.write_text(written(results), encoding="utf-8")
    print(page.read_text(encoding="utf-8"))
    return 0


def measure(directory: Path, *, requests: int, cases: int) -> dict[str, Any]:
    """Return all figures."""
    results: dict[str, Any] = {"requests": requests, "cases": cases, "load": os.getloadavg()[1]}
    data = directory / "data"
    say("loading the demo world")
    with demo(data, "--at", STORY) as (process, seconds):
        results["first start"] = seconds
        about = json.loads((data / "demo.json").read_text(encoding="utf-8"))
    prepare_django(data)
    leave_out_waiting_jobs()
    with demo(data) as (process, seconds):
        results["later start"] = seconds
        approved, pended = lumbar_bodies(requests + 100), home_care_bodies(requests + 100)
        web = web_processes(process.pid)
        say("one order, from its first step to the decision")
        results["conversation"] = conversation.measure(port=PORT, token=client_token(about), at=plan_now())
        with bare_server(data) as bare:
            say("order-sign with 5,000 requirement rows")
            results["order-sign"] = order_sign(about, web, bare, requests)
            for kind, bodies, token in (
                ("approved", approved, client_token(about)),
                ("pended", pended, about["token"]),
            ):
                say(f"submissions that are {kind}")
                headers = {**FHIR, "Authorization": f"Bearer {token}"}
                run = {"path": "/fhir/2.0/Claim/$submit", "headers": headers, "clients": CLIENTS, "processes": web}
                drive(port=PORT, bodies=bodies[:100], **run)  # warm
                plain = {
                    "port": BARE_PORT, "path": "/submit", "headers": headers, "clients": CLIENTS, "processes": bare,
                }  # fmt: skip
                drive(bodies=bodies[:100], **plain)
                quarter = max(1, requests // 4)
                rounds = [bodies[start : start + quarter] for start in range(100, len(bodies), quarter)]
                ours, bares, barest = [], [], []
                for part in rounds:  # in turns, so that a busy moment of the machine meets all
                    bares.append(drive(bodies=part, **plain))
                    ours.append(drive(port=PORT, bodies=part, **run))
                    barest.append(drive(bodies=part, **{**plain, "path": "/short/submit"}))
                for measured in (*ours, *bares, *barest):
                    if set(measured.statuses) != {200}:
                        raise SystemExit(f"Not every answer was 200: {measured.statuses}.")
                results[kind] = (together(ours), together(bares), together(barest))
                results[f"answers {kind}"] = first_line(data, about, bodies[-1], token)
        say("packages of forms")
        results["forms"] = forms.measure(
            port=PORT, token=about["token"], clients=CLIENTS, processes=web, requests=requests
        )
        results["memory"] = [resident_mb(pid) for pid in web_processes(process.pid)]
    say(f"worklist with {cases} open cases")
    results["worklist"] = worklist(data, cases)
    say("notifications to a slow and failing listener")
    results["notifications"] = _printed("tools.bench.notifications")
    say("two hundred sessions on PostgreSQL")
    results["sessions"] = _printed("tools.bench.sessions", "--cases", str(cases))
    return results


def _printed(module: str, *more: str) -> str:
    """Run a part of the measurement in a process of its own and return what it prints."""
    named = {name: value for name, value in os.environ.items() if name not in {"OPENUM_DATA", "DJANGO_SETTINGS_MODULE"}}
    command = [sys.executable, "-m", module, *more]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env=named).stdout


def measure_order_sign(directory: Path, *, requests: int) -> tuple[Measured, Measured, Measured]:
    """Return the figures of `order-sign` alone."""
    data = directory / "data"
    if not (data / "demo.json").exists():
        with demo(data, "--at", STORY):
            pass
    about = json.loads((data / "demo.json").read_text(encoding="utf-8"))
    prepare_django(data)
    leave_out_waiting_jobs()
    with demo(data) as (process, _seconds), bare_server(data) as bare:
        return order_sign(about, web_processes(process.pid), bare, requests)


def order_sign(
    about: dict[str, Any], web: Sequence[int], bare: Sequence[int], requests: int
) -> tuple[Measured, Measured, Measured]:
    """Load the rows, and drive `order-sign` in turns with the bare view."""
    ordering.load_rows()
    ours, bares, barest = ordering.turns(
        port=PORT,
        bare_port=BARE_PORT,
        token=client_token(about),
        requests=requests,
        clients=CLIENTS,
        web=web,
        bare=bare,
    )
    return together(ours), together(bares), together(barest)


def order_sign_rows(found: tuple[Measured, Measured, Measured]) -> list[str]:
    """Return the lines of the table about `order-sign`."""
    ours, bare, barest = found
    return [
        _row("`order-sign`, 5,000 requirement rows: CPU per request", ours.cpu, bare.cpu, 4, barest.cpu, ""),
        _row("`order-sign`: median", ours.p50, bare.p50, None, barest.p50, f"{ours.per_second:.0f} per second"),
        _row("`order-sign`: 99th percentile", ours.p99, bare.p99, 6, barest.p99, ""),
    ]


def say(what: str) -> None:
    """Tell the person who waits."""
    print(f"… {what}", file=sys.stderr, flush=True)


@contextmanager
def demo(data: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """Run the demo; give the process and the seconds until it was ready."""
    command = [sys.executable, "-m", "openum.cli.main", "demo", "--data", str(data), "--port", str(PORT), *more]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "OpenUM is ready" in line:
                break
        else:
            raise SystemExit("The demo did not start.")
        yield process, time.monotonic() - started
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        process.stdout.close()


@contextmanager
def bare_server(data: Path) -> Iterator[list[int]]:
    """Run the yardstick on the same database, with the same server and numbers as OpenUM's web process."""
    named = {**os.environ, "OPENUM_DATA": str(data), "DJANGO_SETTINGS_MODULE": "tools.bench.bare_settings"}
    tables = "import django; django.setup(); from tools.bench import bare; bare.create_tables()"
    subprocess.run([sys.executable, "-c", tables], cwd=ROOT, check=True, env=named)
    command = [
        sys.executable, "-m", "granian", "openum.config.wsgi:application", "--interface", "wsgi", "--port", str(BARE_PORT),
        "--workers", "2", "--blocking-threads", "4", "--blocking-threads-idle-timeout", "600", "--http", "1", "--no-ws",
        "--log-level", "warning",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, env=named)
    try:
        wait_for_port(BARE_PORT)
        yield family(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def wait_for_port(port: int) -> None:
    """Wait until somebody answers."""
    import socket

    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"Nobody answers on port {port}.")


def web_processes(supervisor: int) -> list[int]:
    """Return the processes that serve pages: the child named serve, and its workers."""
    for pid in family(supervisor):
        if b"\0serve\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return family(pid)
    raise SystemExit("The web process is not there.")


def prepare_django(data: Path) -> None:
    """Let this process read the demo's database."""
    os.environ.update(OPENUM_DATA=str(data), OPENUM_DEMO="1", DJANGO_SETTINGS_MODULE="openum.config.settings")
    import django

    django.setup()


def leave_out_waiting_jobs() -> None:
    """Drop the demo's older cases, its claims and the letters not yet written: the figures are those of a system at rest."""
    from django.db import connections

    from openum.jobs.models import Job
    from samples.history import KIND

    # What is done is not left again at a start.
    Job.objects.filter(kind=KIND).update(state="done", finished_at=plan_now())
    Job.objects.exclude(state="done").delete()
    connections.close_all()


def plan_now() -> datetime:
    """Return what the demo's clock shows."""
    from openum.db import clock

    return clock.now()


def client_token(about: dict[str, Any]) -> str:
    """Return the token of the first client that is not the sandbox's."""
    return next(client["token"] for client in about["clients"] if client["token"] != about["token"])


def lumbar_bodies(count: int) -> list[bytes]:
    """Return requests that meet every criterion, each for another member."""
    from openum.directory.models import Member
    from samples import bundles

    now = datetime.now(tz=UTC)
    members = Member.objects.filter(
        plan__is_sandbox=False, coverages__product__line_of_business="commercial_state", birth_date__isnull=False
    ).order_by("-pk")
    story = bundles.LumbarRequest()
    bodies = []
    for number, member in enumerate(members[:count]):
        told = replace(
            story, member_number=member.member_number, given=member.given_name, family=member.family_name,
            born=member.birth_date, sex=member.sex or "female", identifier=f"BENCH-{now:%H%M%S}-{number}",
        )  # fmt: skip
        bodies.append(json.dumps(bundles.lumbar_mri_bundle(told)).encode())
    return bodies


def home_care_bodies(count: int) -> list[bytes]:
    """Return home care requests, each of another unknown person, for the sandbox."""
    text = (ROOT / "tests" / "adapters" / "messages" / "home-care.json").read_text(encoding="utf-8")
    stamp = f"{datetime.now(tz=UTC):%H%M%S}"

    def told(number: int) -> bytes:
        """Give the message's identifiers an ending of their own."""
        return re.sub(r'"(T-1|HC-1|M-700-1|S-700)"', rf'"\1-{stamp}-{number}"', text).encode()

    return [told(number) for number in range(count)]


def together(runs: Sequence[Measured]) -> Measured:
    """Return the runs as one: totals for CPU, the worst for the 99th percentile."""
    total = sum(run.requests for run in runs)
    statuses: dict[int, int] = {}
    for run in runs:
        for status, number in run.statuses.items():
            statuses[status] = statuses.get(status, 0) + number
    return Measured(
        requests=total,
        cpu=sum(run.cpu * run.requests for run in runs) / total,
        p50=sum(run.p50 for run in runs) / len(runs),
        p99=max(run.p99 for run in runs),
        per_second=sum(run.per_second for run in runs) / len(runs),
        statuses=statuses,
    )


def first_line(data: Path, about: dict[str, Any], body: bytes, token: str) -> str:
    """Return what one of the requests was answered, from the retry: proof that the right thing was measured."""
    request = urllib.request.Request(
        f"{about['url']}/fhir/2.0/Claim/$submit", data=body, headers={**FHIR, "Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read().decode()
    codes = re.findall(r'"code":\s*"(A[1-6]|CT|C)"', text)
    return ", ".join(sorted(set(codes))) or "no review action"


def worklist(data: Path, cases: int) -> Measured:
    """Multiply an open case and measure the nurse's worklist."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from tools.bench.multiply import multiply_open_case

    multiply_open_case(cases)
    about = json.loads((data / "demo.json").read_text(encoding="utf-8"))
    email = next(login["email"] for login in about["logins"] if login["persona"] == "nurse")
    browser = Client()
    browser.force_login(get_user_model().objects.get(email=email))
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
    leave_out_waiting_jobs()
    with demo(data) as (process, _):
        web = web_processes(process.pid)
        run: dict[str, Any] = {
            "port": PORT, "path": "/review/", "headers": {"Cookie": cookie}, "clients": 2, "processes": web, "method": "GET",
        }  # fmt: skip
        drive(bodies=[b""] * 20, **run)
        return drive(bodies=[b""] * 100, **run)


def written(results: dict[str, Any]) -> str:
    """Return the page of figures."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Ratios compare, in the same run, with a bare Django view (`tools/bench/bare.py`): the",
        "same server, database file, middleware of the project and bearer token; it parses the same bundle and inserts",
        "four rows through the ORM in one durable transaction. The last column compares with the same view when it, like",
        "OpenUM's own FHIR addresses, also leaves out the middleware that is meant for browsers. Read ratios, not",
        "absolutes.",
        "",
        f"Machine: {os.cpu_count()} cores, Python {platform.python_version()}, SQLite. {datetime.now(tz=UTC):%Y-%m-%d}.",
        f"Load of the machine (tasks waiting, 5 minutes) at the start: {results['load']:.1f}; above the number of cores,",
        "other work ran beside the measurement and the percentiles say little.",
        f"{results['requests']} submissions of each kind from {CLIENTS} clients, in turns with the bare view.",
        "",
        "| what | OpenUM | bare view | ratio | budget | to the barest | |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind in ("approved", "pended"):
        ours, bare, barest = results[kind]
        note = f"answers {results[f'answers {kind}']}; status {', '.join(map(str, ours.statuses))}"
        lines += [
            _row(f"`$submit`, {kind}: CPU per request", ours.cpu, bare.cpu, 5, barest.cpu, note),
            _row(
                f"`$submit`, {kind}: median", ours.p50, bare.p50, None, barest.p50, f"{ours.per_second:.0f} per second"
            ),
            _row(f"`$submit`, {kind}: 99th percentile", ours.p99, bare.p99, 6, barest.p99, ""),
        ]
    lines += order_sign_rows(results["order-sign"])
    page = results["worklist"]
    lines += [
        "",
        "| what | figure | budget |",
        "|---|---|---|",
        f"| worklist page with {results['cases']:,} open cases: CPU | {page.cpu:.1f} ms (status {list(page.statuses)}) | 40 ms |",
        f"| the same: 99th percentile, 2 clients | {page.p99:.0f} ms | |",
        f"| memory of the largest web process | {max(results['memory']):.0f} MB | 300 MB |",
        f"| `openum demo`, first start | {results['first start']:.0f} s | 60 s |",
        f"| `openum demo`, later start | {results['later start']:.1f} s | 5 s |",
        *conversation.rows(results["conversation"]),
        *forms.rows(results["forms"]),
        *engine.rows(),
        *deadlines.rows_apart(),
        *validation.rows(),
        *letters.rows(),
    ]
    return (
        "\n".join(lines)
        + "\n"
        + population.section()
        + f"\n## Notifications\n\n{results['notifications']}"
        + f"\n## Sessions\n\n{results['sessions']}"
    )


def _row(what: str, ours: float, bare: float, budget: int | None, barest: float, note: str) -> str:
    limit = f"{budget}×" if budget else ""
    return f"| {what} | {ours:.2f} ms | {bare:.2f} ms | {ours / bare:.1f}× | {limit} | {ours / barest:.1f}× | {note} |"


if __name__ == "__main__":
    sys.exit(main())
