"""Taking a line up, opening its evidence, referring it, and ending the review."""

from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may
from openum.accounts.rules import Permission
from openum.audit import Event, Recorded
from openum.cases import working
from openum.cases.models import Attachment, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.cases.services import lock_line, set_line_status
from openum.clocks.events import ClockLapsed
from openum.clocks.models import Breach
from openum.clocks.services import assign_breach
from openum.criteria.models import EvidenceMap
from openum.criteria.services import freeze_map
from openum.review.events import DocumentOpened, LineReferred, ReviewEnded, ReviewStarted
from openum.review.models import EvidenceOpened, Review
from openum.review.rules.answers import AlreadyInReview, NotOpen, SummaryMissing
from openum.vocabulary.terms import LineStatus


@permitted(Permission.REVIEW_LINES, Permission.DECIDE_ADVERSELY, on="line.case")
@transaction.atomic
def start_review(*, line: ServiceLine, level: str, by: User, at: datetime) -> Review:
    """Take a line up; the same person goes on with the review they have.

    Raises:
        AlreadyInReview: somebody else has it at this level.
        NotOpen: the line waits for nobody.
    """
    check_user_may(by, Permission.REVIEW_LINES if level == Review.NURSE else Permission.DECIDE_ADVERSELY)
    line = lock_line(line)
    known = Review.objects.filter(line=line, level=level, ended_at__isnull=True).first()
    if known is not None:
        if known.reviewer_id != by.pk:
            raise AlreadyInReview("A colleague is reviewing this line. Ask them to release it, or take another.")
        return known
    if LineStatus(line.status) not in OPEN_STATUSES:
        raise NotOpen("This line is decided or closed. Reload the page to see how it ended.")
    review = Review.objects.create(line=line, level=level, reviewer=by, started_at=at)
    audit.record(
        ReviewStarted(case_id=line.case.public_id, line_ids=(line.public_id,), review_id=review.public_id, level=level),
        by=by,
        at=at,
    )
    return review


def end_review(review: Review, *, ended_with: str, by: User, at: datetime) -> None:
    """End a review with its outcome."""
    review.ended_at, review.ended_with = at, ended_with
    review.save()
    audit.record(
        ReviewEnded(
            case_id=review.line.case.public_id,
            line_ids=(review.line.public_id,),
            review_id=review.public_id,
            ended_with=ended_with,
        ),
        by=by,
        at=at,
    )


@permitted(Permission.REVIEW_LINES, on="review.line.case")
@transaction.atomic
def release_review(*, review: Review, by: User, at: datetime) -> None:
    """Give a line back to the queue, by its reviewer or a colleague with the same permission."""
    review = Review.objects.select_for_update(of=("self",)).select_related("line", "line__case").get(pk=review.pk)
    if review.ended_at is None:
        end_review(review, ended_with="released", by=by, at=at)


@permitted(Permission.SEE_PLAN_CASES, on="attachment.case")
@transaction.atomic
def open_evidence(*, attachment: Attachment, by: User, at: datetime, page: int | None = None) -> EvidenceOpened:
    """Keep that a reviewer opened a document; what is decided later shows it."""
    opened = EvidenceOpened.objects.create(attachment=attachment, reader=by, page=page, at=at)
    audit.record(
        DocumentOpened(case_id=attachment.case.public_id, attachment_id=attachment.public_id, page=page), by=by, at=at
    )
    return opened


@permitted(Permission.REVIEW_LINES, on="line.case")
@transaction.atomic
def refer_to_physician(
    *,
    line: ServiceLine,
    summary: str,
    by: User,
    at: datetime,
    recommendation: str = "",
    specialty: str = "",
    lower_level_considered: str = "",
) -> Review:
    """Hand a line to the physicians with the situation in a paragraph; the evidence map is frozen as it stands.

    Raises:
        SummaryMissing: no summary.
        IllegalTransition: the line is decided.
    """
    if not summary.strip():
        raise SummaryMissing("Write the situation in a paragraph. The physician reads it first.")
    review = start_review(line=line, level=Review.NURSE, by=by, at=at)
    line = lock_line(line)
    set_line_status(line, LineStatus.PENDED_WITH_PHYSICIAN, by=by, at=at, cause="referred to a physician")
    review.summary, review.recommendation = summary.strip(), recommendation.strip()
    review.lower_level_considered = lower_level_considered.strip()
    review.refer_to_specialty = specialty or line.specialty
    freeze_map(line=line, reason=EvidenceMap.REFERRED, by=by, at=at)
    end_review(review, ended_with="referred", by=by, at=at)
    audit.record(
        LineReferred(
            case_id=line.case.public_id,
            line_ids=(line.public_id,),
            review_id=review.public_id,
            specialty=review.refer_to_specialty,
        ),
        by=by,
        at=at,
    )
    return review


def close_reviews(event: Event, recorded: Recorded) -> None:
    """End the open reviews of decided, withdrawn or cancelled lines; one made just now has none."""
    at_hand = working.current()
    if at_hand is not None and set(event.line_ids) <= {line.public_id for line in at_hand.lines}:
        return
    actor = User.objects.get(public_id=recorded.by.public_id)
    reviews = Review.objects.select_related("line", "line__case").filter(
        line__public_id__in=event.line_ids, ended_at__isnull=True
    )
    for review in reviews:
        end_review(review, ended_with="decided", by=actor, at=recorded.at)


def own_breaches(event: ClockLapsed, recorded: Recorded) -> None:
    """A breach belongs to whoever has the line in review; without a reviewer the register's keeper assigns it."""
    breaches = Breach.objects.filter(clock__public_id__in=event.clock_ids, due_at=event.due_at, owner__isnull=True)
    for breach in breaches.select_related("case", "clock").order_by("pk"):
        review = (
            Review.objects.select_related("reviewer")
            .filter(line__request_id=breach.clock.request_id, ended_at__isnull=True)
            .order_by("-started_at", "-pk")
            .first()
        )
        if review is not None:
            assign_breach(breach=breach, owner=review.reviewer, by=recorded.by, at=recorded.at)
