"""`openum notices reproduce LETTER`: make a stored letter again and compare it byte for byte."""

import argparse
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
