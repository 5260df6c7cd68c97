"""`openum attention`: who needs attention, from claims."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from openum.cli.metrics import need_analytics

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "attention",
        help="find who needs attention",
        description="Writes high-cost and rising members, comorbidity, LACE and HOSPITAL at discharge, length of stay by DRG, and the "
        "scores of three models trained in these claims, each with its card (docs/attention.md). It is for offering help, never for "
        "denying or delaying care.",
    )
    parser.add_argument(
        "--claims", metavar="DIR", type=Path, required=True, help="folder of claims, or a store of openum claims load"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the results")
    parser.add_argument("--reference", metavar="DIR", type=Path, help="reference tables of your own")
    parser.add_argument("--most", metavar="N", type=int, default=200, help="members of the high-cost list (200)")
    parser.add_argument("--memory", metavar="SIZE", default="4GB", help="memory limit (default 4GB)")
    parser.add_argument("--threads", metavar="N", type=int, help="processor cores to use; all when left out")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compute and write."""
    need_analytics()
    from openum.analytics.attention.run import Limits
    from openum.analytics.attention.run import run as attend

    limits = Limits(options.memory, options.threads)
    found = attend(options.claims, options.out, reference=options.reference, most=options.most, limits=limits)
    for model in found["models"]:
        state = f"is not used. {model['refused']}" if model["refused"] else f"has version {model['version']}."
        print(f"The model {model['model']} {state}")
    print(f"{found['scores']:,} scores and the lists are in {options.out}.")
    return 0
