"""Takes a fax, letter or scan in: the receipt and the bytes first, whatever the file turns out to be."""

import hashlib
from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.pictures import PDF, PaperNotUsable, count_pages
from openum.clocks.queries import provisional_deadline
from openum.db.text import clean
from openum.db.transactions import one_at_a_time
from openum.intake.events import PaperReceived
from openum.intake.models import Paper, PaperPage
from openum.jobs.services import enqueue
from openum.submission.drafts import MAX_FILE_BYTES, FileNotUsable, kind_of_file
from openum.submission.events import SubmissionReceived
from openum.submission.incoming import Problem
from openum.submission.models import Submission
from openum.submission.services import Door, record_refusal
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel, Urgency

DOOR = Door(base="desk", operation="upload")
READ_AT_ONCE = 20
"""Pages of a paper that are read without being asked; the fields of a request stand on the first ones."""
READ_PAGE = "intake.read_page"
_SHOWN_KINDS = frozenset({PDF, "image/png", "image/jpeg"})
TO_ENTER = {"code": "paper-to-enter", "path": "", "text": "On paper: to be read and entered at the desk."}


@permitted(Permission.MATCH_INTAKE, on="plan")
def receive_paper(
    *, plan: Plan, content: bytes, name: str, channel: Channel, received_at: datetime, by: User, at: datetime
) -> Paper:
    """Take one file in. The same file with the same receipt is taken in once.

    Args:
        received_at: when the plan or its delegate first had it; its clock starts then, not now.

    Raises:
        Invalid: the receipt lies in the future.
        FileNotUsable, PaperNotUsable: no PDF or picture, damaged, locked or too large. Its receipt is kept on the
            intake list all the same.
    """
    if received_at > at:
        raise Invalid("A paper cannot have been received in the future. Check day, time and zone.")
    digest = hashlib.sha256(content).hexdigest()
    try:
        if len(content) > MAX_FILE_BYTES:
            raise FileNotUsable("The file is larger than 15 MB. Split it, or scan it in a lower resolution.")
        content_type = kind_of_file(content)
        if content_type not in _SHOWN_KINDS:
            raise FileNotUsable(
                "This is a text file. Scan the paper as a PDF or a picture, or enter the request by hand."
            )
        pages = count_pages(content, content_type)
    except (FileNotUsable, PaperNotUsable) as refusal:
        is_document = isinstance(refusal, PaperNotUsable)
        record_refusal(
            raw=content if is_document else None, digest=digest, size=len(content),
            reason=Problem(code=refusal.code, path="", text=refusal.english), by=by, plan=plan, channel=channel,
            door=DOOR, at=received_at,
        )  # fmt: skip
        raise
    return _keep(plan, content, clean(name)[:200], channel, digest, pages, received_at, by, at)


@transaction.atomic
def _keep(
    plan: Plan, content: bytes, name: str, channel: Channel, digest: str, pages: int, received_at: datetime, by: User,
    at: datetime,
) -> Paper:  # fmt: skip
    key = hashlib.sha256(f"{DOOR}\x1f{plan.public_id}\x1f{received_at.isoformat()}\x1f{digest}".encode()).hexdigest()
    one_at_a_time(f"retry:{key}")
    known = Paper.objects.filter(submission__retry_key=key).select_related("submission", "plan").first()
    if known is not None:
        return known
    submission = new_receipt(
        plan=plan, channel=channel, digest=digest, size=len(content), raw=content, retry_key=key,
        received_at=received_at, by=by, at=at,
    )  # fmt: skip
    paper = Paper.objects.create(plan=plan, submission=submission, title=name, saved_at=at)
    PaperPage.objects.bulk_create(
        PaperPage(
            paper=paper, source=submission, source_number=number, position=number,
            not_read_because="" if number <= READ_AT_ONCE else "later",
        )
        for number in range(1, pages + 1)
    )  # fmt: skip
    audit.record(PaperReceived(paper_id=paper.public_id, submission_id=submission.public_id, pages=pages), by=by, at=at)
    for page in paper.pages.order_by("position")[:READ_AT_ONCE]:
        enqueue(READ_PAGE, {"page": str(page.public_id)}, run_at=at, dedupe_key=f"{READ_PAGE}:{page.public_id}")
    return paper


def new_receipt(
    *, plan: Plan, channel: Channel, digest: str, size: int, raw: bytes | None, retry_key: str, received_at: datetime,
    by: User, at: datetime,
) -> Submission:  # fmt: skip
    """Write the receipt of a paper with the earliest deadline it could have."""
    deadline = provisional_deadline(plan=plan, urgency=Urgency.STANDARD, received_at=received_at)
    submission = Submission.objects.create(
        plan=plan, submitted_by=by, channel=channel, door=str(DOOR), received_at=received_at, entered_at=at, raw=raw,
        raw_digest=digest, raw_size=size, retry_key=retry_key, state=Submission.WAITING, problems=[TO_ENTER],
        provisional_due_at=deadline.due_at if deadline else None, provisional_rule=deadline.rule_id if deadline else "",
    )  # fmt: skip
    audit.record(SubmissionReceived(submission_id=submission.public_id, state=submission.state), by=by, at=at)
    return submission
