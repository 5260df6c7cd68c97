"""`openum samples claims`: invented eligibility and claims in the input layer's columns."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from openum.cli.errors import CommandFailed
from openum.cli.metrics import need_analytics

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

LARGEST, LONGEST = 100_000_000, 120


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("samples", help="make synthetic data")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    claims = actions.add_parser(
        "claims",
        help="members and their claims",
        description="Writes eligibility, medical_claim and pharmacy_claim as Parquet, and provider.csv. The same arguments give "
        "the same bytes. Nobody in them exists.",
    )
    claims.add_argument("--members", metavar="N", type=int, default=10_000, help="how many members (default 10000)")
    claims.add_argument("--seed", metavar="S", type=int, default=1, help="another seed, another population (default 1)")
    claims.add_argument("--months", metavar="M", type=int, default=24, help="months from January 2023 (default 24)")
    claims.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("synthetic_claims"), help="folder (default synthetic_claims)"
    )
    claims.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Generate, showing progress.

    Raises:
        CommandFailed: numbers that make no population.
    """
    need_analytics()
    if not 1 <= options.members <= LARGEST:
        raise CommandFailed(f"--members is {options.members}. Give a number from 1 to {LARGEST:,}.")
    if not 1 <= options.months <= LONGEST:
        raise CommandFailed(f"--months is {options.months}. Give a number from 1 to {LONGEST}.")
    if options.seed < 0:
        raise CommandFailed(f"--seed is {options.seed}. Give 0 or more.")
    from openum.analytics.generator.write import generate

    made = generate(options.out, members=options.members, seed=options.seed, months=options.months, progress=show)
    print(
        f"{made.members:,} members, {made.medical_lines:,} medical and {made.pharmacy_lines:,} pharmacy lines are in {options.out}."
    )
    return 0


def show(done: int, of: int) -> None:
    """Print how far the work is, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r{done:,} of {of:,} members", end="\n" if done == of else "", file=sys.stderr, flush=True)
