"""Changing an approval administratively: days or place, never less than was approved."""

from datetime import date, datetime, timedelta
from typing import ClassVar

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Amendment, ServiceLine
from openum.cases.services import lock_line, record_amendment
from openum.determination.models import AuthorizationSegment
from openum.determination.queries import authorization_of, current_segments
from openum.directory.queries import coverage_on, exclusions_on, licensed_practitioners
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Channel, LineStatus


class NotApproved(Conflict):
    """Only an approved line has an approval to change."""

    code: ClassVar[str] = "not-approved"


class AmendmentNeedsReview(Conflict):
    """The change is more than administrative; it takes a new request."""

    code: ClassVar[str] = "amendment-needs-review"


@permitted(Permission.WITHDRAW_OR_AMEND, on="line.case")
@transaction.atomic
def amend_approval(
    *,
    line: ServiceLine,
    first_day: date | None,
    last_day: date | None,
    place: str,
    reason: str,
    requested_by: str,
    channel: Channel,
    by: User,
    at: datetime,
) -> list[Amendment]:
    """Move an approved service to other days or another place. Units and code stay; the number stays.

    Coverage, exclusion lists and licences are checked for the new days; the old segment is superseded, not edited.

    Raises:
        NotApproved: the line is not approved.
        AmendmentNeedsReview: coverage or providers are not in order on the new days; a new request is needed.
        Invalid: nothing differs, or the days are out of order.
        ReasonMissing: no reason, or nobody named.
    """
    line = lock_line(line)
    authorization = authorization_of(line)
    segments = current_segments(authorization) if authorization else []
    if line.status != LineStatus.APPROVED or not segments:
        raise NotApproved("This service is not approved. Change the request itself, or send a new one.")
    segment = segments[-1]
    start = first_day or line.service_from
    after = last_day + timedelta(days=1) if last_day else _moved_end(line, start)
    if start is not None and after is not None and after <= start:
        raise Invalid("The last day lies before the first. Check both days.")
    changes = {"service_from": start, "service_to": after, "place": place or line.place}
    differing = {field: value for field, value in changes.items() if getattr(line, field) != value}
    if not differing:
        raise Invalid("Nothing differs from what is approved. Change a day or the place.")
    _check_in_order(line, start or segment.valid_from, at=at)
    before = {field: str(getattr(line, field) or "") for field in differing}
    for field, value in differing.items():
        setattr(line, field, value)
    line.version += 1
    line.save(update_fields=[*differing, "version"])
    _supersede(segment, line, at=at)
    return [
        record_amendment(
            line=line, field=field, before=before[field], after=str(value or ""), reason=reason,
            requested_by=requested_by, channel=channel, is_requesters_own=True, by=by, at=at,
        )
        for field, value in differing.items()
    ]  # fmt: skip


def _moved_end(line: ServiceLine, start: date | None) -> date | None:
    """Keep the length of the service when only its first day moves."""
    if start is None or line.service_from is None or line.service_to is None:
        return line.service_to
    return start + (line.service_to - line.service_from)


def _check_in_order(line: ServiceLine, day: date, *, at: datetime) -> None:
    if coverage_on(member=line.case.member, day=day, known_at=at) is None:
        raise AmendmentNeedsReview("The member has no active coverage on the new day. Send a new request.")
    parties = list(line.request.parties.exclude(npi=""))
    if exclusions_on(plan=line.case.plan, npis=[party.npi for party in parties], day=day):
        raise AmendmentNeedsReview("A provider of the request may not be paid on the new day. Send a new request.")
    practitioners = {party.practitioner_id for party in parties if party.practitioner_id is not None}
    if practitioners - licensed_practitioners(practitioner_ids=practitioners, day=day):
        raise AmendmentNeedsReview(
            "A clinician of the request has no active licence on the new day. Send a new request."
        )


def _supersede(segment: AuthorizationSegment, line: ServiceLine, *, at: datetime) -> None:
    """End a segment and put one in its place that covers the new days and everything it covered before."""
    AuthorizationSegment.objects.filter(pk=segment.pk).update(superseded_at=at)
    segment.pk = None
    segment._state.adding = True  # noqa: SLF001 - the documented way to copy a row
    if line.service_from is not None:
        after = line.service_to or line.service_from + timedelta(days=1)
        segment.valid_from = min(segment.valid_from, line.service_from)
        segment.valid_to = max(segment.valid_to, after) if segment.valid_to is not None else None
    segment.place, segment.superseded_at = line.place, None
    segment.save()
