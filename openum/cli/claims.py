"""`openum claims`: load eligibility and claims into a store, admit repaired rows, show what was loaded."""

import argparse
import sys
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from openum.cli.errors import CommandFailed
from openum.cli.metrics import need_analytics

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from openum.analytics.store.files import Plan
    from openum.analytics.store.load import Outcome

ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16")


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the commands."""
    parser = commands.add_parser("claims", help="load eligibility and claims")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    loading = actions.add_parser(
        "load",
        help="load files into a store",
        description="Takes eligibility, medical_claim, pharmacy_claim and provider files (.parquet, .csv, .csv.gz). A file is loaded "
        "as a whole or not at all; rows that cannot be counted are set aside with reason and cure. Loading a file again does nothing.",
    )
    loading.add_argument("paths", metavar="FOLDER|FILE", nargs="+", type=Path, help="folders and files")
    loading.add_argument("--table", default="", help="the table, when the file names do not begin with it")
    loading.add_argument("--source", metavar="NAME", default="", help="data_source of rows that name none")
    loading.set_defaults(run=run_load)
    admitting = actions.add_parser("admit", help="load repaired rows that were set aside")
    admitting.add_argument("file", metavar="FILE", type=Path, help="a repaired file of the store's folder quarantine")
    admitting.set_defaults(run=run_admit)
    for action in (loading, admitting):
        action.add_argument(
            "--mapping", metavar="FILE", type=Path, help="YAML: table: {our column: header of the file}"
        )
        action.add_argument("--encoding", choices=ENCODINGS, default="utf-8", help="of the CSV files (default utf-8)")
        action.add_argument("--memory", metavar="SIZE", default="2GB", help="memory limit (default 2GB)")
    returning = actions.add_parser("take-back", help="take a loaded file out, with its repaired rows")
    returning.add_argument(
        "hash", metavar="HASH", help="the SHA-256 of the file, or its beginning, as openum claims list shows it"
    )
    returning.set_defaults(run=run_take_back)
    listing = actions.add_parser("list", help="show what was loaded")
    listing.set_defaults(run=run_list)
    scoring = actions.add_parser("quality", help="show the data-quality scorecard of a store")
    scoring.set_defaults(run=run_quality)
    leading = actions.add_parser(
        "leads",
        help="look for billing errors",
        description="Writes leads for people, each with rule, version, amount and evidence. Nothing is denied or taken back by it.",
    )
    leading.add_argument("--out", metavar="FILE", type=Path, required=True, help="the CSV file to write")
    leading.add_argument(
        "--edits", metavar="FILE", type=Path, help="your edit pairs: column1, column2, modifier_allowed"
    )
    leading.add_argument("--limits", metavar="FILE", type=Path, help="your daily limits: code, units")
    leading.add_argument("--minutes", metavar="FILE", type=Path, help="your times of timed services: code, minutes")
    leading.add_argument(
        "--persons", metavar="FILE", type=Path, help="whom services fit: code, sex, age_from, age_to (inclusive)"
    )
    leading.add_argument(
        "--authorizations", metavar="FILE", type=Path, help="the full CSV file of openum feed authorizations"
    )
    leading.add_argument(
        "--wanted", metavar="FILE", type=Path, help="services that want an authorization: code, code_end (may be empty)"
    )
    leading.add_argument(
        "--changes",
        metavar="FILE",
        type=Path,
        help="what may be billed for what was authorized: authorized, added (A* begins with A)",
    )
    leading.add_argument(
        "--groups", metavar="FILE", type=Path,
        help="what supports a DRG: drg, position (principal, severity), code (ICD-10-CM, or its beginning), alone (1: one severity "
        "diagnosis alone is a lead)",
    )  # fmt: skip
    leading.add_argument(
        "--opioids", metavar="FILE", type=Path, help="opioids: ndc, mme (mg of oral morphine that one unit equals)"
    )
    leading.set_defaults(run=run_leads)
    for action in (loading, admitting, returning, listing, scoring, leading):
        action.add_argument(
            "--store", metavar="DIR", type=Path, default=Path("claims_store"), help="default claims_store"
        )


def run_load(options: argparse.Namespace) -> int:
    """Load; 1 when a file was refused."""
    need_analytics()
    from openum.analytics.store.load import load

    outcomes = load(
        options.paths, options.store, plan(options), at=datetime.now(UTC), tell=say, memory=options.memory, went=say_how_far
    )  # fmt: skip
    refused = sum(outcome.is_refused for outcome in outcomes)
    if refused:
        print(
            f"{refused} of {len(outcomes)} files were refused; the others are loaded. Mend them and run this again.",
            file=sys.stderr,
        )
    return 1 if refused else 0


def run_admit(options: argparse.Namespace) -> int:
    """Admit repaired rows; 1 when the file was refused."""
    need_analytics()
    from openum.analytics.store.load import admit

    outcome = admit(options.file, options.store, plan(options), at=datetime.now(UTC), memory=options.memory)
    say(outcome)
    return 1 if outcome.is_refused else 0


def say(outcome: "Outcome") -> None:
    """Print what became of a file."""
    print(outcome.said, file=sys.stderr if outcome.is_refused else sys.stdout, flush=True)


def say_how_far(file: Path, percent: int) -> None:
    """Say how far a long file is: on a terminal in one line that is written over, else a line each."""
    end = "\r" if sys.stderr.isatty() else "\n"
    print(f"{file}: {percent} % of this step", end=end, file=sys.stderr, flush=True)


def run_list(options: argparse.Namespace) -> int:
    """Print the catalogue."""
    from openum.analytics.store.catalogue import Catalogue

    for row in Catalogue(options.store).loaded:
        aside = f", {row.set_aside:,} set aside in {row.quarantine}" if row.quarantine else ""
        print(
            f"{row.sha256[:12]}  {row.loaded_at}  {row.table:15}  {row.file}: {row.taken:,} of {row.rows:,} rows{aside}"
        )
    return 0


def run_take_back(options: argparse.Namespace) -> int:
    """Take a file back."""
    need_analytics()
    from openum.analytics.store.aside import take_back
    from openum.analytics.store.catalogue import Catalogue

    found = [row.sha256 for row in Catalogue(options.store).loaded if row.sha256.startswith(options.hash.lower())]
    if len(found) != 1:
        raise CommandFailed(f"{len(found)} loaded files begin with {options.hash}. See openum claims list.")
    for row in take_back(options.store, found[0]):
        print(f"{row.file}: {row.taken:,} rows are out.")
    return 0


def run_quality(options: argparse.Namespace) -> int:
    """Print the scorecard."""
    need_analytics()
    from openum.analytics.store.card import card_of

    for score in card_of(options.store):
        shown = "" if score.is_of_members or not score.examples else f" ({', '.join(score.examples)})"
        print(f"{score.level:8} {score.id:32} {score.failing:>12,} of {score.looked_at:>12,}  {score.meaning}{shown}")
    return 0


def plan(options: argparse.Namespace) -> "Plan":
    """Return how the files are read.

    Raises:
        CommandFailed: a mapping that is none.
    """
    from openum.analytics.store.files import Plan

    mapping: Any = {}
    if options.mapping:
        try:
            mapping = yaml.safe_load(options.mapping.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise CommandFailed(f"{options.mapping} cannot be read as YAML.") from error
        if not isinstance(mapping, dict) or not all(isinstance(heads, dict) for heads in mapping.values()):
            raise CommandFailed(
                f"{options.mapping} is no mapping. Write a table, and below it lines of “our column: their header”."
            )
    return Plan(mapping, getattr(options, "table", ""), getattr(options, "source", ""), options.encoding)


def run_leads(options: argparse.Namespace) -> int:
    """Look for leads in a store, or in any folder of claims."""
    need_analytics()
    from openum.analytics.engines import duckdb_engine
    from openum.analytics.leads.files import Files
    from openum.analytics.leads.find import find, write
    from openum.analytics.reading import read_folder
    from openum.analytics.tables.force import LEADS, in_force, newest
    from openum.analytics.tables.held import taken

    with duckdb_engine(memory_limit="4GB") as engine:
        flags = {each.name: getattr(options, each.name) for each in fields(Files)}
        held = {LEADS[kind]: row for kind in LEADS if (row := newest(taken(options.store), kind))}
        used = {name: row for name, row in held.items() if flags[name] is None}
        given = Files(**(flags | {name: options.store / row.part for name, row in used.items()}))
        found = find(engine, read_folder(engine, options.store), given, in_force(options.store))
        count = write(engine, found, options.out)
    for row in used.values():
        print(f"Looked up in {row.name}.")
    print(f"{count:,} leads are in {options.out}. Each is a question for a person; none denies anything.")
    return 0
