"""What routing may look at in a line. What was decided, now or before, is not among it. Pure."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from openum.vocabulary.terms import (
    Benefit,
    CertificationType,
    Channel,
    LineOfBusiness,
    NetworkStatus,
    RequestKind,
    ServiceClass,
    Standing,
    Timing,
    Urgency,
)


class Stage(StrEnum):
    """Whose turn it is on a line."""

    NURSE = "nurse"
    PHYSICIAN = "physician"


class Flag(StrEnum):
    """What is known of the member that asks for special care in handling."""

    MINOR = "minor"
    CONFIDENTIAL = "confidential"
    COURT_ORDER = "court_order"
    ACCOMMODATION = "accommodation"
    PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One line as the rules see it. Words are those of the vocabulary; `lines` counts the open lines of its case."""

    stage: str = Stage.NURSE
    product: str = ""
    line_of_business: str = ""
    service: str = ""
    category: str = ""
    specialty: str = ""
    service_class: str = ""
    benefit: str = ""
    place: str = ""
    urgency: str = Urgency.STANDARD
    timing: str = ""
    kind: str = ""
    certification: str = ""
    channel: str = ""
    standing: str = ""
    network: str = ""
    language: str = "en"
    flags: frozenset[str] = frozenset()
    lines: int = 1

    def stored(self) -> dict[str, Any]:
        """Return the facts as plain values, the empty ones left out."""
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        found["flags"] = sorted(self.flags)
        return {key: value for key, value in found.items() if value not in ("", [])}


WORDS: dict[str, frozenset[str]] = {
    key: frozenset(word.value for word in words)
    for key, words in (
        ("stage", Stage), ("line_of_business", LineOfBusiness), ("service_class", ServiceClass), ("benefit", Benefit),
        ("urgency", Urgency), ("timing", Timing), ("kind", RequestKind), ("certification", CertificationType),
        ("channel", Channel), ("standing", Standing), ("network", NetworkStatus), ("flags", Flag),
    )
}  # fmt: skip
"""The facts that take only words of a closed list."""

OPEN_KEYS = frozenset({"product", "service", "category", "specialty", "place", "language"})
"""The facts that a rule names freely: keys, codes, fields of medicine, places of service, languages."""
