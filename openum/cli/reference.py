"""`openum reference`: load, check, list and remove reference tables of a claims store."""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from openum.cli.errors import CommandFailed
from openum.cli.metrics import need_analytics

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from openum.analytics.tables.take import Given

ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16")


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the commands."""
    parser = commands.add_parser("reference", help="load reference tables beside the claims")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    loading = actions.add_parser(
        "load",
        help="load a reference table",
        description="Takes a table of one version as .csv, .csv.gz or .parquet, all or nothing. Metrics, leads and attention over the "
        "store then look codes up in it, and name it. The kinds and their columns stand in docs/reference-tables.md.",
    )
    loading.add_argument("--replace", action="store_true", help="take the place of another file of the same version")
    loading.set_defaults(run=run_load)
    checking = actions.add_parser("check", help="read a reference table and say what would be taken")
    checking.set_defaults(run=run_check)
    for action in (loading, checking):
        action.add_argument("kind", metavar="KIND", help="as ms-drg, icd-10-cm, hcc, ncci; see openum reference list")
        action.add_argument("file", metavar="FILE", type=Path, help="the table")
        action.add_argument("--version", default="", help="as FY2026, 2026Q1; a column fiscal_year may say it instead")
        action.add_argument(
            "--effective", metavar="DATE", default="", help="its first day; follows from the year when left out"
        )
        action.add_argument("--licence", metavar="WORDS", default="", help="under which agreement you hold the copy")
        action.add_argument("--encoding", choices=ENCODINGS, default="utf-8", help="of a CSV file (default utf-8)")
    listing = actions.add_parser("list", help="show the kinds and what was loaded")
    listing.set_defaults(run=run_list)
    removing = actions.add_parser("remove", help="take a reference table out")
    removing.add_argument("kind", metavar="KIND")
    removing.add_argument("version", metavar="VERSION")
    removing.set_defaults(run=run_remove)
    for action in (loading, listing, removing):
        action.add_argument(
            "--store", metavar="DIR", type=Path, default=Path("claims_store"), help="default claims_store"
        )


def given(options: argparse.Namespace) -> "Given":
    """Return what the options name.

    Raises:
        CommandFailed: the first day is no date.
    """
    from openum.analytics.tables.take import Given

    try:
        effective = date.fromisoformat(options.effective) if options.effective else None
    except ValueError as error:
        raise CommandFailed(f"{options.effective} is no date. Write --effective 2025-10-01.") from error
    return Given(
        kind=options.kind, file=options.file, version=options.version, effective=effective, licence=options.licence,
        encoding=options.encoding,
    )  # fmt: skip


def run_load(options: argparse.Namespace) -> int:
    """Load."""
    need_analytics()
    from openum.analytics.tables.take import take

    row = take(given(options), options.store, at=datetime.now(UTC), in_place=options.replace)
    twice = f", {row.repeated:,} repeated ones once" if row.repeated else ""
    print(
        f"{row.kind} {row.version}: {row.rows:,} rows{twice} from {row.file}, from {row.effective} on, {row.sha256[:12]}."
    )
    return 0


def run_check(options: argparse.Namespace) -> int:
    """Check."""
    need_analytics()
    from openum.analytics.tables.take import check

    row = check(given(options), at=datetime.now(UTC))
    print(f"{row.kind} {row.version}: {row.rows:,} rows could be taken, from {row.effective} on. Nothing was written.")
    return 0


def run_list(options: argparse.Namespace) -> int:
    """Print kinds and tables."""
    need_analytics()
    from openum.analytics.tables.held import taken
    from openum.analytics.tables.kinds import kinds

    rows = taken(options.store)
    for kind in kinds().values():
        print(f"{kind.id:18} {kind.what}{'; licensed' if kind.licence else ''}")
        for row in (row for row in rows if row.kind == kind.id):
            print(f"    {row.version}, from {row.effective}: {row.rows:,} rows of {row.file}, {row.sha256[:12]}, loaded {row.loaded_at}; {row.licence}")  # fmt: skip
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Take out."""
    need_analytics()
    from openum.analytics.tables.take import remove

    row = remove(options.store, options.kind, options.version)
    print(f"{row.kind} {row.version} is out.")
    return 0
