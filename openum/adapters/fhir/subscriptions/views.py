"""Subscription over HTTP: create, read, update, delete, search, `$status` and `$events`."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from openum import audit
from openum.adapters.fhir.checks import is_thorough
from openum.adapters.fhir.door import read_message, receive
from openum.adapters.fhir.elements import rows, text
from openum.adapters.fhir.incoming import FAULTS_HEADER, faults_of_message
from openum.adapters.fhir.outcome import Issue, MessageRefused, operation_outcome
from openum.adapters.fhir.pas.response import to_bytes
from openum.adapters.fhir.pas.versions import VERSIONS
from openum.adapters.fhir.rest import Exchange, answered, interact, nothing_here, outcome, wishes_of
from openum.adapters.fhir.search import id_of, ids_of, page_of, query_of, searchset
from openum.adapters.fhir.subscriptions import notifications, queries, services
from openum.adapters.fhir.subscriptions.models import Subscription
from openum.adapters.fhir.subscriptions.reading import wanted_of
from openum.vocabulary.identifiers import new_uuid7

Json = dict[str, Any]

SEARCHED_BY = frozenset({"_id", "status", "url", "criteria", "type", "payload"})
MOST_EVENTS_AT_ONCE = 100


def as_fhir(row: Subscription) -> Json:
    """Return a subscription as its client may read it."""
    resource: Json = {"resourceType": "Subscription", "id": str(row.public_id)}
    held: Json = row.resource
    meta = dict(held["meta"]) if isinstance(held.get("meta"), dict) else {}
    meta |= {"versionId": str(row.version), "lastUpdated": notifications.instant(row.changed_at)}
    resource["meta"] = meta
    resource |= {name: value for name, value in held.items() if name not in {"resourceType", "meta"}}
    resource["status"] = row.status
    if row.status == Subscription.ERROR:
        resource["error"] = "Sending stopped after repeated failures. Update with status requested to resume."
    return resource


def _told(row: Subscription, status: int = 200) -> HttpResponse:
    response = answered(as_fhir(row), status)
    response.headers["ETag"] = f'W/"{row.version}"'
    return response


def _taken(exchange: Exchange, row: Subscription, body: object, status: int = 200) -> HttpResponse:
    """Answer what was taken in: as it stands, or, as the client prefers, nothing or what is wrong with it."""
    thorough = is_thorough(exchange.http, exchange.client)
    faults = faults_of_message(exchange.http.path_info, body, is_thorough=thorough)
    response = _told(row, status)
    wishes = wishes_of(exchange.http)
    if "return=operationoutcome" in wishes:
        fine = Issue(severity="information", code="informational", text="The subscription is in order.")
        response.content = to_bytes(operation_outcome(faults or [fine]))
    elif "return=minimal" in wishes:
        response.content = b""
    if faults:
        response.headers[FAULTS_HEADER] = str(len(faults))
    return response


def _body(exchange: Exchange) -> object:
    return read_message(exchange.http, receive(exchange.http), name="Subscription").data


def _create(exchange: Exchange) -> HttpResponse:
    body = _body(exchange)
    wanted = wanted_of(body, version=exchange.version, at=exchange.at)
    row = services.create(
        client=exchange.client, base=exchange.version.base, server=exchange.base_url, wanted=wanted, at=exchange.at
    )
    response = _taken(exchange, row, body, 201)
    response.headers["Location"] = f"{notifications.address_of(row)}/_history/{row.version}"
    return response


def _search(exchange: Exchange) -> HttpResponse:
    query = query_of(exchange, SEARCHED_BY)
    found = queries.subscriptions_of(exchange.client, base=exchange.version.base)
    if (wanted := ids_of(query)) is not None:
        found = found.filter(public_id__in=wanted)
    for name, column in (("status", "status"), ("url", "endpoint")):
        if (values := query.one_of(name)) is not None:
            found = found.filter(**{f"{column}__in": values})
    for name, path in (("criteria", "resource__criteria"), ("payload", "resource__channel__payload")):
        if (values := query.one_of(name)) is not None:
            found = found.filter(**{f"{path}__in": values})
    if "rest-hook" not in (query.one_of("type") or ["rest-hook"]):
        found = found.none()
    page, total = page_of(found, query)
    return answered(searchset(exchange, "Subscription", [as_fhir(row) for row in page], total=total, query=query))


def _row(exchange: Exchange, public_id: str) -> Subscription | None:
    wanted = id_of(public_id)
    if wanted is None:
        return None
    return queries.subscription_of(exchange.client, base=exchange.version.base, public_id=wanted)


def _gone() -> HttpResponse:
    return outcome(
        Issue(code="deleted", path="Subscription", text="This subscription was deleted.", cure="Create another one."),
        410,
    )


def _read(exchange: Exchange, public_id: str) -> HttpResponse:
    row = _row(exchange, public_id)
    if row is None:
        return nothing_here()
    return _gone() if row.deleted_at is not None else _told(row)


def _update(exchange: Exchange, public_id: str) -> HttpResponse:
    row = _row(exchange, public_id)
    if row is None:
        return outcome(
            Issue(
                code="not-found",
                path="Subscription.id",
                text="There is no such subscription of this client.",
                cure="Create one with POST; the server chooses its id.",
            ),
            404,
        )
    if row.deleted_at is not None:
        return _gone()
    body = _body(exchange)
    wanted = wanted_of(body, version=exchange.version, at=exchange.at)
    if isinstance(body, dict) and body.get("id") != public_id:
        raise MessageRefused(
            Issue(
                code="value",
                path="Subscription.id",
                text="The id of the body is not the one of the address.",
                cure="Send the resource with the id it was given.",
            )
        )
    stated = exchange.http.headers.get("If-Match", "")
    version = "".join(letter for letter in stated if letter.isdecimal())[:9]
    changed = services.replace(
        subscription=row, wanted=wanted, if_version=int(version) if version else None, at=exchange.at
    )
    return _taken(exchange, changed, body)


def _delete(exchange: Exchange, public_id: str) -> HttpResponse:
    row = _row(exchange, public_id)
    if row is None:
        return nothing_here()
    services.remove(subscription=row, at=exchange.at)
    return HttpResponse(status=204)


@csrf_exempt
def subscriptions(request: HttpRequest, base: str) -> HttpResponse:
    """Answer [base]/Subscription: POST creates, GET searches."""
    return interact(request, base, POST=_create, GET=_search)


@csrf_exempt
def search(request: HttpRequest, base: str) -> HttpResponse:
    """Answer POST [base]/Subscription/_search."""
    return interact(request, base, POST=_search)


@csrf_exempt
def subscription(request: HttpRequest, base: str, public_id: str) -> HttpResponse:
    """Answer [base]/Subscription/[id]."""
    return interact(
        request,
        base,
        GET=lambda exchange: _read(exchange, public_id),
        PUT=lambda exchange: _update(exchange, public_id),
        DELETE=lambda exchange: _delete(exchange, public_id),
    )


@csrf_exempt
def status(request: HttpRequest, base: str, public_id: str = "") -> HttpResponse:
    """Answer `$status` of one subscription, or of those named (or all) of the client."""

    def serve(exchange: Exchange) -> HttpResponse:
        asked = _parameters(exchange)
        found = queries.subscriptions_of(exchange.client, base=exchange.version.base)
        wanted = [public_id] if public_id else asked.get("id", [])
        if wanted:
            found = found.filter(public_id__in=[one for value in wanted if (one := id_of(value)) is not None])
        if public_id and not found.exists():
            return nothing_here()
        if asked.get("status"):
            found = found.filter(status__in=asked["status"])
        entries = []
        for row in found[: services.MOST_PER_CLIENT]:
            held = notifications.status_of(row, notifications.QUERY_STATUS)
            entries.append({"fullUrl": f"urn:uuid:{held['id']}", "resource": held, "search": {"mode": "match"}})
        return answered(
            {
                "resourceType": "Bundle",
                "id": str(new_uuid7()),
                "type": "searchset",
                "timestamp": notifications.instant(exchange.at),
                "total": len(entries),
                **({"entry": entries} if entries else {}),  # JSON of FHIR has no empty arrays
            }
        )

    return interact(request, base, GET=serve, POST=serve)


@csrf_exempt
def events(request: HttpRequest, base: str, public_id: str) -> HttpResponse:
    """Answer `$events`: the numbered events again, so that a client gets what it missed."""

    def serve(exchange: Exchange) -> HttpResponse:
        row = _row(exchange, public_id)
        if row is None or row.deleted_at is not None:
            return nothing_here()
        asked = _parameters(exchange)
        content = (asked.get("content") or [row.content])[0]
        if content not in VERSIONS[row.base].subscription_contents and content != "id-only":
            raise MessageRefused(
                Issue(
                    code="value",
                    path="Parameters.parameter.where(name = 'content')",
                    text="This payload content is not known.",
                    cure="Ask for id-only or full-resource.",
                )
            )
        first = _event_number(asked, "eventsSinceNumber", 1)
        last = _event_number(asked, "eventsUntilNumber", row.last_number)
        found = queries.events_between(row, first=first, last=last, most=MOST_EVENTS_AT_ONCE)
        body = notifications.notification(
            row, notifications.QUERY_EVENTS, at=exchange.at, events=found, content=content
        )
        if content == "full-resource":
            shown = list(dict.fromkeys(event.case.public_id for event in found))
            audit.record_reads(by=exchange.client.user, at=exchange.at, case_ids=shown, why="FHIR Subscription/$events")
        return answered(body)

    return interact(request, base, GET=serve, POST=serve)


def _event_number(asked: dict[str, list[str]], name: str, usual: int) -> int:
    said = (asked.get(name) or [str(usual)])[0]
    if not (said.isascii() and said.isdecimal()) or len(said) > 15:
        raise MessageRefused(
            Issue(
                code="value",
                path=f"Parameters.parameter.where(name = '{name}')",
                text="This is no event number.",
                cure="Send a whole number as text.",
            )
        )
    return int(said)


def _parameters(exchange: Exchange) -> dict[str, list[str]]:
    """Return the parameters of an operation, from the address or from a Parameters body."""
    found: dict[str, list[str]] = {name: exchange.http.GET.getlist(name) for name in exchange.http.GET}
    if exchange.http.method != "POST":
        return found
    body = receive(exchange.http)
    if body.size == 0:
        return found
    data = read_message(exchange.http, body, name="Parameters").data
    if not isinstance(data, dict) or data.get("resourceType") != "Parameters":
        raise MessageRefused(
            Issue(
                code="structure",
                path="Parameters",
                text="The body is not a Parameters resource.",
                cure="Send Parameters, or the parameters in the address.",
            )
        )
    for one in rows(data.get("parameter")):
        value = next((text(held) for name, held in one.items() if name.startswith("value")), "")
        found.setdefault(text(one.get("name")), []).append(value)
    return found
