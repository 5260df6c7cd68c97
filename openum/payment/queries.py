"""Authorizations as the feed tells them, and as a claim line is matched with them."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum

from openum.accounts.models import Plan
from openum.criteria.codes import short_system
from openum.determination.added_codes import rows_of
from openum.determination.models import Authorization, AuthorizationSegment, UsageEntry
from openum.directory.models import Member
from openum.directory.queries import policies_on
from openum.payment.models import VOID, FeedEntry, FeedHead
from openum.payment.rules.matching import Change, Held

OVERLAP = timedelta(hours=1)
"""How far before the last reading changes are looked for again: what was being written then was not seen."""
ADDED_CODES = "added-codes"
MOST = 1000
"""Entries of one answer at most."""


def authorizations_of(plan: Plan) -> QuerySet[Authorization]:
    """Return the authorizations of a plan with what the feed tells of them, in the order in which they were issued."""
    rows = Authorization.objects.filter(case__plan=plan, case__is_sandbox=plan.is_sandbox)
    return rows.select_related("case__member", "case__product", "line").order_by("pk")


def touched_since(plan: Plan, at: datetime | None) -> QuerySet[Authorization]:
    """Return the authorizations that may have changed since an instant (None: all): issued, changed, or used."""
    rows = authorizations_of(plan)
    if at is None:
        return rows
    since = at - OVERLAP
    segments = AuthorizationSegment.objects.filter(
        Q(superseded_at__gte=since) | Q(determination__decided_at__gte=since)
    ).values("authorization")
    used = UsageEntry.objects.filter(recorded_at__gte=since).values("segment__authorization")
    return rows.filter(Q(issued_at__gte=since) | Q(pk__in=segments) | Q(pk__in=used))


def bodies(rows: Sequence[Authorization]) -> Iterator[tuple[Authorization, dict[str, Any]]]:
    """Yield authorizations with what is told of each."""
    segments: dict[int, list[AuthorizationSegment]] = defaultdict(list)
    parts = AuthorizationSegment.objects.filter(authorization__in=[row.pk for row in rows]).order_by("valid_from", "pk")
    for part in parts:
        segments[part.authorization_id].append(part)
    used = dict(
        UsageEntry.objects.filter(segment__in=[part.pk for part in parts])
        .order_by()
        .values_list("segment")
        .annotate(n=Sum("units"))
    )
    for row in rows:
        yield row, _body(row, segments[row.pk], used)


def _body(row: Authorization, segments: Sequence[AuthorizationSegment], used: dict[int, Decimal]) -> dict[str, Any]:
    current = [part for part in segments if part.superseded_at is None]
    shown = current or segments[-1:]
    return {
        "number": row.number, "previous_number": row.previous_number, "status": "active" if current else VOID,
        "member_number": row.case.member.member_number, "product": row.case.product.key,
        "line_of_business": row.case.product.line_of_business, "issued_at": row.issued_at.isoformat(),
        "parts": [_part(part, used.get(part.pk, Decimal(0))) for part in shown],
    }  # fmt: skip


def _part(part: AuthorizationSegment, used: Decimal) -> dict[str, Any]:
    left = None if part.units is None else part.units - used
    return {
        "system": short_system(part.code_system), "code": part.code, "code_end": part.code_end, "modifiers": part.modifiers,
        "from": part.valid_from.isoformat(), "to": part.valid_to.isoformat() if part.valid_to else None,
        "ends_when": part.end_circumstance, "units": _plain(part.units), "used": _plain(used), "left": _plain(left),
        "unit": part.unit, "frequency": part.frequency, "level_of_care": part.level_of_care, "place": part.place,
        "npi": part.servicing_npi,
    }  # fmt: skip


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def digest_of(body: dict[str, Any]) -> str:
    """Return the SHA-256 of a body as canonical JSON, hexadecimal."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def entries_after(plan: Plan, position: int, *, most: int = MOST) -> list[FeedEntry]:
    """Return the next changes of a plan after a position, in their order."""
    return list(FeedEntry.objects.filter(plan=plan, position__gt=position).order_by("position")[:most])


def standing_entries(plan: Plan) -> QuerySet[FeedEntry]:
    """Return the last change of each authorization of a plan: what stands now, for a full file."""
    last = FeedEntry.objects.filter(authorization=OuterRef("authorization")).order_by("-position").values("pk")[:1]
    return FeedEntry.objects.filter(plan=plan, pk=Subquery(last)).order_by("position")


def head_of(plan: Plan) -> FeedHead | None:
    """Return how far the feed of a plan is."""
    return FeedHead.objects.filter(plan=plan).first()


def changes_on(plan: Plan, day: date) -> list[tuple[Any, Change]]:
    """Return the permitted changes during an operation in force on a day, each with the row that names them."""
    return [
        (row, Change(codes=frozenset(row.may_be_added), days=row.days_after))
        for policy in policies_on(plan=plan, kind=ADDED_CODES, on=day)
        for row in rows_of(policy.body)
    ]


def held_by(member: Member, *, on: date) -> list[Held]:
    """Return the parts of a member's authorizations as a claim line of a day is matched with them."""
    rows = list(authorizations_of(member.plan).filter(case__member=member))
    return list(_held(rows, changes_on(member.plan, on)))


def held_of(authorization: Authorization, *, on: date) -> list[Held]:
    """Return the parts of one authorization."""
    return list(_held([authorization], changes_on(authorization.case.plan, on)))


def _held(rows: Sequence[Authorization], changes: Iterable[tuple[Any, Change]]) -> Iterator[Held]:
    known = list(changes)
    for row, body in bodies(rows):
        law = body["line_of_business"]
        for part in body["parts"]:
            code = f"{part['system']}|{part['code']}"
            yield Held(
                number=row.number, system=part["system"], code=part["code"], code_end=part["code_end"],
                starts=date.fromisoformat(part["from"]), ends=date.fromisoformat(part["to"]) if part["to"] else None,
                left=None if part["left"] is None else Decimal(part["left"]), unit=part["unit"], npi=part["npi"],
                is_void=body["status"] == VOID,
                changes=tuple(change for one, change in known if one.is_of(authorized=code, line_of_business=law)),
            )  # fmt: skip
