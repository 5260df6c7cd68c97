"""`openum notices`: make a stored letter again and compare it byte for byte; set how hard letters of a plan may be to read."""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from openum.cli import environment
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the commands."""
    parser = commands.add_parser("notices", help="letters: make a stored one again")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    again = actions.add_parser("reproduce", help="make a letter again from its stored inputs and compare the bytes")
    again.add_argument("letter", metavar="LETTER", help="number of the letter, like C-26-0000001-L2")
    again.add_argument("--out", metavar="FILE", help="write the PDF made again to this file")
    again.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    again.set_defaults(run=reproduce)
    aim = actions.add_parser("aim", help="set the reading grade for members of a plan, 6 to 8, from a day on")
    aim.add_argument("plan", metavar="PLAN", help="key of the plan")
    aim.add_argument("grade", metavar="GRADE", type=float, help="United States school grade, 6 to 8")
    aim.add_argument("--from", dest="first_day", metavar="DAY", required=True, help="first day, like 2027-01-01")
    aim.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    aim.set_defaults(run=set_aim)


def reproduce(options: argparse.Namespace) -> int:
    """Print stored and new hash of each form; the exit code is 1 where one differs."""
    environment.prepare(options.data)
    environment.start_django()
    from openum import audit
    from openum.accounts.queries import rules_engine
    from openum.db import clock
    from openum.notices.models import Notice
    from openum.notices.services import reproduce as again

    notice = (
        Notice.objects.select_related("case", "template", "catalogue", "taglines").filter(number=options.letter).first()
    )
    if notice is None:
        raise CommandFailed(f"There is no letter {options.letter} in this data directory.")
    made = again(notice)
    for part in made.parts:
        print(f"{part.name:7}{part.again}  {'same' if part.is_same else 'DIFFERS from ' + part.stored}")
    if made.drawn_with:
        print(f"The stored PDF was drawn with other versions: {made.drawn_with}")
    if options.out:
        Path(options.out).write_bytes(made.pdf)
    audit.record_reads(
        by=rules_engine(), at=clock.now(), case_ids=[notice.case.public_id], why="openum notices on the command line"
    )
    return 0 if made.is_same else 1


def set_aim(options: argparse.Namespace) -> int:
    """Publish a plan's own reading grade as a dated policy row."""
    try:
        first_day = date.fromisoformat(options.first_day)
    except ValueError as error:
        raise CommandFailed(f"{options.first_day} is no day. Write it like 2027-01-01.") from error
    environment.prepare(options.data)
    environment.start_django()
    from openum.accounts.models import Plan
    from openum.accounts.queries import rules_engine
    from openum.db import clock
    from openum.notices.publish import set_reading_aim

    plan = Plan.objects.filter(key=options.plan).first()
    if plan is None:
        known = ", ".join(Plan.objects.order_by("key").values_list("key", flat=True))
        raise CommandFailed(f"There is no plan {options.plan} here. Plans: {known}.")
    row = set_reading_aim(plan=plan, grade=options.grade, first_day=first_day, by=rules_engine(), at=clock.now())
    print(f"{plan.name}: grade {options.grade:g} from {row.effective_from.isoformat()} on.")
    return 0
