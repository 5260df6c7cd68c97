"""What a resource says that bears on a criterion, in one line: value and date, as they stand in the record. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Resource = Mapping[str, Any]

_LONGEST = 240
_DATES = (
    "effectiveDateTime", "performedDateTime", "onsetDateTime", "recordedDate", "authoredOn", "occurrenceDateTime",
    "whenHandedOver", "issued", "started", "date", "created", "recordedOn", "timingDateTime", "servicedDate",
)  # fmt: skip
_PERIODS = (
    "effectivePeriod", "performedPeriod", "occurrencePeriod", "onsetPeriod", "period", "servicedPeriod", "timingPeriod",
)  # fmt: skip


class Quoter:
    """Quotes the resources of one record; what a form holds is read once, however many criteria rest on it."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        """Take the resources, as received."""
        self._by_key = {f"{one['resourceType']}/{one.get('id')}": one for one in resources}
        self._answers: dict[str, list[tuple[str, str]]] = {}

    def quote(self, key: str, labels: Mapping[str, str]) -> str:
        """Return what a resource says, with its date; an empty text when it says nothing that fits into a line.

        Args:
            key: type and id of the resource.
            labels: of an answered form only these questions count: by their link, what they ask.
        """
        resource = self._by_key.get(key)
        if resource is None:
            return ""
        if resource.get("resourceType") == "QuestionnaireResponse":
            answers = self._answers.get(key)
            if answers is None:
                answers = self._answers[key] = list(_answers(resource))
            parts = [f"{labels[link]}: {said}" for link, said in answers if link in labels]
        else:
            value, when = _said(resource), _when(resource)
            parts = [part for part in (_name(resource), value, when) if part] if value or when else []
        return "; ".join(parts)[:_LONGEST]


def _name(resource: Resource) -> str:
    for element in ("code", "medicationCodeableConcept", "codeCodeableConcept", "type"):
        if name := _concept(resource.get(element)):
            return name
    return ""


def _concept(value: object) -> str:
    """Return the words or else the code of a CodeableConcept, a Coding or a list of them."""
    if isinstance(value, list):
        return next((name for one in value if (name := _concept(one))), "")
    if not isinstance(value, Mapping):
        return ""
    if isinstance(value.get("text"), str):
        return str(value["text"])
    if value.get("coding"):
        return _concept(value["coding"])
    return str(value.get("display") or value.get("code") or "")


def _said(resource: Resource) -> str:
    """Return the value of a resource, or of the answer of a form."""
    for element, value in resource.items():
        if element.startswith("value"):
            return _value(value)
    return str(resource.get("conclusion") or resource.get("onsetString") or "")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        if "value" in value:
            unit = value.get("unit") or value.get("code") or ""
            return f"{value['value']} {unit}".strip()
        if "start" in value or "end" in value:
            return _span(value)
        return _concept(value)
    return str(value)


def _when(resource: Resource) -> str:
    for element in _DATES:
        if isinstance(resource.get(element), str):
            return str(resource[element])
    for element in _PERIODS:
        period = resource.get(element)
        if isinstance(period, Mapping):
            return _span(period)
    items = resource.get("item")
    if isinstance(items, list) and items and isinstance(items[0], Mapping):
        return _when(items[0])
    return ""


def _span(period: Mapping[str, Any]) -> str:
    return f"{period.get('start', '…')} to {period.get('end', '…')}"


def _answers(response: Resource) -> Iterator[tuple[str, str]]:
    """Yield the answered questions of a form, at any depth: link, and what was said."""
    waiting = [response]
    while waiting:
        node = waiting.pop(0)
        answers = [one for one in _list(node.get("answer")) if isinstance(one, Mapping)]
        if answers:
            yield str(node.get("linkId")), ", ".join(_said(one) for one in answers)
        waiting += [one for one in _list(node.get("item")) if isinstance(one, Mapping)]
        for answer in answers:
            waiting += [one for one in _list(answer.get("item")) if isinstance(one, Mapping)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
