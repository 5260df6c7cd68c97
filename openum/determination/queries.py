"""Reads of decisions: the current determination, authorizations, remaining units, guards and fit deciders."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet, Sum

from openum.accounts.models import User
from openum.accounts.queries import reviewer_facts
from openum.accounts.rules import LicenceFact
from openum.cases.holdings import holds
from openum.cases.models import Party, ServiceLine
from openum.cases.queries import lines_visible_to
from openum.criteria.codes import address_of
from openum.criteria.queries import current_map
from openum.criteria.record import paid_service_fact
from openum.db import plain
from openum.determination.interests import interests_in
from openum.determination.models import Authorization, AuthorizationSegment, Determination, OverturnLesson, UsageEntry
from openum.determination.protecting import statement_guards
from openum.determination.rules import (
    DECIDERS,
    SANDBOX_RULE,
    DeciderRow,
    Guard,
    GuardAnswer,
    Judged,
    check_may_deny,
    check_may_judge,
    check_no_interest,
    conversation_guard,
    decider_row,
    evidence_guard,
    nodes_guard,
    overturns_guard,
)
from openum.directory.models import Policy
from openum.directory.queries import policies_on
from openum.review.queries import documents_to_open, openings_by, talk_facts
from openum.review.terms import terms_of
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import LineStatus, PartyRole


@lru_cache(maxsize=64)
def _rows_of(digest: str, body: str) -> tuple[DeciderRow, ...]:
    """Parse a published table of deciders; the digest names the content."""
    return tuple(
        DeciderRow(
            key=row["key"],
            lines_of_business=frozenset(row.get("lines_of_business", [])),
            states=frozenset(row.get("states", [])),
            service_specialties=frozenset(row.get("service_specialties", [])),
            licence_kinds=tuple(row["licence_kinds"]),
            must_hold_product_state=bool(row.get("must_hold_product_state", False)),
            reviewer_specialties=frozenset(row.get("reviewer_specialties", [])),
            citation=row["citation"],
            benefits=frozenset(row.get("benefits", [])),
            effective_from=row.get("effective_from"),
            effective_to=row.get("effective_to"),
        )
        for row in read_yaml(body)["rows"]
    )


def decider_row_for(line: ServiceLine, *, on: date) -> DeciderRow | None:
    """Return the published row that says who may decide against a line."""
    rows: list[DeciderRow] = []
    for policy in policies_on(plan=line.case.plan, kind=DECIDERS, on=on):
        rows += _rows_of(policy.digest, policy.body)
    product = line.case.product
    judged = Judged(
        line_of_business=product.law, state=product.state, specialty=line.specialty, benefit=line.benefit, on=on
    )  # fmt: skip
    return decider_row(rows, judged)


@lru_cache(maxsize=64)
def _approved_kind(digest: str, body: str) -> str:
    """Return the kind of request that a published sandbox rule approves; the digest names the content."""
    return str(read_yaml(body)["approves"]["request_kind"])


def sandbox_rule_for(line: ServiceLine, *, on: date) -> Policy | None:
    """Return the row by which a sandbox plan approves requests of this kind without criteria."""
    if not line.case.is_sandbox:
        return None
    for policy in policies_on(plan=line.case.plan, kind=SANDBOX_RULE, on=on):
        if policy.plan_id and _approved_kind(policy.digest, policy.body) == line.request.kind:
            return policy
    return None


def licence_to_deny(line: ServiceLine, *, by: User, on: date) -> LicenceFact:
    """Return the licence that makes a person fit to decide against a line.

    Raises:
        ReviewerNotQualified: not fit for it.
        ConflictOfInterest: an interest in it.
    """
    licence = check_may_deny(
        reviewer=reviewer_facts(by),
        row=decider_row_for(line, on=on),
        specialty=line.specialty,
        state=line.case.product.state,
        on=on,
    )
    check_no_interest(interests_in(line, by, on=on))
    return licence


def licence_to_approve(line: ServiceLine, *, by: User, on: date, is_judged: bool) -> str:
    """Return the licence by which a person approves a line, as the record keeps it: kind, state and number.

    Args:
        is_judged: not every published criterion is met, so that the approval is somebody's judgement of the care.

    Raises:
        ConflictOfInterest: an interest in the line; who works for the practice that asks gives it nothing either.
        ReviewerNotQualified: the care is judged without a licence that is valid on the day.
    """
    check_no_interest(interests_in(line, by, on=on))
    state = line.case.product.state
    rows = sorted(by.licences.all(), key=lambda row: (row.state != state, row.kind, row.pk))
    known = {LicenceFact(row.kind, row.state, row.status, row.valid_from, row.valid_to): row for row in rows}
    if is_judged and not line.case.is_sandbox:
        check_may_judge(licences=list(known), on=on)
    held = next((row for fact, row in known.items() if fact.is_valid(on=on)), None)
    return f"{held.kind} {held.state} {held.number}" if held is not None else ""


def guards_for(
    line: ServiceLine,
    *,
    by: User,
    at: datetime,
    answers: Mapping[str, str],
    evidence: GuardAnswer | None = None,
    evidence_reason: str = "",
    conversation: GuardAnswer | None = None,
    conversation_reason: str = "",
    overturned: int = 0,
    different: str = "",
    statements: Mapping[str, str] | None = None,
) -> list[Guard]:
    """Return the conditions before a no on a line, as they stand for this person now.

    Args:
        statements: answers to what the law asks about this person, by protections.Law.
    """
    zone = ZoneInfo(line.case.product.time_zone)
    documents = documents_to_open(line.case)
    opened = openings_by(by, line.case)
    has_provider = Party.objects.filter(
        request=line.request, role__in=[PartyRole.REQUESTER, PartyRole.ORDERING, PartyRole.TREATING]
    ).exists()
    return [
        evidence_guard(
            documents=len(documents),
            opened=sum(1 for item in documents if item.pk in opened),
            claimed=evidence,
            claimed_reason=evidence_reason,
        ),
        conversation_guard(
            terms=terms_of(line, at=at)[0],
            facts=talk_facts(line),
            has_provider=has_provider,
            at=at,
            zone=zone,
            claimed=conversation,
            claimed_reason=conversation_reason,
        ),
        nodes_guard(open_leaves=open_leaves(line), answers=answers),
        *([overturns_guard(overturned=overturned, different=different)] if overturned else []),
        *statement_guards(line, statements=statements or {}, on=at.astimezone(zone).date()),
    ]


_LESSON_DAYS = 730
"""How long a reversal speaks: two years."""
_MOST_LESSONS = 20


def overturned_like(line: ServiceLine, *, at: datetime) -> list[OverturnLesson]:
    """Return what reversals of look-alike denials taught: same plan and service, and a criterion that is open here.

    A lesson about a fact or a step speaks of the service as a whole. Newest first.
    """
    rows = (
        OverturnLesson.objects.filter(
            plan=line.case.plan, code_system=line.code_system, code=line.code,
            made_at__gt=at - timedelta(days=_LESSON_DAYS), made_at__lte=at,
        )
        .exclude(overturned__line=line)
        .select_related("overturned__line__case")
        .order_by("-made_at", "-pk")
    )  # fmt: skip
    found = list(rows[:200])
    if not found:
        return []
    still_open = set(open_leaves(line))
    return [row for row in found if row.kind != "node" or not row.key or row.key in still_open][:_MOST_LESSONS]


def open_leaves(line: ServiceLine) -> list[str]:
    """Return the keys of the criteria that are not met on a line and still count."""
    return [leaf.key for leaf in current_map(line).open_leaves]


_NEVER_ASKED = (LineStatus.WITHDRAWN, LineStatus.CANCELLED, LineStatus.VOIDED_IN_ERROR, LineStatus.DISMISSED)
"""What no second request repeats."""


def twins_of(line: ServiceLine) -> QuerySet[ServiceLine]:
    """Return the other requests of the same service for the member at the plan, the latest first."""
    same = ServiceLine.objects.filter(
        case__member=line.case.member_id, case__plan=line.case.plan_id, code_system=line.code_system, code=line.code
    )
    others = same.exclude(pk=line.pk).exclude(status__in=_NEVER_ASKED)
    return others.select_related("case", "request").order_by("-request__received_at", "-pk")


def current_determination(line: ServiceLine) -> Determination | None:
    """Return the determination that stands."""
    if not holds(line.case, Determination):
        return None
    return (
        Determination.objects.select_related("decided_by", "guideline", "approval_rule", "evidence_map")
        .filter(line=line, superseded_by__isnull=True)
        .order_by("-decided_at", "-pk")
        .first()
    )


def determinations_of(line: ServiceLine) -> list[Determination]:
    """Return all determinations of a line, the first one first; none is ever edited."""
    if not holds(line.case, Determination):
        return []
    return list(
        Determination.objects.select_related("decided_by", "guideline", "evidence_map")
        .filter(line=line)
        .order_by("decided_at", "pk")
    )


def authorization_of(line: ServiceLine) -> Authorization | None:
    """Return the authorization of a line."""
    return Authorization.objects.filter(line=line).order_by("-issued_at", "-pk").first()


def current_segments(authorization: Authorization) -> list[AuthorizationSegment]:
    """Return the segments in force of what was asked for at first; codes added after the operation have their own."""
    rows = authorization.segments.filter(superseded_at__isnull=True, determination__line__added_code__isnull=True)
    return list(rows.order_by("valid_from", "pk"))


def remaining_units(segment: AuthorizationSegment) -> Decimal | None:
    """Compute what is left of a segment from its usage ledger; None when no number of units was set."""
    if segment.units is None:
        return None
    used = segment.usage.aggregate(total=Sum("units"))["total"] or Decimal(0)
    return segment.units - used


def authorizations_visible_to(user: User) -> QuerySet[Authorization]:
    """Authorizations of visible lines."""
    return Authorization.objects.filter(Exists(lines_visible_to(user).filter(pk=OuterRef("line_id"))))


_USED = """
SELECT entry.id, segment.code_system, segment.code, entry.service_date
FROM determination_usageentry entry
JOIN determination_authorizationsegment segment ON segment.id = entry.segment_id
JOIN determination_authorization number ON number.id = segment.authorization_id
JOIN cases_case file ON file.id = number.case_id
WHERE file.member_id = %s AND entry.kind <> 'reversal' AND segment.code <> '' AND entry.service_date <= %s
  AND NOT EXISTS (SELECT 1 FROM determination_usageentry back WHERE back.reverses_id = entry.id)
