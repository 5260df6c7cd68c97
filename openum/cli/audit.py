"""`openum audit verify`: check the audit chains and seals."""

import argparse
import sys
from typing import TYPE_CHECKING

from openum.cli import environment

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("audit", help="check the audit log")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    verify = verbs.add_parser("verify", help="find changed, removed, inserted and recomputed events")
    verify.add_argument("--data", metavar="DIR", help="data directory (or OPENUM_DATA)")
    verify.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print one line per finding; exit 1 when there is any."""
    environment.prepare(options.data)
    environment.start_django()
    from openum import audit

    checked = 0

    def progress(count: int) -> None:
        nonlocal checked
        if sys.stderr.isatty() and count // 5000 > checked // 5000:
            print(f"\r{count} events checked", end="", file=sys.stderr, flush=True)
        checked = count

    findings = audit.verify(progress=progress)
    if sys.stderr.isatty() and checked >= 5000:
        print(file=sys.stderr)
    for finding in findings:
        print(f"{finding.kind}: {finding.sentence}")
    if findings:
        print(f"{checked} events checked; {len(findings)} findings.", file=sys.stderr)
        return 1
    print(f"{checked} events checked; rows, links, heads and seals are intact.")
    return 0
