"""What the blocks of a requirement list may hold, and of which form each value is. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

WORDS = "a text, or a text in both languages: {en: …, es: …}"
TEXT, LIST, DAY, FLAG, WHOLE, VALUE, BLOCK = "a text", "a list", "a date like 2026-01-01", "true or false", \
    "a whole number", "a text, number, true or false", "a mapping"  # fmt: skip
_CONDITIONS = {
    "services": LIST, "value_sets": LIST, "products": LIST, "lines_of_business": LIST, "states": LIST,
    "provider_status": LIST, "places": LIST, "diagnoses": LIST, "ages": BLOCK, "effective": BLOCK,
}  # fmt: skip
LIST_ITSELF = {
    "key": TEXT, "version": TEXT, "effective_from": DAY, "effective_to": DAY, "source": TEXT, "source_verified": FLAG,
    "value_sets": BLOCK, "rows": LIST, "never_reviewed": LIST, "never_excluded": LIST, "formal_determination": LIST,
    "exemptions": LIST,
}  # fmt: skip
ROW = {
    **_CONDITIONS, "key": TEXT, "covered": TEXT, "authorization": TEXT, "reason": WORDS, "reason_code": TEXT,
    "info_needed": LIST, "documents": BLOCK, "alternatives": LIST, "companions": LIST, "depends_on": LIST,
    "details": LIST, "references": LIST, "instructions": WORDS, "valid_days": WHOLE, "citation": TEXT,
}  # fmt: skip
NEVER_REVIEWED = {
    **_CONDITIONS, "key": TEXT, "circumstances": LIST, "reason": WORDS, "citation": TEXT, "instructions": WORDS,
}  # fmt: skip
NEVER_EXCLUDED = {**_CONDITIONS, "reason": WORDS, "citation": TEXT}
FORMAL_DETERMINATION = {**_CONDITIONS, "text": WORDS, "citation": TEXT}
EXEMPTION = {**_CONDITIONS, "npi": TEXT, "reason": WORDS}
DOCUMENTS = {"kind": TEXT, "purposes": LIST, "guideline": TEXT, "questionnaires": LIST}
ALTERNATIVE = {"label": WORDS, "service": TEXT, "display": TEXT, "place": TEXT, "npi": TEXT, "required": FLAG}
COMPANION = {"label": WORDS, "service": TEXT, "display": TEXT}
DETAIL = {"code": TEXT, "value": VALUE, "unit": TEXT, "qualification": TEXT, "category": TEXT}
REFERENCE = {"label": WORDS, "url": TEXT}
AGES = {"from": WHOLE, "to": WHOLE}
EFFECTIVE = {"from": DAY, "to": DAY}
_INNER = {
    "documents": DOCUMENTS, "ages": AGES, "effective": EFFECTIVE, "alternatives": ALTERNATIVE, "companions": COMPANION,
    "details": DETAIL, "references": REFERENCE,
}  # fmt: skip
"""The form of blocks that stand inside others, by the name they stand under."""
_SENTENCES = frozenset({"reason", "instructions", "text", "label"})
"""What people read, and may stand in both languages."""


def faults_of_form(block: object, shape: Mapping[str, str], where: str) -> Iterator[str]:
    """Yield what is wrong with the form of a block: unknown names, and values of another kind."""
    if not isinstance(block, Mapping):
        yield f"{where}: this is not a mapping of names to values."
        return
    for name, value in block.items():
        if name not in shape:
            yield f"{where}: nothing is called {name}. Known: {', '.join(sorted(shape))}."
        elif value is not None and not _fits(value, shape[name]):
            yield f"{where}: “{name}” must be {shape[name]}{_hint(value, shape[name])}."
        elif name in _INNER and value is not None:
            for inner in value if isinstance(value, list) else [value]:
                yield from faults_of_form(inner, _INNER[name], f"{where}, {name}")


def in_english(block: object, spanish: dict[str, str]) -> Any:
    """Return a block with its sentences in English alone; what they are in Spanish is put into `spanish`."""
    if not isinstance(block, Mapping):
        return block
    made = dict(block)
    for name, value in block.items():
        if name in _SENTENCES and is_in_both_languages(value):
            made[name] = value["en"]
            spanish[value["en"]] = value["es"]
        elif name in _INNER and isinstance(value, list):
            made[name] = [in_english(one, spanish) for one in value]
    return made


def is_in_both_languages(value: object) -> bool:
    """Say whether a value is a sentence in English and in Spanish."""
    return (
        isinstance(value, Mapping)
        and set(value) == {"en", "es"}
        and all(isinstance(one, str) and one for one in value.values())
    )


def _fits(value: object, kind: str) -> bool:
    if kind == WORDS and is_in_both_languages(value):
        return True
    if kind in {TEXT, WORDS}:
        return isinstance(value, (str, int, float)) and not isinstance(value, bool)
    if kind == WHOLE:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if kind == VALUE:
        return isinstance(value, (str, int, bool))
    wanted = {LIST: list, DAY: date, FLAG: bool, BLOCK: Mapping}[kind]
    return isinstance(value, wanted)


def _hint(value: object, kind: str) -> str:
    if kind == LIST:
        return f": write [{value}]"
    return ", without quotation marks" if kind == DAY and isinstance(value, str) else ""
