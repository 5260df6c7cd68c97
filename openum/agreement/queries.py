"""Rounds as people may see them, and what came out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.agreement.models import Rating, Reader, Round
from openum.agreement.rules.measuring import Agreement, agreement, is_to_be_read_again, verdict
from openum.agreement.terms import terms
from openum.criteria.guideline import Guideline
from openum.criteria.patients import Patient
from openum.criteria.queries import GUIDELINE, program_for_policy
from openum.directory.models import Policy
from openum.directory.queries import policies_on
from openum.work.queries.around import staff_of

RECOMMENDATION = "recommendation"
"""Stands among the criteria for what the reader would do: approve, or refer to a physician."""


def rounds_kept_by(user: User) -> QuerySet[Round]:
    """Return the rounds of the plans whose work a person keeps, newest first."""
    plans = scope_of(user).plans_with(Permission.KEEP_WORK)
    return Round.objects.filter(plan_id__in=plans).select_related("plan", "guideline", "opened_by").order_by("-pk")


def readings_of(user: User) -> QuerySet[Reader]:
    """Return the rounds that a person is asked to read, or has read, newest first."""
    rows = Reader.objects.filter(user=user).select_related("round", "round__plan", "round__guideline")
    return rows.order_by("-round__pk")


def possible_readers(plan: Plan) -> list[User]:
    """Return who reviews for a plan: nurses, pharmacists, physicians."""
    return [user for user in staff_of([plan.pk]) if plan.pk in scope_of(user).plans_with(Permission.REVIEW_LINES)]


def guidelines_to_read(plan: Plan, *, at: datetime) -> list[Policy]:
    """Return the guidelines in force that have test patients."""
    rows = policies_on(plan=plan, kind=GUIDELINE, on=at.date())
    return sorted((row for row in rows if guideline_of(row).patients), key=lambda row: (row.key, row.version))


def guideline_of(policy: Policy) -> Guideline:
    """Return the guideline of a published row."""
    return program_for_policy(policy).guideline


def vignettes_of(one: Round) -> list[Patient]:
    """Return the invented patients of a round, in their order."""
    known = {patient.name: patient for patient in guideline_of(one.guideline).patients}
    return [known[name] for name in one.vignettes]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One criterion, or the recommendation, over all patients of a round."""

    key: str
    found: Agreement
    right: int
    of: int
    """How many answers equal what the guideline's author expects, of how many of which one is stated."""
    read_again: bool


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out of a round: only readers count who handed in."""

    readers: int
    asked: int
    whole: Agreement
    items: tuple[Item, ...]
    verdict: str

    def kept(self) -> dict[str, Any]:
        """Return it as it is kept with a closed round: shares and kappas as exact fractions, without names."""
        return {
            "readers": self.readers, "asked": self.asked, "verdict": self.verdict, "whole": _kept(self.whole),
            "terms_version": terms().version,
            "items": [
                {"key": item.key, "right": item.right, "of": item.of, "read_again": item.read_again, **_kept(item.found)}
                for item in self.items
            ],
        }  # fmt: skip


def _kept(found: Agreement) -> dict[str, Any]:
    return {
        "items": found.items, "observed": None if found.observed is None else str(found.observed),
        "kappa": None if found.kappa is None else str(found.kappa), "band": found.band,
        "prevalence": {value: str(share) for value, share in found.prevalence.items()},
    }  # fmt: skip


def outcome_of(one: Round) -> Outcome:
    """Measure a round as it stands."""
    readers = list(one.readers.order_by("pk"))
    done = [reader.pk for reader in readers if reader.handed_in_at]
    given: dict[tuple[int, str], Rating] = {
        (rating.reader_id, rating.vignette): rating for rating in Rating.objects.filter(reader__in=done)
    }
    patients = vignettes_of(one)
    keys = [leaf.key for leaf in guideline_of(one.guideline).leaves]
    tables = {
        key: [[_answer(given[pk, one.name], key) for pk in done] for one in patients] for key in [*keys, RECOMMENDATION]
    }
    measured = len(done) >= terms().least_readers
    items = tuple(_item(key, rows if measured else [], patients) for key, rows in tables.items())
    whole = agreement([row for key in keys for row in tables[key]] if measured else [])
    return Outcome(
        readers=len(done), asked=len(readers), whole=whole, items=items, verdict=verdict(whole, terms().marks).value
    )


def _answer(rating: Rating, key: str) -> str:
    return rating.recommendation if key == RECOMMENDATION else str(rating.answers[key])


def _item(key: str, rows: Sequence[Sequence[str]], patients: Sequence[Patient]) -> Item:
    found = agreement(rows)
    gold = [expected_of(patient, key) for patient in patients]
    told = [(row, right) for row, right in zip(rows, gold, strict=False) if right]
    return Item(
        key=key, found=found, right=sum(answer == right for row, right in told for answer in row),
        of=sum(len(row) for row, _right in told), read_again=is_to_be_read_again(found, terms().marks),
    )  # fmt: skip


def expected_of(patient: Patient, key: str) -> str:
    """Return what the guideline's author expects of a criterion, or of the recommendation; empty where nothing is stated."""
    if key == RECOMMENDATION:
        return "approve" if patient.overall == "met" else "refer"
    value = patient.expected.get(key)
    return value.value if value else ""


def last_closed(plans: Sequence[Plan]) -> Round | None:
    """Return the round that closed last at some plans."""
    rows = Round.objects.filter(plan__in=plans, closed_at__isnull=False)
    return rows.select_related("guideline", "plan").order_by("-closed_at", "-pk").first()


def fraction(value: str | None) -> Fraction | None:
    """Return a kept share or kappa as the exact number it was."""
    return None if value is None else Fraction(value)
