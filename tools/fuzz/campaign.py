"""One campaign: most messages to `$submit`, one in ten to every other operation, each door with its own messages."""

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import orjson
from django.test import Client

from samples.bundles import LumbarRequest, lumbar_mri_bundle
from tests.adapters.crd.kit import call, order
from tests.adapters.dtr.conftest import package_input
from tests.adapters.kit import NAMES, message
from tests.adapters.subscriptions.conftest import wanted
from tools.fuzz.doors import Outcome, cases_without_a_claim, send

SANDBOX, PLAN = "sandbox-token", "plan-token"
"""Tokens of the clients in the world of the tests."""

SHARE_OF_OTHER_DOORS = 10

SEEDS_BETWEEN_REPORTS = 500

Report = Callable[[int, Outcome, list[str]], None]
"""Is told the last seed sent, what came of all so far, and the cases without a Claim."""


class Door(NamedTuple):
    """An operation, the token that may use it, and good messages for it."""

    path: str
    token: str
    messages: list[Any]


def doors_of(base: str) -> list[Door]:
    """Return every operation that takes a body; `$submit` comes first."""
    requests = [message(name) for name in NAMES]
    requests += [orjson.loads(orjson.dumps(lumbar_mri_bundle(LumbarRequest(), version=v))) for v in ("2.0.1", "2.2.1")]
    hooks = {hook: [call(order(), hook=hook)] for hook in ("order-sign", "order-select", "appointment-book")}
    found = [
        Door(f"/fhir/{base}/Claim/$submit", SANDBOX, requests),
        Door(f"/fhir/{base}/Claim/$inquire", SANDBOX, requests),
        Door(f"/fhir/{base}/Questionnaire/$questionnaire-package", PLAN, [package_input(order())]),
        Door(f"/fhir/{base}/Questionnaire/$next-question", PLAN, [package_input(order())]),
        Door(f"/fhir/{base}/Questionnaire/$log-questionnaire-errors", PLAN, [package_input(order())]),
        Door(f"/fhir/{base}/ValueSet/$expand", PLAN, [package_input(order())]),
        Door(
            f"/fhir/{base}/Subscription", SANDBOX, [wanted("https://listener.example/told", organization="9900000001")]
        ),
    ]
    return found + [Door(f"/crd/{base}/cds-services/{hook}", PLAN, calls) for hook, calls in hooks.items()]


def run(*, cases: int, first: int = 1, report: Report | None = None) -> tuple[Outcome, list[str]]:
    """Send everything; return what came of it and the cases without a Claim.

    Args:
        cases: messages to `$submit`.
        first: seed of the first; each message depends on its seed alone, so that a range of seeds is a run of its own.
        report: is told after every 500 seeds how far it is.
    """
    client = Client(raise_request_exception=False)
    outcome = Outcome()
    doors = {base: doors_of(base) for base in ("2.0", "2.2")}
    for seed in range(first, first + cases):
        dice = Random(seed)
        submit, *others = doors[dice.choice(["2.0", "2.2"])]
        _send(client, submit, seed, dice, outcome, is_kept=True)
        if seed % SHARE_OF_OTHER_DOORS == 0:
            for door in others:
                _send(client, door, seed, dice, outcome)
        if report and (seed - first + 1) % SEEDS_BETWEEN_REPORTS == 0:
            report(seed, outcome, cases_without_a_claim())
    return outcome, cases_without_a_claim()


def _send(client: Client, door: Door, seed: int, dice: Random, outcome: Outcome, *, is_kept: bool = False) -> None:
    send(
        client, path=door.path, token=door.token, message=dice.choice(door.messages), seed=seed, outcome=outcome,
        is_kept=is_kept,
    )  # fmt: skip
