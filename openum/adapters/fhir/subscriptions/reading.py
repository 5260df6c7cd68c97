"""A Subscription resource as received, in our words; what cannot be served is refused with its path and the cure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings

from openum.adapters.fhir import codes
from openum.adapters.fhir.elements import extension, part, rows, text, whole
from openum.adapters.fhir.outcome import Issue, MessageRefused
from openum.adapters.fhir.pas.versions import Version
from openum.adapters.fhir.subscriptions.rules import EndpointRefused, endpoint_of

Json = dict[str, Any]

PAYLOADS = ("application/fhir+json", "application/json")
SHORTEST_HEARTBEAT = 10
LONGEST_TIMEOUT = 20
MOST_EVENTS = 20
MOST_HEADERS = 20
_FILTER_NAMES = frozenset({"orgidentifier", "organizationidentifier", "insureridentifier", "provideridentifier"})
_OUR_HEADERS = frozenset(
    {
        "host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "upgrade",
        "te", "trailer", "expect", "proxy-authorization", "keep-alive",
    }
)  # fmt: skip
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a client asked for; everything is checked."""

    resource: Json
    endpoint: str
    headers: tuple[tuple[str, str], ...]
    content: str
    filters: tuple[str, ...]
    heartbeat_seconds: int | None
    timeout_seconds: int
    max_count: int
    ends_at: datetime | None
    is_off: bool


def wanted_of(resource: object, *, version: Version, at: datetime) -> Wanted:
    """Read a Subscription.

    An end that has passed already is not held against it: test tools send such ones (settled facts of the guides).

    Raises:
        MessageRefused: no Subscription (400), or one that this server cannot serve (422).
    """
    if not isinstance(resource, dict) or resource.get("resourceType") != "Subscription":
        raise MessageRefused(
            Issue(
                code="structure",
                path="Subscription",
                text="The body is not a Subscription.",
                cure="Post one Subscription resource.",
            )
        )
    channel = part(resource, "channel")
    _check_topic(resource)
    _check_channel(channel)
    return Wanted(
        resource={name: value for name, value in resource.items() if name not in {"id", "status", "error"}},
        endpoint=_endpoint(channel),
        headers=_headers(channel),
        content=_content(channel, version),
        filters=_filters(resource),
        heartbeat_seconds=_heartbeat(channel),
        timeout_seconds=min(_seconds(channel, codes.BACKPORT_TIMEOUT) or 10, LONGEST_TIMEOUT),
        max_count=min(whole(extension(channel, codes.BACKPORT_MAX_COUNT).get("valuePositiveInt")) or 1, MOST_EVENTS),
        ends_at=_end(resource, at),
        is_off=resource.get("status") == "off",
    )


def _refuse(path: str, sentence: str, cure: str, code: str = "not-supported") -> MessageRefused:
    return MessageRefused(Issue(code=code, path=path, text=sentence, cure=cure), http_status=422)


def _check_topic(resource: Json) -> None:
    if text(resource.get("criteria")).partition("|")[0] != codes.PAS_TOPIC:
        raise _refuse("Subscription.criteria", "This topic is not served here.", f"Subscribe to {codes.PAS_TOPIC}.")


def _check_channel(channel: Json) -> None:
    if channel.get("type") != "rest-hook":
        raise _refuse("Subscription.channel.type", "Only rest-hook channels are served.", "Use the type rest-hook.")
    payload = text(channel.get("payload")) or PAYLOADS[0]
    if payload.partition(";")[0].strip() not in PAYLOADS:
        raise _refuse(
            "Subscription.channel.payload", "Notifications are sent as FHIR JSON only.", f"Ask for {PAYLOADS[0]}."
        )


def _endpoint(channel: Json) -> str:
    url = text(channel.get("endpoint"))
    try:
        endpoint_of(url, listed=settings.OPENUM_NOTIFICATION_HOSTS, is_local=settings.OPENUM_DEMO or settings.DEBUG)
    except EndpointRefused as error:
        raise _refuse(
            "Subscription.channel.endpoint", error.sentence, "Name the address of your listener.", "value"
        ) from None
    return url


def _headers(channel: Json) -> tuple[tuple[str, str], ...]:
    sent = channel.get("header")
    listed = sent if isinstance(sent, list) else []
    if len(listed) > MOST_HEADERS:
        raise _refuse("Subscription.channel.header", "There are too many headers.", f"Send at most {MOST_HEADERS}.")
    found = []
    for index, line in enumerate(listed):
        name, colon, value = text(line).partition(":")
        name, value = name.strip(), value.strip()
        is_usable = bool(colon) and bool(name) and set(name) <= _TOKEN and len(value) <= 8000
        if not is_usable or name.lower() in _OUR_HEADERS or any(not " " <= one < "\x7f" for one in value):
            raise _refuse(
                f"Subscription.channel.header[{index}]",
                "This is no header that can be sent.",
                "Write it as `Name: value` in plain ASCII; those that belong to the connection are ours.",
                "value",
            )
        found.append((name, value))
    return tuple(found)


def _content(channel: Json, version: Version) -> str:
    path = "Subscription.channel.payload.extension"
    said = text(extension(part(channel, "_payload"), codes.BACKPORT_CONTENT).get("valueCode"))
    if not said:
        return version.subscription_contents[0]
    if said not in version.subscription_contents:
        allowed = " or ".join(version.subscription_contents)
        raise _refuse(path, f"PAS {version.guide} does not allow this payload content.", f"Ask for {allowed}.", "value")
    return said


def _filters(resource: Json) -> tuple[str, ...]:
    """Return the organization identifiers of every filter we know by one of its spellings; others say nothing."""
    found: list[str] = []
    for one in rows(part(resource, "_criteria").get("extension")):
        if one.get("url") != codes.BACKPORT_FILTER:
            continue
        for name, values in parse_qsl(text(one.get("valueString")).rpartition("?")[2].replace("+", "%2B")):
            if "".join(letter for letter in name.lower() if letter.isalpha()) in _FILTER_NAMES:
                found += [value.rpartition("|")[2].strip() for value in values.split(",")]
    return tuple(dict.fromkeys(value[:200] for value in found if value))


def _seconds(channel: Json, url: str) -> int | None:
    return whole(extension(channel, url).get("valueUnsignedInt"))


def _heartbeat(channel: Json) -> int | None:
    asked = _seconds(channel, codes.BACKPORT_HEARTBEAT)
    return max(asked, SHORTEST_HEARTBEAT) if asked is not None and asked < 2**24 else None


def _end(resource: Json, at: datetime) -> datetime | None:
    try:
        found = datetime.fromisoformat(text(resource.get("end")))
    except ValueError:
        return None
    return found if found.tzinfo is not None and found > at else None
