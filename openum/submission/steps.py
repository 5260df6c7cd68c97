"""The pages of the guided request in order, and which kept fields belong to each."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan
from openum.submission.composing import line_count
from openum.submission.forms import LineForm, PatientForm, PeopleForm, ReasonForm, UrgencyForm
from openum.submission.models import Draft


@dataclass(frozen=True)
class Step:
    """One page: its word in the address, its title, what it asks."""

    key: str
    title: str | Promise
    lead: str | Promise


STEPS: tuple[Step, ...] = (
    Step("patient", _("Patient"), _("Who is it for?")),
    Step("service", _("Service"), _("What is asked for?")),
    Step("reason", _("Diagnoses"), _("Why is it needed?")),
    Step("people", _("People and place"), _("Who orders it, and where will it be done?")),
    Step("questions", _("Clinical questions"), _("What the plan's guideline asks")),
    Step("papers", _("Papers"), _("What shows it?")),
    Step("urgency", _("Urgency"), _("How fast is an answer needed?")),
    Step("check", _("Check and send"), _("Is everything right?")),
)
BY_KEY = {step.key: step for step in STEPS}

_FIELD_NAME = re.compile(
    r"^(plan|member_number|birth_date|family_name|given_name|line\d-[a-z_]+|diagnosis\d|ordering_[a-z]+|facility_[a-z]+"
    r"|place|(answer|kind)\.[A-Za-z0-9_.-]{1,80}|urgency|attested|attested_by|message|line_count"
    r"|channel|standing|received_date|received_time|proof|caller_name|call_[a-z_]+)$"
)
_BOXES = {"urgency": ("attested",), "call": ("call_read_back",)}


def typed(data: Mapping[str, Any], *, step: str = "") -> dict[str, str]:
    """Return the fields of a posted page that a draft keeps; a box that is not ticked is kept as empty."""
    kept = {key: str(data[key]) for key in data if _FIELD_NAME.fullmatch(key)}
    for box in _BOXES.get(step, ()):
        kept.setdefault(box, "")
    return kept


def forms_of(step: str, *, draft: Draft, plans: list[Plan], data: Mapping[str, Any] | None = None) -> list[forms.Form]:
    """Return the forms of a page: filled with what is kept, or judging `data`."""
    kept: dict[str, Any] = dict(draft.fields)
    if step == "patient":
        return [PatientForm(data, plans=plans, initial=kept)]
    if step == "service":
        return [
            LineForm(data, prefix=f"line{number}", initial=_of_line(kept, number))
            for number in range(1, line_count(kept) + 1)
        ]
    if step == "reason":
        return [ReasonForm(data, initial=kept)]
    if step == "people":
        return [PeopleForm(data, initial=kept)]
    if step == "urgency":
        return [UrgencyForm(data, initial=kept)]
    return []


def _of_line(kept: Mapping[str, Any], number: int) -> dict[str, Any]:
    prefix = f"line{number}-"
    return {key.removeprefix(prefix): value for key, value in kept.items() if key.startswith(prefix)}


def unfinished(draft: Draft, *, plans: list[Plan]) -> list[tuple[Step, list[str]]]:
    """Return the pages that are not complete yet, each with its faults."""
    found: list[tuple[Step, list[str]]] = []
    for step in STEPS:
        faults = [
            fault for form in forms_of(step.key, draft=draft, plans=plans, data=draft.fields) for fault in _faults(form)
        ]
        if faults:
            found.append((step, faults))
    return found


def _faults(form: forms.Form) -> Iterable[str]:
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        for error in errors:
            yield f"{label}: {error}" if label else str(error)


def neighbours(step: str) -> tuple[Step | None, Step | None]:
    """Return the page before and the page after."""
    keys = [item.key for item in STEPS]
    place = keys.index(step)
    return (STEPS[place - 1] if place else None), (STEPS[place + 1] if place + 1 < len(STEPS) else None)
