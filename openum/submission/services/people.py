"""Who the request is about and who asks, looked up in the directory before any case exists."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from openum.accounts.models import ApiClient, Plan, User
from openum.db import plain
from openum.directory.models import Coverage, Member, Product
from openum.directory.queries import (
    KnownProviders,
    coverage_on,
    find_members,
    latest_coverage,
    product_of,
    providers_by_npi,
)
from openum.directory.services import enrol_on_first_sight, register_sandbox_provider, wait_for_first_sights
from openum.submission.incoming import IncomingRequest, Problem
from openum.submission.rules import problem, requester_of, same_person


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """The plan's own rows for the people of a message, or the problems that keep it out."""

    member: Member | None
    coverage: Coverage | None
    product: Product | None
    providers: KnownProviders
    problems: tuple[Problem, ...] = ()


def enrols_unknown(client: ApiClient | None, plan: Plan) -> bool:
    """Say whether people and providers nobody knows are put on file: for such clients of sandbox plans."""
    return client is not None and client.enrols_unknown and plan.is_sandbox


def first_service_day(request: IncomingRequest, *, zone: str) -> date:
    """Return the first day asked for, or the day of receipt in the plan's zone."""
    days = [line.first_day for line in request.lines if line.first_day]
    return min(days) if days else request.received_at.astimezone(ZoneInfo(zone)).date()


def resolve(
    *,
    request: IncomingRequest,
    plan: Plan,
    client: ApiClient | None,
    by: User,
    at: datetime,
    member: Member | None = None,
) -> Resolved:
    """Find member, coverage and providers. A client of a sandbox plan enrols unknown people instead.

    Args:
        member: set when a person at intake has matched the message to a member.
    """
    enrols = enrols_unknown(client, plan)
    providers = _providers(request, plan=plan, enrols=enrols)
    chosen = member or _member(request, plan=plan, enrols=enrols)
    if chosen is None and enrols:
        product = _first_product(plan)
        wait_for_first_sights(product)
        chosen = _member(request, plan=plan, enrols=True)
        if chosen is None:
            enrolled, coverage = _enrol(request, product, by=by, at=at)
            return Resolved(member=enrolled, coverage=coverage, product=product, providers=providers)
    problems: list[Problem] = []
    coverage_found: Coverage | None = None
    if isinstance(chosen, Problem):
        return Resolved(member=None, coverage=None, product=None, providers=providers, problems=(chosen,))
    if chosen is None:
        problems.append(problem("member-not-found", path=request.member.path))
    else:
        day = first_service_day(request, zone=plan.time_zone)
        coverage_found = coverage_on(member=chosen, day=day, known_at=at)
        if coverage_found is None and not member:
            problems.append(problem("coverage-inactive", path="Claim.insurance[0].coverage"))
        coverage_found = coverage_found or latest_coverage(member=chosen, known_at=at)
    requester = requester_of(request)
    if requester is not None and requester.npi and not providers.knows(requester.npi):
        problems.append(problem("provider-not-found", path=requester.path))
    return Resolved(
        member=chosen,
        coverage=coverage_found,
        product=product_of(coverage_found, plan) if coverage_found else None,
        providers=providers,
        problems=tuple(problems),
    )


def _member(request: IncomingRequest, *, plan: Plan, enrols: bool) -> Member | Problem | None:
    """Return the one member who fits, a mismatch, or None. Two who fit are never picked from.

    Where unknown people are enrolled, a person of another name or birth date is one of them, and of several who fit
    the first will do: none is real.
    """
    sent = request.member
    candidates = find_members(plan=plan, number=sent.member_id)
    if not candidates and sent.subscriber_id != sent.member_id:
        candidates = find_members(plan=plan, number=sent.subscriber_id)
    if not candidates:
        return None
    fitting = [row for row in candidates if same_person(sent, family=row.family_name, birth_date=row.birth_date)]
    if len(fitting) == 1:
        row = fitting[0]
        return row.linked_to or row
    given = [row for row in fitting if row.given_name.casefold() == sent.given.casefold()]
    if enrols:
        return next(iter(given or fitting), None)
    if len(candidates) == 1 or not fitting:
        return problem("member-mismatch", path=sent.path)
    return given[0] if len(given) == 1 else problem("member-mismatch", path=sent.path)


def _providers(request: IncomingRequest, *, plan: Plan, enrols: bool) -> KnownProviders:
    npis = {provider.npi for provider in request.providers if provider.npi}
    known = providers_by_npi(plan=plan, npis=npis)
    if not enrols:
        return known
    unknown = [item for item in request.providers if item.npi and not known.knows(item.npi)]
    if not unknown:
        return known
    for item in unknown:
        register_sandbox_provider(
            plan=plan, npi=item.npi, name=item.organization_name or item.name, family=item.family, given=item.given,
            is_organization=item.is_organization,
        )  # fmt: skip
    return providers_by_npi(plan=plan, npis=npis)


def _first_product(plan: Plan) -> Product:
    product = plain.select_where(Product, "plan_id = %s", [plan.pk])[0]
    product.plan = plan
    return product


def _enrol(request: IncomingRequest, product: Product, *, by: User, at: datetime) -> tuple[Member, Coverage]:
    sent = request.member
    return enrol_on_first_sight(
        product=product, number=sent.member_id or sent.subscriber_id, subscriber_number=sent.subscriber_id,
        family=sent.family, given=sent.given, birth_date=sent.birth_date, sex=sent.sex, by=by, at=at,
    )  # fmt: skip
