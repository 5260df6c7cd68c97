"""Answers one CDS Hooks call: each order on its own, so that a bad one never spoils the rest."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from openum.accounts.models import ApiClient
from openum.adapters.fhir.crd.call import Call
from openum.adapters.fhir.crd.cards import Desk, chosen
from openum.adapters.fhir.crd.discovery import ORDER_TYPES
from openum.adapters.fhir.crd.information import Statement, assertion_of, extension_of, last_day, with_extension
from openum.adapters.fhir.crd.orders import Order, read_order
from openum.adapters.fhir.crd.people import WORDS, Covered, coverage_for
from openum.adapters.fhir.crd.versions import Version
from openum.adapters.fhir.elements import Json, day, text
from openum.adapters.fhir.outcome import MessageRefused
from openum.criteria.faces.fhir.addresses import Addresses
from openum.directory.models import Member
from openum.needs.queries import Assessment, Question, assess
from openum.needs.rules import Asked, Authorization, Need
from openum.needs.rules import Covered as CoveredWord
from openum.needs.services import Asker, Told, note_asked
from openum.vocabulary.terms import LineOfBusiness

log = structlog.get_logger("openum.crd")
_JUDGED = frozenset({*ORDER_TYPES, "Appointment", "Encounter"})


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One order with its answer; the resource is None where there is nothing new to say."""

    order: Order
    assessment: Assessment
    member: Member | None
    updated: Json | None
    forms: tuple[str, ...]
    told: Told


def answer(call: Call, *, version: Version, client: ApiClient, site: str, instance: str, at: datetime) -> Json:
    """Return the CDS Hooks response and record who asked.

    Raises:
        MessageRefused: the coverage belongs to another payor (CRD 2.2).
    """
    desk = Desk(label=client.plan.name, site=site, instance=f"{client.public_id}/{instance}")
    today = at.astimezone(ZoneInfo(client.plan.time_zone)).date()
    cards: list[Json] = []
    actions: list[Json] = []
    judged: list[Judged] = []
    told: list[Told] = []
    for resource in call.targets:
        found = _judge_safely(resource, call, version=version, client=client, site=site, today=today, at=at)
        if found is None:
            cards.append(_not_judged(desk, resource))
            continue
        judged.append(found)
        if found.updated is not None and call.is_on("coverage-info") and _has_word(found, call):
            told.append(found.told)
            name = f"Add the plan's coverage information to {found.order.reference}"
            actions.append({"type": "update", "description": name, "resource": found.updated})
        patient = f"Patient/{call.patient_id}"
        cards += desk.of(found.order, found.assessment, patient=patient, with_form=found.forms)
    if call.unreadable or call.missing:
        words = "Some orders could not be read. Send each as a resource with its type, or by prefetch."
        cards.append(desk.card("coverage-info", words, indicator="warning"))
    member = next((one.member for one in judged if one.member is not None), None)
    if judged:
        note_asked(
            assessments=[one.assessment for one in judged], told=told, member=member, way=call.hook.name, at=at,
            asker=Asker(user=client.user, plan=client.plan, client=client, organization=client.organization),
        )  # fmt: skip
    made: Json = {"cards": chosen(cards, call.configuration)}
    if call.hook.is_primary or actions:
        made["systemActions"] = actions
    return made


def _has_word(found: Judged, call: Call) -> bool:
    """Say whether an answer is worth giving: always at the primary hooks, elsewhere when a rule speaks."""
    return call.hook.is_primary or bool(found.assessment.need.row)


def _judge_safely(
    resource: Json, call: Call, *, version: Version, client: ApiClient, site: str, today: date, at: datetime
) -> Judged | None:
    if text(resource.get("resourceType")) not in _JUDGED or not text(resource.get("id")):
        return None
    try:
        return _judge(resource, call, version=version, client=client, site=site, today=today, at=at)
    except MessageRefused:
        raise
    except Exception as error:  # noqa: BLE001 - one bad order never spoils the rest; its content is not logged
        log.error("order not judged", hook=call.hook.name, kind=type(error).__name__)
        return None


def _judge(
    resource: Json, call: Call, *, version: Version, client: ApiClient, site: str, today: date, at: datetime
) -> Judged:
    order = read_order(resource, call)
    on = max(order.on or today, today)
    covered = coverage_for(resource, call, version=version, client=client, on=on, at=at)
    assessment = _assess(order, covered, call, client=client, on=on)
    forms: tuple[str, ...] = ()
    if assessment.guideline is not None and call.hook.tells_documents:
        forms = (Addresses(site, assessment.guideline).canonical("Questionnaire"),)
    if not call.hook.tells_documents:
        assessment = _without_documents(assessment)
    statement = Statement(
        need=assessment.need, coverage=covered.reference, on=today, questionnaires=forms, phone=client.plan.phone,
        subject=_subject(order, covered, call, client),
    )  # fmt: skip
    made = extension_of(statement, version)
    updated = with_extension(resource, made)
    end = last_day(statement)
    told = Told(
        assertion_id=assertion_of(made), assessment=assessment, on=on, member=covered.member, place=order.place,
        npis=order.performers, patient_reference=f"Patient/{call.patient_id}", order_reference=order.reference,
        coverage_reference=text(covered.reference.get("reference")), questionnaires=forms, statement=made,
        valid_to=end + timedelta(days=1) if end else None,
    )  # fmt: skip
    return Judged(order=order, assessment=assessment, member=covered.member, updated=updated, forms=forms, told=told)


def _subject(order: Order, covered: Covered, call: Call, client: ApiClient) -> str:
    """Name what an answer is about, so that no other order, person or client is ever told of by the same name."""
    member = covered.member.public_id if covered.member else ""
    about = (client.public_id, call.patient_id, member, order.reference, covered.reference, order.services)
    return "/".join(map(str, about))


def _assess(order: Order, covered: Covered, call: Call, *, client: ApiClient, on: date) -> Assessment:
    if covered.product is None:
        return Assessment(need=_not_known(covered.trouble), asked=_nobody(order, on))
    return assess(
        Question(
            plan=client.plan, product=covered.product, services=order.services, on=on, member=covered.member,
            birth_date=day(call.patient.get("birthDate")), place=order.place, performers=order.performers,
            npis=order.npis, circumstances=order.circumstances, organization=client.organization,
        )
    )  # fmt: skip


def _not_known(trouble: str) -> Need:
    return Need(
        covered=CoveredWord.CONDITIONAL, authorization=Authorization.CONDITIONAL, reason=WORDS[trouble],
        reason_code=trouble, info_needed=("OTH",),
    )  # fmt: skip


def _nobody(order: Order, on: date) -> Asked:
    """Return the facts of an order whose coverage is not known; no list is asked with them."""
    return Asked(services=order.services, product="", line_of_business=LineOfBusiness.COMMERCIAL_STATE, state="", on=on)


def _without_documents(assessment: Assessment) -> Assessment:
    return replace(assessment, need=replace(assessment.need, documents=None))


def _not_judged(desk: Desk, resource: Json) -> Json:
    kind, name = text(resource.get("resourceType")), text(resource.get("id"))
    about = f"{kind}/{name}" if name and kind in _JUDGED else ""
    words = "This order could not be judged. Send it with its type and id, or ask the plan."
    return desk.card("coverage-info", words, about=about, indicator="warning")
