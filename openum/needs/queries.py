"""The one answer to "is authorization required?": for CRD, the portal and the command line alike."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from threading import Lock

from django.db.models import Q, QuerySet

from openum.accounts.models import ApiClient, Organization, Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Case
from openum.criteria.codes import address_of
from openum.criteria.guideline import Guideline
from openum.criteria.queries import GUIDELINE, RETIREMENT, match_guideline, program_for_policy
from openum.criteria.queries.matching import asked_of
from openum.criteria.rules import Asked as GuidelineAsked
from openum.criteria.rules import Exclusion, age_on
from openum.directory.models import Member, Policy, Product
from openum.directory.queries import (
    exclusions_on,
    has_network,
    last_publication,
    network_members,
    policies_on,
)
from openum.needs.models import Assertion, Citation
from openum.needs.reading import read_requirements
from openum.needs.rules import (
    Asked,
    Index,
    Need,
    Requirements,
    Service,
    Status,
    compile_index,
    exempted,
    may_be_satisfied,
    satisfied,
)
from openum.needs.standing import Found, Search, standing_for
from openum.vocabulary.terms import LineOfBusiness

REQUIREMENTS = "requirement-list"
"""The kind of the published policy rows that hold requirement lists."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One service for one person, or for nobody in particular.

    Attributes:
        services: the service in every coding the order gives, as (short system, code).
        billing_options: the codes of which one will be billed, where the order names them.
        on: the day of the service, at the earliest the day of asking.
        performers: provider numbers of those who will do it; they decide about the network.
        npis: every provider number of the order; any of them may be exempt.
        organization: the provider organization that asks; only its own authorizations, and those for its performers,
            are told. None: a system of the plan itself.
        sandbox_client: the tester that asks in a shared sandbox; only what came of its own requests is told.
        units: how many units are wanted, counted in `unit` (as in `Balance.unit`); None: not said.
        is_what_if: nothing is ordered; no authorization in force is looked up.
    """

    plan: Plan
    product: Product
    services: tuple[Service, ...]
    on: date
    billing_options: tuple[Service, ...] = ()
    member: Member | None = None
    birth_date: date | None = None
    place: str = ""
    performers: frozenset[str] = frozenset()
    npis: frozenset[str] = frozenset()
    circumstances: frozenset[str] = frozenset()
    diagnoses: frozenset[str] = frozenset()
    organization: Organization | None = None
    sandbox_client: ApiClient | None = None
    units: Decimal | None = None
    unit: str = ""
    is_what_if: bool = False


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """The answer, the guideline whose documents are wanted, and the case it lets somebody see.

    `spanish`: what the answer's sentences are in Spanish, by the English, where the lists say so.
    """

    need: Need
    asked: Asked
    guideline: Guideline | None = None
    exclusions: tuple[Exclusion, ...] = ()
    authorization: Found | None = None
    spanish: Mapping[str, str] = field(default_factory=dict)


def assess(question: Question) -> Assessment:
    """Say what one service needs, by the lists in force on its day."""
    asked = _asked(question)
    stamp = last_publication()
    index = index_on(plan=question.plan, on=question.on, stamp=stamp)
    need = index.answer(asked)
    found: Found | None = None
    if may_be_satisfied(need):
        need, found = _relieved(need, index, asked, question)
    guideline, exclusions = _documents(need, question, stamp)
    spanish = {one: index.spanish[one] for one in need.sentences if one in index.spanish}
    return Assessment(
        need=need, asked=asked, guideline=guideline, exclusions=exclusions, authorization=found, spanish=spanish
    )


def assertions_visible_to(client: ApiClient) -> QuerySet[Assertion]:
    """Answers told to the systems of a client's organization; a client without one sees its own."""
    own = Q(organization=client.organization_id) if client.organization_id else Q(client=client)
    return Assertion.objects.filter(own, plan=client.plan_id)


def assertion_for(*, client: ApiClient, assertion_id: str) -> Assertion | None:
    """Return the newest answer of this name that the client may see, with its member.

    It holds what a form begins with: the client's order, patient and coverage as references, the service, the day, and
    the canonicals of the forms. None: there is none, or it is another organization's.
    """
    if not assertion_id:
        return None
    named = assertions_visible_to(client).filter(assertion_id=assertion_id)
    return named.select_related("member").order_by("-last_told_at", "-pk").first()


def assertions_of_user(user: User) -> QuerySet[Assertion]:
    """Answers told to a person's organizations, or about members of the plans the person works for."""
    scope = scope_of(user)
    return Assertion.objects.filter(
        Q(organization_id__in=scope.organizations_with(Permission.SUBMIT_REQUEST))
        | Q(plan_id__in=scope.plans_with(Permission.SEE_PLAN_CASES))
    )


