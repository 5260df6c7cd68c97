"""What letters do when something happens elsewhere; `openum/lifecycle` names these functions.

A no and a dismissal are written in the transaction of their cause, so that an incomplete letter refuses the signature.
Everything else is written by a job right after: a letter never holds up the door, a lapse or a clock.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from openum.accounts.models import User
from openum.audit import Recorded
from openum.cases.events import InformationRequested, LineAmended, LineWithdrawn
from openum.cases.models import Amendment, InformationRequest, Request, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.clocks.events import ClockExtended, ClockLapsed, ExpediteRefused
from openum.clocks.models import Clock, ClockFact
from openum.clocks.rules.facts import FactKind
from openum.criteria.queries import current_map
from openum.criteria.snapshots import snapshot_of
from openum.determination.events import LineDecided
from openum.determination.models import Determination
from openum.determination.models.decisions import BY_OUTSIDE_REVIEW
from openum.determination.reasons import KEPT_WORDS
from openum.jobs import enqueue
from openum.notices.assembly import other
from openum.notices.assembly.common import Setting
from openum.notices.assembly.decision import Decision, kinds_for, letter_about
from openum.notices.content import MINIMUM_RESPONSE_DAYS, Letter, LetterKind
from openum.notices.elements import COLUMN_OF, Column
from openum.notices.facts import Extension
from openum.notices.models import Notice
from openum.notices.services.issuing import Build, Occasion, issue_all
from openum.vocabulary.terms import ClockPurpose, LineOfBusiness, LineStatus

PREPARE = "notices.prepare"
QUESTION = "notices.question"
TALK = "notices.talk"
EXTENSION = "notices.extension"
LATE = "notices.late"
EXPEDITE_REFUSED = "notices.expedite_refused"
WITHDRAWAL = "notices.withdrawal"
AMENDMENT = "notices.amendment"


def prepare(event: LineDecided, recorded: Recorded) -> None:
    """A line was decided: write a no at once, a yes by a job.

    Raises:
        LetterIncomplete: the letter of a no lacks something the law requires; the decision is not kept.
    """
    if event.outcome == LineStatus.APPROVED:
        payload = {"case": str(event.case_id), "at": recorded.at.isoformat()}
        enqueue(PREPARE, payload, run_at=recorded.at, dedupe_key=f"{PREPARE}:{event.case_id}:{recorded.at.isoformat()}")
        return
    row = determinations().get(public_id=event.determination_id)
    if row.plan_is_sandbox or row.deciding_function == BY_OUTSIDE_REVIEW:
        return
    if event.outcome == LineStatus.WITHDRAWN:
        _issue_withdrawal(row, recorded)
    else:
        issue_decision(row, event_id=recorded.event_id, by=row.decided_by, at=recorded.at)


def determinations() -> QuerySet[Determination]:
    """Return determinations with everything a letter reads."""
    return Determination.objects.select_related(
        "decided_by", "evidence_map", "supersedes", "line__request", "line__case__plan", "line__case__product",
        "line__case__member", "line__case__organization",
    )  # fmt: skip


@transaction.atomic
def prepare_approvals(*, case_id: UUID, decided_at: datetime, at: datetime) -> list[Notice]:
    """Write the letters of all lines of a case that were approved at one instant, together; repeatable."""
    rows = list(
        determinations()
        .filter(line__case__public_id=case_id, outcome=LineStatus.APPROVED, decided_at=decided_at, notices__isnull=True)
        .order_by("line__sequence", "pk")
    )
    made: list[Notice] = []
    together: dict[int, list[tuple[Determination, Decision]]] = {}
    for row in rows:
        decision = Decision.of(row)
        if decision.kinds == (LetterKind.APPROVAL,):
            together.setdefault(row.line.request_id, []).append((row, decision))
        else:
            made += _issue([(row, decision)], event_id=row.public_id, by=row.decided_by, at=at)
    for group in together.values():
        made += _issue(group, event_id=group[0][0].public_id, by=group[0][0].decided_by, at=at)
    return made


def issue_decision(row: Determination, *, event_id: UUID, by: User, at: datetime) -> list[Notice]:
    """Write the letters about a stored determination."""
    return _issue([(row, Decision.of(row))], event_id=event_id, by=by, at=at)


def _issue(group: list[tuple[Determination, Decision]], *, event_id: UUID, by: User, at: datetime) -> list[Notice]:
    occasion, build = about_decision(group, event_id=event_id, by=by, at=at)
    decision = group[0][1]
    return issue_all(occasion, build, lambda setting: kinds_for(decision, setting))


def about_decision(
    group: list[tuple[Determination, Decision]], *, event_id: UUID, by: User, at: datetime
) -> tuple[Occasion, Build]:
    """Return what makes letters about determinations of one request due, and how they are built."""
    (row, decision), *more = group
    of_others = row.deciding_function == BY_OUTSIDE_REVIEW or row.supersedes_because == "external_review"
    occasion = Occasion(
        case=row.line.case,
        request=row.line.request,
        lines=(row.line, *(each.line for each, _ in more)),
        event_id=event_id,
        by=by,
        at=at,
        determination=row,
        is_adverse=row.is_adverse,
        words=row.rationale if row.is_adverse and not of_others else "",
        kept_because=str(row.statements.get(KEPT_WORDS, "")),
    )

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return letter_about(decision, setting, kind, together=tuple(each for _, each in more))

    return occasion, build


def ask_for_information(event: InformationRequested, recorded: Recorded) -> None:
    """Something was asked for: a job writes the itemised letter, with the extension when the clocks took one."""
    later(QUESTION, event.information_request_id, recorded)


@transaction.atomic
def write_question(*, question_id: UUID, event_id: UUID, at: datetime) -> list[Notice]:
    """Write the letters of an information request; repeatable."""
    question = InformationRequest.objects.select_related(
        "asked_by", "request", "case__plan", "case__product", "case__member", "case__organization"
    ).get(public_id=question_id)
    if question.case.plan.is_sandbox or Notice.objects.filter(cause_event=event_id).exists():
        return []
    occasion, build = about_question(question, event_id=event_id, by=question.asked_by, at=at)
    return issue_all(occasion, build, lambda _: (LetterKind.INFORMATION_REQUEST,))


def about_question(question: InformationRequest, *, event_id: UUID, by: User, at: datetime) -> tuple[Occasion, Build]:
    """Return what makes letters about a question due, and how they are built."""
    lines = _lines(tuple(question.items.values_list("line__public_id", flat=True)))
    snapshots = {line.pk: snapshot_of(current_map(line)) for line in lines}
    fact = _extension_at(question.request, question.asked_at)

    def build(setting: Setting, kind: LetterKind) -> Letter:
        extension = _extension(setting, fact, question, snapshots) if fact else None
        return other.information_letter(question, setting, snapshots=snapshots, extension=extension)

    occasion = Occasion(
        case=question.case, request=question.request, lines=lines, event_id=event_id, by=by, at=at,
        information_request=question,
    )  # fmt: skip
    return occasion, build


def _lines(line_ids: tuple[UUID, ...]) -> tuple[ServiceLine, ...]:
    rows = ServiceLine.objects.filter(public_id__in=line_ids).select_related(
        "request", "case__plan", "case__product", "case__member"
    )
    return tuple(rows.order_by("sequence", "pk"))


def _extension_at(request: Request, at: datetime) -> ClockFact | None:
    facts = ClockFact.objects.filter(request=request, kind=FactKind.EXTENSION_TAKEN, replaced_by__isnull=True)
    return facts.filter(at=at).order_by("-pk").first()


def _extension(
    setting: Setting, fact: ClockFact, question: InformationRequest | None, snapshots: other.Snapshots
) -> Extension:
    respond_by = setting.day_of(question.respond_by) if question and question.respond_by else None
    if respond_by is not None and COLUMN_OF[setting.line_of_business] is Column.ERISA:
        # 45 times 24 hours end a day early where daylight saving ends between, or where the letter is written after
        # midnight; the reader is given whole days.
        respond_by = max(respond_by, setting.today + timedelta(days=MINIMUM_RESPONSE_DAYS))
    return other.extension_of(
        setting,
        decide_by=_decide_by(setting, fact, respond_by),
        respond_by=respond_by,
        is_for_information=question is not None,
        snapshots=snapshots,
    )


def _decide_by(setting: Setting, fact: ClockFact, respond_by: date | None) -> date:
    """Return the last day of the extended time; a clock that rests counts on from the last day to answer."""
    clock = (
        Clock.objects.filter(request=setting.request, purpose=ClockPurpose.DECIDE, binds=True, due_at__isnull=False)
        .order_by("due_at")
        .first()
    )
    if clock is not None and clock.due_at is not None:
        return setting.day_of(clock.due_at)
    received = setting.day_of(setting.request.received_at)
    waits = (respond_by - setting.day_of(fact.at)) if respond_by else timedelta()
    return other.fifteen_more(received) + waits


def extend(event: ClockExtended, recorded: Recorded) -> None:
    """More time was taken: a job tells so, unless the letter of a question carries it."""
    later(EXTENSION, event.request_id, recorded, taken_at=recorded.at)


@transaction.atomic
def write_extension(*, request_id: UUID, event_id: UUID, taken_at: datetime, by: User, at: datetime) -> list[Notice]:
    """Write the letters about more time; repeatable, once for one extension."""
    request = _request(request_id)
    fact = _extension_at(request, taken_at)
    asked_then = InformationRequest.objects.filter(request=request, asked_at=taken_at).exists()
    told = Notice.objects.filter(case=request.case, kind=LetterKind.EXTENSION, prepared_at__gte=taken_at).exists()
    lines = _open_lines(request)
    if fact is None or asked_then or told or not lines:  # an appeal and a complaint have letters of their own
        return []
    open_questions = InformationRequest.objects.filter(request=request, closed_at__isnull=True)
    is_for_information = fact.details.get("reason") == "info"
    question = open_questions.order_by("-asked_at", "-pk").first() if is_for_information else None
    snapshots = {line.pk: snapshot_of(current_map(line)) for line in lines}

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return other.extension_letter(
            setting, extension=_extension(setting, fact, question, snapshots), question=question
        )

    occasion = Occasion(case=request.case, request=request, lines=lines, event_id=event_id, by=by, at=at)
    return issue_all(occasion, build, lambda _: (LetterKind.EXTENSION,))


def tell_late(event: ClockLapsed, recorded: Recorded) -> None:
    """The time to decide passed without a decision: a job says so. The lapse itself never waits for a letter."""
    if Clock.objects.filter(public_id__in=event.clock_ids, purpose=ClockPurpose.DECIDE).exists():
        later(LATE, event.request_id, recorded, due_at=event.due_at)


@transaction.atomic
def write_late(*, request_id: UUID, event_id: UUID, due_at: datetime, by: User, at: datetime) -> list[Notice]:
    """Write the letters about a missed day, with the right to appeal; once per request, and only while it is open."""
    request = _request(request_id)
    lines = _open_lines(request)
    if not lines or _was_told(request) or not _owes_late_letter(request):
        return []
    waits = any(line.status == LineStatus.PENDED_WITH_PROVIDER for line in lines)

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return other.late_letter(setting, due_on=setting.day_of(due_at), waits_for_information=waits)

    occasion = Occasion(case=request.case, request=request, lines=lines, event_id=event_id, by=by, at=at)
    return issue_all(occasion, build, lambda _: (LetterKind.LATE,))


def refuse_speed(event: ExpediteRefused, recorded: Recorded) -> None:
    """A clinician refused to decide fast: a job tells the enrollee in writing, within the days that the law gives."""
    later(EXPEDITE_REFUSED, event.request_id, recorded)


@transaction.atomic
def write_refused_speed(*, request_id: UUID, event_id: UUID, by: User, at: datetime) -> list[Notice]:
    """Write the letters about a refusal to decide fast; repeatable, and only while the request is open."""
    request = _request(request_id)
    lines = _open_lines(request)
    if not lines or Notice.objects.filter(cause_event=event_id).exists():
        return []
    clock = (
        Clock.objects.filter(request=request, purpose=ClockPurpose.DECIDE, binds=True, due_at__isnull=False)
        .order_by("due_at")
        .first()
    )
    due_at = clock.due_at if clock is not None and clock.due_at is not None else at

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return other.expedite_refused_letter(setting, decide_by=setting.day_of(due_at))

    occasion = Occasion(case=request.case, request=request, lines=lines, event_id=event_id, by=by, at=at)
    return issue_all(occasion, build, lambda _: (LetterKind.EXPEDITE_REFUSED,))


def later(kind: str, subject: UUID, recorded: Recorded, **instants: datetime) -> None:
    """Leave a letter to a job; its key is the event, so that it is left once."""
    payload = {
        "subject": str(subject),
        "event": str(recorded.event_id),
        "by": str(recorded.by.public_id),
        **{name: value.isoformat() for name, value in instants.items()},
    }
    enqueue(kind, payload, run_at=recorded.at, dedupe_key=f"{kind}:{recorded.event_id}")


def _owes_late_letter(request: Request) -> bool:
    """Say whether the plan tells of a missed day: under Part D the review entity gets the case at once (423.568(h))."""
    return COLUMN_OF[LineOfBusiness(request.case.product.line_of_business)] is not Column.PART_D


def _was_told(request: Request) -> bool:
    return Notice.objects.filter(case=request.case, kind=LetterKind.LATE, lines__request=request).exists()


def _request(request_id: UUID) -> Request:
    return Request.objects.select_related(
        "case__plan", "case__product", "case__member", "case__organization"
    ).get(public_id=request_id)  # fmt: skip


def _open_lines(request: Request) -> tuple[ServiceLine, ...]:
    rows = ServiceLine.objects.filter(request=request, status__in=sorted(OPEN_STATUSES))
    return tuple(
        rows.select_related("request", "case__plan", "case__product", "case__member").order_by("sequence", "pk")
    )


def confirm_withdrawal(event: LineWithdrawn, recorded: Recorded) -> None:
    """The requester took a line back: a job confirms it, so that nobody withdraws in another's name unseen."""
    later(WITHDRAWAL, event.amendment_id, recorded)


