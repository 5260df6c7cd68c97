"""The only writer of the feed; and the trail of who was told."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.determination.models import Authorization
from openum.directory.models import Member
from openum.directory.queries import find_members
from openum.payment import queries
from openum.payment.events import AuthorizationFeedRead, ClaimLineMatched
from openum.payment.models import ADD, CHANGE, VOID, FeedEntry, FeedHead
from openum.payment.rules.matching import Answer, ClaimLine, match, match_all
from openum.payment.telling import write_file
from openum.vocabulary.errors import Missing

AT_ONCE = 500


class MemberUnknown(Missing):
    """The plan knows no member of this number."""

    code: ClassVar[str] = "payment-member-unknown"


class AuthorizationUnknown(Missing):
    """The plan issued no authorization of this number."""

    code: ClassVar[str] = "payment-authorization-unknown"


@transaction.atomic
def catch_up(plan: Plan, *, at: datetime, whole: bool = False) -> int:
    """Write what changed since the last time, and return how many changes that were. Told twice is the same as told once.

    An authorization is told again only where what would be said of it is another text than what was said last, so that
    looking at too many loses nothing and doubles nothing.

    Args:
        whole: look at all authorizations, as every night, not only at those touched since the last time.
    """
    FeedHead.objects.get_or_create(plan=plan)
    head = FeedHead.objects.select_for_update().get(plan=plan)
    since = None if whole or head.caught_up_at is None else min(head.caught_up_at, at)  # a clock may be put back
    written = 0
    touched = list(queries.touched_since(plan, since).values_list("pk", flat=True))
    for start in range(0, len(touched), AT_ONCE):
        some = list(queries.authorizations_of(plan).filter(pk__in=touched[start : start + AT_ONCE]))
        last = {
            authorization: (kind, digest)
            for authorization, kind, digest in FeedEntry.objects.filter(authorization__in=[row.pk for row in some])
            .order_by("position")
            .values_list("authorization_id", "kind", "digest")
        }
        entries = []
        for row, body in queries.bodies(some):
            told, digest = last.get(row.pk), queries.digest_of(body)
            if told is not None and told[1] == digest:
                continue
            head.position += 1
            kind = VOID if body["status"] == VOID else CHANGE if told else ADD
            entries.append(
                FeedEntry(
                    plan=plan,
                    position=head.position,
                    authorization=row,
                    kind=kind,
                    body=body,
                    digest=digest,
                    written_at=at,
                )
            )
        FeedEntry.objects.bulk_create(entries)
        written += len(entries)
    head.caught_up_at = at
    head.save(update_fields=["position", "caught_up_at"])
    return written


def read_feed(plan: Plan, *, after: int, most: int, by: User, at: datetime) -> list[FeedEntry]:
    """Return the next changes after a position, and note that they were given."""
    entries = queries.entries_after(plan, after, most=min(most, queries.MOST))
    audit.record(AuthorizationFeedRead(plan_id=plan.public_id, after=after, entries=len(entries)), by=by, at=at)
    return entries


def write_full_file(plan: Plan, *, by: User, at: datetime, path: Path | None = None) -> tuple[int, str]:
    """Write all authorizations of a plan that stand, and return how many, with the digest of the file.

    Args:
        path: where; by default `outgoing/authorizations` in the data directory, a file for each plan and day.
    """
    folder = Path(settings.OPENUM_DATA, "outgoing", "authorizations")
    if path is None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    entries = list(queries.standing_entries(plan))
    digest = write_file(path or folder / f"{plan.key}-{at:%Y-%m-%d}.ndjson", entries)
    audit.record(AuthorizationFeedRead(plan_id=plan.public_id, after=0, entries=len(entries)), by=by, at=at)
    return len(entries), digest


def match_line(
    *, plan: Plan, line: ClaimLine, member_number: str, number: str, by: User, at: datetime
) -> tuple[Answer, Member | None]:
    """Say whether an authorization of a member fits a claim line; the one that the claim names, or any.

    Raises:
        MemberUnknown: the plan knows no such member.
        AuthorizationUnknown: the number names none of the member's, or none of the plan's.
    """
    member = None
    if member_number:
        member = next(iter(find_members(plan=plan, number=member_number)), None)
        if member is None:
            raise MemberUnknown(
                "The plan knows no member of this number. Check it, or look the authorization up by its number."
            )
    rows = queries.authorizations_of(plan).filter(number=number) if number else Authorization.objects.none()
    if number and not (rows.filter(case__member=member) if member else rows).exists():
        raise AuthorizationUnknown("There is no authorization of this number for this member. Check both.")
    if member is not None:
        held = queries.held_by(member, on=line.service_date)
    elif number:
        held = queries.held_of(rows.get(), on=line.service_date)
    else:
        raise MemberUnknown("Give the member's number or the number of an authorization.")
    answer = match(line, held, number=number)
    audit.record(ClaimLineMatched(plan_id=plan.public_id, fit=answer.fit.value), by=by, at=at)
    read = queries.authorizations_of(plan).filter(number=answer.number).first() if answer.number else None
    if read is not None:
        audit.record_reads(by=by, at=at, case_ids=[read.case.public_id], why="payment: claim line matched")
    return answer, member


def match_claim(*, plan: Plan, lines: Sequence[ClaimLine], member_number: str, by: User, at: datetime) -> list[Answer]:
    """Answer a claims system for all lines of one claim, in order; earlier lines take units from later ones.

    Raises:
        MemberUnknown: the plan knows no such member.
    """
    member = next(iter(find_members(plan=plan, number=member_number)), None) if member_number else None
    if member is None:
        raise MemberUnknown("The plan knows no member of this number. Check it.")
    answers = match_all(lines, queries.held_by(member, on=min(line.service_date for line in lines)))
    for answer in answers:
        audit.record(ClaimLineMatched(plan_id=plan.public_id, fit=answer.fit.value), by=by, at=at)
    numbers = {answer.number for answer in answers if answer.number}
    read = queries.authorizations_of(plan).filter(number__in=numbers)
    audit.record_reads(
        by=by, at=at, case_ids=sorted({row.case.public_id for row in read}), why="payment: claim matched"
    )
    return answers


@permitted(Permission.SEE_ORGANIZATION_CASES, on="authorization.case")
@transaction.atomic
def check_own(*, authorization: Authorization, line: ClaimLine, by: User, at: datetime) -> Answer:
    """Say to the office that asked for an authorization whether a line it is about to bill fits it.

    Raises:
        PermissionRefused, OutOfReach: the authorization is not the office's.
    """
    plan = authorization.case.plan
    answer = match(line, queries.held_of(authorization, on=line.service_date), number=authorization.number)
    audit.record(ClaimLineMatched(plan_id=plan.public_id, fit=answer.fit.value), by=by, at=at)
    audit.record_reads(by=by, at=at, case_ids=[authorization.case.public_id], why="payment: own claim line matched")
    return answer


@permitted(Permission.LOOK_UP_AUTHORIZATIONS, on="plan")
@transaction.atomic
def examine(
    *, plan: Plan, line: ClaimLine, member_number: str, number: str, by: User, at: datetime
) -> tuple[Answer, Member | None]:
    """Answer a claims examiner.

    Raises:
        PermissionRefused, OutOfReach: the actor does not look up authorizations of this plan.
        MemberUnknown, AuthorizationUnknown: as for `match_line`.
    """
    return match_line(plan=plan, line=line, member_number=member_number, number=number, by=by, at=at)
