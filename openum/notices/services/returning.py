"""What came back, and sending again. The first hand-over stays the proof that the law asks for."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.notices.events import NoticeNotDelivered
from openum.notices.models import Notice, NoticeSending, NoticeState, SendingChannel
from openum.notices.services.addresses import current_address, fax_number
from openum.notices.services.sending import QUEUED, send
from openum.outbox import services as outbox
from openum.outbox.models import Message, MessageState
from openum.vocabulary.errors import Conflict, Invalid


class NoRoad(Invalid):
    """The letter cannot go by this road."""

    code: ClassVar[str] = "no-road"


@permitted(Permission.REVIEW_LINES, Permission.MATCH_INTAKE, on="sending.notice.case")
@transaction.atomic
def note_returned(*, sending: NoticeSending, reason: str, by: User, at: datetime) -> NoticeSending:
    """Keep that a letter came back. The clock that its hand-over stopped stays stopped; somebody has to reach the person.

    Raises:
        Invalid: no reason.
        Conflict: it is noted already.
    """
    if not reason.strip():
        raise Invalid("Write what stands on the envelope, or why the letter came back.")
    row = NoticeSending.objects.select_for_update(of=("self",)).get(pk=sending.pk)
    if row.returned_at is not None:
        raise Conflict("This is noted already.")
    row.returned_at, row.returned_because, row.returned_noted_by = at, reason.strip(), by
    row.save(update_fields=["returned_at", "returned_because", "returned_noted_by"])
    event = NoticeNotDelivered(
        case_id=row.notice.case.public_id, notice_id=row.notice.public_id, channel=row.channel, cause="returned"
    )
    audit.record(event, by=by, at=at)
    return row


@permitted(Permission.REVIEW_LINES, Permission.MATCH_INTAKE, Permission.SERVE_CALLERS, on="notice.case")
@transaction.atomic
def send_again(*, notice: Notice, channel: SendingChannel, by: User, at: datetime) -> Notice:
    """Send a letter once more, as it is, to the address known now; a message that failed for good is tried anew.

    Raises:
        Conflict: the letter is held, or is still on its way by this road.
        NoRoad: the reader has no address or number for this road.
    """
    notice = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("case__plan", "case__member", "case__organization", "recipient")
        .get(pk=notice.pk)
    )
    if notice.state == NoticeState.HELD:
        raise Conflict("This letter waits for a person. Open it to see why.")
    if channel not in QUEUED:
        raise NoRoad("A letter is sent again by mail or by fax.")
    if channel is SendingChannel.FAX and not fax_number(notice):
        raise NoRoad("The reader of this letter has no fax number. Send it by mail.")
    if channel is SendingChannel.MAIL and not (current_address(notice) or notice.document["recipient"][1:]):
        raise NoRoad("There is no address for this letter. Enter one first; the letter itself stays as it is.")
    messages = Message.objects.filter(kind=QUEUED[channel], ref_kind="notice", ref_id=notice.public_id)
    failed = messages.filter(state=MessageState.FAILED).first()
    if failed is not None:
        outbox.send_again(public_id=failed.public_id, at=at)
    elif messages.filter(state=MessageState.WAITING).exists():
        raise Conflict("This letter is on its way by this road. Wait for its proof.")
    else:
        send(notice, by=by, at=at, channel=channel)
    return notice
