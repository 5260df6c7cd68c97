"""Findings about claim lines: written, revised, sent, answered by the provider, and that answer settled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import IntegrityError, transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Attachment, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.db.text import clean
from openum.determination.protecting import check_protections
from openum.determination.protections import LegalReason
from openum.retrospective.events import (
    ClaimFindingAnswered,
    ClaimFindingMade,
    ClaimFindingSent,
    ClaimRebuttalSettled,
)
from openum.retrospective.models import ClaimFinding, ClaimLine, Rebuttal
from openum.retrospective.rules.findings import (
    JUDGED,
    REASON_OF,
    Answer,
    FindingIncomplete,
    Issue,
    NothingToRebut,
    Question,
    check_finding,
    check_reply,
    reply_until,
)
from openum.retrospective.terms import terms
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Channel


class ClaimDecided(Conflict):
    """The line is decided; it is reopened first, and both results stay."""

    code: ClassVar[str] = "claim-decided"


class FindingSent(Conflict):
    """The finding went out already."""

    code: ClassVar[str] = "finding-sent"


@dataclass(frozen=True, kw_only=True)
class PageLink:
    """Where something stands in the record."""

    document: str
    page: int
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a reviewer found.

    Attributes:
        documented_code, documented_units: what the record supports instead of what was billed.
        amount_cents: what is in question.
        offers_late_request: the letter says that an authorization may still be asked for.
        legal_reason: for a judged finding about what was approved: the ground of the law, with its proof.
    """

    issue: Issue
    answers: Mapping[Question, Answer]
    words: str
    pages: Sequence[PageLink] = ()
    documented_code: str = ""
    documented_units: Decimal | None = None
    amount_cents: int = 0
    offers_late_request: bool = False
    legal_reason: LegalReason | None = field(default=None)


def _lock(claim_line: ClaimLine) -> ClaimLine:
    return (
        ClaimLine.objects.select_for_update(of=("self",))
        .select_related(
            "line__request", "line__case__plan", "line__case__product", "line__case__member", "line__case__coverage"
        )
        .get(pk=claim_line.pk)
    )


def latest(claim_line: ClaimLine) -> ClaimFinding | None:
    """Return the finding that stands."""
    return ClaimFinding.objects.filter(claim_line=claim_line).order_by("-version").first()


@permitted(Permission.REVIEW_LINES, on="claim_line.line.case")
@transaction.atomic
def make_finding(*, claim_line: ClaimLine, found: Found, by: User, at: datetime) -> ClaimFinding:
    """Write a finding, or its revision; an earlier one stays. What the law forbids is said before records are asked for.

    Raises:
        ClaimDecided: reopen the line first.
        FindingIncomplete: a question, the words, the page or what the record supports is missing.
        Protected, CourtOrderStands, ApprovedBefore, ProofMissing: the law forbids such a finding for an emergency or for
            what was approved (as a decision would be).
    """
    claim_line = _lock(claim_line)
    line = claim_line.line
    if line.status not in OPEN_STATUSES:
        raise ClaimDecided("This line is decided. Reopen it first; both results stay on record.")
    if found.issue in JUDGED:
        check_protections(
            line, reason_class=REASON_OF[found.issue], units=Decimal(0), legal_reason=found.legal_reason, at=at
        )
    pages = _pages(line, found.pages)
    check_finding(
        issue=found.issue, answers=found.answers, words=found.words, pages=pages,
        has_documents=Attachment.objects.filter(case=line.case, kind=Attachment.DOCUMENT).exists(),
        documented=bool(found.documented_code.strip()) or found.documented_units is not None,
    )  # fmt: skip
    earlier = latest(claim_line)
    count = ClaimFinding.objects.filter(claim_line__line__case=line.case).count() + 1
    finding = ClaimFinding.objects.create(
        number=f"{line.case.number}-F{count}", claim_line=claim_line, version=earlier.version + 1 if earlier else 1,
        supersedes=earlier, issue=found.issue, answers={key.value: value.value for key, value in found.answers.items()},
        words=clean(found.words.strip()), pages=pages, documented_code=clean(found.documented_code.strip().upper()),
        documented_units=found.documented_units, amount_cents=found.amount_cents,
        offers_late_request=found.offers_late_request, made_by=by, made_at=at,
    )  # fmt: skip
    _record(
        line,
        ClaimFindingMade,
        cause=found.issue.value,
        finding_id=finding.public_id,
        version=finding.version,
        by=by,
        at=at,
    )
    return finding


def _pages(line: ServiceLine, links: Sequence[PageLink]) -> list[dict[str, Any]]:
    """Return links as kept, each to a document of this case and a page that it has.

    Raises:
        FindingIncomplete: naming the link that leads nowhere.
    """
    documents = {
        str(row.public_id): row
        for row in Attachment.objects.filter(case=line.case, kind=Attachment.DOCUMENT).prefetch_related("pages")
    }
    kept = []
    for link in links:
        document = documents.get(link.document)
        count = document.pages.count() if document is not None else 0
        if document is None or link.page < 1 or (count and link.page > count):
            raise FindingIncomplete("A page link leads to no page of this case. Choose a document and a page it has.")
        kept.append({"document": link.document, "page": link.page, "words": clean(link.words.strip())})
    return kept


