"""Move a request, or some of its services, to the case where it belongs; and move it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import Attachment, Case, Diagnosis, InformationRequest, Party, Request, ServiceLine
from openum.cases.services import (
    NewDocument,
    attach,
    close_information_request,
    next_case_number,
    set_line_status,
)
from openum.db.text import clean
from openum.directory.models import Member
from openum.directory.queries import coverage_on, latest_coverage
from openum.intake.events import RequestRefiledAway, RequestRefiledHere
from openum.intake.models import PaperMove, Refiling
from openum.intake.moving.services import move_paper, undo_move
from openum.intake.refiling.rules import (
    UNDECIDED,
    CannotRefile,
    check_lines,
    check_people,
    check_reason,
    sequences_after,
)
from openum.submission.events import CaseSubmitted, RequestAdded
from openum.vocabulary.errors import Invalid, Missing
from openum.vocabulary.terms import Channel, LineStatus, PartyRole
from openum.work.services import tell_holders

_TO_READ = timedelta(hours=24)
Row = TypeVar("Row", Request, Party, Diagnosis, ServiceLine)


@dataclass(frozen=True, kw_only=True)
class Whither:
    """Where a request belongs: a case that is there, or a member whose new case it is."""

    case: Case | None = None
    member: Member | None = None


@permitted(Permission.MATCH_INTAKE, on="request.case")
@transaction.atomic
def refile(*, request: Request, to: Whither, sequences: Sequence[int], reason: str, by: User, at: datetime) -> Refiling:
    """Move services of a request to another case with the receipt they had.

    The services of the wrong case are voided in error, their clocks end unowed, reviews, conversations and questions
    about them end. The right case gets the same services as a request of its own: its clocks count from the first
    receipt, coverage and criteria are checked anew, and nothing of what was found for the other case is kept. The papers
    of a whole request go with it; of a part, only to a case of the same person, and both cases show them.

    Args:
        to: a case of the plan, or a member of it for whom a case is opened.
        sequences: of the lines.

    Raises:
        CannotRefile: decided or ended meanwhile, the same case, or sent by a record system for this very person.
        Missing: the case or the member is not of the plan, or not the person's to see.
        Invalid: no reason, no lines, or no coverage that says whose law would time a new case.
    """
    return _move(request, to, sequences, check_reason(reason), None, by, at)


@permitted(Permission.MATCH_INTAKE, on="refiling.target")
@transaction.atomic
def move_back(*, refiling: Refiling, reason: str, by: User, at: datetime) -> Refiling:
    """Undo a move: the services go back to the case they came from, and so do the papers.

    Raises:
        CannotRefile: moved back already, or decided meanwhile.
        Invalid: no reason.
    """
    refiling = (
        Refiling.objects.select_for_update(of=("self",)).select_related("copy__case", "source").get(pk=refiling.pk)
    )
    if refiling.undone_with_id is not None:
        raise CannotRefile("This was moved back already. Reload the page.")
    lines = _current(refiling.copy)
    back = _move(
        refiling.copy, Whither(case=refiling.source), [line.sequence for line in lines], check_reason(reason), refiling,
        by, at,
    )  # fmt: skip
    refiling.undone_with = back
    refiling.save(update_fields=["undone_with"])
    return back


def _move(
    request: Request,
    to: Whither,
    sequences: Sequence[int],
    reason: str,
    undone: Refiling | None,
    by: User,
    at: datetime,
) -> Refiling:
    request = (
        Request.objects.select_for_update(of=("self",))
        .select_related("case__plan", "case__product", "case__member", "case__coverage", "submission")
        .get(pk=request.pk)
    )
    source = request.case
    current = _current(request)
    check_lines(sequences, {line.sequence: LineStatus(line.status) for line in current})
    lines = [line for line in current if line.sequence in sequences]
    target = _target(request, to, lines, by=by, at=at)
    is_other = source.member_id != target.member_id
    check_people(is_other_member=is_other, came_as_data=request.client_id is not None)
    rest = [line for line in current if line.sequence not in sequences and line.status in UNDECIDED]
    for line in lines:
        line.case = source
        set_line_status(line, LineStatus.VOIDED_IN_ERROR, by=by, at=at, cause="moved to the case where it belongs")
    if not rest:
        _close_questions(request, by=by, at=at)
    is_new_case = to.case is None
    copy = _copy_request(request, target, is_other=is_other, at=at)
    made = _copy_lines(request, copy, lines, is_other=is_other, at=at)
    row = Refiling.objects.create(
        request=request, copy=copy, source=source, target=target, is_whole=not rest, is_other_member=is_other,
        lines=[[str(old.public_id), str(new.public_id)] for old, new in zip(lines, made, strict=True)],
        opened_case=is_new_case, reason=clean(reason)[:2000], moved_by=by, moved_at=at,
    )  # fmt: skip
    row.papers = _papers(request, copy, row, undone, reason, by=by, at=at)
    row.save(update_fields=["papers"])
    old_ids, new_ids = tuple(line.public_id for line in lines), tuple(line.public_id for line in made)
    audit.record(
        RequestRefiledAway(case_id=source.public_id, line_ids=old_ids, refiling_id=row.public_id), by=by, at=at
    )
    audit.record(
        RequestRefiledHere(case_id=target.public_id, line_ids=new_ids, refiling_id=row.public_id), by=by, at=at
    )
    arrived: CaseSubmitted | RequestAdded = (
        CaseSubmitted(case_id=target.public_id, line_ids=new_ids, request_id=copy.public_id)
        if is_new_case
        else RequestAdded(
            case_id=target.public_id, line_ids=new_ids, request_id=copy.public_id, certification=copy.certification
        )
    )
    audit.record(arrived, by=by, at=at)
    if rest:
        title = "Services of this request were moved away: read what is left"
        tell_holders(case=source, title=title, due_at=at + _TO_READ, by=by, at=at)
    return row


def _current(request: Request) -> list[ServiceLine]:
    return list(
        request.lines.select_for_update(of=("self",))
        .filter(replaced_by__isnull=True)
        .select_related("case__plan", "case__product", "case__member", "case__coverage", "request")
        .order_by("sequence", "pk")
    )


def _target(request: Request, to: Whither, lines: Sequence[ServiceLine], *, by: User, at: datetime) -> Case:
    source, plan = request.case, request.case.plan
    if plan.pk not in scope_of(by).plans_with(Permission.MATCH_INTAKE):
        raise Missing("There is no such case.")
    if to.case is not None:
        if to.case.plan_id != plan.pk:
            raise CannotRefile(
                "That case is another plan's. Send the request on to that plan instead; its time goes on."
            )
        if to.case.pk == source.pk:
            raise CannotRefile("The request lies at this case already. Give the number of the case where it belongs.")
        return Case.objects.select_related("plan", "product", "member", "coverage").get(pk=to.case.pk)
    member = to.member
    if member is None or member.plan_id != plan.pk:
        raise Missing("No member of the plan has this number.")
    if member.pk == source.member_id:
        raise CannotRefile("The request is this person's already. Give the number of the case where it belongs.")
    first = min((line.service_from for line in lines if line.service_from), default=None)
    day = first or request.received_at.astimezone(ZoneInfo(plan.time_zone)).date()
    coverage = coverage_on(member=member, day=day, known_at=at) or latest_coverage(member=member, known_at=at)
    if coverage is None:
        raise Invalid(
            "The plan's files know no coverage of this member, so no law can time the case. Correct them first."
        )
    return Case.objects.create(
        number=next_case_number(at=at), plan=plan, product=coverage.product, member=member, coverage=coverage,
        organization=source.organization, delegate=source.delegate, opened_at=request.received_at,
        summary="; ".join(dict.fromkeys(line.wording or line.code or line.category for line in lines))[:200],
        is_sandbox=source.is_sandbox,
    )  # fmt: skip


def _copy_request(request: Request, target: Case, *, is_other: bool, at: datetime) -> Request:
    """Return the request anew at its case; what names the other person in the message stays behind."""
    number = target.requests.count() + 1
    copy = _same(
        request, case=target, entered_at=at, relates_to=target.requests.order_by("-received_at", "-pk").first(),
        administrative_number=f"{target.number}-{number}",
    )  # fmt: skip
    if is_other:
        copy.identifier_system = copy.identifier_value = ""
        copy.identifiers, copy.echo = [], {}
    copy.save(force_insert=True)
    return copy


def _copy_lines(
    request: Request, copy: Request, lines: Sequence[ServiceLine], *, is_other: bool, at: datetime
) -> list[ServiceLine]:
    parties: dict[int, Party] = {}
    for party in request.parties.order_by("pk"):
        told: dict[str, Any] = {}
        if is_other and party.role == PartyRole.MEMBER:
            told = {"name": copy.case.member.full_name, "phone": "", "fax": "", "address": "", "resources": []}
        parties[party.pk] = _same(party, request=copy, **told)
        parties[party.pk].save(force_insert=True)
    diagnoses: dict[int, Diagnosis] = {}
    for diagnosis in request.diagnoses.order_by("pk"):
        diagnoses[diagnosis.pk] = _same(diagnosis, request=copy)
        diagnoses[diagnosis.pk].save(force_insert=True)
    numbers = sequences_after(copy.case.lines.values_list("sequence", flat=True), len(lines))
    made = []
    for line, number in zip(lines, numbers, strict=True):
        new = _same(
            line, case=copy.case, request=copy, sequence=number, replaces=None, status=LineStatus.RECEIVED,
            status_since=at, version=0, administrative_number=f"{copy.administrative_number}-{number}",
            **({"source": {}, "traces": []} if is_other else {}),
        )  # fmt: skip
        new.save(force_insert=True)
        new.diagnoses.set([diagnoses[pk] for pk in line.diagnoses.values_list("pk", flat=True)])
        new.providers.set([parties[pk] for pk in line.providers.values_list("pk", flat=True)])
        made.append(new)
    if not is_other:
        kept = {line: int(sent) for sent, line in request.echo.get("sequences", {}).items()}
        numbered = {
            str(kept.get(old.sequence, old.sequence)): new.sequence for old, new in zip(lines, made, strict=True)
        }
        copy.echo = {**copy.echo, "sequences": numbered}
        copy.save(update_fields=["echo"])
    return made


def _same(row: Row, **other: Any) -> Row:
    """Return a new row with the values of another one, but for those given and the names of its own."""
    own = {"id", "public_id", *other}
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in own
    }  # fmt: skip
    return type(row)(**values, **other)


def _close_questions(request: Request, *, by: User, at: datetime) -> None:
    for question in InformationRequest.objects.filter(request=request, closed_at__isnull=True).order_by("pk"):
        close_information_request(question=question, reason="The request was moved to another case.", by=by, at=at)


def _papers(
    request: Request, copy: Request, row: Refiling, undone: Refiling | None, reason: str, *, by: User, at: datetime
) -> list[str]:
    """Let the papers follow, and return the moves of those that left the wrong case."""
    if undone is not None:
        moves = PaperMove.objects.filter(public_id__in=undone.papers, undone_at__isnull=True, copy__moved_to=None)
        for move in moves.order_by("pk"):
            undo_move(move=move, reason=reason, by=by, at=at)
    rows = list(
        Attachment.objects.filter(case=request.case, request=request, moved_to=None)
        .select_related("case__plan")
        .order_by("pk")
    )
    if not row.is_other_member:
        records = [each for each in rows if each.kind == Attachment.FHIR]
        both = [] if row.is_whole else [each for each in rows if each.kind == Attachment.DOCUMENT]
        _attach_again(records + both, copy, by=by, at=at)
    if not row.is_whole:
        return []
    papers = [each for each in rows if each.kind == Attachment.DOCUMENT]
    made = [move_paper(document=each, to=row.target, reason=reason, by=by, at=at) for each in papers]
    Attachment.objects.filter(pk__in=[move.copy_id for move in made if not move.was_there]).update(request=copy)
    return [str(move.public_id) for move in made]


def _attach_again(rows: Sequence[Attachment], copy: Request, *, by: User, at: datetime) -> None:
    for each in rows:
        read = list(each.pages.order_by("number").values_list("text", "origin"))
        again = NewDocument(
            title=each.title, content_type=each.content_type, content=bytes(each.content or b""),
            resource=each.resource, document_kind=each.document_kind, source_key=each.source_key,
            page_texts=tuple(text for text, _ in read), page_origins=tuple(origin for _, origin in read),
        )  # fmt: skip
        put = attach(case=copy.case, request=copy, documents=[again], channel=Channel(each.channel), by=by, at=at)
        Attachment.objects.filter(pk__in=[new.pk for new in put if new.received_at == at]).update(
            received_at=each.received_at, is_sensitive=each.is_sensitive
        )
