"""Clinical records in words: what a FHIR resource says, for a reader who does not read JSON. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

_NAMES = ("code", "medicationCodeableConcept", "vaccineCode", "type", "serviceType")
_TIMES = (
    "effectiveDateTime", "effectivePeriod", "performedDateTime", "performedPeriod", "onsetDateTime", "onsetPeriod",
    "recordedDate", "authoredOn", "authored", "occurrenceDateTime", "occurrencePeriod", "started", "issued", "period",
    "created", "date",
)  # fmt: skip
_STATES = ("status", "clinicalStatus", "verificationStatus")


def words_of(concept: object) -> str:
    """Return the words of a coded concept: its text, a display, else system-less code."""
    if isinstance(concept, list):
        return ", ".join(filter(None, (words_of(item) for item in concept)))
    if not isinstance(concept, Mapping):
        return str(concept) if isinstance(concept, str) else ""
    if concept.get("text"):
        return str(concept["text"])
    codings = concept.get("coding") or ([concept] if "code" in concept else [])
    for coding in codings:
        if coding.get("display"):
            return f"{coding['display']} ({coding.get('code', '')})".replace(" ()", "")
    return ", ".join(str(coding.get("code", "")) for coding in codings)


def time_of(value: object) -> str:
    """Return an instant or period as written, days first."""
    if isinstance(value, Mapping):
        start, end = str(value.get("start", ""))[:10], str(value.get("end", ""))[:10]
        return f"{start} – {end}" if start or end else ""
    return str(value)[:10]


def facts_of(resource: Mapping[str, Any], labels: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Return label and value pairs, the most telling first; `labels` are the words of a form's answers by their link."""
    return [(label, value) for label, value in _facts(resource, labels or {}) if value]


def _facts(resource: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key in _NAMES:
        if key in resource:
            yield "What", words_of(resource[key])
    for key, value in resource.items():
        if key.startswith("value"):
            yield "Value", _value(value)
    for part in resource.get("component", []):
        value = next((part[key] for key in part if key.startswith("value")), "")
        yield words_of(part.get("code", {})) or "Part", _value(value)
    for key in _TIMES:
        if key in resource:
            yield "When", time_of(resource[key])
            break
    for key in _STATES:
        if key in resource:
            yield "State", words_of(resource[key])
    for side in resource.get("bodySite", []) if isinstance(resource.get("bodySite"), list) else []:
        yield "Where", words_of(side)
    if resource.get("statusReason"):
        yield "Reason of state", words_of(resource["statusReason"])
    for note in resource.get("note", []):
        yield "Note", str(note.get("text", ""))
    if resource.get("conclusion"):
        yield "Conclusion", str(resource["conclusion"])
    for item in resource.get("item", []) if resource.get("resourceType") == "QuestionnaireResponse" else []:
        yield from _answers(item, labels)


def _answers(item: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    link = str(item.get("linkId", ""))
    for answer in item.get("answer", []):
        value = next((answer[key] for key in answer if key.startswith("value")), "")
        yield str(item.get("text") or labels.get(link) or link), _value(value)
    for child in item.get("item", []):
        yield from _answers(child, labels)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        if "value" in value:
            return f"{value['value']} {value.get('unit') or value.get('code') or ''}".strip()
        if "start" in value or "end" in value:
            return time_of(value)
        return words_of(value)
    return str(value)
