"""What the review and decision forms kept of what a person typed, for the pages that show it again."""

from dataclasses import dataclass, field

from openum.accounts.models import User
from openum.cases.models import ServiceLine
from openum.design.moments import time_of_saving
from openum.review import queries


@dataclass(frozen=True, slots=True)
class Kept:
    """What one form holds, and when it was saved, in the plan's time; empty when nothing is kept."""

    fields: dict[str, str] = field(default_factory=dict)
    saved: str = ""


NOTHING = Kept()


def kept_forms(line: ServiceLine, user: User) -> dict[str, Kept]:
    """Return the forms about a line that a person began and has not sent."""
    zone = line.case.plan.time_zone
    return {
        form: Kept(row.fields, time_of_saving(row.saved_at, zone))
        for form, row in queries.unsent_forms(line, user).items()
    }
