"""The HTTP side of FHIR: plain views, no cookies, one OperationOutcome for every refusal."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from openum.accounts.models import ApiClient
from openum.adapters.fhir.calls import Body
from openum.adapters.fhir.capability import capability_statement
from openum.adapters.fhir.door import Message, authenticate, read_message, receive, tell_how
from openum.adapters.fhir.outcome import Issue, Json, MessageRefused, operation_outcome
from openum.adapters.fhir.pas.inquire import inquire as answer_inquiry
from openum.adapters.fhir.pas.response import to_bytes
from openum.adapters.fhir.pas.submit import submit as answer_submission
from openum.adapters.fhir.pas.versions import VERSIONS, Version
from openum.adapters.oauth.addresses import site_of
from openum.adapters.oauth.smart import configuration
from openum.db import clock
from openum.submission.incoming import Problem
from openum.submission.services import Door, record_refusal
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel

CONTENT_TYPE = "application/fhir+json; charset=utf-8"
_ISSUE_CODES = {401: "login", 403: "forbidden", 404: "not-found", 409: "conflict", 422: "processing", 429: "throttled"}

Operation = Callable[[HttpRequest, Message, ApiClient, Version, Door], tuple[bytes, int]]


def _fhir(body: bytes, status: int) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def _outcome(issue: Issue, status: int) -> HttpResponse:
    return _fhir(to_bytes(operation_outcome([issue])), status)


def _refused(error: OpenUMError) -> HttpResponse:
    """Answer a refusal that is not about the form of the message."""
    response = _outcome(Issue(code=_ISSUE_CODES.get(error.status, "processing"), text=error.sentence), error.status)
    return tell_how(response, error)


def _not_found() -> HttpResponse:
    return _outcome(
        Issue(code="not-found", text="There is nothing at this address.", cure="See /fhir/2.2/metadata."), 404
    )


def _base_url(request: HttpRequest, version: Version) -> str:
    root = settings.OPENUM_BASE_URL or f"{request.scheme}://{request.get_host()}"
    return f"{root}/fhir/{version.base}"


def _operation(request: HttpRequest, base: str, name: str, run: Operation) -> HttpResponse:
    """Run one operation: who asks, what was sent, the answer; a message that is refused is kept with its reason."""
    version = VERSIONS.get(base)
    if version is None:
        return _not_found()
    if request.method != "POST":
        response = _outcome(Issue(code="not-supported", text="This operation takes POST."), 405)
        response.headers["Allow"] = "POST"
        return response
    try:
        client = authenticate(request)
        body = receive(request)
        door = Door(base=f"/fhir/{base}", operation=name)
        try:
            return _fhir(*run(request, read_message(request, body), client, version, door))
        except MessageRefused as refusal:
            _keep(refusal, body, client, door)
            return _outcome(refusal.issue, refusal.http_status)
    except OpenUMError as error:
        return _refused(error)


def _keep(refusal: MessageRefused, body: Body, client: ApiClient, door: Door) -> None:
    issue = refusal.issue
    record_refusal(
        raw=body.raw,
        digest=body.digest,
        size=body.size,
        reason=Problem(code=issue.code, path=issue.path, text=f"{issue.text} {issue.cure}".strip()),
        by=client.user,
        plan=client.plan,
        channel=Channel.FHIR,
        door=door,
        at=clock.now(),
        client=client,
    )


def _submit(
    request: HttpRequest, message: Message, client: ApiClient, version: Version, door: Door
) -> tuple[bytes, int]:
    base_url = _base_url(request, version)
    return answer_submission(message, client=client, version=version, door=door, base_url=base_url, at=clock.now())


def _inquire(
    request: HttpRequest, message: Message, client: ApiClient, version: Version, door: Door
) -> tuple[bytes, int]:
    return answer_inquiry(message, client=client, version=version, base_url=_base_url(request, version), at=clock.now())


@csrf_exempt
def submit(request: HttpRequest, base: str) -> HttpResponse:
    """Answer POST [base]/Claim/$submit."""
    return _operation(request, base, "Claim/$submit", _submit)


@csrf_exempt
def inquire(request: HttpRequest, base: str) -> HttpResponse:
    """Answer POST [base]/Claim/$inquire."""
    return _operation(request, base, "Claim/$inquire", _inquire)


def metadata(request: HttpRequest, base: str) -> HttpResponse:
    """Answer GET [base]/metadata; it tells nothing about members and needs no token."""
    version = VERSIONS.get(base)
    if version is None:
        return _not_found()
    statement: Json = capability_statement(version, base_url=_base_url(request, version))
    return _fhir(to_bytes(statement), 200)


def smart_configuration(request: HttpRequest, base: str) -> HttpResponse:
    """Answer GET [base]/.well-known/smart-configuration; browsers of any origin may read it."""
    if base not in VERSIONS:
        return _not_found()
    response = HttpResponse(to_bytes(configuration(site_of(request))), content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@csrf_exempt
def anything_else(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer every other address under /fhir/ with 404 and an OperationOutcome."""
    return _not_found()
