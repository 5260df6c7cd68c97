"""`openum value`: coordinated people beside people alike, with method and interval."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from openum.cli.metrics import need_analytics

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "value",
        help="compare coordinated with uncoordinated care",
        description="Compares the people of a programme with matched people whom it did not coordinate, before and after the start. "
        "Writes value.json, value.csv, balance.csv and METHOD.md (docs/programme-value.md). It judges programmes, never a person.",
    )
    parser.add_argument(
        "--claims", metavar="DIR", type=Path, required=True, help="folder of claims, or a store of openum claims load"
    )
    parser.add_argument(
        "--coordinated",
        metavar="FILE",
        type=Path,
        required=True,
        help="CSV or Parquet: person_id, start_date, and perhaps data_source and programme",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the results")
    parser.add_argument("--reference", metavar="DIR", type=Path, help="reference tables of your own")
    parser.add_argument(
        "--programme-cost", metavar="USD", type=float, help="what the programme costs a coordinated person and month"
    )
    parser.add_argument("--neighbours", metavar="N", type=int, default=3, help="people alike for each, at most (3)")
    parser.add_argument("--caliper", metavar="SD", type=float, default=0.5, help="largest distance (0.5)")
    parser.add_argument("--least-follow-up", metavar="N", type=int, default=3, help="whole months needed after the start (3)")  # fmt: skip
    parser.add_argument("--most-follow-up", metavar="N", type=int, default=12, help="months looked at after it (12)")
    parser.add_argument("--draws", metavar="N", type=int, default=2000, help="bootstrap samples (2000)")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of everything by chance (1)")
    parser.add_argument(
        "--pdf", action="store_true", help="also write report.pdf, the text of METHOD.md as a tagged PDF"
    )
    parser.add_argument("--memory", metavar="SIZE", default="4GB", help="memory limit (default 4GB)")
    parser.add_argument("--threads", metavar="N", type=int, help="processor cores to use; all when left out")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare and write."""
    need_analytics()
    from openum.analytics.value.plan import Choices
    from openum.analytics.value.run import Limits
    from openum.analytics.value.run import run as compare

    choices = Choices(
        neighbours=options.neighbours, caliper=options.caliper, least_follow_up=options.least_follow_up,
        most_follow_up=options.most_follow_up, draws=options.draws, seed=options.seed, cost_pmpm=options.programme_cost,
    )  # fmt: skip
    limits = Limits(options.memory, options.threads)
    answer = compare(options.claims, options.coordinated, options.out, choices, limits, options.reference)
    if options.pdf:
        from openum.design.reports import report

        (options.out / "report.pdf").write_bytes(report((options.out / "METHOD.md").read_text("utf-8")))
    people = answer["people"]
    print(
        f"{people['matched']:,} of {people['listed']:,} coordinated people were compared with {people['compared_with']:,} alike. "
        f"The result and its method are in {options.out}."
    )
    return 0
