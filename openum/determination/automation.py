"""What law says of software in review, by state: the verbs it forbids, and what people are told. Pure but for reading.

The program keeps the strictest rule everywhere (settled point 1); these rows give the law and the words of disclosure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from openum.accounts.models import Plan
from openum.directory.queries import policies_on
from openum.vocabulary.packs import read_yaml

AUTOMATION = "automation"
"""Kind of the policy rows about software."""
MACHINE_VERBS = frozenset({"approve", "ask", "pass_to_a_person", "propose"})
"""All that software does here."""


@dataclass(frozen=True, kw_only=True)
class AutomationRow:
    """One law about software in review. An empty set means any; the days are half-open."""

    key: str
    lines_of_business: frozenset[str]
    states: frozenset[str]
    effective_from: date
    effective_to: date | None
    citation: str
    never: frozenset[str]
    text: Mapping[str, str]
    is_in_letters: bool = False

    def holds(self, *, line_of_business: str, state: str, on: date) -> bool:
        """Say whether the row is in force for a product on a day."""
        return (
            (not self.lines_of_business or line_of_business in self.lines_of_business)
            and (not self.states or state in self.states)
            and self.effective_from <= on
            and (self.effective_to is None or on < self.effective_to)
        )


@lru_cache(maxsize=16)
def rows_of(digest: str, body: str) -> tuple[AutomationRow, ...]:
    """Parse a published table; the digest names the content."""
    return tuple(
        AutomationRow(
            key=row["key"],
            lines_of_business=frozenset(row.get("lines_of_business", [])),
            states=frozenset(row.get("states", [])),
            effective_from=row["effective_from"],
            effective_to=row.get("effective_to"),
            citation=row["citation"],
            never=frozenset(row["never"]),
            text=row["text"],
            is_in_letters=row.get("in_letters", False),
        )
        for row in read_yaml(body)["rows"]
    )


def automation_rows(plans: Sequence[Plan], *, on: date) -> list[AutomationRow]:
    """Return the published rows of plans that are in force on a day, those of a state after the others."""
    found: dict[str, AutomationRow] = {}
    for plan in plans:
        for policy in policies_on(plan=plan, kind=AUTOMATION, on=on):
            found |= {row.key: row for row in rows_of(policy.digest, policy.body) if _is_in_force(row, on)}
    return sorted(found.values(), key=lambda row: (sorted(row.states), sorted(row.lines_of_business), row.key))


def _is_in_force(row: AutomationRow, on: date) -> bool:
    return row.effective_from <= on and (row.effective_to is None or on < row.effective_to)


def disclosures(rows: Iterable[AutomationRow], *, line_of_business: str, state: str, on: date) -> list[AutomationRow]:
    """Return what people of a product are told about software, on a day."""
    return [row for row in rows if row.holds(line_of_business=line_of_business, state=state, on=on)]
