"""Messages between a provider office and the plan: written, read, and the word to the office that one waits."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final

import orjson
from django.conf import settings
from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import Attachment, Case
from openum.cases.services import NewDocument, attach
from openum.db.text import clean
from openum.outbox import services as outbox
from openum.outbox.files import write_whole
from openum.outbox.models import Message
from openum.review.events import MessagesRead, MessageWritten
from openum.review.models import CaseMessage
from openum.review.queries.messages import people_of_office, thread_of, unread_of, writes_for_office
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Channel

WAITING: Final = "message.waiting"
"""Kind of the outgoing word that a message waits."""
MOST_LETTERS: Final = 20_000


class NoOffice(Conflict):
    """No provider office stands on the other side."""

    code: ClassVar[str] = "no-office"


@permitted(Permission.SEE_ORGANIZATION_CASES, Permission.REVIEW_LINES, Permission.MATCH_INTAKE, on="case")
@transaction.atomic
def write_message(*, case: Case, text: str, by: User, at: datetime, paper: NewDocument | None = None) -> CaseMessage:
    """Keep a message to the other side. It changes no status, stops no clock and answers no question.

    Args:
        paper: of the office, put on the case like any other; the plan sends papers as letters.

    Raises:
        NoOffice: the case came from no office that could read it.
        Invalid: nothing is written, it is too long, or the plan wants to send a paper this way.
    """
    if case.organization_id is None:
        raise NoOffice("No provider office of the portal stands behind this case. Call, or write a letter.")
    words, is_from_office = clean(text.strip()), writes_for_office(by, case)
    if not words:
        raise Invalid("The message is empty. Write it, or leave it.")
    if len(words) > MOST_LETTERS:
        raise Invalid("The message is too long. Keep it under 20,000 letters, and add the rest as a paper.")
    if paper is not None and not is_from_office:
        raise Invalid("The plan sends papers as letters. Write the message without a file.")
    kept: Attachment | None = None
    if paper is not None:
        (kept,) = attach(case=case, request=None, documents=[paper], channel=Channel.PORTAL, by=by, at=at)
    message = CaseMessage.objects.create(
        case=case, is_from_office=is_from_office, text=words, attachment=kept, written_by=by, written_at=at
    )
    audit.record(
        MessageWritten(case_id=case.public_id, message_id=message.public_id, is_from_office=is_from_office),
        by=by,
        at=at,
    )
    if not is_from_office:
        outbox.queue(
            kind=WAITING, ref_kind="case-message", ref_id=message.public_id, plan=case.plan, run_at=at,
            dedupe_key=f"{WAITING}:{message.public_id}",
        )  # fmt: skip
    return message


@permitted(Permission.SEE_ORGANIZATION_CASES, Permission.REVIEW_LINES, Permission.MATCH_INTAKE, on="case")
@transaction.atomic
def mark_read(*, case: Case, by: User, at: datetime) -> list[CaseMessage]:
    """Note who of this side first read what the other side wrote; return what was new."""
    new = unread_of(list(thread_of(case)), for_office=writes_for_office(by, case))
    if not new:
        return []
    CaseMessage.objects.filter(pk__in=[one.pk for one in new], read_at__isnull=True).update(read_at=at, read_by=by)
    audit.record(MessagesRead(case_id=case.public_id, message_ids=tuple(one.public_id for one in new)), by=by, at=at)
    return new


def hand_over(message: Message, *, at: datetime) -> dict[str, Any]:
    """Drop the word that a message waits where the mail relay fetches it: no name, no number, no word of the message.

    Raises:
        OSError: the folder cannot be written; the outbox tries again.
    """
    row = CaseMessage.objects.select_related("case__plan").get(public_id=message.ref_id)
    plan = row.case.plan.name
    content = f"{plan} wrote to your office about a request. Sign in to the portal to read it.\n".encode()
    folder, name = Path(settings.OPENUM_DATA) / "outgoing", f"{row.public_id}.txt"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    proof = {"file": name, "sha256": hashlib.sha256(content).hexdigest()}
    envelope = {
        **proof, "to": sorted(person.email for person in people_of_office(row.case)), "subject": f"A message from {plan}",
        "idempotency_key": message.dedupe_key, "handed_over_at": at.isoformat(),
    }  # fmt: skip
    write_whole(folder / name, content)
    write_whole(folder / f"{name}.json", orjson.dumps(envelope, option=orjson.OPT_SORT_KEYS))  # last: it is complete
    return proof


def register_word_of_messages() -> None:
    """Let the outbox carry the word that a message waits; called once at start."""
    outbox.register_sender(WAITING, hand_over)
