"""Answers one CDS Hooks call: each order on its own, so that a bad one never spoils the rest."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TypeAlias
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings

from openum.accounts.models import ApiClient
from openum.adapters.fhir.crd.call import Call
from openum.adapters.fhir.crd.cards import Desk, chosen
from openum.adapters.fhir.crd.discovery import ORDER_TYPES, WHAT_IF
from openum.adapters.fhir.crd.information import Statement, assertion_of, extension_of, last_day, with_extension
from openum.adapters.fhir.crd.orders import Order, read_order, services_of
from openum.adapters.fhir.crd.people import Covered, People
from openum.adapters.fhir.crd.responses import answers_to
from openum.adapters.fhir.crd.versions import Version
from openum.adapters.fhir.elements import Json, day, text
from openum.adapters.fhir.outcome import MessageRefused
from openum.criteria.faces.fhir.addresses import Addresses
from openum.needs.queries import Assessment, Question, assess
from openum.needs.rules import Asked, Authorization, Need, Service
from openum.needs.rules import Covered as CoveredWord
from openum.needs.services import Asker, Told, note_asked
from openum.vocabulary.terms import LineOfBusiness

log = structlog.get_logger("openum.crd")
_JUDGED = frozenset({*ORDER_TYPES, "Appointment", "Encounter"})
Ordered: TypeAlias = dict[str, frozenset[Service]]
"""What is being ordered in a call: the codes of each order, by its reference."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one coverage says to an order; `answered`: which of its forms the client has filled in already."""

    covered: Covered
    assessment: Assessment
    told: Told
    answered: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One order with an answer for each of its coverages; the resource is None where there is nothing new to say."""

    order: Order
    answers: tuple[Answer, ...]
    updated: Json | None
    cards: tuple[Json, ...]


class Bench:
    """Judges the orders of one call."""

    def __init__(
        self, call: Call, *, version: Version, client: ApiClient, desk: Desk, today: date, at: datetime
    ) -> None:
        self.call, self.version, self.client, self.desk, self.today = call, version, client, desk, today
        self.people = People(call, version=version, client=client, at=at)

    @cached_property
    def ordered(self) -> Ordered:
        """What is being ordered; read only where an answer looks at the other orders of the call."""
        return dict(_ordered(self.call))

    def judge(self, resource: Json) -> Judged | MessageRefused | None:
        """Return the answers to one order. What goes wrong with it stays with it.

        None: it cannot be judged. A refusal: its coverage belongs to another payor (CRD 2.2).
        """
        if text(resource.get("resourceType")) not in _JUDGED or not text(resource.get("id")):
            return None
        try:
            return self._judge(resource)
        except MessageRefused as refusal:
            return refusal
        except Exception as error:  # noqa: BLE001 - one bad order never spoils the rest; its content is not logged
            log.error("order not judged", hook=self.call.hook.name, kind=type(error).__name__)
            return None

    def _judge(self, resource: Json) -> Judged:
        order = read_order(resource, self.call)
        on = max(order.on or self.today, self.today)
        answers = tuple(self._answer(order, one, on) for one in self.people.coverages_for(resource, on=on))
        told = resource
        for one in answers:
            told = with_extension(told, one.told.statement) or told
        updated = None if told is resource else told
        return Judged(order=order, answers=answers, updated=updated, cards=tuple(self._cards(order, answers[0])))

    def _cards(self, order: Order, leading: Answer) -> Iterator[Json]:
        need = leading.assessment.need
        ordered = frozenset(one for each in self.ordered.values() for one in each) if need.companions else frozenset()
        open_forms = tuple(one for one in leading.told.questionnaires if one not in leading.answered)
        return self.desk.of(
            order, leading.assessment, ordered=ordered, forms=open_forms,
            context=leading.told.assertion_id,
        )  # fmt: skip

    def _answer(self, order: Order, covered: Covered, on: date) -> Answer:
        is_what_if = self.version.knows_what_if and not self.call.is_on(WHAT_IF)
        assessment = assess_order(order, covered, self.call, client=self.client, on=on, is_what_if=is_what_if)
        forms: tuple[str, ...] = ()
        links: tuple[str, ...] = ()
        if not self.call.hook.tells_documents:
            assessment = replace(assessment, need=replace(assessment.need, documents=None))
        else:
            forms = forms_of(assessment, site=self.desk.site)
        if forms and assessment.guideline is not None:
            links = (f"{self.desk.site}/policies/{assessment.guideline.id}/{assessment.guideline.version}/",)
        answered = answers_to(forms, order.resource, self.call)
        statement = Statement(
            need=assessment.need, coverage=covered.reference, on=self.today, questionnaires=forms, links=links,
            responses=tuple(dict.fromkeys(answered.values())),
            phone=self.client.plan.phone, subject=self._subject(order, covered),
            dependencies=tuple(self._dependencies(order, assessment.need)),
        )  # fmt: skip
        made = extension_of(statement, self.version)
        end = last_day(statement)
        told = Told(
            assertion_id=assertion_of(made), assessment=assessment, on=on, member=covered.member, place=order.place,
            npis=order.performers, patient_reference=f"Patient/{self.call.patient_id}", statement=made,
            order_reference=order.reference, coverage_reference=text(covered.reference.get("reference")),
            questionnaires=forms, valid_to=end + timedelta(days=1) if end else None,
        )  # fmt: skip
        return Answer(covered=covered, assessment=assessment, told=told, answered=frozenset(answered))

    def _dependencies(self, order: Order, need: Need) -> Iterator[str]:
        """Yield the other orders of the call on whose answer this one depends."""
        if not need.depends_on:
            return
        for reference, services in self.ordered.items():
            if reference != order.reference and services & need.depends_on:
                yield reference

    def _subject(self, order: Order, covered: Covered) -> str:
        """Name what an answer is about, so that no other order, person or client is ever told of by the same name."""
        member = covered.member.public_id if covered.member else ""
        services = (*order.billing_options, *order.services)
        about = (self.client.public_id, self.call.patient_id, member, order.reference, covered.reference, services)
        return "/".join(map(str, about))


def assess_order(
    order: Order, covered: Covered, call: Call, *, client: ApiClient, on: date, is_what_if: bool = False
) -> Assessment:
    """Say what one order needs under one coverage; where the coverage is not known, that is what is said."""
    if covered.product is None:
        return Assessment(need=_not_known(covered), asked=_nobody(order, on))
    return assess(
        Question(
            plan=client.plan, product=covered.product, services=order.services,
            billing_options=order.billing_options, on=on, member=covered.member,
            birth_date=day(call.patient.get("birthDate")), place=order.place, performers=order.performers,
            npis=order.npis, circumstances=order.circumstances, diagnoses=order.diagnoses,
            organization=client.organization,
            sandbox_client=client if client.plan.is_sandbox and client.organization_id is None else None,
            units=order.units, unit=order.unit, is_what_if=is_what_if,
        )
    )  # fmt: skip


def forms_of(assessment: Assessment, *, site: str) -> tuple[str, ...]:
    """Return the canonicals of the forms that an answer wants filled: those the list names, and the guideline's."""
    documents = assessment.need.documents
    named = documents.questionnaires if documents is not None else ()
    if assessment.guideline is None:
        return named
    return (*named, Addresses(site, assessment.guideline).canonical("Questionnaire"))


