"""`openum criteria simulate DRAFT.md`: what a draft would have answered on the requests of the last twelve months."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from openum.cli import environment
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from openum.accounts.models import Plan


def add_action(actions: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the action to `openum criteria`."""
    words = "count what a draft would have answered on the stored requests of the last twelve months"
    action = actions.add_parser("simulate", help=words)
    action.add_argument("draft", metavar="DRAFT.md", type=Path, help="the guideline document to try")
    action.add_argument("--plan", metavar="KEY", help="whose requests; needed where there are several plans")
    action.add_argument(
        "--against", metavar="FILE.md", type=Path, help="compare with this document; else with the version in force"
    )
    action.add_argument("--csv", metavar="OUT", type=Path, help="write the counts to a file; else they are printed")
    action.add_argument("--policies", metavar="DIR", type=Path, default=environment.POLICIES, help="the policy pack")
    action.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    action.set_defaults(run=simulate)


def simulate(options: argparse.Namespace) -> None:
    """Count, and write the counts as comma-separated values; small groups are withheld."""
    environment.prepare(options.data)
    environment.start_django()
    from openum import audit
    from openum.accounts.queries import rules_engine
    from openum.criteria.pack import libraries_in
    from openum.criteria.program import program_of
    from openum.criteria.simulation import queries
    from openum.criteria.simulation.events import SimulationRead
    from openum.criteria.simulation.export import csv_of
    from openum.criteria.simulation.running import simulate as run
    from openum.criteria.simulation.services import a_year_before, complete
    from openum.db import clock

    at = clock.now()
    plan = _plan(options.plan)
    libraries = libraries_in(options.policies / "guidelines" / "libraries")
    draft = complete(_text(options.draft), libraries=libraries)
    guideline = program_of(draft).guideline
    base = ""
    if options.against:
        base = complete(_text(options.against), libraries=libraries)
    elif row := queries.version_in_force(plan=plan, key=guideline.id, on=at.date()):
        base = row.body
    cases = queries.simulated_cases(
        plan=plan,
        start=a_year_before(at),
        end=at,
        draft=guideline,
        base=program_of(base).guideline if base else None,
    )
    report = run(draft=draft, base=base, cases=cases, progress=_said if sys.stderr.isatty() else None)
    audit.record(SimulationRead(simulation_id=None, as_file=True), by=rules_engine(), at=at)
    text = csv_of(report)
    if options.csv:
        options.csv.write_text(text, encoding="utf-8", newline="")
        print(f"{report['total']['cases']} requests counted; the counts are in {options.csv.name}.")
    else:
        print(text, end="")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{file} cannot be read as a text file.") from error


def _plan(key: str | None) -> "Plan":
    from openum.accounts.models import Plan

    plans = list(Plan.objects.filter(key=key) if key else Plan.objects.filter(is_sandbox=False))
    if len(plans) != 1:
        known = ", ".join(sorted(Plan.objects.values_list("key", flat=True)))
        raise CommandFailed(f"Say whose requests with --plan KEY. The plans are: {known}.")
    return plans[0]


def _said(done: int) -> None:
    print(f"{done} requests", file=sys.stderr, end="\r")
