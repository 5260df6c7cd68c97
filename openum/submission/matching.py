"""Whether the patient of a draft is on the plan's file, told without showing other people's data."""

from dataclasses import dataclass
from datetime import date, datetime

from openum import audit
from openum.accounts.models import User
from openum.directory.models import Member
from openum.directory.queries import coverage_on, find_members
from openum.submission.events import MemberLookedUp
from openum.submission.models import Draft


@dataclass(frozen=True)
class Match:
    """The answer: the member on file, covered or not, or what does not fit."""

    member: Member | None = None
    product: str = ""
    is_covered: bool = False
    number_is_known: bool = False


def match_patient(draft: Draft, *, by: User, at: datetime) -> Match | None:
    """Look the patient up by number and date of birth; both must fit before a name is shown. None: nothing typed yet."""
    number = draft.fields.get("member_number", "").strip()
    try:
        born = date.fromisoformat(draft.fields.get("birth_date", ""))
    except ValueError:
        return None
    if not number:
        return None
    candidates = find_members(plan=draft.plan, number=number)
    fitting = [item for item in candidates if item.birth_date == born]
    if len(fitting) != 1:
        return Match(number_is_known=bool(candidates))
    member = fitting[0]
    day = _first_day(draft) or at.date()
    coverage = coverage_on(member=member, day=day, known_at=at)
    audit.record(MemberLookedUp(member_id=member.public_id), by=by, at=at)
    return Match(
        member=member, product=coverage.product.name if coverage else "", is_covered=coverage is not None,
        number_is_known=True,
    )  # fmt: skip


def _first_day(draft: Draft) -> date | None:
    try:
        return date.fromisoformat(draft.fields.get("line1-first_day", ""))
    except ValueError:
        return None
