"""Makes a request of a paper, or puts its pages on the case that waits for them. The receipt stays the first one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Attachment, Case
from openum.cases.services.documents import RECOGNIZED, NewDocument, attach
from openum.intake.events import FieldSettled, PaperEntered, ReadingUsed
from openum.intake.models import FieldReading, Paper, PaperPage
from openum.intake.papers.assembling import document_of, text_of
from openum.intake.papers.queries import best_readings, pages_of
from openum.intake.papers.services.ordering import locked_paper
from openum.intake.papers.standing import FieldStanding, request_fields, standing_of
from openum.submission.composing import Composed, compose
from openum.submission.events import SubmissionSettled
from openum.submission.incoming import IncomingEvidence, IncomingRequest, SentDocument
from openum.submission.models import Submission
from openum.submission.services import admit_waiting
from openum.submission.services.attachments import settle_what_is_answered
from openum.submission.services.requests import Admitted
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def enter_paper(*, paper: Paper, by: User, at: datetime) -> Admitted:
    """Make a request of a paper. Values that were read surely and stand untouched count as kept by who enters it.

    Raises:
        Invalid: nobody was chosen; a needed field is empty, not well formed, or was read with doubt and not looked at.
        AlreadyAdmitted: somebody was faster.
    """
    paper = locked_paper(paper)
    if paper.member is None:
        raise Invalid("Say first who is meant: choose one of the people below, or find the member by number.")
    readings = best_readings(paper)
    fields = standing_of(paper, readings)
    _check(fields)
    shown = {one.key: one.value for one in fields}
    for key, reading in readings.items():
        if not reading.settled:
            _settle(paper, reading, shown.get(key), by=by, at=at)
    pages = pages_of(paper)
    admitted = admit_waiting(
        submission=paper.submission, request=_request(paper, fields, pages, at=at), member=paper.member, by=by, at=at
    )
    if admitted.case is not None:
        _tell(paper, admitted.case, pages, by=by, at=at)
    return admitted


def _check(fields: Sequence[FieldStanding]) -> None:
    """Refuse what a person has to look at first; the sentence names the fields."""
    missing = [_named(one, fields) for one in fields if one.is_missing]
    if missing:
        raise Invalid(f"These fields are still empty: {', '.join(missing)}.")
    doubtful = [_named(one, fields) for one in fields if one.is_uncertain]
    if doubtful:
        raise Invalid(f"These fields were read with doubt. Look at each and accept or fix it: {', '.join(doubtful)}.")
    malformed = [_named(one, fields) for one in fields if not one.is_well_formed]
    if malformed:
        raise Invalid(f"These fields do not have the right form: {', '.join(malformed)}.")
    values = {one.key: one.value for one in fields}
    if values["urgency"] == "expedited" and not values["attested_by"]:
        raise Invalid("Fast-track needs the name of the clinician who states that waiting could seriously harm.")


def _named(one: FieldStanding, fields: Sequence[FieldStanding]) -> str:
    """Name a field, with the place of its service where the paper has several."""
    services = sorted({each.service for each in fields if each.service})
    return (
        f"{one.label} (service {services.index(one.service) + 1})"
        if one.service and len(services) > 1
        else str(one.label)
    )


def _settle(paper: Paper, reading: FieldReading, value: str | None, *, by: User, at: datetime) -> None:
    """Take a reading as its field stands; without a value its service was taken away."""
    reading.settled = FieldReading.KEPT if reading.value == value else FieldReading.CHANGED
    reading.settled_by, reading.settled_at = by, at
    reading.save(update_fields=["settled", "settled_by", "settled_at"])
    cause = "taken away" if value is None else "as shown"
    audit.record(
        FieldSettled(paper_id=paper.public_id, field=reading.key, settled=reading.settled, cause=cause), by=by, at=at
    )


def _request(paper: Paper, fields: list[FieldStanding], pages: Sequence[PaperPage], *, at: datetime) -> IncomingRequest:
    receipt = paper.submission
    local = receipt.received_at.astimezone(ZoneInfo(paper.plan.time_zone))
    composed = compose(
        Composed(
            reference=str(paper.public_id), purpose="capture", zone=paper.plan.time_zone, payer_name=paper.plan.name,
            sent_at=at, writer="",
            fields={
                **request_fields(fields), "channel": receipt.channel, "received_date": local.date().isoformat(),
                "received_time": local.time().replace(tzinfo=None).isoformat(), "proof": f"SHA-256 {receipt.raw_digest}",
            },
        )
    )  # fmt: skip
    document = document_of_paper(paper, pages)
    return replace(
        composed,
        evidence=(
            IncomingEvidence(
                kind="document", title=document.title, content_type=document.content_type, data=document.content,
                document_kind=document.document_kind, page_texts=document.page_texts, page_origins=document.page_origins,
            ),
        ),
    )  # fmt: skip


def document_of_paper(paper: Paper, pages: Sequence[PaperPage]) -> NewDocument:
    """Return a paper's pages as one document with the words on them, areas that are blacked out left out."""
    content, content_type = document_of(pages, original=paper.submission)
    return NewDocument(
        title=paper.title, content_type=content_type, content=content, document_kind="other",
        page_texts=tuple(text_of(page) for page in pages),
        page_origins=tuple(page.reader or "not read" for page in pages),
    )  # fmt: skip


