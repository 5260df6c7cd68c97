"""The only writer of links that show where a request stands: made by the member or the office, ended by either."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Case
from openum.db.text import clean
from openum.determination.events import StatusLinkEnded, StatusLinkMade, StatusLinkOpened
from openum.determination.linking import SEEN_EVERY, check_more, end_of
from openum.determination.models import StatusLink
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed


@dataclass
class Visitor:
    """Who opens a link: nobody we know. The trail names the link."""

    public_id: UUID
    kind: str = "status_link"


@permitted(Permission.SEE_OWN_CASES, Permission.SEE_ORGANIZATION_CASES, on="case")
@transaction.atomic
def make_status_link(*, case: Case, made_for: str, days: int, by: User, at: datetime) -> StatusLink:
    """Make a link that shows where a request stands, and nothing of the person or the service.

    Raises:
        PermissionRefused, OutOfReach: neither the member nor the office of the request.
        NotAllowed: the request is specially protected and an office asks.
        Invalid: nobody named, or a time that is not offered.
        TooManyLinks: enough links show already.
    """
    case = Case.objects.select_for_update(of=("self",)).select_related("member").get(pk=case.pk)
    is_members_own = case.member.user_id == by.pk
    if case.sealed_as != "" and not is_members_own:
        raise NotAllowed("This request is specially protected. Only the patient can share it.")
    if not made_for.strip():
        raise Invalid("Say who gets the link.")
    expires_at = end_of(at=at, days=days)
    check_more(StatusLink.objects.filter(case=case, ended_at__isnull=True, expires_at__gt=at).count())
    link = StatusLink.objects.create(
        case=case, made_for=clean(made_for.strip()), is_members_own=is_members_own, made_by=by, made_at=at, expires_at=expires_at
    )  # fmt: skip
    audit.record(StatusLinkMade(case_id=case.public_id, link_id=link.public_id), by=by, at=at)
    return link


@permitted(Permission.SEE_OWN_CASES, Permission.SEE_ORGANIZATION_CASES, on="link.case")
@transaction.atomic
def end_status_link(*, link: StatusLink, by: User, at: datetime) -> StatusLink:
    """Stop a link at once. The member stops any link of the request, an office those of offices.

    Raises:
        PermissionRefused, OutOfReach: neither the member nor the office of the request.
        NotAllowed: an office would stop what the member shares.
        Conflict: it was stopped already.
    """
    link = StatusLink.objects.select_for_update(of=("self",)).select_related("case__member").get(pk=link.pk)
    if link.is_members_own and link.case.member.user_id != by.pk:
        raise NotAllowed("The patient shares this link. Only the patient can stop it.")
    if link.ended_at is not None:
        raise Conflict("This link was stopped already.")
    link.ended_by, link.ended_at = by, at
    link.save(update_fields=["ended_by", "ended_at"])
    audit.record(StatusLinkEnded(case_id=link.case.public_id, link_id=link.public_id), by=by, at=at)
    return link


@transaction.atomic
def note_visit(*, link: StatusLink, at: datetime) -> None:
    """Keep that a link was opened, once an hour at most: who holds the link can open it as often as they like."""
    link = StatusLink.objects.select_for_update(of=("self",)).select_related("case").get(pk=link.pk)
    if link.opened_at is not None and at - link.opened_at < SEEN_EVERY:
        return
    link.opened_at = at
    link.save(update_fields=["opened_at"])
    audit.record(
        StatusLinkOpened(case_id=link.case.public_id, link_id=link.public_id), by=Visitor(link.public_id), at=at
    )
