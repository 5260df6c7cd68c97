"""The roads out: publication on the portal or for a connected system, the mail house, a fax line.

A clock to notify stops at proof of sending: publication is proved by its commit, mail by the hand-over, a fax by the
line's confirmation. What must leave the building goes through the outbox: after the commit, tried again with growing
waits, and on the delivery desk when it failed for good.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.jobs import enqueue
from openum.jobs.rules import next_slot
from openum.notices.content import LetterKind
from openum.notices.elements import Audience
from openum.notices.events import NoticeSent, NoticeSentAgain
from openum.notices.models import ELECTRONIC, Notice, NoticeSending, NoticeState, SendingChannel
from openum.notices.privacy import CopyFor
from openum.notices.render import drawn_with, pages_of, render_pdf
from openum.notices.roads.mailhouse import Slip, drop, write_manifest
from openum.notices.services.addresses import envelope, fax_number, organization_of
from openum.outbox import services as outbox
from openum.outbox.models import Message
from openum.vocabulary.errors import Conflict

MAIL = "letter.mail"
FAX = "letter.fax"
MANIFEST = "notices.manifest"
HOUR = 3600
ADVERSE_KINDS = frozenset(
    {LetterKind.DENIAL, LetterKind.PARTIAL_APPROVAL, LetterKind.INSERT, LetterKind.REDUCTION, LetterKind.COVERAGE_ENDS}
)
BY_HAND = frozenset({LetterKind.COVERAGE_ENDS, LetterKind.IMPORTANT_MESSAGE})
"""Forms that a facility hands over and the member signs; sending them is not the notice, handing them over is."""
QUEUED = {SendingChannel.MAIL: MAIL, SendingChannel.FAX: FAX}
PUBLISHED = frozenset({SendingChannel.PORTAL, SendingChannel.FHIR})


def channel_for(notice: Notice) -> SendingChannel:
    """Choose the road.

    Members: the portal where they asked for it, else the mail; a parent's or representative's copy always by mail.
    Providers: the portal for practices with a login, FHIR for those with a connected system, then fax, then mail.
    """
    if notice.kind in BY_HAND and notice.audience == Audience.MEMBER:
        return SendingChannel.HAND
    if notice.audience == Audience.MEMBER:
        is_own = notice.recipient is None and notice.copy_for == CopyFor.MEMBER
        is_electronic = is_own and notice.case.member.notice_format == ELECTRONIC
        return SendingChannel.PORTAL if is_electronic else SendingChannel.MAIL
    organization = organization_of(notice)
    if organization is not None and organization.memberships.exists():
        return SendingChannel.PORTAL
    if organization is not None and organization.clients.filter(plan=notice.case.plan, is_active=True).exists():
        return SendingChannel.FHIR
    return SendingChannel.FAX if fax_number(notice) else SendingChannel.MAIL


def send(notice: Notice, *, by: User, at: datetime, channel: SendingChannel | None = None) -> None:
    """Publish a letter in this transaction, or queue it for the mail house or the fax line."""
    road = channel or channel_for(notice)
    if road in PUBLISHED:
        note_sent(notice, channel=road, attempts=1, proof={"published": str(notice.public_id)}, by=by, at=at)
    elif road in QUEUED:
        kind, number = QUEUED[road], notice.sendings.filter(channel=road).count() + 1
        outbox.queue(
            kind=kind, ref_kind="notice", ref_id=notice.public_id, plan=notice.case.plan, run_at=at,
            dedupe_key=f"{kind}:{notice.public_id}" + (f":{number}" if number > 1 else ""),
        )  # fmt: skip


def note_sent(
    notice: Notice,
    *,
    channel: SendingChannel,
    attempts: int,
    proof: dict[str, Any],
    by: User,
    at: datetime,
    address: Sequence[str] = (),
) -> NoticeSending:
    """Keep the proof. The first one is what the law asks for; later ones are kept beside it and stop nothing anew."""
    line_ids = tuple(notice.lines.order_by("pk").values_list("public_id", flat=True))
    row = NoticeSending.objects.create(
        notice=notice, channel=channel, attempts=attempts, handed_over_at=at, proof=proof, address=list(address),
        round=notice.sendings.filter(channel=channel).count() + 1,
    )  # fmt: skip
    if notice.sent_at is not None:
        again = NoticeSentAgain(
            case_id=notice.case.public_id, line_ids=line_ids, cause=notice.kind, notice_id=notice.public_id,
            channel=channel, round=row.round,
        )  # fmt: skip
        audit.record(again, by=by, at=at)
        return row
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
    return row


@transaction.atomic
def ensure_pdf(*, notice: Notice) -> bytes:
    """Return the PDF, made at first need from the stored blocks: the same blocks give the same bytes."""
    if notice.pdf is not None:
        return bytes(notice.pdf)
    pdf, html_only, _ = render_pdf(notice.document)
    notice.pdf, notice.pdf_digest = pdf, hashlib.sha256(pdf).hexdigest()
    notice.pages, notice.html_only_languages, notice.drawn_with = pages_of(pdf), list(html_only), drawn_with()
    notice.save(update_fields=["pdf", "pdf_digest", "pages", "html_only_languages", "drawn_with"])
    return pdf


# -- mail ------------------------------------------------------------------------------------------------------------


def hand_to_mail_house(message: Message, *, at: datetime) -> dict[str, Any]:
    """Drop the PDF and its slip where the mail house fetches them; the same letter again overwrites itself.

    Raises:
        OSError: the folder cannot be written; the outbox tries again.
    """
    notice = notice_of(message)
    pdf = ensure_pdf(notice=notice)
    slip = slip_of(notice, address=envelope(notice), key=message.dedupe_key, at=at)
    return {
        "file": slip.file,
        "sha256": notice.pdf_digest,
        "pages": notice.pages,
        "slip_sha256": drop(slip, pdf),
        "idempotency_key": message.dedupe_key,
    }


def notice_of(message: Message) -> Notice:
    """Return the letter of an outbox message with what its road reads."""
    rows = Notice.objects.select_related(
        "case__plan", "case__member", "case__organization", "recipient__organization", "recipient__practitioner",
        "recipient__facility", "determination", "information_request", "prepared_by",
    )  # fmt: skip
    return rows.get(public_id=message.ref_id)


def slip_of(notice: Notice, *, address: Sequence[str], key: str, at: datetime) -> Slip:
    """Write the row of a letter for the mail house."""
    return Slip(
        letter=notice.number, file=f"{notice.public_id}.pdf", sha256=notice.pdf_digest, pages=notice.pages,
        paper=notice.document["page_size"], language=notice.language,
        large_print=notice.document["text_points"] >= 16, name=address[0] if address else "",
        address=" | ".join(address[1:]), idempotency_key=key, handed_over_at=at.isoformat(),
    )  # fmt: skip


def note_handed_over(message: Message, *, at: datetime) -> None:
    """Keep the proof in the transaction that marks the message as sent; clocks to notify stop here."""
    notice = Notice.objects.select_for_update(of=("self",)).get(public_id=message.ref_id)
    note_sent(
        notice, channel=SendingChannel.MAIL, attempts=message.attempts, proof=dict(message.proof),
        by=notice.prepared_by, at=at, address=envelope(notice),
    )  # fmt: skip
    hour = at.replace(minute=0, second=0, microsecond=0)
    plan = notice.case.plan
    enqueue(
        MANIFEST, {"plan": str(plan.public_id), "hour": hour.isoformat()}, run_at=next_slot(at, seconds=HOUR),
        dedupe_key=f"{MANIFEST}:{plan.public_id}:{hour.isoformat()}",
    )  # fmt: skip


def manifest_of_hour(*, plan_id: UUID, hour: datetime) -> int:
    """Write the mail house's manifest of an hour and return how many letters it lists; repeatable."""
    rows = (
        NoticeSending.objects.filter(
            notice__case__plan__public_id=plan_id, channel=SendingChannel.MAIL, handed_over_at__gte=hour,
            handed_over_at__lt=hour + timedelta(seconds=HOUR),
        )
        .select_related("notice__case__plan")
        .defer("notice__html", "notice__pdf", "notice__inputs")
        .order_by("handed_over_at", "pk")
    )  # fmt: skip
    key, slips = "", []
    for row in rows.iterator(chunk_size=200):
        key = row.notice.case.plan.key
        slips.append(
            slip_of(row.notice, address=row.address, key=row.proof.get("idempotency_key", ""), at=row.handed_over_at)
        )
    if slips:
        write_manifest(f"{key}-{hour:%Y-%m-%dT%H}", slips)
    return len(slips)


@permitted(Permission.REVIEW_LINES, Permission.MATCH_INTAKE, on="notice.case")
@transaction.atomic
def release(*, notice: Notice, by: User, at: datetime) -> Notice:
    """Send a held letter whose reason to wait is gone.

    Raises:
        Conflict: the letter does not wait.
    """
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if notice.state != NoticeState.HELD:
        raise Conflict("This letter does not wait. Open it to see where it stands.")
    notice.state, notice.held_because = NoticeState.RENDERED, ""
    notice.save(update_fields=["state", "held_because"])
    send(notice, by=by, at=at)
    return notice
