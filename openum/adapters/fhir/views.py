"""The HTTP side of FHIR: plain views, no cookies, one OperationOutcome for every refusal."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from openum.accounts.models import ApiClient
from openum.adapters.fhir.calls import Body
from openum.adapters.fhir.capability import capability_statement
from openum.adapters.fhir.checks import is_thorough
from openum.adapters.fhir.door import Message, authenticate, read_message, receive
from openum.adapters.fhir.outcome import Json, MessageRefused
from openum.adapters.fhir.pas.attaching import OPERATION as ATTACHMENT
from openum.adapters.fhir.pas.attaching import submit_attachment as answer_attachment
from openum.adapters.fhir.pas.inquire import inquire as answer_inquiry
from openum.adapters.fhir.pas.submit import submit as answer_submission
from openum.adapters.fhir.pas.versions import VERSIONS, Version
from openum.adapters.fhir.rest import answered, base_url_of, nothing_here, refused, wrong_method
from openum.db import clock
from openum.submission.incoming import Problem
from openum.submission.services import Door, record_refusal
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel

_READS = frozenset({"GET", "HEAD"})
Operation = Callable[[HttpRequest, Message, ApiClient, Version, Door], tuple[bytes, int]]


def _operation(request: HttpRequest, base: str, name: str, run: Operation, *, body_is: str = "Bundle") -> HttpResponse:
    """Run one operation: who asks, what was sent, the answer; a message that is refused is kept with its reason."""
    version = VERSIONS.get(base)
    if version is None:
        return nothing_here()
    if request.method != "POST":
        return wrong_method("POST")
    try:
        client = authenticate(request)
        body = receive(request)
        door = Door(base=f"/fhir/{base}", operation=name)
        try:
            return answered(*run(request, read_message(request, body, name=body_is), client, version, door))
        except MessageRefused as refusal:
            _keep(refusal, body, client, door)
            return refused(refusal)
    except OpenUMError as error:
        return refused(error)


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
    base_url = base_url_of(request, version)
    return answer_submission(
        message, client=client, version=version, door=door, base_url=base_url, at=clock.now(),
        is_thorough=is_thorough(request, client),
    )  # fmt: skip


def _inquire(
    request: HttpRequest, message: Message, client: ApiClient, version: Version, door: Door
) -> tuple[bytes, int]:
    return answer_inquiry(
        message, client=client, version=version, base_url=base_url_of(request, version), at=clock.now()
    )


def _attach(
    request: HttpRequest, message: Message, client: ApiClient, version: Version, door: Door
) -> tuple[bytes, int]:
    return answer_attachment(message, client=client, version=version, door=door, at=clock.now())


@csrf_exempt
def submit_attachment(request: HttpRequest, base: str) -> HttpResponse:
    """Answer POST [base]/$submit-attachment, and the same below Claim."""
    return _operation(request, base, ATTACHMENT, _attach, body_is="Parameters")


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
        return nothing_here()
    if request.method not in _READS:
        return wrong_method("GET, HEAD")
    statement: Json = capability_statement(version, base_url=base_url_of(request, version))
    return answered(statement)


@csrf_exempt
def anything_else(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer every other address under /fhir/ with 404 and an OperationOutcome."""
    return nothing_here()
