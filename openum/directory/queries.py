"""Reads about members, coverage, providers, codes and policies."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Q, QuerySet

from openum.accounts.models import Organization, Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.db import plain
from openum.db.reading import once_a_page
from openum.db.transactions import once
from openum.directory.models import (
    Code,
    CodeList,
    Coverage,
    Exclusion,
    Facility,
    Member,
    Participation,
    Policy,
    Practitioner,
    PractitionerLicence,
    Product,
)

MOST_OF_A_FAMILY = 20
MOST_OF_A_SANDBOX = 1000
"""People under one number of whom each tester has a few."""

_OPEN = Q(valid_to__isnull=True)


def _valid_on(day: date) -> Q:
    return Q(valid_from__lte=day) & (_OPEN | Q(valid_to__gt=day))


def members_visible_to(user: User) -> QuerySet[Member]:
    """Members of the plans whose cases a user sees or takes in, or the user's own row."""
    plans = scope_of(user).plans_with(Permission.SEE_PLAN_CASES, Permission.MATCH_INTAKE)
    return Member.objects.filter(Q(plan_id__in=plans) | Q(user=user))


_OF_NUMBER = """
id IN (
    SELECT id FROM directory_member WHERE plan_id = %s AND member_number = %s
    UNION SELECT of_family.member_id FROM directory_coverage of_family
    JOIN directory_member person ON person.id = of_family.member_id
    WHERE of_family.subscriber_number = %s AND person.plan_id = %s)
"""
"""Both halves start from a number: a condition on the plan outside would walk all its members."""


def find_members(*, plan: Plan, number: str) -> list[Member]:
    """Return the members whose own or subscriber number it is: one, or a family under one subscriber number.

    In a sandbox plan several testers may use one number for people of their own: the member who has it comes first.
    """
    if not number:
        return []
    most = MOST_OF_A_SANDBOX if plan.is_sandbox else MOST_OF_A_FAMILY
    found = plain.select_where(Member, _OF_NUMBER, [plan.pk, number, number, plan.pk], order=f"id LIMIT {most + 1}")
    own = [row for row in found if row.member_number == number]
    return own if own and not plan.is_sandbox else own + [row for row in found if row not in own][:most]


def nearest_members(*, plan: Plan, family: str, birth_date: date | None, number: str) -> list[Member]:
    """Return up to three look-alikes for a person at intake to choose from."""
    nearest = Q(pk__in=[])
    if birth_date:
        nearest |= Q(birth_date=birth_date, family_name__iexact=family) | Q(birth_date=birth_date)
    if family:
        nearest |= Q(family_name__iexact=family)
    if number:
        nearest |= Q(member_number__startswith=number[:-2])
    found = list(Member.objects.filter(nearest, plan=plan).order_by("pk")[:50])

    def likeness(member: Member) -> tuple[int, int]:
        score = (member.family_name.casefold() == family.casefold()) * 2 + (member.birth_date == birth_date) * 3
        return (-score, member.pk)

    return sorted(found, key=likeness)[:3]


def coverage_on(*, member: Member, day: date, known_at: datetime) -> Coverage | None:
    """Return the coverage valid on a day as the plan's files told it at an instant; the first in rank wins."""
    rows = plain.select_where(
        Coverage,
        "member_id = %s AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s)"
        " AND recorded_from <= %s AND (recorded_to IS NULL OR recorded_to > %s)",
        [member.pk, day, day, *plain.instants(known_at, known_at)],
        order="rank, valid_from DESC, id",
    )
    return rows[0] if rows else None


def latest_coverage(*, member: Member, known_at: datetime) -> Coverage | None:
    """Return the last known coverage of a member, active or not."""
    return (
        Coverage.objects.select_related("product", "product__plan")
        .filter(member=member, recorded_from__lte=known_at)
        .filter(Q(recorded_to__isnull=True) | Q(recorded_to__gt=known_at))
        .order_by("-valid_from", "rank", "pk")
        .first()
    )


@dataclass(frozen=True)
class KnownProviders:
    """What the directory knows of a set of provider numbers."""

    practitioners: dict[str, Practitioner]
    facilities: dict[str, Facility]
    organizations: dict[str, Organization]

    def knows(self, npi: str) -> bool:
        """Say whether the number is on file in any part."""
        return npi in self.practitioners or npi in self.facilities or npi in self.organizations


def providers_by_npi(*, plan: Plan, npis: Collection[str]) -> KnownProviders:
    """Look up provider numbers of a message, all at once."""
    wanted = {npi for npi in npis if npi}
    practitioners = {
        row.npi: row
        for row in plain.select_where(Practitioner, "plan_id = %s AND npi IN (%s)", [plan.pk, sorted(wanted)])
    }
    elsewhere = sorted(wanted - practitioners.keys())
    organizations = {
        row.npi: row
        for row in plain.select_where(Organization, "tenant_id = %s AND npi IN (%s)", [plan.tenant_id, elsewhere])
    }
    facilities = {
        row.npi: row for row in plain.select_where(Facility, "plan_id = %s AND npi IN (%s)", [plan.pk, elsewhere])
    }
    return KnownProviders(practitioners, facilities, organizations)


