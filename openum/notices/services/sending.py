"""The roads out: publication on the portal, and the mail house as a folder of files with a manifest.

A clock to notify stops at proof of sending: publication is proved by its commit, mail by the hand-over.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.notices.content import LetterKind
from openum.notices.elements import Audience
from openum.notices.events import NoticeSent
from openum.notices.models import Notice, NoticeSending, NoticeState, SendingChannel
from openum.notices.render import pages_of, render_pdf
from openum.outbox import services as outbox
from openum.outbox.files import write_whole
from openum.outbox.models import Message
from openum.vocabulary.errors import Conflict

MAIL = "letter.mail"
ADVERSE_KINDS = frozenset({LetterKind.DENIAL, LetterKind.PARTIAL_APPROVAL, LetterKind.INSERT})


def channel_for(notice: Notice) -> SendingChannel:
    """Choose the road: the portal for practices that have a login and members who asked for it, else the mail."""
    if notice.audience == Audience.MEMBER and notice.recipient is not None:
        return SendingChannel.MAIL
    if notice.audience == Audience.MEMBER:
        is_electronic = notice.case.member.notice_format == "electronic"
        return SendingChannel.PORTAL if is_electronic else SendingChannel.MAIL
    organization = (notice.recipient.organization if notice.recipient else None) or notice.case.organization
    has_login = organization is not None and organization.memberships.exists()
    return SendingChannel.PORTAL if has_login else SendingChannel.MAIL


def send(notice: Notice, *, by: User, at: datetime) -> None:
    """Publish a letter in this transaction, or queue it for the mail house."""
    if channel_for(notice) is SendingChannel.PORTAL:
        _note_sent(
            notice, channel=SendingChannel.PORTAL, attempts=1, proof={"published": str(notice.public_id)}, by=by, at=at
        )
        return
    outbox.queue(
        kind=MAIL, ref_kind="notice", ref_id=notice.public_id, plan=notice.case.plan, run_at=at,
        dedupe_key=f"{MAIL}:{notice.public_id}",
    )  # fmt: skip


def _note_sent(
    notice: Notice, *, channel: SendingChannel, attempts: int, proof: dict[str, Any], by: User, at: datetime
) -> None:
    line_ids = tuple(notice.lines.order_by("pk").values_list("public_id", flat=True))
    NoticeSending.objects.create(notice=notice, channel=channel, attempts=attempts, handed_over_at=at, proof=proof)
    notice.state, notice.sent_at = NoticeState.SENT, at
    notice.save(update_fields=["state", "sent_at"])
    determination, question = notice.determination, notice.information_request
    audit.record(
        NoticeSent(
            case_id=notice.case.public_id,
            line_ids=line_ids,
            cause=notice.kind,
            notice_id=notice.public_id,
            audience=notice.audience,
            channel=channel,
            is_adverse=notice.kind in ADVERSE_KINDS,
            determination_id=determination.public_id if determination else None,
            information_request_id=question.public_id if question else None,
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def ensure_pdf(*, notice: Notice) -> bytes:
    """Return the PDF, made at first need from the stored blocks: the same blocks give the same bytes."""
    if notice.pdf is not None:
        return bytes(notice.pdf)
    pdf, html_only, _ = render_pdf(notice.document)
    notice.pdf, notice.pdf_digest = pdf, hashlib.sha256(pdf).hexdigest()
    notice.pages, notice.html_only_languages = pages_of(pdf), list(html_only)
    notice.save(update_fields=["pdf", "pdf_digest", "pages", "html_only_languages"])
    return pdf


def hand_to_mail_house(message: Message, *, at: datetime) -> dict[str, Any]:
    """Drop the PDF and its manifest where the mail house fetches them; the same letter again overwrites itself.

    Raises:
        OSError: the folder cannot be written; the outbox tries again.
    """
    notice = Notice.objects.select_related("case__member", "recipient").get(public_id=message.ref_id)
    pdf = ensure_pdf(notice=notice)
    folder = Path(settings.OPENUM_DATA) / "outgoing"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = str(notice.public_id)
    manifest = orjson.dumps(
        {
            "letter": notice.number,
            "file": f"{name}.pdf",
            "sha256": notice.pdf_digest,
            "pages": notice.pages,
            "address": list(notice.document["recipient"]),
            "idempotency_key": message.dedupe_key,
            "handed_over_at": at.isoformat(),
        },
        option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS,
    )
    write_whole(folder / f"{name}.pdf", pdf)
    write_whole(folder / f"{name}.json", manifest)  # last: the mail house takes a letter when its manifest is there
    return {
        "file": f"{name}.pdf",
        "sha256": notice.pdf_digest,
        "pages": notice.pages,
        "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
    }


def note_handed_over(message: Message, *, at: datetime) -> None:
    """Keep the proof in the transaction that marks the message as sent; clocks to notify stop here."""
    notice = Notice.objects.select_for_update().get(public_id=message.ref_id)
    if notice.sendings.filter(channel=SendingChannel.MAIL).exists():
        return
    _note_sent(
        notice, channel=SendingChannel.MAIL, attempts=message.attempts, proof=dict(message.proof),
        by=notice.prepared_by, at=at,
    )  # fmt: skip


@transaction.atomic
def release(*, notice: Notice, by: User, at: datetime) -> Notice:
    """Send a held letter whose reason to wait is gone.

    Raises:
        Conflict: the letter does not wait.
    """
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    if notice.state != NoticeState.HELD:
        raise Conflict("This letter does not wait. Open it to see where it stands.")
    notice.state, notice.held_because = NoticeState.RENDERED, ""
    notice.save(update_fields=["state", "held_because"])
    send(notice, by=by, at=at)
    return notice
