"""Reads of a call: its member's requests in plain words, the letters that can go again, the lines one can appeal."""

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from openum.accounts.models import Plan, User
from openum.accounts.queries import plans_visible_to, scope_of
from openum.accounts.rules import Permission
from openum.callers.models import Call
from openum.callers.rules import CALL_MINUTES, FAILURE_MINUTES, Caller, Fact
from openum.cases.models import Case, ServiceLine
from openum.directory.models import Member
from openum.notices.elements import Audience
from openum.notices.models import Notice, NoticeState
from openum.vocabulary.terms import LineStatus

MOST = 20
_APPEALABLE = (
    LineStatus.DENIED, LineStatus.PARTIALLY_APPROVED, LineStatus.TERMINATED_WITH_NOTICE, LineStatus.DISMISSED,
)  # fmt: skip


def plans_served_by(user: User) -> list[Plan]:
    """Return the plans whose callers a person serves."""
    return plans_visible_to(user, Permission.SERVE_CALLERS)


def calls_of(user: User) -> QuerySet[Call]:
    """Return the calls a person took, the latest first."""
    rows = Call.objects.filter(taken_by=user, plan_id__in=scope_of(user).plans_with(Permission.SERVE_CALLERS))
    return rows.select_related("member", "plan").order_by("-began_at", "-pk")


def open_calls_of(user: User, *, at: datetime) -> QuerySet[Call]:
    """Return a person's calls that are verified and not over."""
    since = at - timedelta(minutes=CALL_MINUTES)
    return calls_of(user).filter(is_verified=True, ended_at__isnull=True, began_at__gt=since)


def failures_for(number_digest: str, *, at: datetime) -> int:
    """Count the failed checks for a member number within the last hour."""
    since = at - timedelta(minutes=FAILURE_MINUTES)
    return Call.objects.filter(number_digest=number_digest, is_verified=False, began_at__gt=since).count()


def member_said(plan: Plan, said: dict[Fact, str], birth_date: date | None) -> Member | None:
    """Find the one member that a caller speaks of: by number, or by date of birth and name. Two are nobody."""
    number = said.get(Fact.MEMBER_NUMBER, "").strip()
    rows = Member.objects.filter(plan=plan, linked_to__isnull=True)
    if number:
        return rows.filter(member_number__iexact=number).first()
    words = said.get(Fact.NAME, "").split()
    if birth_date is None or len(words) < 2:
        return None
    found = list(
        rows.filter(birth_date=birth_date, family_name__iexact=words[-1], given_name__istartswith=words[0])[:2]
    )
    return found[0] if len(found) == 1 else None


def facts_on_file(member: Member) -> dict[Fact, str]:
    """Return what a caller's words are compared with. The street is the first line of the address."""
    return {
        Fact.MEMBER_NUMBER: member.member_number,
        Fact.NAME: member.full_name,
        Fact.BIRTH_DATE: member.birth_date.isoformat() if member.birth_date else "",
        Fact.PHONE: member.phone,
        Fact.STREET: member.address.split(",")[0].split("\n")[0],
    }


def cases_of_call(call: Call) -> list[Case]:
    """Return the requests of a call's member, the latest first. To others than the member sealed ones do not exist."""
    rows = Case.objects.filter(member=call.member, plan=call.plan)
    if call.caller != Caller.MEMBER:
        rows = rows.filter(sealed_as="")
    with_lines = rows.filter(Exists(ServiceLine.objects.filter(case=OuterRef("pk"))))
    return list(with_lines.select_related("plan", "member", "product").order_by("-is_open", "-opened_at", "-pk")[:MOST])


def appealable_in(call: Call) -> list[ServiceLine]:
    """Return the lines of a call's requests about which we said no."""
    rows = ServiceLine.objects.filter(
        case__in=[case.pk for case in cases_of_call(call)], status__in=_APPEALABLE, replaced_by__isnull=True
    )
    return list(rows.select_related("case", "case__plan").order_by("-status_since", "pk"))


def letters_in(call: Call) -> list[Notice]:
    """Return the letters to a call's member that went out, the latest first, without their bodies."""
    rows = Notice.objects.filter(
        Q(recipient__isnull=True), case__in=[case.pk for case in cases_of_call(call)], audience=Audience.MEMBER
    ).exclude(state=NoticeState.HELD)
    return list(rows.select_related("case").defer("html", "pdf", "inputs", "document").order_by("-prepared_at")[:MOST])
