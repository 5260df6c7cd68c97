"""Which forms are wanted: named by address, following from orders, or from what a client was told before."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from openum.accounts.models import ApiClient
from openum.adapters.fhir.crd.answer import assess_order, forms_of
from openum.adapters.fhir.crd.call import Call
from openum.adapters.fhir.crd.orders import read_order
from openum.adapters.fhir.crd.people import People
from openum.adapters.fhir.crd.versions import VERSIONS as CRD_VERSIONS
from openum.adapters.fhir.dtr.asked import Asked
from openum.adapters.fhir.dtr.shelf import Found, Shelf, sandbox_form, shelf_for
from openum.adapters.fhir.dtr.versions import Version
from openum.adapters.fhir.elements import part, rows, text
from openum.adapters.fhir.outcome import Issue
from openum.cases.models import Case, ServiceLine
from openum.criteria.faces.fhir.addresses import Addresses
from openum.criteria.faces.fhir.questionnaire import ADAPTIVE
from openum.criteria.queries import guideline_for
from openum.directory.models import Member
from openum.needs.queries import Assessment, assertion_for
from openum.submission.queries import cases_findable_by

PRIOR_AUTHORIZATION = "withpa"
_ASKED_ADAPTIVE = "adaptive"
"""The word by which a first test asks the sandbox for a form with questions one by one."""


@dataclass(kw_only=True)
class Want:
    """One form that is wanted, for which orders (references), and what it is for."""

    found: Found
    orders: list[str] = field(default_factory=list)
    purposes: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Wanted:
    """The forms, whose they are, and what has to be said beside them."""

    wants: dict[str, Want] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    member: Member | None = None
    possible: frozenset[int] = frozenset()
    """Keys of all whom the coverage could mean, where its numbers do not name one member alone."""
    is_answered: bool = False
    """Something was resolved, be it that nothing is needed."""

    def add(self, found: Found, *, order: str = "", purposes: tuple[str, ...] = ()) -> None:
        """Want a form, once however often it is asked for."""
        want = self.wants.setdefault(found.label.canonical, Want(found=found))
        if order and order not in want.orders:
            want.orders.append(order)
        want.purposes += [one for one in purposes or (PRIOR_AUTHORIZATION,) if one not in want.purposes]
        self.is_answered = True


def wanted_for(asked: Asked, shelf: Shelf, *, version: Version, client: ApiClient, site: str, at: datetime) -> Wanted:
    """Find the forms.

    Raises:
        MessageRefused: 400, the coverage belongs to another payor (2.2).
    """
    today = at.astimezone(ZoneInfo(client.plan.time_zone)).date()
    call = asked.as_call()
    people = People(call, version=CRD_VERSIONS[version.base], client=client, at=at)
    wanted = Wanted(member=people.coverages_for({}, on=today)[0].member)
    _by_address(asked, shelf, wanted, client=client)
    _by_orders(call, people, shelf, wanted, client=client, site=site, today=today)
    if asked.context:
        wanted.possible = people.possible
        _by_context(asked, shelf, wanted, client=client, site=site)
    return wanted


def _by_address(asked: Asked, shelf: Shelf, wanted: Wanted, *, client: ApiClient) -> None:
    for number, canonical in enumerate(asked.canonicals):
        found = shelf.find("Questionnaire", canonical)
        if found is None and _ASKED_ADAPTIVE in canonical.lower():
            found = sandbox_form(shelf, client, adaptive=True)
        if found is None:
            wanted.issues.append(Issue(
                severity="warning", code="not-found", path=f"Parameters.parameter(questionnaire)[{number}]",
                text="We hold no questionnaire of this address and version.",
                cure="Ask without a version, or search Questionnaire for what we hold.",
            ))  # fmt: skip
        else:
            wanted.add(found, order=_only_order(asked))


def _only_order(asked: Asked) -> str:
    """Return the order a form is for, where there is no doubt."""
    return reference_to(asked.orders[0]) if len(asked.orders) == 1 else ""


def reference_to(resource: dict[str, object]) -> str:
    """Return a resource as Type/id, or empty where it has no id."""
    identity = text(resource.get("id"))
    return f"{resource['resourceType']}/{identity}" if identity else ""


def _by_orders(
    call: Call, people: People, shelf: Shelf, wanted: Wanted, *, client: ApiClient, site: str, today: date
) -> None:
    for number, resource in enumerate(call.targets):
        order = read_order(resource | {"id": text(resource.get("id")) or f"order-{number}"}, call)
        on = max(order.on or today, today)
        covered = people.coverages_for(resource, on=on)[0]
        assessment = assess_order(order, covered, call, client=client, on=on)
        canonicals = forms_of(assessment, site=site)
        is_adaptive = client.enrols_unknown and client.plan.is_sandbox and _asks_for_adaptive(resource)
        if is_adaptive and assessment.guideline is not None:
            own = Addresses(site, assessment.guideline)
            canonicals = (*canonicals[:-1], own.canonical("Questionnaire", ADAPTIVE))
        if covered.product is not None:
            wanted.assessments.append(assessment)
            wanted.is_answered = True
        documents = assessment.need.documents
        for canonical in canonicals:
            found = shelf.find("Questionnaire", canonical)
            if found is not None:
                wanted.add(found, order=reference_to(resource), purposes=documents.purposes if documents else ())
        is_known = bool(canonicals or assessment.need.rests_on)
        stand_in = None if is_known else sandbox_form(shelf, client, adaptive=is_adaptive)
        if stand_in is not None:
            wanted.add(stand_in, order=reference_to(resource))
        elif not canonicals:
            wanted.issues.append(Issue(
                severity="information" if covered.product is not None else "warning",
                code="informational" if covered.product is not None else "not-found",
                path=f"Parameters.parameter(order)[{number}]",
                text=f"No form belongs to this order. {assessment.need.reason}",
            ))  # fmt: skip


def _asks_for_adaptive(order: Mapping[str, object]) -> bool:
    """Say whether an order asks a sandbox for an adaptive form: a note, or the text of its code, says so."""
    words = [text(part(order, "code").get("text")), *(text(one.get("text")) for one in rows(order.get("note")))]
    return any(_ASKED_ADAPTIVE in word.lower() for word in words)


def _by_context(asked: Asked, shelf: Shelf, wanted: Wanted, *, client: ApiClient, site: str) -> None:
    """Find what the client was told before: an answer of CRD, or a request that waits for documents."""
    assertion = assertion_for(client=client, assertion_id=asked.context)
    if assertion is not None and _is_of(assertion.member, wanted):
        for canonical in assertion.questionnaires:
            found = shelf.find("Questionnaire", canonical)
            if found is not None:
                wanted.add(found, order=assertion.order_reference)
        wanted.is_answered = True
        if not assertion.questionnaires:
            wanted.issues.append(Issue(
                severity="information", code="informational", path="Parameters.parameter(context)",
                text="No form belongs to what was answered under this context.",
            ))  # fmt: skip
        return
    case = _case_of(client, asked.context)
    if case is not None and _is_of(case.member, wanted):
        wanted.is_answered = True
        lines = case.lines.filter(replaced_by__isnull=True).order_by("sequence")
        found_for_lines = [found for line in lines if (found := form_of_line(line, shelf, site=site)) is not None]
        stand_in = None if found_for_lines else sandbox_form(shelf, client, adaptive=False)
        for found in found_for_lines or ([stand_in] if stand_in else []):
            wanted.add(found, order=_only_order(asked))
        return
    wanted.issues.append(Issue(
        severity="warning", code="not-found", path="Parameters.parameter(context)",
        text="We told you of no such context for this person.", cure="Send the coverage-assertion-id as it was answered, or the order.",
    ))  # fmt: skip


def form_of_line(line: ServiceLine, shelf: Shelf, *, site: str) -> Found | None:
    """Return the form of the guideline that a line is held to, or None."""
    guideline = guideline_for(line).guideline
    return shelf.find("Questionnaire", Addresses(site, guideline).canonical("Questionnaire")) if guideline else None


def forms_asked(
    lines: Iterable[tuple[int, ServiceLine]], *, client: ApiClient, site: str, at: datetime
) -> dict[int, str]:
    """Return the canonical of the form that each line is asked to answer, by the number the client knows it under."""
    shelf = shelf_for(client.plan, site=site, day=at.astimezone(ZoneInfo(client.plan.time_zone)).date())
    stand_in = sandbox_form(shelf, client, adaptive=False)
    found = {number: form_of_line(line, shelf, site=site) or stand_in for number, line in lines}
    return {number: form.label.canonical for number, form in found.items() if form is not None}


def _is_of(member: Member | None, wanted: Wanted) -> bool:
    """Say whether a context is about the person of the coverage; one about nobody on file fits nobody on file.

    Where the coverage could mean several members of a family, a context about one of them says which.
    """
    if wanted.member is None and member is not None and member.pk in wanted.possible:
        wanted.member = member
    return (member.pk if member else None) == (wanted.member.pk if wanted.member else None)


def _case_of(client: ApiClient, context: str) -> Case | None:
    """Return the request of the client that a context names: its number, its trace number, or a question we asked."""
    named = Q(number=context) | Q(requests__identifier_value=context)
    with suppress(ValueError):
        asked = UUID(context.removeprefix("urn:uuid:"))
        named |= Q(information_requests__public_id=asked) | Q(information_requests__items__public_id=asked)
    return cases_findable_by(client).filter(named).select_related("member", "plan", "product").order_by("-pk").first()