def answer(call: Call, *, version: Version, client: ApiClient, site: str, instance: str, at: datetime) -> Json:
    """Return the CDS Hooks response and record who asked.

    Raises:
        MessageRefused: every order's coverage belongs to another payor (CRD 2.2).
    """
    today = at.astimezone(ZoneInfo(client.plan.time_zone)).date()
    desk = Desk(
        plan=client.plan, site=site, instance=f"{client.public_id}/{instance}", version=version,
        form_app=settings.OPENUM_FORM_APP, patient=f"Patient/{call.patient_id}", on=today,
    )  # fmt: skip
    bench = Bench(call, version=version, client=client, desk=desk, today=today, at=at)
    cards: list[Json] = []
    actions: list[Json] = []
    judged: list[Judged] = []
    told: list[Told] = []
    refusal: MessageRefused | None = None
    for resource in call.targets:
        found = bench.judge(resource)
        if isinstance(found, MessageRefused):
            refusal = found
        if not isinstance(found, Judged):
            cards.append(_not_judged(desk, resource))
            continue
        judged.append(found)
        cards += found.cards
        if found.updated is not None and call.is_on("coverage-info") and _has_word(found, call):
            told += [one.told for one in found.answers]
            name = f"Add the plan's coverage information to {found.order.reference}"
            actions.append({"type": "update", "description": name, "resource": found.updated})
    if refusal is not None and not judged:
        raise refusal
    for covered in {str(one.covered.reference): one.covered for each in judged for one in each.answers}.values():
        cards += desk.insurance(covered)
    if call.unreadable or call.missing:
        cards.append(_not_read(desk, call))
    _note(judged, told, call, client, at=at)
    made: Json = {"cards": chosen(cards, call.configuration)}
    if call.hook.is_primary or actions:
        made["systemActions"] = actions
    return made


def _note(judged: list[Judged], told: list[Told], call: Call, client: ApiClient, *, at: datetime) -> None:
    answers = [one for each in judged for one in each.answers]
    if not answers:
        return
    note_asked(
        assessments=[one.assessment for one in answers], told=told, way=call.hook.name, at=at,
        member=next((one.covered.member for one in answers if one.covered.member is not None), None),
        asker=Asker(user=client.user, plan=client.plan, client=client, organization=client.organization),
    )  # fmt: skip


def _ordered(call: Call) -> Iterator[tuple[str, frozenset[Service]]]:
    for one in call.drafts:
        if text(one.get("resourceType")) in _JUDGED and text(one.get("id")):
            services, options = services_of(one, call)
            yield f"{one['resourceType']}/{one['id']}", frozenset((*services, *options))


def _has_word(found: Judged, call: Call) -> bool:
    """Say whether an answer is worth giving: always at the primary hooks, elsewhere when a rule speaks."""
    return call.hook.is_primary or any(one.assessment.need.rests_on for one in found.answers)


def _not_known(covered: Covered) -> Need:
    return Need(
        covered=CoveredWord.CONDITIONAL, authorization=Authorization.CONDITIONAL, reason=covered.words,
        reason_code=covered.trouble, info_needed=("OTH",),
    )  # fmt: skip


def _nobody(order: Order, on: date) -> Asked:
    """Return the facts of an order whose coverage is not known; no list is asked with them."""
    return Asked(
        services=order.services, billing_options=order.billing_options, product="", state="", on=on,
        line_of_business=LineOfBusiness.COMMERCIAL_STATE,
    )  # fmt: skip


def _not_judged(desk: Desk, resource: Json) -> Json:
    kind, name = text(resource.get("resourceType")), text(resource.get("id"))
    about = f"{kind}/{name}" if name and kind in _JUDGED else ""
    words = "This order could not be judged. Send it with its type and id, or ask the plan."
    return desk.card("coverage-info", words, about=about, indicator="warning")


def _not_read(desk: Desk, call: Call) -> Json:
    words = "Some orders could not be read. Send each as a resource with its type, or by prefetch."
    why = call.pool.trouble if call.missing else None
    detail = f"{words} {why.words}" if why is not None else ""
    return desk.card("coverage-info", words, detail=detail, indicator="warning")
