"""The map for the answer of the API: one process note for each criterion. Who gave an answer is not told outside."""

from collections.abc import Mapping

from openum.criteria.maps import LeafView, MapView
from openum.vocabulary.terms import FindingValue

_VALUE = {FindingValue.MET: "Met", FindingValue.NOT_MET: "Not met", FindingValue.UNKNOWN: "Not known"}


def notes_of(view: MapView) -> tuple[str, ...]:
    """Return the notes in reading order: question, answer, and for an open criterion what would satisfy it."""
    return tuple(_note(leaf) for leaf in view.leaves)


def _note(leaf: LeafView) -> str:
    sentences = [f"Criterion {leaf.key}: {leaf.question.en}"]
    if leaf.is_not_applicable:
        return f"{sentences[0]} Not needed."
    sentences.append(f"{_VALUE[leaf.value]}.")
    if leaf.is_unwanted:
        sentences.append("It must not be so.")
    if leaf.is_open:
        if leaf.to_satisfy.en:
            sentences.append(f"To satisfy it: {leaf.to_satisfy.en}")
        missing = [text for one in leaf.missing if (text := _element(one))]
        if missing:
            sentences.append(f"Missing: {'; '.join(missing)}.")
    return " ".join(sentences)


def _element(missing: object) -> str:
    if isinstance(missing, Mapping):
        return str(missing.get("note") or missing.get("element") or "").strip().rstrip(".")
    return str(missing).strip()
