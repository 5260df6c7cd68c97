"""The arming switch as a call: a client chooses its own next answer, under a demo physician's standing order."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from openum.accounts.models import ApiClient
from openum.adapters.fhir.door import known_client, parse
from openum.adapters.fhir.outcome import MessageRefused
from openum.db.clock import now
from openum.submission.arming import LONGEST, USUAL, Armed, CannotBeArmed, SandboxAnswer
from openum.submission.models import SandboxArming
from openum.submission.services import arm, check_may_arm, disarm, pending_arming
from openum.vocabulary.errors import OpenUMError

_MOST_BYTES = 4096
_FIELDS = {"answer", "delay_seconds", "error_code", "http_status", "is_standing", "lasts_seconds"}


@csrf_exempt
def next_answer(request: HttpRequest) -> HttpResponse:
    """Answer GET, PUT and DELETE /sandbox/api/next-answer."""
    if request.method not in {"GET", "PUT", "DELETE"}:
        response = _answer({"error": "method-not-allowed", "message": "This address takes GET, PUT and DELETE."}, 405)
        response.headers["Allow"] = "GET, PUT, DELETE"
        return response
    try:
        client = known_client(request)
        return _serve(request, client)
    except MessageRefused as refusal:
        return _answer({"error": refusal.code, "message": refusal.issue.text}, refusal.http_status)
    except OpenUMError as error:
        response = _answer({"error": error.code, "message": error.sentence}, error.status)
        if error.status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="OpenUM sandbox"'
        return response


def _serve(request: HttpRequest, client: ApiClient) -> HttpResponse:
    check_may_arm(client, client.user)
    at = now()
    arming: SandboxArming | None = None
    if request.method == "PUT":
        arming = arm(client=client, armed=armed_from(_read(request)), by=client.user, at=at)
    elif request.method == "DELETE":
        disarm(client=client, by=client.user, at=at)
    else:
        arming = pending_arming(client, at=at)
    return _answer({"armed": _shown(arming) if arming else None, "now": at.isoformat()})


def _answer(content: dict[str, Any], status: int = 200) -> HttpResponse:
    response = JsonResponse(content, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _read(request: HttpRequest) -> Any:
    raw = request.read(_MOST_BYTES + 1)
    if len(raw) > _MOST_BYTES:
        raise CannotBeArmed(f"The body is over {_MOST_BYTES} bytes. Send one JSON object with the answer.")
    return parse(raw).data


def armed_from(data: Any) -> Armed:
    """Read an answer to arm from JSON.

    Raises:
        CannotBeArmed: not an object, an unknown field, or a value that the sandbox cannot give; says which.
    """
    if not isinstance(data, dict):
        raise CannotBeArmed("The body is not a JSON object.")
    if unknown := sorted(set(data) - _FIELDS):
        raise CannotBeArmed(f"Unknown field {unknown[0]}. Known: {', '.join(sorted(_FIELDS))}.")
    if data.get("answer") not in list(SandboxAnswer):
        raise CannotBeArmed(f"answer must be one of {', '.join(SandboxAnswer)}.")
    lasts = _whole(data, "lasts_seconds", int(USUAL.total_seconds()))
    standing, error_code = data.get("is_standing", False), data.get("error_code", "")
    if not isinstance(standing, bool) or not isinstance(error_code, str):
        raise CannotBeArmed("is_standing must be true or false, and error_code a string.")
    return Armed(
        answer=SandboxAnswer(data["answer"]),
        delay_seconds=_whole(data, "delay_seconds", 0),
        error_code=error_code,
        http_status=_whole(data, "http_status", 0) or None,
        is_standing=standing,
        lasts=timedelta(seconds=min(lasts, int(LONGEST.total_seconds()) + 1)),
    )


def _whole(data: dict[str, Any], name: str, usual: int) -> int:
    value = data.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int):
        raise CannotBeArmed(f"{name} must be a whole number.")
    return value


def _shown(arming: SandboxArming) -> dict[str, Any]:
    return {
        "id": str(arming.public_id),
        "answer": arming.answer,
        "delay_seconds": arming.delay_seconds,
        "error_code": arming.error_code,
        "http_status": arming.http_status,
        "is_standing": arming.is_standing,
        "expires_at": arming.expires_at.isoformat() if arming.expires_at else None,
        "physician": arming.armed_by.name,
    }
