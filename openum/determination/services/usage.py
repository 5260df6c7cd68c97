"""The usage ledger of an authorization: entries and reversals, never edits."""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.determination.events import UsageRecorded
from openum.determination.models import AuthorizationSegment, UsageEntry
from openum.determination.queries import remaining_units
from openum.vocabulary.errors import Conflict, Invalid


class NotEnoughUnits(Conflict):
    """More units than are left."""

    code: ClassVar[str] = "not-enough-units"


@transaction.atomic
def record_usage(
    *, segment: AuthorizationSegment, kind: str, units: Decimal, service_date: date, reference: str, by: User,
    at: datetime,
) -> UsageEntry:  # fmt: skip
    """Count units of a segment as used by a claim or a manual entry.

    Raises:
        Invalid: not positive, or a day outside the segment.
        NotEnoughUnits: fewer are left.
    """
    segment = (
        AuthorizationSegment.objects.select_for_update(of=("self",))
        .select_related("authorization", "authorization__case")
        .get(pk=segment.pk)
    )
    if units <= 0:
        raise Invalid("Units used are more than none. To give units back, reverse the entry.")
    if service_date < segment.valid_from or (segment.valid_to is not None and service_date >= segment.valid_to):
        raise Invalid("The service date lies outside the authorization. Check the date, or ask for an extension.")
    left = remaining_units(segment)
    if left is not None and units > left:
        raise NotEnoughUnits(f"Only {left.normalize():f} units are left. Check the units, or ask for an extension.")
    entry = UsageEntry.objects.create(
        segment=segment, kind=kind, units=units, service_date=service_date, reference=reference, recorded_by=by,
        recorded_at=at,
    )  # fmt: skip
    _tell(segment, kind, by=by, at=at)
    return entry


@transaction.atomic
def reverse_usage(*, entry: UsageEntry, reference: str, by: User, at: datetime) -> UsageEntry:
    """Give the units of an entry back, once.

    Raises:
        Invalid: it is a reversal, or reversed already.
    """
    entry = (
        UsageEntry.objects.select_for_update(of=("self",))
        .select_related("segment", "segment__authorization", "segment__authorization__case")
        .get(pk=entry.pk)
    )
    if entry.kind == "reversal" or UsageEntry.objects.filter(reverses=entry).exists():
        raise Invalid("This entry is a reversal, or is reversed already.")
    reversal = UsageEntry.objects.create(
        segment=entry.segment, kind="reversal", units=-entry.units, service_date=entry.service_date,
        reference=reference, reverses=entry, recorded_by=by, recorded_at=at,
    )  # fmt: skip
    _tell(entry.segment, "reversal", by=by, at=at)
    return reversal


def _tell(segment: AuthorizationSegment, kind: str, *, by: User, at: datetime) -> None:
    audit.record(
        UsageRecorded(
            case_id=segment.authorization.case.public_id,
            authorization_id=segment.authorization.public_id,
            kind=kind,
        ),
        by=by,
        at=at,
    )
