"""The findings of each criterion as process notes, with what would satisfy those that are open."""

from collections import defaultdict

from openum.cases.models import ServiceLine
from openum.criteria.models import Finding
from openum.vocabulary.terms import FindingValue

_VALUE = {FindingValue.MET: "met", FindingValue.NOT_MET: "not met", FindingValue.UNKNOWN: "not known"}


def finding_notes(lines: list[ServiceLine]) -> dict[int, tuple[str, ...]]:
    """Return the notes of each line by primary key, in the order of the criteria.

    A person's answer stands before the machine's to the same criterion.
    """
    rows = (
        Finding.objects.filter(line__in=[line.pk for line in lines], superseded_at__isnull=True)
        .order_by("line_id", "leaf", "is_machine")
        .only("line_id", "leaf", "question", "value", "missing", "is_machine")
    )
    by_line: dict[int, dict[str, str]] = defaultdict(dict)
    for row in rows:
        by_line[row.line_id].setdefault(row.leaf, _note(row))
    return {line_id: tuple(notes.values()) for line_id, notes in by_line.items()}


def _note(row: Finding) -> str:
    value = FindingValue(row.value)
    text = f"Criterion {row.leaf}: {row.question} {_VALUE[value].capitalize()}."
    if value is FindingValue.MET or not row.missing:
        return text
    return f"{text} Needed: {'; '.join(_element(one) for one in row.missing)}."


def _element(missing: object) -> str:
    if isinstance(missing, dict):
        return str(missing.get("note") or missing.get("text") or missing.get("element") or "").strip()
    return str(missing)
