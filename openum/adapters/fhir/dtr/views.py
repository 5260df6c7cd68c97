"""The HTTP side of DTR: forms as packages, the next questions, expansions, faults; read and search."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from openum.adapters.fhir.checks import is_thorough
from openum.adapters.fhir.door import read_message, receive
from openum.adapters.fhir.dtr.adaptive import next_question as answer_next_question
from openum.adapters.fhir.dtr.expand import expand as answer_expand
from openum.adapters.fhir.dtr.faults import log_errors as answer_log_errors
from openum.adapters.fhir.dtr.package import questionnaire_package as answer_package
from openum.adapters.fhir.dtr.package import to_bytes
from openum.adapters.fhir.dtr.parameters import as_parameters
from openum.adapters.fhir.dtr.search import PARAMETERS, fitting
from openum.adapters.fhir.dtr.search import read as find_one
from openum.adapters.fhir.dtr.shaping import shaped, written
from openum.adapters.fhir.dtr.shelf import Shelf, shelf_for
from openum.adapters.fhir.dtr.versions import VERSIONS, Version
from openum.adapters.fhir.incoming import FAULTS_HEADER, faults_of_message
from openum.adapters.fhir.outcome import Issue, MessageRefused, operation_outcome
from openum.adapters.fhir.rest import Exchange, answered, interact
from openum.adapters.fhir.search import query_of, searchset

Json = dict[str, Any]


def _version(exchange: Exchange) -> Version:
    return VERSIONS[exchange.version.base]


def _shelf(exchange: Exchange) -> Shelf:
    """Return what the client may be handed."""
    day = exchange.at.astimezone(ZoneInfo(exchange.client.plan.time_zone)).date()
    return shelf_for(exchange.client.plan, site=_site(exchange), day=day)


def _site(exchange: Exchange) -> str:
    return exchange.base_url.removesuffix(f"/fhir/{exchange.version.base}")


def _body(exchange: Exchange) -> Any:
    """Return the body; faults in it are told as faults of Parameters, which these operations take."""
    try:
        return read_message(exchange.http, receive(exchange.http)).data
    except MessageRefused as refusal:
        issue = replace(refusal.issue, path="Parameters" if refusal.issue.path == "Bundle" else refusal.issue.path)
        raise MessageRefused(issue, http_status=refusal.http_status) from None


def _faults(exchange: Exchange, data: object) -> list[Issue]:
    """Return what is wrong with a body that can be used all the same."""
    thorough = is_thorough(exchange.http, exchange.client)
    return faults_of_message(exchange.http.path_info, data, is_thorough=thorough)


def _counted(response: HttpResponse, faults: list[Issue]) -> HttpResponse:
    """Say how many faults a body has, on an answer that has no place for them."""
    if faults:
        response.headers[FAULTS_HEADER] = str(len(faults))
    return response


def _package(exchange: Exchange) -> HttpResponse:
    data = _body(exchange)
    made = answer_package(
        data, version=_version(exchange), client=exchange.client, site=_site(exchange), base_url=exchange.base_url,
        at=exchange.at, faults=_faults(exchange, data),
    )  # fmt: skip
    return answered(to_bytes(made))


def _next_question(exchange: Exchange) -> HttpResponse:
    data = _body(exchange)
    made = answer_next_question(
        data, _shelf(exchange), version=_version(exchange), client=exchange.client, base_url=exchange.base_url,
        at=exchange.at,
    )  # fmt: skip
    return _counted(answered(made), _faults(exchange, data))


def _log_errors(exchange: Exchange) -> HttpResponse:
    data = _body(exchange)
    issues = answer_log_errors(data, _shelf(exchange), client=exchange.client, at=exchange.at)
    return answered(operation_outcome([*issues, *_faults(exchange, data)]))


def _expand(exchange: Exchange, identity: str) -> HttpResponse:
    http, shelf = exchange.http, _shelf(exchange)
    if http.method in {"GET", "HEAD"}:
        given: list[Any] = [{"name": name, "valueString": value} for name, value in http.GET.items()]
        asked: Json = {"resourceType": "Parameters", "parameter": given}
        faults: list[Issue] = []
    else:
        asked = as_parameters(_body(exchange), needs="Send Parameters with “url”.")
        faults = _faults(exchange, asked)
    if identity:
        url = find_one("ValueSet", identity, shelf).label.canonical
        asked = {"resourceType": "Parameters", "parameter": [*_without_url(asked), {"name": "url", "valueUri": url}]}
    return _counted(answered(answer_expand(asked, shelf, at=exchange.at)), faults)


def _without_url(asked: Json) -> list[Any]:
    held, names = asked.get("parameter"), ("url", "valueSet", "valueSetVersion")
    return (
        [one for one in held if isinstance(one, dict) and one.get("name") not in names]
        if isinstance(held, list)
        else []
    )


def _read(exchange: Exchange, kind: str, identity: str) -> HttpResponse:
    found = find_one(kind, identity, _shelf(exchange))
    return answered(to_bytes(written(found, _version(exchange), base_url=exchange.base_url)))


def _search(exchange: Exchange, kind: str) -> HttpResponse:
    query = query_of(exchange, PARAMETERS)
    found = fitting(kind, query, _shelf(exchange))
    page = [
        shaped(one, _version(exchange), base_url=exchange.base_url)
        for one in found[query.offset : query.offset + query.count]
    ]
    return answered(searchset(exchange, kind, page, total=len(found), query=query))


@csrf_exempt
def package(request: HttpRequest, base: str) -> HttpResponse:
    """Answer POST [base]/Questionnaire/$questionnaire-package."""
    return interact(request, base, POST=_package)


@csrf_exempt
def next_question(request: HttpRequest, base: str) -> HttpResponse:
    """Answer POST [base]/Questionnaire/$next-question."""
    return interact(request, base, POST=_next_question)


@csrf_exempt
def log_errors(request: HttpRequest, base: str) -> HttpResponse:
    """Answer POST [base]/Questionnaire/$log-questionnaire-errors."""
    return interact(request, base, POST=_log_errors)


@csrf_exempt
def expand(request: HttpRequest, base: str, identity: str = "") -> HttpResponse:
    """Answer [base]/ValueSet/$expand and [base]/ValueSet/[id]/$expand, by GET or POST."""

    def serve(exchange: Exchange) -> HttpResponse:
        return _expand(exchange, identity)

    return interact(request, base, GET=serve, POST=serve)


@csrf_exempt
def read(request: HttpRequest, base: str, kind: str, identity: str) -> HttpResponse:
    """Answer GET [base]/[type]/[id] of a form, library or value set."""
    return interact(request, base, GET=lambda exchange: _read(exchange, kind, identity))


@csrf_exempt
def search(request: HttpRequest, base: str, kind: str) -> HttpResponse:
    """Answer GET [base]/[type] and POST [base]/[type]/_search."""
    methods = {"POST" if request.path_info.endswith("/_search") else "GET": lambda one: _search(one, kind)}
    return interact(request, base, **methods)