def receipts_of(case: Case) -> list[Assertion]:
    """Return the numbered receipts that were given with the requests of a case, oldest first."""
    rows = Assertion.objects.filter(citations__case=case).exclude(receipt_number="")
    return list(rows.order_by("told_at", "pk").distinct())


def citations_of(case: Case) -> list[Citation]:
    """Return the answers that the requests of a case name, oldest first."""
    rows = Citation.objects.filter(case=case).select_related("assertion")
    return list(rows.order_by("assertion__told_at", "pk"))


def index_on(*, plan: Plan, on: date, stamp: str | None = None) -> Index:
    """Return the index of the lists in force for a plan on a day; compiled once per content and process."""
    rows = policies_on(plan=plan, kind=REQUIREMENTS, on=on, stamp=stamp)
    lists = tuple(sorted((row.digest, row.body) for row in rows))
    with _COMPILING:  # one thread compiles, the others wait for what it made
        return _index(lists)


_COMPILING = Lock()


@lru_cache(maxsize=32)
def _index(lists: tuple[tuple[str, str], ...]) -> Index:
    return compile_index(_read(digest, body) for digest, body in lists)


@lru_cache(maxsize=64)
def _read(digest: str, body: str) -> Requirements:
    """Read a published list; the digest names the content."""
    return read_requirements(body)


def _asked(question: Question) -> Asked:
    birth_date = question.birth_date or (question.member.birth_date if question.member else None)
    return Asked(
        services=question.services,
        billing_options=question.billing_options,
        product=question.product.key,
        line_of_business=LineOfBusiness(question.product.line_of_business),
        state=question.product.state,
        on=question.on,
        age=age_on(birth_date, question.on),
        place=question.place,
        status=_status(question.product, question.performers, question.on),
        npis=question.npis | question.performers,
        circumstances=question.circumstances,
        diagnoses=question.diagnoses,
    )


def _status(product: Product, performers: Collection[str], on: date) -> Status:
    """Say how the product's network knows the performers; in it when one of them is."""
    if not performers or not has_network(product_id=product.pk):
        return Status.UNKNOWN
    members = network_members(product_id=product.pk, npis=performers, day=on)
    return Status.IN_NETWORK if members else Status.OUT_OF_NETWORK


def _relieved(need: Need, index: Index, asked: Asked, question: Question) -> tuple[Need, Found | None]:
    """Apply an authorization in force, else an exemption; neither to anybody who stands on an exclusion list."""
    if question.member is not None and asked.service and not question.is_what_if:
        search = Search(
            member=question.member, services=(*asked.billing_options, *asked.services), on=question.on, place=question.place,
            npis=question.performers, organization=question.organization, sandbox_client=question.sandbox_client,
            units=question.units, unit=question.unit,
        )  # fmt: skip
        found = standing_for(search)
        if found is not None and not exclusions_on(
            plan=question.plan, npis={*question.npis, *question.performers}, day=question.on
        ):
            return satisfied(need, found.standing), found
    exemption = index.exemption(asked)
    if exemption and not exclusions_on(
        plan=question.plan, npis={exemption.npi, *question.npis, *question.performers}, day=question.on
    ):
        return exempted(need, exemption), None
    return need, None


def _documents(need: Need, question: Question, stamp: str | None) -> tuple[Guideline | None, tuple[Exclusion, ...]]:
    """Return the guideline whose form the plan wants filled, and what takes the place of one that may not be used."""
    if need.documents is None or need.service is None:
        return None, ()
    if need.documents.guideline:
        return _named_guideline(question.plan, need.documents.guideline, question.on, stamp), ()
    if need.documents.questionnaires:
        return None, ()
    system, code = need.service
    age = age_on(question.birth_date or (question.member.birth_date if question.member else None), question.on)
    asked = asked_of(question.product, address_of(system), code, age, place=question.place or None)
    asked = replace(asked, is_age_open=age is None)
    return _scoped_guideline(question.plan, question.on, asked, stamp)


@lru_cache(maxsize=4096)
def _scoped_guideline(
    plan: Plan, on: date, asked: GuidelineAsked, stamp: str | None
) -> tuple[Guideline | None, tuple[Exclusion, ...]]:
    """Match once for the same facts; `stamp` names the last publication, on which the answer depends."""
    matched = match_guideline(plan=plan, on=on, asked=asked)
    return matched.guideline, matched.exclusions


def _named_guideline(plan: Plan, key: str, on: date, stamp: str | None) -> Guideline | None:
    ended = {policy.key for policy in policies_on(plan=plan, kind=RETIREMENT, on=on, stamp=stamp)}
    rows: list[Policy] = policies_on(plan=plan, kind=GUIDELINE, on=on, stamp=stamp)
    for policy in rows:
        if policy.key == key and f"{policy.key} {policy.version}" not in ended:
            return program_for_policy(policy).guideline
    return None
