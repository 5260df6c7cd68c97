"""`python -m tools.fuzz`: thousands of broken messages to every door of the FHIR interface, on a database of their own.

Ends with 1 and the seeds when an answer is a 5xx, a body is not kept as received, or a case has no Claim.
"""

import argparse
import sys
import time

from tools.fuzz.doors import Outcome


def main() -> int:
    """Run as told and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, metavar="N", help="messages to $submit (default 10000)")
    parser.add_argument(
        "--first", type=int, default=1, metavar="N", help="seed of the first message; goes on after a stop"
    )
    options = parser.parse_args()
    prepare()
    from tools.fuzz.campaign import run

    started = time.monotonic()

    def report(last: int, outcome: Outcome, without_claim: list[str]) -> None:
        statuses = ", ".join(f"{number}× {status}" for status, number in sorted(outcome.statuses.items()))
        print(f"Seeds {options.first} to {last}, {time.monotonic() - started:.0f} s: {statuses}; ", end="")
        print(f"{len(outcome.failures)} broken promises, {len(without_claim)} cases without a Claim.", flush=True)

    outcome, without_claim = run(cases=options.cases, first=options.first, report=report)
    report(options.first + options.cases - 1, outcome, without_claim)
    for failure in outcome.failures:
        print(failure)
    return 1 if outcome.failures or without_claim else 0


def prepare() -> None:
    """Make a database of its own with the small world of the tests."""
    import os
    from unittest import mock

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_test_environment

    setup_test_environment()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    from openum.db import clock
    from tests import world
    from tests.conftest import NOON

    with mock.patch("openum.audit.record"):
        world.build_once(now=NOON)
    clock.set_demo_clock(NOON)


if __name__ == "__main__":
    sys.exit(main())
