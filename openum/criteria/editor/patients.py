"""The form for a test patient: what an author fills in, and the entry of the document it becomes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openum.criteria.guideline import Guideline
from openum.criteria.patients import OVERALL, Patient, PatientBlock, patients_of

ROWS = 4
TAKEN_AWAY = "~"
"""Takes an answer of the patient it is like away."""
KINDS: tuple[tuple[str, str | Promise], ...] = (
    ("condition", gettext_lazy("diagnosis")),
    ("procedure", gettext_lazy("treatment or procedure")),
    ("observation", gettext_lazy("measurement or examination")),
    ("medication", gettext_lazy("medicine")),
    ("encounter", gettext_lazy("visit or stay")),
    ("order", gettext_lazy("order")),
    ("device", gettext_lazy("device")),
    ("report", gettext_lazy("report")),
    ("claim", gettext_lazy("earlier claim")),
)


@dataclass(frozen=True, slots=True)
class Written:
    """What the form gave: the entry of the document, and what is still missing."""

    entry: str
    faults: tuple[str, ...]


def written(guideline: Guideline, posted: Mapping[str, str], *, needs_expectations: bool = True) -> Written:
    """Turn the posted form into an entry of the ```patients block.

    Args:
        guideline: whose patient it is.
        posted: the fields, all beginning with “p.”.
        needs_expectations: whether every criterion must say what has to come out; not needed to try a patient.
    """
    faults: list[str] = []
    name = posted.get("p.name", "").strip()
    if not name:
        faults.append(_("Give the patient a name that says what is special, for example “Five weeks of care only”."))
    patient: dict[str, Any] = {"name": name or "Trial"}
    if like := posted.get("p.like", ""):
        patient["like"] = like
    day = _day(posted.get("p.date", ""), faults, _("the day of the request"))
    if day:
        patient["request_date"] = day
    elif not like:
        patient["request_date"] = guideline.effective_from
    for key in ("side", "sex"):
        if value := posted.get(f"p.{key}", ""):
            patient[key] = value
    if born := _day(posted.get("p.born", ""), faults, _("the day of birth")):
        patient["born"] = born
    if record := [fact for row in range(1, ROWS + 1) if (fact := _fact(posted, row, faults))]:
        patient["record"] = record
    if answers := _answers(guideline, posted, faults):
        patient["answers"] = answers
    patient["expect"] = _expected(guideline, posted, faults, is_needed=needs_expectations and not like)
    text = yaml.safe_dump([patient], sort_keys=False, allow_unicode=True, width=1000, default_flow_style=None)
    return Written(text.rstrip("\n"), tuple(faults))


def _day(text: str, faults: list[str], what: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        faults.append(_("Write %(what)s as a date, like 2030-01-31.") % {"what": what})
        return None


def _number(text: str) -> int | float | None:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _fact(posted: Mapping[str, str], row: int, faults: list[str]) -> dict[str, Any] | None:
    kind, code = posted.get(f"p.kind.{row}", ""), posted.get(f"p.code.{row}", "").strip()
    if not kind and not code:
        return None
    if not kind or "|" not in code:
        faults.append(_("Fact %(n)d needs what it is and a code like ICD10|M54.16.") % {"n": row})
        return None
    start = _day(posted.get(f"p.from.{row}", ""), faults, _("the first day of fact %(n)d") % {"n": row})
    end = _day(posted.get(f"p.to.{row}", ""), faults, _("the last day of fact %(n)d") % {"n": row})
    fact: dict[str, Any] = {kind: code}
    if kind == "condition" and start:
        fact["onset"] = start
    elif kind in {"medication", "encounter"} or end:
        fact |= {key: day for key, day in (("from", start), ("to", end)) if day}
    elif start:
        fact["on"] = start
    value = posted.get(f"p.value.{row}", "").strip()
    if value:
        number = _number(value)
        fact |= {"coded": value} if "|" in value else {"value": number} if number is not None else {"says": value}
    if unit := posted.get(f"p.unit.{row}", "").strip():
        fact["unit"] = unit
    return fact


def _answers(guideline: Guideline, posted: Mapping[str, str], faults: list[str]) -> dict[str, object]:
    answers: dict[str, object] = {}
    for link, answer in guideline.answers.items():
        said = posted.get(f"p.answer.{link}", "").strip()
        if not said:
            continue
        if said == TAKEN_AWAY:
            answers[link] = None
        elif answer.kind == "yes-no":
            answers[link] = said == "yes"
        elif answer.kind == "date":
            if day := _day(said, faults, answer.label.en):
                answers[link] = day
        elif answer.kind == "number":
            number = _number(said)
            if number is None:
                faults.append(_("“%(label)s” must be a number.") % {"label": answer.label.en})
            else:
                answers[link] = number
        else:
            answers[link] = said if answer.kind == "choice" else {"words": said}
    return answers


def _expected(guideline: Guideline, posted: Mapping[str, str], faults: list[str], *, is_needed: bool) -> dict[str, str]:
    expect: dict[str, str] = {}
    open_ones: list[str] = []
    for key in (OVERALL, *(leaf.key for leaf in guideline.leaves)):
        said = posted.get(f"p.expect.{key}", "")
        if said in {"met", "not_met", "unknown"}:
            expect[key] = said
        else:
            open_ones.append(key)
    if is_needed and open_ones:
        faults.append(_("Say what must come out for: %(keys)s.") % {"keys": ", ".join(open_ones)})
    if OVERALL not in expect and not is_needed:
        expect = {OVERALL: "unknown"} | expect
    return expect


def read_entry(guideline: Guideline, entry: str) -> Patient:
    """Read one entry as the document would, after the patients that are there.

    Raises:
        DocumentInvalid: it cannot be read.
    """
    block = PatientBlock("the form", 1, entry)
    return patients_of((*guideline.patient_blocks, block), guideline.scope.services)[-1]


def code_hints(guideline: Guideline) -> list[tuple[str, str]]:
    """Return the codes of the document's lists with the name of the list, for the field of a code."""
    return [(f"{system}|{code}", name) for name, pairs in guideline.value_sets.items() for system, code in pairs]
