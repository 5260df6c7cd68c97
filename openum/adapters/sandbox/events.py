"""Who looked at recorded messages, and who took a copy out, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class RecordedMessagesRead(Event):
    """Somebody was shown recorded messages of a sandbox client."""

    message_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class RecordedMessagesExported(Event):
    """Somebody took recorded messages of a sandbox client out, without member data."""

    message_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class ConversationHeld(Event):
    """Somebody let the record system of a sandbox hold a conversation with the plan."""

    conversation_id: UUID
    story: str
