"""Who may be meant: the members nearest to what a message or paper says, with what differs. A person chooses."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from openum.accounts.models import Plan
from openum.design.moments import day
from openum.directory.models import Member
from openum.directory.queries import coverage_on, find_members, nearest_members
from openum.submission.incoming import IncomingMember

_MOST = 4


@dataclass(frozen=True)
class Candidate:
    """A member who may be meant, with what differs from the message."""

    member: Member
    born: str
    differs: tuple[str, ...]
    product: str


def candidates_of(plan: Plan, sent: IncomingMember, *, wanted: str = "", at: datetime) -> list[Candidate]:
    """Return up to four members: those with the number, then those most alike.

    Args:
        wanted: a number that a person looks for instead of the one that was sent.
    """
    found = find_members(plan=plan, number=wanted or sent.member_id or sent.subscriber_id)[:3]
    found += [
        item
        for item in nearest_members(plan=plan, family=sent.family, birth_date=sent.birth_date, number=sent.member_id)
        if item not in found
    ]
    return [_candidate(member, sent, at) for member in found[:_MOST]]


def _candidate(member: Member, sent: IncomingMember, at: datetime) -> Candidate:
    differs = []
    if sent.family and sent.family.casefold() != member.family_name.casefold():
        differs.append(_("family name"))
    if sent.given and sent.given.casefold() != member.given_name.casefold():
        differs.append(_("given name"))
    if sent.birth_date and sent.birth_date != member.birth_date:
        differs.append(_("date of birth"))
    if sent.member_id and sent.member_id != member.member_number:
        differs.append(_("number"))
    coverage = coverage_on(member=member, day=at.date(), known_at=at)
    return Candidate(member, day(member.birth_date), tuple(differs), coverage.product.name if coverage else "")
