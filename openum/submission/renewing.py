"""The renewal of an authorization, from the office's draft to the door: what it is linked to, and what changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.cases.models import ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.design.moments import day
from openum.directory.queries import find_members
from openum.submission.composing import EARLIER, RENEWS
from openum.submission.models import Draft
from openum.vocabulary.errors import Conflict
from openum.vocabulary.terms import LineStatus

_APPROVED = frozenset({LineStatus.APPROVED, LineStatus.PARTIALLY_APPROVED})


class NotRenewable(Conflict):
    """The authorization cannot be renewed as asked; a new request always can be sent."""

    code: ClassVar[str] = "not-renewable"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One fact of the earlier authorization beside what is asked now."""

    label: str | Promise
    earlier: str
    now: str

    @property
    def is_changed(self) -> bool:
        """Say whether the office asks for something else."""
        return self.earlier != self.now


_COMPARED = (
    ("line1-units", _("How many")),
    ("line1-unit", _("Counted in")),
    ("line1-first_day", _("First day")),
    ("line1-last_day", _("Last day")),
    ("line1-modifiers", _("Modifiers")),
    ("place", _("Kind of place")),
    ("diagnosis1", _("Main diagnosis, ICD-10 code")),
    ("ordering_npi", _("NPI of the ordering clinician")),
    ("facility_npi", _("NPI of the place")),
)


def compared(fields: Mapping[str, str]) -> list[Compared]:
    """Return what the earlier authorization said and what a renewal asks, fact by fact; none for another request."""
    if not fields.get(RENEWS):
        return []
    return [
        Compared(label=label, earlier=fields.get(EARLIER + name, ""), now=fields.get(name, "").strip())
        for name, label in _COMPARED
    ]


def earlier_of(fields: Mapping[str, str]) -> dict[str, str] | None:
    """Return number, use and end of the authorization a draft renews; None: it renews nothing."""
    if not fields.get(RENEWS):
        return None
    last = fields.get(f"{EARLIER}line1-last_day", "")
    return {
        "number": fields[RENEWS],
        "units": fields.get(f"{EARLIER}line1-units", ""),
        "used": fields.get(f"{EARLIER}used", ""),
        "end": day(date.fromisoformat(last)) if last else "",
    }


def check_renewable(line: ServiceLine) -> None:
    """Refuse a line whose authorization cannot be renewed.

    Raises:
        NotRenewable: it is not approved, was taken back, or a renewal is with the plan already.
    """
    status = LineStatus(line.status)
    if status in {LineStatus.CANCELLED, LineStatus.WITHDRAWN, LineStatus.VOIDED_IN_ERROR}:
        raise NotRenewable("This authorization was taken back. Send a new request for the service.")
    if status not in _APPROVED:
        raise NotRenewable("Only an approved service is renewed. Send a new request for this one.")
    if ServiceLine.objects.filter(replaces=line, status__in=OPEN_STATUSES).exists():
        raise NotRenewable("A renewal of this authorization is with the plan already. Add papers to that one.")
    if ServiceLine.objects.filter(replaces=line).exists():
        raise NotRenewable(
            "This authorization was renewed or changed since. Renew the later one, or send a new request."
        )


def check_renewal(draft: Draft) -> None:
    """Refuse a renewal that no longer fits its authorization when it is sent; other drafts pass.

    Raises:
        NotRenewable: see `check_renewable`; or it is not the office's, or names another member or service.
    """
    number = draft.fields.get(RENEWS, "")
    if not number:
        return
    line = (
        ServiceLine.objects.filter(
            authorizations__number=number, case__plan=draft.plan, case__organization=draft.organization
        )
        .select_related("case")
        .first()
    )
    if line is None:
        raise NotRenewable("The authorization to renew is not on file for your organization at this plan.")
    check_renewable(line)
    named = find_members(plan=draft.plan, number=draft.fields.get("member_number", "").strip())
    if line.case.member_id not in {row.linked_to_id or row.pk for row in named}:
        raise NotRenewable("The authorization is another member's. Send a new request for this one.")
    asked = (draft.fields.get("line1-code_system", ""), draft.fields.get("line1-code", "").strip().upper())
    if asked != (line.code_system, line.code):
        raise NotRenewable("A renewal asks for the same service. Send a new request for another code.")
