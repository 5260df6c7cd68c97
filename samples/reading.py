"""Rounds of reading the same invented patients: one closed with its results, one that waits; by the services people use."""

from datetime import timedelta
from random import Random

from openum import audit
from openum.accounts.models import User
from openum.agreement import queries, services
from openum.agreement.models import Round
from samples.acting import Stage

CLOSED, WAITING = "LBP-MRI", "KNEE-ARTH"
_PATIENTS, _READERS = 10, 6
_SLIPS = 0.07
"""How often a reader answers otherwise than the author expects; on the first criterion more often."""
_AGO = timedelta(days=30)


def build(stage: Stage) -> int:
    """Make both rounds and return how many people read."""
    plan, keeper = stage.places.plan, stage.staff.director
    readers = queries.possible_readers(plan)[:_READERS]
    guidelines = {row.key: row for row in queries.guidelines_to_read(plan, at=stage.until)}
    if keeper is None or not {CLOSED, WAITING} <= guidelines.keys():
        return 0
    for key, since in ((CLOSED, _AGO), (WAITING, timedelta(days=2))):
        at = stage.until - since
        names = [patient.name for patient in queries.guideline_of(guidelines[key]).patients][:_PATIENTS]
        with audit.batch():
            one = services.open_round(
                plan=plan, guideline=guidelines[key], vignettes=names, readers=readers,
                due_on=(at + timedelta(days=14)).date(), by=keeper, at=at,
            )  # fmt: skip
            if key == CLOSED:
                for number, user in enumerate(readers):
                    _read(one, user, Random(number), stage)
                services.close_round(one=one, by=keeper, at=at + timedelta(days=14))
    return len(readers)


def _read(one: Round, user: User, chance: Random, stage: Stage) -> None:
    at = one.opened_at + timedelta(days=1 + chance.randrange(9))
    leaves = queries.guideline_of(one.guideline).leaves
    for patient in queries.vignettes_of(one):
        answers = {}
        for position, leaf in enumerate(leaves):
            slips = chance.random() < (_SLIPS if position else 4 * _SLIPS)
            answers[leaf.key] = "unknown" if slips else queries.expected_of(patient, leaf.key) or "unknown"
        recommendation = queries.expected_of(patient, queries.RECOMMENDATION)
        services.save_rating(
            one=one, vignette=patient.name, answers=answers, recommendation=recommendation, by=user, at=at
        )
    services.hand_in(one=one, by=user, at=at)
