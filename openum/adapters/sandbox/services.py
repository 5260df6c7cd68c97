"""Looking at recorded messages and taking them out, each with its trace in the audit trail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.adapters.sandbox.events import RecordedMessagesExported, RecordedMessagesRead
from openum.adapters.sandbox.exporting import exported, fresh_mask
from openum.adapters.sandbox.models import RecordedMessage


@permitted(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS)
def note_read(messages: Sequence[RecordedMessage], *, by: User, at: datetime) -> None:
    """Record that a person was shown messages; nothing shown, nothing recorded."""
    if messages:
        event = RecordedMessagesRead(message_ids=tuple(message.public_id for message in messages))
        audit.record(event, by=by, at=at)


@permitted(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS)
def export(messages: Sequence[RecordedMessage], *, by: User, at: datetime) -> dict[str, Any]:
    """Return messages without member data, and record that a person took them out."""
    today = at.astimezone(ZoneInfo(messages[0].client.plan.time_zone)).date() if messages else at.date()
    content = exported(messages, fresh_mask(today))
    if messages:
        event = RecordedMessagesExported(message_ids=tuple(message.public_id for message in messages))
        audit.record(event, by=by, at=at)
    return content
