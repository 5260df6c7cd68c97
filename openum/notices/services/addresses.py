"""Where a letter goes: practice, fax number, and the address as the rows have it now. Reads only."""

from openum.accounts.models import Organization
from openum.notices.assembly.common import lines_of
from openum.notices.elements import Audience
from openum.notices.models import Notice
from openum.notices.privacy import CopyFor


def organization_of(notice: Notice) -> Organization | None:
    """Return the practice or facility a provider's letter goes to."""
    return (notice.recipient.organization if notice.recipient else None) or notice.case.organization


def fax_number(notice: Notice) -> str:
    """Return the reader's fax number; a member has none here."""
    if notice.audience == Audience.MEMBER:
        return ""
    organization = organization_of(notice)
    return (notice.recipient.fax if notice.recipient else "") or (organization.fax if organization else "")


def current_address(notice: Notice) -> tuple[str, ...]:
    """Return name and address as the rows have them now; empty where there is no address.

    What must not reach the household goes to the member's other address only (45 CFR 164.522(b)).
    """
    name = str(notice.document["recipient"][0])
    if notice.recipient is not None:
        place = notice.recipient.practitioner or notice.recipient.facility or notice.recipient.organization
        lines = lines_of(notice.recipient.address or (place.address if place else ""))
    elif notice.audience == Audience.MEMBER:
        member = notice.case.member
        is_household = notice.copy_for == CopyFor.GUARDIAN or not (member.is_confidential or notice.is_private)
        other = "" if notice.copy_for == CopyFor.GUARDIAN else member.alternative_address
        lines = lines_of(other or (member.address if is_household else ""))
    else:
        organization = notice.case.organization
        lines = lines_of(organization.address if organization else "")
    return (name, *lines) if lines else ()


def envelope(notice: Notice) -> tuple[str, ...]:
    """Return name and address for the envelope.

    A letter that goes out again takes the address known now; the letter itself is not altered.
    """
    printed = tuple(notice.document["recipient"])
    return current_address(notice) or printed if notice.sent_at is not None else printed