@permitted(Permission.MATCH_INTAKE, on="paper")
@transaction.atomic
def put_on_waiting_case(*, paper: Paper, case: Case, kind: str, by: User, at: datetime) -> list[Attachment]:
    """Put a paper's pages on a case as records that answer what was asked for.

    Args:
        kind: kind of document, as the plan asks for it; empty or `other` answers whatever is open.

    Raises:
        Invalid: the case belongs to another plan.
        AlreadyAdmitted: somebody was faster.
    """
    paper = locked_paper(paper)
    if case.plan_id != paper.plan_id:
        raise Invalid("The case belongs to another plan. Choose a case of the plan that the paper was sent to.")
    pages, receipt = pages_of(paper), paper.submission
    rows = attach(
        case=case, request=None, documents=[replace(document_of_paper(paper, pages), document_kind=kind or "other")],
        channel=Channel(receipt.channel), by=by, at=at,
    )  # fmt: skip
    code = "" if kind in {"", "other"} else kind
    settle_what_is_answered(
        case=case, documents=[SentDocument(evidence=(), code=code)], code_of_kind={code: code} if code else {},
        attachment=rows[0], by=by, at=at,
    )  # fmt: skip
    settle_paper(paper, case, pages, note="paper put on a case", by=by, at=at)
    return rows


def settle_paper(paper: Paper, case: Case, pages: Sequence[PaperPage], *, note: str, by: User, at: datetime) -> None:
    """Settle the receipt of a locked paper on the case that holds its pages now, and tell it in the case's chain."""
    receipt = paper.submission
    receipt.state, receipt.case, receipt.problems = Submission.ADMITTED, case, []
    receipt.settled_by, receipt.settled_at, receipt.settled_note = by, at, note
    receipt.save(update_fields=["state", "case", "problems", "settled_by", "settled_at", "settled_note"])
    audit.record(SubmissionSettled(case_id=case.public_id, submission_id=receipt.public_id), by=by, at=at)
    _tell(paper, case, pages, by=by, at=at)


def _tell(paper: Paper, case: Case, pages: Sequence[PaperPage], *, by: User, at: datetime) -> None:
    """Write into the case's chain what came from the paper, and each page that a machine read for the ledger."""
    audit.record(
        PaperEntered(case_id=case.public_id, paper_id=paper.public_id, submission_id=paper.submission.public_id),
        by=by, at=at,
    )  # fmt: skip
    for page in pages:
        if page.reader.startswith(RECOGNIZED):
            audit.record(
                ReadingUsed(case_id=case.public_id, paper_id=paper.public_id, page_id=page.public_id), by=by, at=at
            )
