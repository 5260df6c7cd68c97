"""`openum feed authorizations`: changes of authorizations for a claims system as a file, or all that stand."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from openum.cli import environment
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("feed", help="files for a claims system").add_subparsers(dest="feed", required=True)
    one = parser.add_parser("authorizations", help="authorizations: changes since a position, or all that stand")
    one.add_argument("--plan", required=True, metavar="KEY", help="key of the plan")
    one.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help=".ndjson or .csv; FILE.sha256 is written beside it"
    )
    one.add_argument("--since", type=int, metavar="N", help="changes after this position; left out: all that stand")
    one.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    one.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Catch the feed up and write the file; what went into it is noted."""
    environment.prepare(options.data)
    environment.start_django()
    from django.db import transaction

    from openum.accounts.models import Plan
    from openum.accounts.queries import rules_engine
    from openum.db import clock
    from openum.payment import queries, services
    from openum.payment.telling import SUFFIXES, write_file

    if options.out.suffix not in SUFFIXES:
        raise CommandFailed("The file's name must end with .ndjson or .csv.")
    if options.since is not None and options.since < 0:
        raise CommandFailed("--since is a position: zero or more.")
    plan = Plan.objects.filter(key=options.plan).first()
    if plan is None:
        raise CommandFailed(
            f"There is no plan {options.plan}. Plans: {', '.join(Plan.objects.values_list('key', flat=True))}."
        )
    at = clock.now()
    with transaction.atomic():
        services.catch_up(plan, at=at, whole=True)
        if options.since is None:
            count, digest = services.write_full_file(plan, by=rules_engine(), at=at, path=options.out)
        else:
            entries, after = [], options.since
            while some := services.read_feed(plan, after=after, most=queries.MOST, by=rules_engine(), at=at):
                entries += some
                after = some[-1].position
            count, digest = len(entries), write_file(options.out, entries)
        head = queries.head_of(plan)
    print(f"{count} authorizations, next position {head.position if head else 0}, SHA-256 {digest}.")
