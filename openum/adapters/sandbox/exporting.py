"""A file of recorded messages that can be handed on: without member data, with a key that nobody keeps."""

import secrets
from collections.abc import Iterable
from datetime import date
from typing import Any

from openum.adapters.sandbox.deidentify import REMOVED, Mask, masked_address
from openum.adapters.sandbox.models import RecordedMessage
from openum.adapters.sandbox.tree import parsed

_MOST_DAYS = 365


def fresh_mask(today: date) -> Mask:
    """Return a mask for one export: a random key, and days moved back by a random number."""
    return Mask(key=secrets.token_bytes(32), days=-1 - secrets.randbelow(_MOST_DAYS), today=today)


def exported(messages: Iterable[RecordedMessage], mask: Mask) -> dict[str, Any]:
    """Return the messages, the earliest first, as one JSON object."""
    return {
        "about": "Messages of a sandbox, without member data: names, identifiers and free text are replaced, "
        "days are moved, birth dates keep a year only.",
        "messages": [_message(message, mask) for message in sorted(messages, key=lambda one: one.pk)],
    }


def _message(message: RecordedMessage, mask: Mask) -> dict[str, Any]:
    return {
        "direction": message.direction,
        "at": mask.apply({"at": message.at.isoformat()})["at"],
        "method": message.method,
        "address": masked_address(mask, message.address),
        "query": REMOVED if message.query else "",
        "status": message.status,
        "milliseconds": message.milliseconds,
        "body": _content(message.body, mask),
        "answer": _content(message.answer, mask),
    }


def _content(raw: bytes | memoryview | None, mask: Mask) -> Any:
    content = parsed(bytes(raw) if raw is not None else None)
    if isinstance(content, dict | list):
        return mask.apply(content)
    return REMOVED if raw else None
