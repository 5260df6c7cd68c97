"""Requests taken by telephone: the call and its number come first; the request is received when the call began."""

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.services import next_call_number
from openum.db.text import clean
from openum.submission import drafts
from openum.submission.events import TelephoneRequestBegun, TelephoneRequestEnded
from openum.submission.models import Draft, TelephoneCall
from openum.submission.services.door import Accepted
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Channel, Standing, Urgency

NOT_FAST, BY_PHYSICIAN, ASKED = "no", "physician", "asked"
"""Answers to the question of speed: nobody asks; a physician says so; the member's side asks and the plan answers."""


class CallEnded(Conflict):
    """The call ended meanwhile."""

    code: ClassVar[str] = "call-ended"


@permitted(Permission.CAPTURE_REQUEST, on="plan")
@transaction.atomic
def begin_call(*, plan: Plan, by: User, at: datetime) -> TelephoneCall:
    """Take a call: it gets its number, and what is asked for will have been received now."""
    draft = drafts.start(plan=plan, organization=None, by=by, at=at, purpose=drafts.CAPTURE)
    began = at.astimezone(ZoneInfo(plan.time_zone))
    call = TelephoneCall.objects.create(reference=next_call_number(at=at), draft=draft, taken_by=by, began_at=at)
    facts = {
        "channel": Channel.PHONE.value, "standing": Standing.PROVIDER.value, "received_date": f"{began:%Y-%m-%d}",
        "received_time": f"{began:%H:%M}", "proof": call.reference,
    }  # fmt: skip
    drafts.save_fields(draft=draft, fields=facts, by=by, at=at)
    audit.record(TelephoneRequestBegun(call_id=call.public_id), by=by, at=at)
    return call


@permitted(Permission.CAPTURE_REQUEST, on="draft")
@transaction.atomic
def send_call(*, draft: Draft, by: User, at: datetime) -> Accepted:
    """Send what was asked for in a call through the one door, with the call as its receipt.

    A physician's word that waiting could do harm is an attestation (42 CFR 422.570(c)(2)(ii)); a member who asks for speed
    gets the fast time until the plan answers.

    Raises:
        CallEnded: it ended without a request.
        Invalid: something is missing, or the caller was not told the number.
    """
    call = _open(draft)
    told = call.draft.fields
    if not told.get("caller_name", "").strip() or not told.get("call_back", "").strip():
        raise Invalid("Ask who calls, and on which number the caller is reached.")
    if not told.get("call_read_back"):
        raise Invalid("Read the number of the call and the time of receipt to the caller, then tick the box.")
    began = call.began_at.astimezone(ZoneInfo(call.draft.plan.time_zone))
    organization = told.get("call_organization", "").strip()
    who = ", ".join(part for part in (told["caller_name"].strip(), organization, told["call_back"].strip()) if part)
    speed = told.get("call_speed", NOT_FAST)
    coming = told.get("call_papers", "").strip()
    message = "\n".join(part for part in (told.get("call_message", "").strip(), coming and f"→ {coming}") if part)
    facts = {
        "channel": Channel.PHONE.value, "received_date": f"{began:%Y-%m-%d}", "received_time": f"{began:%H:%M}",
        "proof": f"{call.reference}: {who}", "message": message,
        "urgency": (Urgency.STANDARD if speed == NOT_FAST else Urgency.EXPEDITED).value,
        "attested_by": told.get("call_speed_by", "").strip() if speed == BY_PHYSICIAN else "",
    }  # fmt: skip
    kept = drafts.save_fields(draft=call.draft, fields=facts, by=by, at=at)
    accepted = drafts.send(draft=kept, by=by, at=at)
    _end(call, TelephoneCall.SENT, kept.fields, by=by, at=at, accepted=accepted)
    return accepted


@permitted(Permission.CAPTURE_REQUEST, on="draft")
@transaction.atomic
def end_call(*, draft: Draft, words: str, by: User, at: datetime) -> TelephoneCall:
    """End a call of which no request came, and say why. The call stays in the log under its number.

    Raises:
        CallEnded: it ended already.
        Invalid: no reason.
    """
    call = _open(draft)
    if not words.strip():
        raise Invalid("Say why no request came of this call.")
    call.words = clean(words.strip())[:2000]
    return _end(call, TelephoneCall.NONE, call.draft.fields, by=by, at=at)


def _open(draft: Draft) -> TelephoneCall:
    call = (
        TelephoneCall.objects.select_for_update(of=("self",))
        .select_related("draft__plan", "draft__started_by")
        .get(draft=draft)
    )
    if call.outcome == TelephoneCall.NONE:
        raise CallEnded("This call ended without a request. Take a new call for a new request.")
    return call


def _end(
    call: TelephoneCall,
    outcome: str,
    told: dict[str, str],
    *,
    by: User,
    at: datetime,
    accepted: Accepted | None = None,
) -> TelephoneCall:
    if call.outcome == outcome:
        return call
    call.outcome, call.ended_at = outcome, at
    call.caller_name, call.call_back = told.get("caller_name", ""), told.get("call_back", "")
    call.caller_organization, call.checked = told.get("call_organization", ""), told.get("call_checked", "")
    call.save()
    case = accepted.case if accepted else None
    audit.record(
        TelephoneRequestEnded(case_id=case.public_id if case else None, call_id=call.public_id, outcome=outcome),
        by=by, at=at,
    )  # fmt: skip
    return call
