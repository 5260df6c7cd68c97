"""One door in. A message is kept first; look-ups come before any case; the same content is answered once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import ApiClient, Organization, Plan, User
from openum.accounts.queries import rules_engine
from openum.clocks.queries import provisional_deadline
from openum.db import plain
from openum.db.transactions import atomic, one_at_a_time, whole
from openum.submission.arming import ARMED_ERROR_TEXT, SandboxAnswer, armed_problem
from openum.submission.events import FaultsNoted, RequestAnswered, SubmissionReceived
from openum.submission.incoming import Fault, IncomingRequest, Problem
from openum.submission.models import SandboxArming, Submission
from openum.submission.rules import form_problems, retry_key, with_invented_numbers_told
from openum.submission.services.arming import armed_decision, use_arming
from openum.submission.services.people import Resolved, enrols_unknown, resolve
from openum.submission.services.requests import admit
from openum.vocabulary.terms import Channel

from openum.cases.models import Case, Request  # isort: skip


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where a message came in: the base path and the operation."""

    base: str
    operation: str

    def __str__(self) -> str:
        """The door as it is kept."""
        return f"{self.base} {self.operation}".strip()


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What became of a message: a case, or problems, or the bytes that answered it before."""

    submission: Submission
    case: Case | None = None
    request: Request | None = None
    problems: tuple[Problem, ...] = ()
    replayed: bytes | None = None
    replayed_status: int | None = None
    warnings: tuple[str, ...] = field(default=())


def accept(
    *,
    request: IncomingRequest,
    by: User,
    plan: Plan,
    door: Door,
    at: datetime,
    client: ApiClient | None = None,
    organization: Organization | None = None,
) -> Accepted:
    """Take one request in, whatever its channel.

    The same content from the same sender through the same door returns the earlier submission and its stored answer
    (settled point 10). What cannot be acted on is kept, with its receipt and a provisional deadline, on the intake
    list. Everything happens in one transaction: acknowledged means stored.
    """
    arming = armed_decision(client, at=at)
    sender = f"client:{client.public_id}" if client else f"user:{by.public_id}"
    key = retry_key(sender=sender, door=str(door), request=request)
    with whole():
        one_at_a_time(
            f"retry:{key}"
        )  # the same message may come twice at once: the second sees what became of the first
        earlier = _earlier(key, arming)
        if earlier is not None:
            return _replay(earlier)
        return _accept_new(request, key, arming, by, plan, door, at, client, organization)


def _earlier(key: str, arming: SandboxArming | None) -> Submission | None:
    # the second condition lets SQLite use the partial index
    same = "retry_key = %s AND NOT (retry_key = '')"
    rows = plain.select_where(Submission, same, [key], order="entered_at DESC, id DESC")
    return next((row for row in rows if arming is None or row.armed_key == str(arming.public_id)), None)


def _replay(submission: Submission) -> Accepted:
    problems = tuple(Problem(**item) for item in submission.problems)
    request = submission.requests.order_by("pk").first()
    return Accepted(
        submission=submission,
        case=submission.case,
        request=request,
        problems=problems,
        replayed=bytes(submission.answer) if submission.answer is not None else None,
        replayed_status=submission.answer_status,
    )


def _accept_new(
    request: IncomingRequest,
    key: str,
    arming: SandboxArming | None,
    by: User,
    plan: Plan,
    door: Door,
    at: datetime,
    client: ApiClient | None,
    organization: Organization | None,
) -> Accepted:
    with audit.batch():
        submission = plain.new(
            Submission,
            plan=plan,
            client=client,
            submitted_by=by,
            organization=organization,
            channel=request.channel,
            door=str(door),
            received_at=request.received_at,
            entered_at=at,
            raw=request.raw,
            raw_digest=hashlib.sha256(request.raw).hexdigest(),
            raw_size=len(request.raw),
            retry_key=key,
            armed_key=str(arming.public_id) if arming else "",
            state=Submission.WAITING,
        )
        enrols = enrols_unknown(client, plan)
        if enrols:
            request = with_invented_numbers_told(request)
        problems = form_problems(request, takes_invented_numbers=enrols)
        people: Resolved | None = None
        if not problems:
            people = resolve(request=request, plan=plan, client=client, by=by, at=at)
            problems = list(people.problems)
        if arming is not None and arming.answer == SandboxAnswer.ERROR and not problems:
            problems = [Problem(code=armed_problem(arming.error_code), path="", text=ARMED_ERROR_TEXT)]
        if problems or people is None:
            return _keep_waiting(submission, request, problems, arming, by=by, at=at)
        admitted = admit(
            request=request, submission=submission, people=people, by=by, client=client,
            organization=organization, arming=arming, at=at,
        )  # fmt: skip
        if admitted.problems:
            return _keep_waiting(submission, request, list(admitted.problems), arming, by=by, at=at)
        return Accepted(submission=submission, case=admitted.case, request=admitted.request)


def _keep_waiting(
    submission: Submission,
    request: IncomingRequest,
    problems: list[Problem],
    arming: SandboxArming | None,
    *,
    by: User,
    at: datetime,
) -> Accepted:
    submission.problems = [{"code": item.code, "path": item.path, "text": item.text} for item in problems]
    deadline = provisional_deadline(plan=submission.plan, urgency=request.urgency, received_at=request.received_at)
    if deadline is not None:
        submission.provisional_due_at, submission.provisional_rule = deadline.due_at, deadline.rule_id
    submission.save()
    if arming is not None:
        use_arming(arming=arming, submission=submission, at=at)
    audit.record(SubmissionReceived(submission_id=submission.public_id, state=submission.state), by=by, at=at)
    return Accepted(submission=submission, problems=tuple(problems))


@transaction.atomic
def record_refusal(
    *,
    raw: bytes | None,
    digest: str,
    size: int,
    reason: Problem,
    by: User,
    plan: Plan,
    channel: Channel,
    door: Door,
    at: datetime,
    client: ApiClient | None = None,
) -> Submission:
    """Keep a message that cannot become a request: its receipt, and its bytes unless it was over the size limit."""
    submission = Submission.objects.create(
        plan=plan, client=client, submitted_by=by, channel=channel, door=str(door), received_at=at, entered_at=at,
        raw=raw, raw_digest=digest, raw_size=size, state=Submission.REFUSED,
        problems=[{"code": reason.code, "path": reason.path, "text": reason.text}],
    )  # fmt: skip
    audit.record(SubmissionReceived(submission_id=submission.public_id, state=submission.state), by=by, at=at)
    return submission


@atomic
def store_answer(
    *, submission: Submission, body: bytes, status: int, by: User, at: datetime, request: Request | None = None
) -> None:
    """Keep the bytes that answer a message. Their commit is the publication of the answer (settled point 17)."""
    submission.answer, submission.answer_status = body, status
    plain.update([submission], ["answer", "answer_status"])
    audit.record(
        RequestAnswered(
            case_id=submission.case.public_id if submission.case_id and submission.case else None,
            submission_id=submission.public_id,
            request_id=request.public_id if request else None,
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def note_faults(*, request: Request, faults: Sequence[Fault], at: datetime) -> None:
    """Keep the faults of form that were found after the answer; every later answer tells them."""
    request = Request.objects.select_for_update(of=("self",)).get(pk=request.pk)
    request.faults = [{"path": item.path, "text": item.text} for item in faults]
    request.save(update_fields=["faults"])
    audit.record(
        FaultsNoted(case_id=request.case.public_id, request_id=request.public_id, faults=len(faults)),
        by=rules_engine(), at=at,
    )  # fmt: skip