@permitted(Permission.REVIEW_LINES, on="finding.claim_line.line.case")
@transaction.atomic
def send_finding(*, finding: ClaimFinding, by: User, at: datetime) -> ClaimFinding:
    """Send a finding to the provider; the letter follows, and the time to answer runs.

    Raises:
        FindingSent: it went out already, or a later one stands.
    """
    claim_line = _lock(finding.claim_line)
    finding = ClaimFinding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
    standing = latest(claim_line)
    if finding.sent_at is not None or standing is None or standing.pk != finding.pk:
        raise FindingSent("This finding went out already, or a later one stands. Reload the page.")
    line = claim_line.line
    finding.sent_at = at
    finding.reply_by = reply_until(at, days=terms().reply.days, zone=line.case.product.time_zone)
    finding.save(update_fields=["sent_at", "reply_by"])
    _record(line, ClaimFindingSent, finding_id=finding.public_id, by=by, at=at)
    return finding


@permitted(
    Permission.REVIEW_LINES, Permission.MATCH_INTAKE, Permission.SEND_DOCUMENTS, on="finding.claim_line.line.case"
)
@transaction.atomic
def receive_reply(
    *, finding: ClaimFinding, agrees: bool, said_by: str, words: str, channel: Channel, received_at: datetime, by: User,
    at: datetime, document: Attachment | None = None, late_because: str = "",
) -> Rebuttal:  # fmt: skip
    """Take a provider's answer to a finding in: it agrees, or says why not.

    Raises:
        NothingToRebut: the finding was not sent, was answered, or another took its place.
        ReplyTooLate: after the last day without a reason to take it.
        Invalid: nobody named, no words, received in the future or before the finding, or another case's document.
    """
    finding = (
        ClaimFinding.objects.select_for_update(of=("self",)).select_related("claim_line__line__case").get(pk=finding.pk)
    )
    line = finding.claim_line.line
    if finding.sent_at is None or finding.reply_by is None:
        raise NothingToRebut("This finding was not sent. There is nothing to answer yet.")
    if ClaimFinding.objects.filter(supersedes=finding).exists():
        raise NothingToRebut("The plan revised this finding. Answer the one that takes its place.")
    if not said_by.strip() or not words.strip():
        raise Invalid("Name who answered on the provider's side, and what they said.")
    if received_at > at or received_at < finding.sent_at.replace(second=0, microsecond=0):
        raise Invalid("The answer lies in the future, or before the finding was sent. Check day and time.")
    if document is not None and document.case_id != line.case_id:
        raise Invalid("The document belongs to another case. Attach it to this one first.")
    check_reply(received_at=received_at, reply_by=finding.reply_by, late_because=late_because)
    try:
        with transaction.atomic():
            rebuttal = Rebuttal.objects.create(
                finding=finding, agrees=agrees, said_by=clean(said_by.strip()), words=clean(words.strip()),
                channel=channel, document=document, received_at=received_at, late_because=clean(late_because.strip()),
                recorded_by=by,
            )  # fmt: skip
    except IntegrityError as conflict:
        raise NothingToRebut("This finding was answered already. Reload the page.") from conflict
    _record(line, ClaimFindingAnswered, rebuttal_id=rebuttal.public_id, agrees=agrees, by=by, at=at)
    return rebuttal


@permitted(Permission.REVIEW_LINES, on="rebuttal.finding.claim_line.line.case")
@transaction.atomic
def answer_rebuttal(*, rebuttal: Rebuttal, is_accepted: bool, answer: str, by: User, at: datetime) -> Rebuttal:
    """Settle a rebuttal with its reasons; where it is accepted the finding is revised, and both stay.

    Raises:
        NothingToRebut: settled already, or the provider agreed and nothing is rebutted.
        Invalid: no reasons.
    """
    rebuttal = (
        Rebuttal.objects.select_for_update(of=("self",))
        .select_related("finding__claim_line__line__case")
        .get(pk=rebuttal.pk)
    )
    if rebuttal.settled_at is not None or rebuttal.agrees:
        raise NothingToRebut("This answer needs none of ours: it agreed, or it was settled already. Reload the page.")
    if not answer.strip():
        raise Invalid("Write the answer with its reasons.")
    rebuttal.is_accepted, rebuttal.answer = is_accepted, clean(answer.strip())
    rebuttal.settled_by, rebuttal.settled_at = by, at
    rebuttal.save()
    line = rebuttal.finding.claim_line.line
    _record(line, ClaimRebuttalSettled, rebuttal_id=rebuttal.public_id, is_accepted=is_accepted, by=by, at=at)
    return rebuttal


def _record(line: ServiceLine, event: type[audit.Event], *, by: User, at: datetime, **facts: Any) -> None:
    audit.record(event(case_id=line.case.public_id, line_ids=(line.public_id,), **facts), by=by, at=at)
