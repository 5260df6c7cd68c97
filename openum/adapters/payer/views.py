"""The interface of a plan's claims system: changes of authorizations since a cursor, and whether one fits a claim line."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from openum.accounts.models import ApiClient
from openum.adapters.fhir.door import authenticate_for, parse, tell_how
from openum.adapters.fhir.outcome import MessageRefused
from openum.adapters.fhir.scopes import OutOfScope
from openum.db.clock import now
from openum.payment import queries, services
from openum.payment.rules.matching import Answer, ClaimLine
from openum.payment.telling import shown
from openum.vocabulary.errors import Invalid, OpenUMError

SCOPE = ("ClaimResponse", "rs")
"""Reading authorizations, as the scope for answers to requests says."""
USUAL = 200
_MOST_BYTES = 256 * 1024
_MOST_LINES = 100


class CallNotRead(Invalid):
    """A parameter or the body cannot be read."""

    code: ClassVar[str] = "call-not-read"
    status: ClassVar[int] = 400


class NotThePlansSystem(OutOfScope):
    """The client belongs to a provider organization, not to the plan."""

    code = "not-the-plans-system"


def _answered(content: dict[str, Any], status: int = 200) -> HttpResponse:
    response = JsonResponse(content, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _served(
    request: HttpRequest, method: str, serve: Callable[[HttpRequest, ApiClient, datetime], dict[str, Any]]
) -> HttpResponse:
    if request.method != method:
        response = _answered({"error": "method-not-allowed", "message": f"This address takes {method}."}, 405)
        response.headers["Allow"] = method
        return response
    try:
        client = authenticate_for(request, *SCOPE)
        if client.organization_id is not None:
            raise NotThePlansSystem("Only a system of the plan itself is told of its authorizations.")
        return _answered(serve(request, client, now()))
    except MessageRefused as refusal:
        return _answered({"error": refusal.code, "message": refusal.issue.text}, refusal.http_status)
    except OpenUMError as error:
        return tell_how(_answered({"error": error.code, "message": error.sentence}, error.status), error)


@csrf_exempt
def feed(request: HttpRequest) -> HttpResponse:
    """Answer GET /payer/authorizations/feed?since=CURSOR&limit=N: changes in their order, and the cursor to go on from."""
    return _served(request, "GET", _feed)


def _feed(request: HttpRequest, client: ApiClient, at: datetime) -> dict[str, Any]:
    since, limit = _whole(request, "since", 0), _whole(request, "limit", USUAL)
    if not 1 <= limit <= queries.MOST:
        raise CallNotRead(f"limit must be a whole number from 1 to {queries.MOST}.")
    entries = services.read_feed(client.plan, after=since, most=limit, by=client.user, at=at)
    head = queries.head_of(client.plan)
    return {
        "plan": client.plan.key, "entries": [shown(entry) for entry in entries],
        "next": entries[-1].position if entries else since, "more": len(entries) == limit,
        "complete_until": head.caught_up_at.isoformat() if head and head.caught_up_at else None,
    }  # fmt: skip


def _whole(request: HttpRequest, name: str, default: int) -> int:
    text = request.GET.get(name, "")
    if text and (not text.isdecimal() or len(text) > 18):
        raise CallNotRead(f"{name} must be a whole number, zero or more.")
    return int(text) if text else default


@csrf_exempt
def claim_match(request: HttpRequest) -> HttpResponse:
    """Answer POST /payer/claims/match: does an authorization of the member fit each line?"""
    return _served(request, "POST", _match)


def _match(request: HttpRequest, client: ApiClient, at: datetime) -> dict[str, Any]:
    raw = request.read(_MOST_BYTES + 1)
    if len(raw) > _MOST_BYTES:
        raise CallNotRead(f"The body is over {_MOST_BYTES} bytes. Send the lines of one claim.")
    data = parse(raw).data
    if not isinstance(data, dict) or not isinstance(data.get("lines"), list) or not data["lines"]:
        raise CallNotRead("Send one JSON object with member_number and lines.")
    if len(data["lines"]) > _MOST_LINES:
        raise CallNotRead(f"Send at most {_MOST_LINES} lines at once.")
    lines = [line_from(row, number) for number, row in enumerate(data["lines"], start=1)]
    answers = services.match_claim(
        plan=client.plan, lines=lines, member_number=str(data.get("member_number", "")), by=client.user, at=at
    )
    return {"answers": [{"line": number, **told(answer)} for number, answer in enumerate(answers, start=1)]}


def line_from(row: Any, number: int) -> ClaimLine:
    """Read one line of a claim.

    Raises:
        CallNotRead: naming the line and what is wrong.
    """
    where = f"Line {number}"
    if not isinstance(row, dict) or not isinstance(row.get("code"), str) or not row["code"].strip():
        raise CallNotRead(f"{where} needs a code.")
    try:
        day = date.fromisoformat(str(row.get("service_date", "")))
    except ValueError as error:
        raise CallNotRead(f"{where} needs service_date as YYYY-MM-DD.") from error
    try:
        units = Decimal(str(row.get("units", 1)))
    except InvalidOperation as error:
        raise CallNotRead(f"{where}: units must be a number.") from error
    if not isinstance(row.get("npis", []), list):
        raise CallNotRead(f"{where}: npis must be a list of numbers.")
    if not units.is_finite() or units <= 0:
        raise CallNotRead(f"{where}: units must be more than none.")
    return ClaimLine(
        system=str(row.get("system", "CPT")), code=row["code"].strip().upper(), service_date=day, units=units,
        npis=frozenset(str(each) for each in row.get("npis", [])), is_emergency=row.get("emergency") is True,
    )  # fmt: skip


def told(answer: Answer) -> dict[str, Any]:
    """Return an answer as it is told."""
    return {
        "authorized": answer.is_authorized, "fit": answer.fit.value, "authorization": answer.number or None,
        "units_left": None if answer.left is None else f"{answer.left.normalize():f}",
        "valid_until": answer.ends.isoformat() if answer.ends else None, "tell_within_days": answer.tell_within,
    }  # fmt: skip
