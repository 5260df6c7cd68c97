"""Reads of the case file. Every one starts from what the actor may see; there is no unscoped way in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from openum.accounts.models import Plan, User
from openum.accounts.queries import opened_by, sampled_to, scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Attachment, Case, InformationRequest, Request, ServiceLine
from openum.cases.rules import OPEN_STATUSES, case_status
from openum.db.reading import once_a_page
from openum.directory.models import Product
from openum.vocabulary.terms import LineStatus


def _staff_filter(user: User, needed: Permission, prefix: str = "") -> Q:
    """Say which cases lie in the plans and delegates for which an actor holds a permission."""
    scope = scope_of(user)
    reached = Q(**{f"{prefix}plan_id__in": scope.plans_with(needed)})
    if delegates := scope.organizations_with(needed):
        reached |= Q(**{f"{prefix}delegate_id__in": delegates})
    return reached


def _scope_filter(user: User, prefix: str = "") -> Q:
    """Say which cases an actor may see, as a filter on `prefix` + case columns.

    What the law protects specially is shut to staff whose work does not need it, but for cases whose seal they broke.
    A guest who examines a sample sees its files and nothing else.
    """
    scope = scope_of(user)
    visible = Q(pk__in=[])
    if Permission.SEE_PLAN_CASES in scope.permissions:
        unsealed = Q(**{f"{prefix}sealed_as": ""}) | _staff_filter(user, Permission.SEE_SENSITIVE, prefix)
        if opened := opened_by(user):
            unsealed |= Q(**{f"{prefix}public_id__in": opened})
        visible |= _staff_filter(user, Permission.SEE_PLAN_CASES, prefix) & unsealed
    if practices := scope.organizations_with(Permission.SEE_ORGANIZATION_CASES):
        visible |= Q(**{f"{prefix}organization_id__in": practices})
    if Permission.SEE_OWN_CASES in scope.permissions:
        visible |= Q(**{f"{prefix}member__user_id": user.pk})
    if files := sampled_to(user):
        visible |= Q(**{f"{prefix}public_id__in": files})
    return visible


def cases_visible_to(user: User) -> QuerySet[Case]:
    """Cases of the actor's plans, delegate, provider organization, or the actor's own as a member."""
    return Case.objects.filter(_scope_filter(user))


def cases_listed_to(user: User) -> QuerySet[Case]:
    """Cases that stand in an actor's lists: those the actor may see, and sealed ones, which `shown_to` masks."""
    return Case.objects.filter(_scope_filter(user) | _staff_filter(user, Permission.SEE_PLAN_CASES))


def sealed_cases_of(user: User) -> QuerySet[Case]:
    """Sealed cases whose seal an actor may break."""
    return Case.objects.filter(_staff_filter(user, Permission.BREAK_GLASS)).exclude(sealed_as="")


def is_shut(user: User, public_id: UUID) -> bool:
    """Say whether an actor would have to break a seal to see a case."""
    shut = sealed_cases_of(user).filter(public_id=public_id)
    return shut.exists() and not cases_visible_to(user).filter(public_id=public_id).exists()


@dataclass(frozen=True)
class SealedMember:
    """Stands where the member of a sealed case would."""

    full_name: str


@dataclass(frozen=True)
class SealedCase:
    """A row of a list about a case that the reader may not see: its number, its times, nothing of the person."""

    pk: int
    public_id: UUID
    number: str
    plan: Plan
    product: Product
    opened_at: datetime
    is_sandbox: bool
    member: SealedMember
    summary: str
    is_sealed: bool = True


def shown_to(user: User, cases: Sequence[Case]) -> list[Case | SealedCase]:
    """Mask the sealed cases in a list, in their places."""
    ids = [case.pk for case in cases if case.sealed_as != ""]
    seen = set(cases_visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [case if case.sealed_as == "" or case.pk in seen else _masked(case) for case in cases]


def _masked(case: Case) -> SealedCase:
    return SealedCase(
        pk=case.pk, public_id=case.public_id, number=case.number, plan=case.plan, product=case.product,
        opened_at=case.opened_at, is_sandbox=case.is_sandbox, member=SealedMember(_("Name protected")),
        summary=_("Specially protected"),
    )  # fmt: skip


def lines_visible_to(user: User) -> QuerySet[ServiceLine]:
    """Lines of visible cases."""
    return ServiceLine.objects.filter(_scope_filter(user, "case__"))


def not_replaced() -> Q:
    """Say of lines that no revised line took their place.

    For reads over many lines: PostgreSQL estimates it well, where a left join that must find nothing counts as one row.
    """
    return Q(~Exists(ServiceLine.objects.filter(replaces=OuterRef("pk"))))


def requests_visible_to(user: User) -> QuerySet[Request]:
    """Requests of visible cases."""
    return Request.objects.filter(_scope_filter(user, "case__"))


def attachments_visible_to(user: User) -> QuerySet[Attachment]:
    """Attachments of visible cases that were not moved away. A member sees no working documents of others' making."""
    return Attachment.objects.filter(_scope_filter(user, "case__"), moved_to__isnull=True)


def information_requests_visible_to(user: User) -> QuerySet[InformationRequest]:
    """Questions asked on visible cases."""
    return InformationRequest.objects.filter(_scope_filter(user, "case__"))


@once_a_page(lambda case: case.pk)
def current_lines(case: Case) -> list[ServiceLine]:
    """Return the lines of a case in order, without those that a revised line replaced."""
    return _with_case(case, ServiceLine.objects.filter(case=case, replaced_by__isnull=True).order_by("sequence", "pk"))


@once_a_page(lambda case: case.pk)
def lines_ever(case: Case) -> list[ServiceLine]:
    """Return all lines of a case in order, those that were replaced among them."""
    return _with_case(case, ServiceLine.objects.filter(case=case).order_by("sequence", "pk"))


def _with_case(case: Case, rows: QuerySet[ServiceLine]) -> list[ServiceLine]:
    lines = list(rows)
    for line in lines:
        line.case = case
    return lines


@once_a_page(lambda case: case.pk)
def requests_of(case: Case) -> list[Request]:
    """Return the requests of a case in the order of their receipt."""
    return list(Request.objects.filter(case=case).order_by("received_at", "pk"))


def open_lines(case: Case) -> list[ServiceLine]:
    """Return the lines that still wait for a decision."""
    return [line for line in current_lines(case) if line.status in OPEN_STATUSES]


def status_of(case: Case) -> LineStatus:
    """Derive the status of a case from its current lines."""
    return case_status([LineStatus(line.status) for line in current_lines(case)])


def initial_request(case: Case) -> Request:
    """Return the request that opened the case."""
    return Request.objects.filter(case=case).order_by("received_at", "pk")[0]


def open_information_requests(case: Case) -> list[InformationRequest]:
    """Return the questions that still wait for an answer."""
    return list(
        InformationRequest.objects.filter(case=case, closed_at__isnull=True)
        .prefetch_related("items", "items__line")
        .order_by("asked_at", "pk")
    )


def statuses_of(cases: Collection[Case]) -> dict[int, LineStatus]:
    """Return the derived status of many cases with one query, by primary key."""
    statuses: dict[int, list[LineStatus]] = {case.pk: [] for case in cases}
    rows = ServiceLine.objects.filter(case_id__in=statuses, replaced_by__isnull=True).values_list("case_id", "status")
    for case_id, status in rows:
        statuses[case_id].append(LineStatus(status))
    return {case_id: case_status(found) for case_id, found in statuses.items()}
