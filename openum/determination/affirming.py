"""The yearly statement that nobody is paid or promoted for saying no: what it says, and whether a person's still holds.

NCQA UM 4 G; 45 CFR 147.136(b)(2)(ii)(D); 29 CFR 2560.503-1(b)(7). The rules here are pure; `statement_of` reads the
published row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import ClassVar

from openum.accounts.models import Plan
from openum.clocks.rules.counting import add_months
from openum.directory.models import Policy
from openum.directory.queries import policies_on
from openum.vocabulary.errors import NotAllowed
from openum.vocabulary.packs import read_yaml

INCENTIVES = "incentives"
"""Kind of the policy rows with the statement."""


class AffirmationMissing(NotAllowed):
    """The plan wants the yearly statement affirmed before a no, and this person's has run out."""

    code: ClassVar[str] = "affirmation-missing"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """The statement as published.

    Attributes:
        months: how long an affirmation holds.
        blocks_a_no: a no waits for it; else people are reminded only.
    """

    months: int
    blocks_a_no: bool
    citation: str
    text: Mapping[str, str]

    def holds_until(self, affirmed_on: date) -> date:
        """Return the first day on which an affirmation no longer holds."""
        return add_months(affirmed_on, self.months)

    def is_affirmed(self, affirmed_on: date | None, *, on: date) -> bool:
        """Say whether a person's last affirmation holds on a day."""
        return affirmed_on is not None and affirmed_on <= on < self.holds_until(affirmed_on)


def check_affirmed(statement: Statement | None, affirmed_on: date | None, *, on: date) -> None:
    """Refuse a no without the affirmation where the plan's row says so.

    Raises:
        AffirmationMissing: with where to affirm.
    """
    if statement is not None and statement.blocks_a_no and not statement.is_affirmed(affirmed_on, on=on):
        raise AffirmationMissing(
            f"Your yearly statement that no pay hangs on a decision has run out ({statement.citation}). Affirm it under "
            "Safeguards, My statement; it takes a moment. The time to decide goes on."
        )


@lru_cache(maxsize=16)
def _statement(digest: str, body: str) -> Statement:
    """Parse a published row; the digest names the content."""
    row = read_yaml(body)["rows"][0]
    return Statement(
        months=int(row["months"]), blocks_a_no=bool(row["blocks_a_no"]), citation=row["citation"], text=row["text"]
    )


def statement_of(plan: Plan, *, on: date) -> tuple[Statement, Policy] | None:
    """Return the statement of a plan on a day with its row; None where none is published."""
    row = next(iter(policies_on(plan=plan, kind=INCENTIVES, on=on)), None)
    return (_statement(row.digest, row.body), row) if row is not None else None
