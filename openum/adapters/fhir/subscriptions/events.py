"""What happens to subscriptions, past tense, ids only."""

from dataclasses import dataclass
from uuid import UUID

from openum.audit import Event


@dataclass(frozen=True, kw_only=True)
class SubscriptionCreated(Event):
    """A client asked to be told of changed answers."""

    subscription_id: UUID


@dataclass(frozen=True, kw_only=True)
class SubscriptionReplaced(Event):
    """A client changed its subscription, or started a stopped one again."""

    subscription_id: UUID


@dataclass(frozen=True, kw_only=True)
class SubscriptionStatusChanged(Event):
    """A handshake was answered, sending stopped after repeated failures, or the end came."""

    subscription_id: UUID
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class SubscriptionDeleted(Event):
    """A client took its subscription away."""

    subscription_id: UUID
