"""`openum routing`: try rules on the open requests before they are published, and compare giving-out with the best."""

import argparse
import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from openum.cli import environment
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from openum.accounts.models import Plan
    from openum.work.queries.simulating import Simulation


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command and its verb."""
    parser = commands.add_parser("routing", help="try routing rules on the open requests")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    simulating = verbs.add_parser(
        "simulate",
        help="say which open requests would go to which queue; nothing is written",
        description=(
            "Reads a routing document, checks its rules and examples against the plan's queues, and routes every open "
            "request on paper. Prints how many would move from where to where, by rule. With --csv each move is written "
            "as a row of case number, line, queues, rule and reason."
        ),
    )
    simulating.add_argument("document", metavar="RULES.yaml", help="the routing document")
    simulating.add_argument("--plan", metavar="KEY", help="key of the plan; needed where there are several")
    simulating.add_argument("--csv", metavar="OUT.csv", help="write every move here, or - for standard output")
    simulating.add_argument("--data", metavar="DIR", help="data directory (default OPENUM_DATA)")
    simulating.set_defaults(run=run)
    comparing = verbs.add_parser(
        "what-if",
        help="compare today's greedy giving-out with the best possible one; needs the extra staffing",
        description="Nothing is written. Up to --lines waiting lines and everybody's room of today are looked at.",
    )
    comparing.add_argument("--plan", metavar="KEY", help="key of the plan; needed where there are several")
    comparing.add_argument("--lines", type=int, default=200, metavar="N", help="waiting lines (default 200)")
    comparing.add_argument("--seconds", type=float, default=10, metavar="S", help="longest search (default 10)")
    comparing.add_argument("--data", metavar="DIR", help="data directory (default OPENUM_DATA)")
    comparing.set_defaults(run=run_what_if)


def run(options: argparse.Namespace) -> None:
    """Simulate and print."""
    try:
        text = Path(options.document).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{options.document} cannot be read as text. Give a routing document.") from error
    environment.prepare(options.data)
    environment.start_django()
    from openum import audit
    from openum.accounts.queries import rules_engine
    from openum.db.clock import now
    from openum.work.queries.simulating import simulate
    from openum.work.services import check_routing

    plan = _plan(options.plan)
    routing = check_routing(text=text, plan=plan)
    found = simulate(plan=plan, routing=routing, at=now(), most_moves=None if options.csv else 0)
    if options.csv:
        case_ids = list(dict.fromkeys(move.case_id for move in found.moves))
        audit.record_reads(by=rules_engine(), at=now(), case_ids=case_ids, why="openum routing simulate --csv")
        _write(options.csv, found)
    _print(found, plan)


def run_what_if(options: argparse.Namespace) -> None:
    """Compare and print."""
    environment.prepare(options.data)
    environment.start_django()
    from openum.db.clock import now
    from openum.work.optimal import compare
    from openum.work.queries.people import candidates
    from openum.work.queries.waiting import need_of, unassigned

    plan, at = _plan(options.plan), now()
    waiting = unassigned(plan, count=options.lines)
    people = candidates(plan, at=at, case_ids={placement.line.case_id for placement in waiting})
    needs = [need_of(placement, is_pressing=False) for placement in waiting]
    found = compare(needs, people, seconds=options.seconds)
    print(f"{plan.name}: {found.lines:,} lines wait, {len(people)} people work in queues.")
    print(f"  greedy, as given out: {found.greedy:,} lines, {found.greedy_points:,} points")
    proof = "proved" if found.is_proved else "the best found in time"
    print(f"  best possible: {found.best:,} lines, {found.best_points:,} points ({proof})")


def _plan(key: str | None) -> "Plan":
    from openum.accounts.models import Plan

    plans = list(Plan.objects.order_by("key"))
    if key is None and len(plans) != 1:
        raise CommandFailed(f"Name the plan with --plan: {', '.join(plan.key for plan in plans)}.")
    for plan in plans:
        if key in {None, plan.key}:
            return plan
    raise CommandFailed(f"There is no plan {key}. There are {', '.join(plan.key for plan in plans)}.")


def _print(found: "Simulation", plan: "Plan") -> None:
    say = sys.stderr.write
    say(f"{plan.name}: {found.looked_at:,} open lines, {found.staying:,} stay, {found.moving:,} would move.\n")
    for (before, after), count in sorted(found.flows.items(), key=lambda item: (-item[1], item[0])):
        say(f"  {count:>8,}  {before or '(no queue)'} → {after}\n")
    say("By rule:\n")
    for rule, count in found.by_rule.most_common():
        say(f"  {count:>8,}  {rule}\n")


def _write(name: str, found: "Simulation") -> None:
    rows = [
        (move.case_number, move.line, move.from_queue, move.to_queue, move.rule, move.because, move.points)
        for move in found.moves
    ]
    head = ("case", "line", "from_queue", "to_queue", "rule", "because", "points")
    if name == "-":
        csv.writer(sys.stdout).writerows([head, *rows])
        return
    try:
        with Path(name).open("w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows([head, *rows])
    except OSError as error:
        raise CommandFailed(f"{name} cannot be written: {error.strerror}.") from error
