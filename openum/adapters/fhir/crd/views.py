"""The HTTP side of CRD: discovery for everybody, services for registered clients, an OperationOutcome for refusals."""

from collections.abc import Callable
from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from openum.adapters.fhir.checks import is_thorough
from openum.adapters.fhir.crd.answer import answer
from openum.adapters.fhir.crd.call import read_call
from openum.adapters.fhir.crd.discovery import HOOKS, services
from openum.adapters.fhir.crd.remote import Remote
from openum.adapters.fhir.crd.versions import VERSIONS
from openum.adapters.fhir.door import authenticate_hook, read_message, receive, tell_how
from openum.adapters.fhir.elements import text
from openum.adapters.fhir.incoming import faults_of_message
from openum.adapters.fhir.outcome import Issue, Json, MessageRefused, operation_outcome
from openum.adapters.fhir.pas.response import to_bytes
from openum.db import clock
from openum.vocabulary.errors import OpenUMError

_FHIR = "application/fhir+json; charset=utf-8"
_JSON = "application/json; charset=utf-8"
FAULTS = "openum.request-faults"
"""The extension of a response that tells the sender's faults: no card, so that it disturbs no clinician."""
_ISSUE_CODES = {401: "login", 403: "forbidden", 404: "not-found", 409: "conflict", 429: "throttled"}


def _answer(content: Json, *, status: int = 200, kind: str = _JSON) -> HttpResponse:
    """Return JSON that browsers of any origin may read: a token, never a cookie, opens these doors."""
    response = HttpResponse(to_bytes(content), status=status, content_type=kind)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "X-Request-Id"
    return response


def _refused(issue: Issue, status: int) -> HttpResponse:
    return _answer(operation_outcome([issue]), status=status, kind=_FHIR)


def _preflight(methods: str) -> HttpResponse:
    response = HttpResponse(status=204)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = f"{methods}, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    response.headers["Access-Control-Max-Age"] = "600"
    return response


def _only(method: str, request: HttpRequest, serve: Callable[[], HttpResponse]) -> HttpResponse:
    if request.method == "OPTIONS":
        return _preflight(method)
    if request.method != method:
        response = _refused(Issue(code="not-supported", text=f"This address takes {method}."), 405)
        response.headers["Allow"] = f"{method}, OPTIONS"
        return response
    return serve()


@csrf_exempt
def discovery(request: HttpRequest, base: str) -> HttpResponse:
    """Answer GET /crd/[version]/cds-services; it tells nothing about members and needs no token."""
    version = VERSIONS.get(base)
    if version is None:
        return _refused(
            Issue(code="not-found", text="There is no such version.", cure="Use /crd/2.0 or /crd/2.2."), 404
        )
    return _only("GET", request, lambda: _answer(services(version)))


@csrf_exempt
def service(request: HttpRequest, base: str, name: str) -> HttpResponse:
    """Answer POST /crd/[version]/cds-services/[id]."""
    return _only("POST", request, lambda: _serve(request, base, name))


def _serve(request: HttpRequest, base: str, name: str) -> HttpResponse:
    version, hook = VERSIONS.get(base), HOOKS.get(name)
    if version is None or hook is None:
        cure = f"See /crd/{base if version else '2.2'}/cds-services."
        return _refused(Issue(code="not-found", text="There is no such service.", cure=cure), 404)
    try:
        site = settings.OPENUM_BASE_URL or f"{request.scheme}://{request.get_host()}"
        services_url = f"{site}/crd/{base}/cds-services"
        body = receive(request)
        client = authenticate_hook(request, audiences=frozenset({services_url, f"{services_url}/{name}"}), body=body)
        data = read_message(request, body).data
        call = read_call(data, hook, version, Remote(data, own=client.fhir_server))
        made = answer(
            call, version=version, client=client, site=site, instance=text(data.get("hookInstance")), at=clock.now()
        )
        faults = faults_of_message(request.path_info, data, is_thorough=is_thorough(request, client))
        if faults:
            made["extension"] = {FAULTS: operation_outcome(faults)}
        return _answer(made)
    except MessageRefused as refusal:
        path = "" if refusal.issue.path == "Bundle" else refusal.issue.path
        return _refused(replace(refusal.issue, path=path), refusal.http_status)
    except OpenUMError as error:
        issue = Issue(code=_ISSUE_CODES.get(error.status, "processing"), text=error.sentence)
        return tell_how(_refused(issue, error.status), error)
