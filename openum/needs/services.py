"""Publishing requirement lists; keeping what was answered to whom, and who built on it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from openum import audit
from openum.accounts.models import ApiClient, Organization, Plan, User
from openum.cases.models import Request, ServiceLine
from openum.cases.services import next_receipt_number
from openum.criteria.codes import short_system
from openum.db import plain
from openum.db.text import clean
from openum.directory.models import Member, Policy
from openum.directory.services import publish_policy
from openum.needs.events import AssertionCited, AssertionRead, AssertionsRemoved, NeedsAsked
from openum.needs.models import Assertion, Citation
from openum.needs.queries import REQUIREMENTS, Assessment, Question, assertions_visible_to, assess
from openum.needs.reading import read_requirements
from openum.needs.rules import Authorization, Covered, Need
from openum.needs.rules.keeping import keep_until
from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.packs import read_yaml


def publish_requirements(*, path: Path, by: User, at: datetime, plan: Plan | None = None) -> Policy:
    """Publish one file of `policies/requirements/` as an immutable row.

    Raises:
        RequirementsInvalid: the list has a fault; nothing is published.
        PolicyVersionChanged: the version is published with other content.
    """
    body = path.read_text(encoding="utf-8")
    read_requirements(body)
    front: dict[str, Any] = read_yaml(body)
    return publish_policy(
        kind=REQUIREMENTS,
        key=front["key"],
        version=str(front["version"]),
        body=body,
        effective_from=front["effective_from"],
        effective_to=front.get("effective_to"),
        source=front["source"],
        source_verified=bool(front["source_verified"]),
        plan=plan,
        by=by,
        at=at,
    )


@dataclass(frozen=True, kw_only=True)
class Told:
    """One answer as it is sent, with the client's own names of what it is about.

    Attributes:
        assertion_id: how the answer is named towards the client; the same answer keeps its name.
        valid_to: the first day it may no longer be relied on.
        statement: the extension as it is sent, or the words as they are shown.
    """

    assertion_id: str
    assessment: Assessment
    on: date
    member: Member | None = None
    place: str = ""
    npis: Collection[str] = ()
    patient_reference: str = ""
    order_reference: str = ""
    coverage_reference: str = ""
    questionnaires: tuple[str, ...] = ()
    receipt_number: str = ""
    valid_to: date | None = None
    statement: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks: a system with its organization, or a person of an organization."""

    user: User
    plan: Plan
    client: ApiClient | None = None
    organization: Organization | None = None


@transaction.atomic
def note_asked(
    *, assessments: Sequence[Assessment], told: Sequence[Told], asker: Asker, member: Member | None, way: str,
    at: datetime,
) -> list[Assertion]:  # fmt: skip
    """Keep what was told, and record who asked and which cases the answers let them see."""
    kept = [_assertion(one, asker, way, at=at) for one in told]
    plain.upsert(kept, unique=("client_id", "assertion_id"), changes=_AGAIN, names=("public_id",))
    shown: list[UUID] = sorted({one.authorization.case_id for one in assessments if one.authorization}, key=str)
    with audit.batch():
        audit.record(
            NeedsAsked(
                plan_id=asker.plan.public_id, member_id=member.public_id if member else None, way=way,
                services=len(assessments), assertions=tuple(one.public_id for one in kept),
            ),
            by=asker.user, at=at,
        )  # fmt: skip
        audit.record_reads(by=asker.user, at=at, case_ids=shown, why=f"authorization named in an answer to {way}")
    return kept


PORTAL = "portal"
_NOTHING_TO_ASK = frozenset({Authorization.NONE, Authorization.SATISFIED})


@transaction.atomic
def answer_person(*, question: Question, asker: Asker, at: datetime) -> Assertion:
    """Answer a person's question and keep the answer; where nothing needs to be asked it gets a receipt number."""
    found = assess(question)
    need = found.need
    is_free = need.authorization in _NOTHING_TO_ASK and need.covered is Covered.COVERED
    told = Told(
        assertion_id=new_uuid7().hex,
        assessment=found,
        on=question.on,
        member=question.member,
        place=question.place,
        npis=question.performers,
        receipt_number=next_receipt_number(at=at) if is_free else "",
        valid_to=_end_of(need, at.date()),
        statement=_words(found),
    )
    (kept,) = note_asked(assessments=[found], told=[told], asker=asker, member=question.member, way=PORTAL, at=at)
    return kept


@transaction.atomic
def give_receipts(*, request: Request, lines: Collection[ServiceLine], asker: Asker, at: datetime) -> list[Assertion]:
    """Give a numbered receipt for each service of a request just sent that needs no authorization on its day.

    The request stays as it is and is answered; a receipt says what the lists say, and ends nothing.
    """
    case, today = request.case, at.astimezone(ZoneInfo(request.case.plan.time_zone)).date()
    made: list[Assertion] = []
    for line in lines:
        npis = frozenset(filter(None, (one.npi for one in line.providers.all())))
        question = Question(
            plan=case.plan, product=case.product, member=case.member, organization=asker.organization,
            services=((short_system(line.code_system), line.code),), on=max(line.service_from or today, today),
            place=line.place, performers=npis,
        )  # fmt: skip
        need = assess(question).need
        if line.code and need.authorization is Authorization.NONE and need.covered is Covered.COVERED:
            made.append(answer_person(question=question, asker=asker, at=at))
    _cite(made, request, by=asker.user, at=at)
    return made


