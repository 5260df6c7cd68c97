"""`openum case NUMBER`: one case, its lines, clocks and events, as text."""

import argparse
from typing import TYPE_CHECKING

from openum.cli import environment
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("case", help="show one case: lines, deadlines, events")
    parser.add_argument("number", metavar="NUMBER", help="case number, like C-26-0000001")
    parser.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Print the case and note that its data was read."""
    environment.prepare(options.data)
    environment.start_django()
    from openum import audit
    from openum.accounts.queries import rules_engine
    from openum.cases.models import Case
    from openum.cases.queries import current_lines
    from openum.clocks.queries import clocks_of
    from openum.db import clock

    case = Case.objects.select_related("plan").filter(number=options.number).first()
    if case is None:
        raise CommandFailed(f"There is no case {options.number} in this data directory.")
    print(f"{case.number}  {case.plan.name}  {case.public_id}")
    print("\nLines")
    for line in current_lines(case):
        numbers = " ".join(authorization.number for authorization in line.authorizations.order_by("pk"))
        print(f"  {line.sequence}  {line.code}  {line.status}  {numbers}".rstrip())
    print("\nDeadlines")
    for each in clocks_of(case):
        due = each.due_at.isoformat(timespec="minutes") if each.due_at else "no instant"
        print(f"  {each.title}  {each.state}  due {due}  ({each.governing_rule}, {each.citation})")
    print("\nEvents")
    for row in audit.events_of(case.public_id):
        print(f"  {row.at.isoformat(timespec='seconds')}  {row.type}  {row.cause}".rstrip())
    audit.record_reads(
        by=rules_engine(), at=clock.now(), case_ids=[case.public_id], why="openum case on the command line"
    )
