"""Notification Bundles of the R4 backport: status first, then what each event is about. Pure but for the answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from openum.adapters.fhir import codes
from openum.adapters.fhir.pas.response import response_bundle
from openum.adapters.fhir.pas.standing import answer_standing
from openum.adapters.fhir.pas.versions import VERSIONS, Version
from openum.adapters.fhir.subscriptions.models import Subscription, SubscriptionEvent

Json = dict[str, Any]

HANDSHAKE = "handshake"
HEARTBEAT = "heartbeat"
EVENTS = "event-notification"
QUERY_STATUS = "query-status"
QUERY_EVENTS = "query-event"


def instant(at: datetime) -> str:
    """Write an instant in UTC with milliseconds."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def address_of(subscription: Subscription) -> str:
    """Return the absolute address of a subscription."""
    return f"{subscription.server}/Subscription/{subscription.public_id}"


def focus_of(event: SubscriptionEvent, subscription: Subscription, version: Version) -> str:
    """Return the address of what an event is about: the response Bundle (2.2.1), or the ClaimResponse."""
    if version.notifies_with_bundle and subscription.content == "full-resource":
        return f"{subscription.server}/Bundle/{event.public_id}"
    return f"{subscription.server}/ClaimResponse/{event.request.public_id}"


def status_of(
    subscription: Subscription, kind: str, *, events: Sequence[SubscriptionEvent] = (), content: str | None = None
) -> Json:
    """Return the SubscriptionStatus of a notification, as the Parameters of the R4 backport."""
    version = VERSIONS[subscription.base]
    shown = content or subscription.content
    parameters: list[Json] = [
        {"name": "subscription", "valueReference": {"reference": address_of(subscription)}},
        {"name": "topic", "valueCanonical": codes.PAS_TOPIC},
        {"name": "status", "valueCode": subscription.status},
        {"name": "type", "valueCode": kind},
        {"name": "events-since-subscription-start", "valueString": str(subscription.last_number)},
    ]
    for event in events:
        parts: list[Json] = [
            {"name": "event-number", "valueString": str(event.number)},
            {"name": "timestamp", "valueInstant": instant(event.occurred_at)},
        ]
        if shown != "empty":
            parts.append({"name": "focus", "valueReference": {"reference": focus_of(event, subscription, version)}})
        parameters.append({"name": "notification-event", "part": parts})
    if subscription.status == Subscription.ERROR:
        sentence = "Sending stopped after repeated failures. Update the Subscription with status requested to resume."
        parameters.append({"name": "error", "valueCodeableConcept": {"text": sentence}})
    return {
        "resourceType": "Parameters",
        "id": str(uuid4()),
        "meta": {"profile": [codes.BACKPORT + "backport-subscription-status-r4"]},
        "parameter": parameters,
    }


def notification(
    subscription: Subscription,
    kind: str,
    *,
    at: datetime,
    events: Sequence[SubscriptionEvent] = (),
    content: str | None = None,
) -> Json:
    """Return one notification.

    Args:
        kind: handshake, heartbeat, event-notification, or the answer to a query for events.
        events: with case and request loaded.
        content: another payload content than the subscription's own (a parameter of $events).
    """
    shown = content or subscription.content
    status = status_of(subscription, kind, events=events, content=shown)
    entries = [_entry(f"urn:uuid:{status['id']}", status, f"{address_of(subscription)}/$status")]
    addresses: set[str] = set()
    for event in events if shown != "empty" else ():
        for url, resource in _about(event, subscription, shown, at):
            if url not in addresses:
                addresses.add(url)
                entries.append(_entry(url, resource, url))
    return {
        "resourceType": "Bundle",
        "id": str(uuid4()),
        "meta": {"profile": [codes.BACKPORT + "backport-subscription-notification-r4"]},
        "type": "history",
        "timestamp": instant(at),
        "entry": entries,
    }


def _entry(url: str, resource: Json | None, asked: str) -> Json:
    entry: Json = {"fullUrl": url}
    if resource is not None:
        entry["resource"] = resource
    return entry | {"request": {"method": "GET", "url": asked}, "response": {"status": "200"}}


def _about(
    event: SubscriptionEvent, subscription: Subscription, content: str, at: datetime
) -> list[tuple[str, Json | None]]:
    """Return what an event carries: the address alone, the response Bundle, or the resources of the answer."""
    version = VERSIONS[subscription.base]
    focus = focus_of(event, subscription, version)
    if content != "full-resource":
        return [(focus, None)]
    bundle = standing_bundle(event, subscription, at=at)
    if version.notifies_with_bundle:
        return [(focus, bundle)]
    first, *others = [(entry["fullUrl"], entry["resource"]) for entry in bundle["entry"]]
    return [(focus, first[1]), *others]


def standing_bundle(event: SubscriptionEvent, subscription: Subscription, *, at: datetime) -> Json:
    """Return the answer to the request of an event as it stands now, under the event's own address."""
    answer = answer_standing(event.case, event.request, base_url=subscription.server, at=at)
    return response_bundle(answer, version=VERSIONS[subscription.base]) | {"id": str(event.public_id)}