def _end_of(need: Need, on: date) -> date | None:
    if need.standing is not None:
        return need.standing.last_day + timedelta(days=1) if need.standing.last_day else None
    return on + timedelta(days=need.valid_days + 1) if need.valid_days else None


def _words(found: Assessment) -> dict[str, Any]:
    """Return what a page shows of an answer, as it stands now."""
    need, guideline = found.need, found.guideline
    titles = {guideline.title.en: guideline.title.es} if guideline and guideline.title.es else {}
    return {
        "spanish": {**found.spanish, **titles},
        "citation": need.citation,
        "instructions": need.instructions,
        "how_to_ask": need.how_to_ask,
        "left": _left(need),
        "documents": need.documents.kind if need.documents else "",
        "guideline": {"id": guideline.id, "version": guideline.version, "title": guideline.title.en}
        if guideline
        else {},
        "judged_by": [one.authority for one in found.exclusions],
        "alternatives": [one.label for one in need.alternatives],
        "companions": [one.label for one in need.companions],
        "references": [{"label": one.label, "url": one.url} for one in need.references],
    }


def _left(need: Need) -> dict[str, str]:
    """Return what is left of an authorization that is nearly used up."""
    held = need.standing.balance if need.standing else None
    if held is None or not held.is_low:
        return {}
    return {
        "units": f"{held.left.normalize():f}", "granted": f"{held.granted.normalize():f}", "unit": held.unit_words,
    }  # fmt: skip


def note_read(*, assertion: Assertion, by: User, at: datetime) -> None:
    """Record that somebody looked at an answer given before."""
    member = assertion.member.public_id if assertion.member else None
    audit.record(AssertionRead(assertion_id=assertion.public_id, member_id=member), by=by, at=at)


_AGAIN = ("asked_by_id", "way", "statement", "valid_to", "last_told_at", "keep_until")
"""What changes when the same answer is told again."""


def _assertion(told: Told, asker: Asker, way: str, *, at: datetime) -> Assertion:
    need = told.assessment.need
    return plain.new(
        Assertion,
        plan=asker.plan,
        client=asker.client,
        organization=asker.organization,
        member=told.member,
        asked_by=asker.user,
        assertion_id=told.assertion_id,
        receipt_number=told.receipt_number,
        way=way,
        patient_reference=clean(told.patient_reference),
        order_reference=clean(told.order_reference),
        coverage_reference=clean(told.coverage_reference),
        services=[list(one) for one in (*told.assessment.asked.billing_options, *told.assessment.asked.services)],
        service_date=told.on,
        place=told.place,
        npis=sorted(told.npis),
        covered=need.covered,
        authorization=need.authorization or "",
        satisfied_pa_id=need.standing.number if need.standing else "",
        reason=need.reason,
        questionnaires=list(told.questionnaires),
        statement=told.statement,
        rests_on=[list(one) for one in need.rests_on],
        valid_to=told.valid_to,
        told_at=at,
        last_told_at=at,
        keep_until=keep_until(told_on=at.date(), valid_to=told.valid_to),
    )


@transaction.atomic
def cite_assertions(
    *, ids: Collection[str], request: Request, client: ApiClient | None, by: User, at: datetime
) -> list[Assertion]:
    """Tie a request to the answers it names; one that its client may not see, or about another person, is none.

    An answer about somebody whom the plan did not know then is taken: the request made the person known.
    """
    if client is None or not ids:
        return []
    of_person = Q(member_id=request.case.member_id) | Q(member__isnull=True)
    named = list(assertions_visible_to(client).filter(of_person, assertion_id__in=ids))
    _cite(named, request, by=by, at=at)
    return named


def _cite(named: Sequence[Assertion], request: Request, *, by: User, at: datetime) -> None:
    made = [Citation(assertion=one, case=request.case, request=request) for one in named]
    Citation.objects.bulk_create(made, ignore_conflicts=True)
    for one in named:
        event = AssertionCited(case_id=request.case.public_id, assertion_id=one.public_id, request_id=request.public_id)
        audit.record(event, by=by, at=at)


@transaction.atomic
def remove_old_assertions(*, by: User, at: datetime) -> int:
    """Remove answers whose time is over and that no request names; return how many. A numbered receipt is kept."""
    old = Assertion.objects.filter(keep_until__lte=at.date(), citations__isnull=True, receipt_number="")
    count, _by_model = Assertion.objects.filter(pk__in=old.values("pk")).delete()
    if count:
        audit.record(AssertionsRemoved(count=count), by=by, at=at)
    return count
