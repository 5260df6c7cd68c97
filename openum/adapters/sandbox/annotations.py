"""The rule behind each element of a message, and what became of it in the case. Rules are rows of annotations/*.yaml."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from openum.adapters.sandbox.tree import Element
from openum.cases.models import Case, Request, ServiceLine
from openum.submission.models import Submission

_FOLDER = Path(__file__).resolve().parent / "annotations"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Why an element stands in a message.

    Attributes:
        rule: the requirement, in our words.
        source: profile element, and the section of the guide or the X12 element.
        reads: what we read from it, or what we write it from.
        field: the column that holds it, as `line.code`; empty when it does not become one.
    """

    rule: str
    source: str
    reads: str = ""
    field: str = ""


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """Return every rule by the key of its element, such as `Claim.item.productOrService`."""
    found: dict[str, Rule] = {}
    for file in sorted(_FOLDER.glob("*.yaml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8")):
            kinds = block["of"] if isinstance(block["of"], list) else [block["of"]]
            for name, facts in block["elements"].items():
                found |= {f"{kind}.{name}": Rule(**facts) for kind in kinds}
    return found


def rule_of(element: Element) -> Rule | None:
    """Return the rule of an element; a part of a coded value or reference has that of the element it belongs to."""
    return rules().get(element.key)


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """The rows that a message became."""

    case: Case
    request: Request | None
    lines: dict[int, ServiceLine]

    def value_of(self, rule: Rule, element: Element) -> str | None:
        """Return what the case holds of an element; None when its rule names no column or the row is absent."""
        owner, _, name = rule.field.partition(".")
        if not name:
            return None
        row: Any = {"case": self.case, "member": self.case.member, "request": self.request}.get(owner)
        if owner == "line":
            row = self.lines.get(element.item or 0)
        if row is None:
            return None
        value = getattr(row, name)
        return "" if value is None else str(value)


def whereabouts(submission: Submission | None) -> Whereabouts | None:
    """Return the rows that a submission became; None when no case holds it."""
    if submission is None or submission.case is None:
        return None
    request = submission.requests.order_by("pk").first()
    lines = ServiceLine.objects.filter(request=request).order_by("pk") if request is not None else []
    return Whereabouts(case=submission.case, request=request, lines={line.sequence: line for line in lines})
