"""Letters by fax: placed on the line by the outbox, sent when the line confirms it, by mail when the line gives up."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from openum import audit
from openum.jobs import enqueue
from openum.notices.events import NoticeNotDelivered
from openum.notices.models import Notice, SendingChannel
from openum.notices.roads.fax import FaxJob, FaxState, line
from openum.notices.services.addresses import fax_number
from openum.notices.services.sending import ensure_pdf, note_sent, notice_of, send
from openum.outbox.models import Message

STATUS = "notices.fax_status"
FIRST_LOOK = timedelta(minutes=1)
MOST_LOOKS = 9
"""Looks after 1, 2, 4 … 256 minutes: what no line has confirmed after eight and a half hours goes by mail."""


def place(message: Message, *, at: datetime) -> dict[str, Any]:
    """Put a letter on the fax line; the same letter again is the same fax.

    Raises:
        OSError: the line does not take it; the outbox tries again.
    """
    notice = notice_of(message)
    pdf = ensure_pdf(notice=notice)
    number = fax_number(notice)
    job = FaxJob(key=str(message.public_id), number=number, pdf=pdf, pages=notice.pages, sha256=notice.pdf_digest)
    line().place(job)
    return {"fax": job.key, "sha256": notice.pdf_digest, "pages": notice.pages, "placed_at": at.isoformat()}


def look_later(message: Message, *, at: datetime) -> None:
    """After a letter was placed, ask the line soon what became of it."""
    _look(message.public_id, number=1, at=at)


def _look(message_id: UUID, *, number: int, at: datetime) -> None:
    enqueue(
        STATUS, {"message": str(message_id), "look": number}, run_at=at + FIRST_LOOK * 2 ** (number - 1),
        dedupe_key=f"{STATUS}:{message_id}:{number}",
    )  # fmt: skip


@transaction.atomic
def follow_fax(*, message_id: UUID, look: int, at: datetime) -> None:
    """Ask the line what became of a letter: keep its proof, or send the letter by mail instead; repeatable.

    Raises:
        FaxStatusUnreadable: the line's answer is not what was agreed; the job is tried again.
    """
    message = Message.objects.select_for_update().get(public_id=message_id)
    notice = Notice.objects.select_for_update(of=("self",)).get(public_id=message.ref_id)
    key = str(message.public_id)
    if notice.sendings.filter(channel=SendingChannel.FAX, proof__fax=key).exists():
        return
    status = line().status(key)
    if status is not None and status.state is FaxState.DELIVERED:
        proof = {**message.proof, "confirmed_at": status.at.isoformat()}
        note_sent(
            notice, channel=SendingChannel.FAX, attempts=message.attempts, proof=proof, by=notice.prepared_by,
            at=min(max(status.at, notice.prepared_at), at), address=[fax_number(notice)],
        )  # fmt: skip
    elif status is None and look < MOST_LOOKS:
        _look(message.public_id, number=look + 1, at=at)
    else:
        reason = status.reason if status else "no confirmation"
        event = NoticeNotDelivered(
            case_id=notice.case.public_id, notice_id=notice.public_id, channel=SendingChannel.FAX, cause="fax failed"
        )
        audit.record(event, by=notice.prepared_by, at=at)
        message.last_error = f"fax {reason}"[:80]
        message.save(update_fields=["last_error"])
        send(notice, by=notice.prepared_by, at=at, channel=SendingChannel.MAIL)