@transaction.atomic
def write_withdrawal(*, amendment_id: UUID, event_id: UUID, by: User, at: datetime) -> list[Notice]:
    """Write the confirmation of a withdrawal; repeatable."""
    amendment = Amendment.objects.select_related("line__request").get(public_id=amendment_id)
    request = _request(amendment.line.request.public_id)
    if Notice.objects.filter(cause_event=event_id).exists():
        return []

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return other.withdrawal_letter(
            setting, by=amendment.requested_by, on=amendment.at, channel=str(amendment.channel)
        )

    lines = _lines((amendment.line.public_id,))
    occasion = Occasion(case=request.case, request=request, lines=lines, event_id=event_id, by=by, at=at)
    return issue_all(occasion, build, lambda _: (LetterKind.WITHDRAWAL,))


def tell_of_amendment(event: LineAmended, recorded: Recorded) -> None:
    """An approval was moved to other days or another place: a job tells everybody again what is approved.

    Another code is approved with the decision itself, whose letter names it.
    """
    if event.field == "code":
        return
    if ServiceLine.objects.filter(public_id__in=event.line_ids, status=LineStatus.APPROVED).exists():
        payload = {"line": str(event.line_ids[0]), "event": str(recorded.event_id), "by": str(recorded.by.public_id)}
        key = f"{AMENDMENT}:{event.line_ids[0]}:{recorded.at.isoformat()}"
        enqueue(AMENDMENT, payload, run_at=recorded.at, dedupe_key=key)


@transaction.atomic
def write_amendment(*, line_id: UUID, event_id: UUID, by: User, at: datetime) -> list[Notice]:
    """Write the approval of a line again as it now stands; repeatable."""
    row = determinations().filter(line__public_id=line_id, superseded_by__isnull=True).order_by("-decided_at").first()
    if row is None or row.plan_is_sandbox or Notice.objects.filter(cause_event=event_id).exists():
        return []
    return issue_decision(row, event_id=event_id, by=by, at=at)


def _issue_withdrawal(row: Determination, recorded: Recorded) -> None:
    """A person closed a line as withdrawn: the confirmation goes out as for the requester's own withdrawal."""
    request = row.line.request

    def build(setting: Setting, kind: LetterKind) -> Letter:
        return other.withdrawal_letter(
            setting, by=setting.requester_name(), on=row.decided_at, channel=str(request.channel)
        )

    occasion = Occasion(
        case=row.line.case, request=request, lines=(row.line,), event_id=recorded.event_id, by=row.decided_by,
        at=recorded.at, determination=row,
    )  # fmt: skip
    issue_all(occasion, build, lambda _: (LetterKind.WITHDRAWAL,))