def organization_of(practitioner: Practitioner) -> Organization | None:
    """Return the organization of a practitioner's latest affiliation."""
    rows = plain.select_where(
        Organization,
        "id = (SELECT organization_id FROM directory_affiliation WHERE practitioner_id = %s"
        " ORDER BY valid_from DESC, id LIMIT 1)",
        [practitioner.pk],
    )
    return rows[0] if rows else None


def product_of(coverage: Coverage, plan: Plan) -> Product:
    """Return the product of a coverage of this plan."""
    product = plain.select_where(Product, "id = %s", [coverage.product_id])[0]
    if product.plan_id == plan.pk:
        product.plan = plan
    return product


def exclusions_on(*, plan: Plan, npis: Collection[str], day: date) -> list[Exclusion]:
    """Return list entries that bar automatic approval on a day."""
    return plain.select_where(
        Exclusion,
        "plan_id = %s AND npi IN (%s) AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s)",
        [plan.pk, sorted({npi for npi in npis if npi}), day, day],
    )


def network_members(*, product_id: int, npis: Collection[str], day: date) -> set[str]:
    """Return which of the numbers take part in a network of the product on a day."""
    rows = plain.select_where(
        Participation,
        "npi IN (%s) AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s)"
        " AND network_id IN (SELECT network_id FROM directory_network_products WHERE product_id = %s)",
        [sorted({npi for npi in npis if npi}), day, day, product_id],
    )
    return {row.npi for row in rows}


def has_network(*, product_id: int) -> bool:
    """Say whether a product has a network at all."""
    return bool(plain.execute("SELECT 1 FROM directory_network_products WHERE product_id = %s LIMIT 1", [product_id]))


def licensed_practitioners(*, practitioner_ids: Collection[int], day: date) -> set[int]:
    """Return which practitioners hold an active licence on a day."""
    rows = plain.select_where(
        PractitionerLicence,
        "practitioner_id IN (%s) AND status = 'active' AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s)",
        [sorted(set(practitioner_ids)), day, day],
    )
    return {row.practitioner_id for row in rows}


def codes_by_value(codes: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Code]]:
    """Return the loaded rows for pairs of (system, code), several where a code was valid in several periods."""
    wanted = set(codes)
    found: dict[tuple[str, str], list[Code]] = {}
    rows = plain.select_where(Code, "code IN (%s)", [sorted({code for _, code in wanted})])
    systems = _systems({row.code_list_id for row in rows})
    for row in rows:
        pair = (systems[row.code_list_id], row.code)
        if pair in wanted:
            found.setdefault(pair, []).append(row)
    return found


def _systems(list_ids: Collection[int]) -> dict[int, str]:
    """Return the code system of each loaded list."""
    return {row.pk: row.system for row in plain.select_where(CodeList, "id IN (%s)", [sorted(list_ids)])}


def search_codes(*, text: str, system: str, limit: int = 20) -> list[Code]:
    """Find codes by number or by our wording."""
    rows = Code.objects.filter(code_list__system=system)
    for word in text.split():
        rows = rows.filter(Q(code__istartswith=word) | Q(wording__icontains=word))
    return list(rows.order_by("code")[:limit])


@once_a_page(lambda: None)
def last_publication() -> str | None:
    """Return the public id of the policy published last, or None: what was read of policies before holds until then."""
    return once("last publication", _last_publication)


def _last_publication() -> str | None:
    found = plain.execute("SELECT public_id FROM directory_policy ORDER BY id DESC LIMIT 1")
    return str(found[0][0]) if found else None


def policies_of_kind(kind: str, stamp: str | None = None) -> tuple[Policy, ...]:
    """Return all rows of a kind, whatever their plan and day; read again only when something was published since."""
    return _policies_of(kind, stamp or last_publication())


@lru_cache(maxsize=64)
def _policies_of(kind: str, stamp: str | None) -> tuple[Policy, ...]:
    """Return the rows of a kind as of the last publication, which `stamp` names. Rows never change."""
    return tuple(Policy.objects.filter(kind=kind).order_by("key", "effective_from", "pk")) if stamp else ()


def policies_on(*, plan: Plan | None, kind: str, on: date, stamp: str | None = None) -> list[Policy]:
    """Return the policies of a kind in force on the governing date; a plan's own row outranks the common one.

    Args:
        plan: whose policies.
        kind: for example guideline.
        on: the governing date.
        stamp: the last publication, where the caller has just asked for it.
    """
    plan_id = plan.pk if plan else None
    chosen: dict[str, Policy] = {}
    for row in policies_of_kind(kind, stamp):
        if row.plan_id not in {None, plan_id} or row.effective_from > on:
            continue
        if row.effective_to is not None and row.effective_to <= on:
            continue
        known = chosen.get(row.key)
        if known is None or known.plan_id is None or row.plan_id is not None:
            chosen[row.key] = row
    return list(chosen.values())


def policy_on(*, plan: Plan | None, kind: str, key: str, on: date) -> Policy | None:
    """Return one policy in force on the governing date."""
    return next((row for row in policies_on(plan=plan, kind=kind, on=on) if row.key == key), None)
