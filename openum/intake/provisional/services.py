"""Puts newborns and unknown people on file provisionally, and ties them to the right member when that one is known."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Case
from openum.cases.queries import open_lines
from openum.cases.services import give_to_member
from openum.db.text import clean
from openum.directory.models import Coverage, Member, Product
from openum.directory.queries import coverage_on, latest_coverage
from openum.directory.services import add_newborn, add_unknown, link_provisional
from openum.intake.events import MemberTied, MemberUntied
from openum.intake.models import MemberTie
from openum.vocabulary.errors import Conflict, Invalid


class CannotTie(Conflict):
    """The two rows cannot be the same person, or were tied or untied meanwhile."""

    code: ClassVar[str] = "cannot-tie"


@permitted(Permission.MATCH_INTAKE, on="plan")
@transaction.atomic
def take_newborn(
    *, plan: Plan, mother_number: str, given: str, birth_date: date | None, birth_order: int, sex: str, by: User,
    at: datetime,
) -> Member:  # fmt: skip
    """Put a newborn on file under the mother's coverage.

    Args:
        birth_order: 1 for an only or first child, 2 for the second of twins.

    Raises:
        Invalid: no day of birth, one to come, or no mother with coverage that day has this number.
        AlreadyOnFile: this child of hers stands on file.
    """
    mothers = Member.objects.filter(plan=plan, member_number=mother_number.strip(), is_provisional=False)
    mother = mothers.first()
    if mother is None:
        raise Invalid("No member of the plan has this number. Give the mother's member number.")
    today = at.astimezone(ZoneInfo(plan.time_zone)).date()
    if birth_date is None or birth_date > today:
        raise Invalid("Give the day of birth; it cannot lie ahead.")
    if not 1 <= birth_order <= 9:
        raise Invalid("The order of birth is a number from 1 to 9.")
    coverage = coverage_on(member=mother, day=birth_date, known_at=at)
    if coverage is None:
        raise Invalid("The mother had no coverage on the day of birth. Take the child in as an unknown person.")
    return add_newborn(
        mother=mother, coverage=coverage, given=clean(given.strip()), birth_date=birth_date, birth_order=birth_order,
        sex=sex, by=by, at=at,
    )  # fmt: skip


@permitted(Permission.MATCH_INTAKE, on="plan")
@transaction.atomic
def take_unknown(
    *, plan: Plan, product: Product, family: str, given: str, birth_date: date | None, by: User, at: datetime
) -> Member:  # fmt: skip
    """Put somebody on file who was not found. The product says whose law times the case; it covers nobody.

    Raises:
        Invalid: no family name, or a product of another plan.
    """
    if not family.strip():
        raise Invalid("Give at least the family name as it was sent.")
    if product.plan_id != plan.pk:
        raise Invalid("Choose a product of the plan that the request was sent to.")
    return add_unknown(
        product=product, family=clean(family.strip()), given=clean(given.strip()), birth_date=birth_date, by=by, at=at
    )


@permitted(Permission.MATCH_INTAKE, on="provisional")
@transaction.atomic
def tie(*, provisional: Member, member: Member, reason: str, by: User, at: datetime) -> MemberTie:
    """Say who a provisional person is. The cases go to that member with numbers and receipts as they are.

    Raises:
        Invalid: no reason.
        CannotTie: not provisional, tied already, another plan, a provisional target, or a case under another product.
    """
    if not reason.strip():
        raise Invalid("Say by what you know that it is the same person.")
    rows = {row.pk: row for row in Member.objects.select_for_update().filter(pk__in=[provisional.pk, member.pk])}
    provisional, member = rows[provisional.pk], rows[member.pk]
    if not provisional.is_provisional or provisional.linked_to_id is not None:
        raise CannotTie("This person is not provisional, or was tied meanwhile. Reload the page.")
    if member.plan_id != provisional.plan_id or member.is_provisional or member.pk == provisional.mother_id:
        raise CannotTie("Choose a member of the same plan who is on file, and not the mother.")
    cases = list(Case.objects.filter(member=provisional).select_related("plan", "product", "coverage").order_by("pk"))
    coverages = [_coverage_for(case, member, at) for case in cases]
    other = [
        case.number
        for case, coverage in zip(cases, coverages, strict=True)
        if coverage is not None and coverage.product_id != case.product_id
    ]  # fmt: skip
    if other:
        raise CannotTie(
            f"This member has another product than {', '.join(other)} was opened under, so other law times it. Enter "
            "the request again for this member with the same receipt, and withdraw the first."
        )
    row = MemberTie.objects.create(
        plan_id=provisional.plan_id, provisional=provisional, member=member, reason=clean(reason.strip()),
        cases=[[case.pk, case.coverage_id] for case in cases], tied_by=by, tied_at=at,
    )  # fmt: skip
    link_provisional(provisional=provisional, member=member)
    for case, coverage in zip(cases, coverages, strict=True):
        give_to_member(case=case, member=member, coverage=coverage)
        audit.record(
            MemberTied(case_id=case.public_id, line_ids=_open(case), tie_id=row.public_id), by=by, at=at
        )  # fmt: skip
    if not cases:
        audit.record(MemberTied(tie_id=row.public_id), by=by, at=at)
    return row


def _coverage_for(case: Case, member: Member, at: datetime) -> Coverage | None:
    first = (
        case.lines.exclude(service_from=None).order_by("service_from").values_list("service_from", flat=True).first()
    )
    day = first or case.opened_at.astimezone(ZoneInfo(case.plan.time_zone)).date()
    return coverage_on(member=member, day=day, known_at=at) or latest_coverage(member=member, known_at=at)


def _open(case: Case) -> tuple[UUID, ...]:
    return tuple(line.public_id for line in open_lines(case))


@permitted(Permission.MATCH_INTAKE, on="row.provisional")
@transaction.atomic
def untie(*, row: MemberTie, by: User, at: datetime) -> MemberTie:
    """Undo a tie: the cases that moved go back to the provisional person; later ones stay with the member.

    Raises:
        CannotTie: it was undone already.
    """
    row = MemberTie.objects.select_for_update(of=("self",)).select_related("provisional", "member").get(pk=row.pk)
    if row.undone_at is not None:
        raise CannotTie("This tie was undone already. Reload the page.")
    row.undone_by, row.undone_at = by, at
    row.save(update_fields=["undone_by", "undone_at"])
    link_provisional(provisional=row.provisional, member=None)
    moved = _moved(row.cases)
    for case, coverage in moved:
        give_to_member(case=case, member=row.provisional, coverage=coverage)
        audit.record(MemberUntied(case_id=case.public_id, line_ids=_open(case), tie_id=row.public_id), by=by, at=at)
    if not moved:
        audit.record(MemberUntied(tie_id=row.public_id), by=by, at=at)
    return row


def _moved(pairs: Sequence[Sequence[int | None]]) -> list[tuple[Case, Coverage | None]]:
    cases = Case.objects.select_related("plan").in_bulk([first for first, _ in pairs])
    coverages = Coverage.objects.in_bulk([second for _, second in pairs if second is not None])
    return [(cases[first], coverages.get(second) if second else None) for first, second in pairs if first in cases]
