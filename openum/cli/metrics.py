"""`openum metrics`: every metric of a folder of claims, with stated definitions."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "metrics",
        help="compute utilization and cost from claims",
        description="Writes metrics_by_month.csv, metrics_by_person.csv, stays.csv, readmissions.csv, high_cost.csv and "
        "metrics_summary.csv. The definitions D1 to D18 stand in docs/analytics.md.",
    )
    parser.add_argument(
        "--claims", metavar="DIR", type=Path, required=True, help="folder of claims, or a store of openum claims load"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the results")
    parser.add_argument(
        "--reference", metavar="DIR", type=Path, help="reference tables of your own (drgs, diagnoses, procedures)"
    )
    parser.add_argument(
        "--memory",
        metavar="SIZE",
        default="4GB",
        help="memory limit (default 4GB); beyond it the work spills to the temporary folder",
    )
    parser.add_argument("--threads", metavar="N", type=int, help="processor cores to use; all when left out")
    parser.add_argument(
        "--engine",
        metavar="ENGINE",
        default="duckdb",
        help="duckdb in this process (default), spark, or a connection string of Ibis; the answers are the same",
    )
    parser.add_argument(
        "--by",
        metavar="CUTS",
        default="",
        help="also write metrics_by_cut.csv, by any of product, provider, service, age_band, language, separated by commas",
    )
    parser.add_argument(
        "--completion", action="store_true", help="also write completion.csv: how complete each month's payments are"
    )
    parser.add_argument(
        "--list", metavar="METRIC", default="", help="also write list.csv: every row behind a metric, as acute_admits"
    )
    parser.add_argument(
        "--where",
        metavar="COLUMN=VALUE",
        action="append",
        default=[],
        help="narrow the list to a payer, month (2024-03), person_id or cut; may be given again",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compute and write."""
    need_analytics()
    from openum.analytics.metrics.more import more
    from openum.analytics.metrics.run import Options
    from openum.analytics.metrics.run import run as compute
    from openum.analytics.metrics.unread import sentences
    from openum.analytics.tables.force import used

    asked = more(options.by, options.completion, options.list, options.where)
    wish = Options(options.engine, options.memory, options.threads, options.reference, asked)
    unread = compute(options.claims, options.out, wish)
    for row in [] if options.reference else used(options.claims, ("drgs",)):
        print(f"Looked up in {row.name}.")
    for sentence in sentences(unread):
        print(sentence, file=sys.stderr)
    print(f"The metrics of {options.claims} are in {options.out}.")
    return 0


def need_analytics() -> None:
    """Check that the packages of the extra are there.

    Raises:
        CommandFailed: they are not; the sentence says how to get them.
    """
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("ibis", "pyarrow", "numpy")):
        raise CommandFailed('This needs the extra “analytics”: run make setup, or pip install "openum[analytics]".')
