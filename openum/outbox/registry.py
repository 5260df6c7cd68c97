"""Who sends which kind of message. Filled at start-up by notices and the adapters."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from openum.outbox.models import Message


class Send(Protocol):
    """Hand one message over and return the proof (ids and instants, no member data); raise to have it tried again."""

    def __call__(self, message: "Message", *, at: datetime) -> dict[str, Any]:
        """Send; the call may be repeated after a crash, so give `message.dedupe_key` to the other side."""


class AfterSent(Protocol):
    """Write down what follows from the sending, in the transaction that marks the message as sent."""

    def __call__(self, message: "Message", *, at: datetime) -> None:
        """`message.proof` holds what the sender returned."""


@dataclass(frozen=True)
class Sender:
    """A registered sender."""

    send: Callable[..., dict[str, Any]]
    after: Callable[..., None] | None


SENDERS: dict[str, Sender] = {}


def register_sender(kind: str, send: Send, *, after: AfterSent | None = None) -> None:
    """Register who sends a kind of message, and what is written once it is gone.

    Raises:
        ValueError: the kind has a sender already.
    """
    if kind in SENDERS:
        raise ValueError(f"Two senders are registered for messages of kind {kind}.")
    SENDERS[kind] = Sender(send, after)