ORDER BY entry.service_date DESC, entry.id DESC LIMIT 200
"""


def used_services(line: ServiceLine, day: date) -> list[dict[str, Any]]:
    """Return the services of the usage ledger that the member of a line used up to a day, as claims.

    An entry that was reversed says nothing. The newest 200 count; without the plan's own approval of a code nothing is
    on the ledger.
    """
    rows = plain.select(
        _USED,
        [line.case.member_id, day],
        (
            *plain.fields_of(UsageEntry, ["id"]),
            *plain.fields_of(AuthorizationSegment, ["code_system", "code"]),
            *plain.fields_of(UsageEntry, ["service_date"]),
        ),
    )
    return [
        paid_service_fact(key=str(key), system=address_of(system), code=code, on=on) for key, system, code, on in rows
    ]


def approved_before(line: ServiceLine) -> list[AuthorizationSegment]:
    """Return what was approved of the same care before a line that names its earlier authorization, the latest first.

    An earlier authorization may name one before it; all of them are the care that goes on.
    """
    found: list[AuthorizationSegment] = []
    number, member = line.previous_authorization_number, line.case.member_id
    while number and all(number != each.authorization.number for each in found):
        rows = AuthorizationSegment.objects.filter(
            authorization__number=number, authorization__case__member=member, superseded_at__isnull=True
        ).exclude(authorization__line=line)
        earlier = list(rows.select_related("authorization__line").order_by("-valid_from", "-pk"))
        found += earlier
        number = earlier[0].authorization.line.previous_authorization_number if earlier else ""
    return found
