"""What a check finds: where, which rule, what is so, and how to mend it.

Sentences name elements, types, profiles and codes of definitions. They never hold a value of the message, except a
code where a code is expected: outcomes are logged by either side.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Json = dict[str, Any]

Step = tuple[Any, str, int]
"""A place in the message: (place of the parent or None, name, index or -1)."""

LONGEST_QUOTE = 60


class Severity(StrEnum):
    """How bad it is, as OperationOutcome says it."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One rule that a message breaks.

    Attributes:
        rule: short name of the rule, or the key of an invariant such as "per-1".
        code: what kind of issue it is, from http://hl7.org/fhir/issue-type.
        path: FHIRPath of the element.
        text: what is so.
        cure: how to mend it.
        profile: canonical of the profile that asks for it, with its version; empty for a rule of FHIR R4.
    """

    severity: Severity
    rule: str
    code: str
    path: str
    text: str
    cure: str
    profile: str = ""

    def as_json(self) -> Json:
        """Return the violation as plain data."""
        return {
            "severity": str(self.severity), "rule": self.rule, "code": self.code, "path": self.path, "text": self.text,
            "cure": self.cure, "profile": self.profile,
        }  # fmt: skip


def written(place: Step | None) -> str:
    """Return a place as FHIRPath: Bundle.entry[0].resource.item[1]."""
    parts: list[str] = []
    while place is not None:
        parent, name, index = place
        parts.append(name if index < 0 else f"{name}[{index}]")
        place = parent
    return ".".join(reversed(parts))


def quoted(code: object) -> str:
    """Return a code or the name of an element as it may stand in a sentence: short and printable."""
    text = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in str(code)[:LONGEST_QUOTE])
    return f"“{text}”"
