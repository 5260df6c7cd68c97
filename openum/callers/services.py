"""The only writer of calls. What a caller asks for is taken by the services that take it from anybody else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.crypto import salted_hmac

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.models import Appeal
from openum.appeals.rules.law import Filer
from openum.appeals.services import AppealAsked, file_appeal
from openum.callers import queries
from openum.callers.events import CallActed, CallEnded, CallerChecked
from openum.callers.models import Call, CallAct
from openum.callers.rules import (
    CALL_MINUTES,
    Act,
    Caller,
    Checked,
    Fact,
    check,
    check_enough_asked,
    check_may_check,
    plain,
)
from openum.cases.models import Case, ServiceLine
from openum.db.text import clean
from openum.directory.models import Member
from openum.directory.services import set_language
from openum.grievances.models import Grievance
from openum.grievances.rules import About
from openum.grievances.services import Complained, file_grievance
from openum.notices.models import Notice, SendingChannel
from openum.notices.services import send_again
from openum.submission import drafts
from openum.submission.models import Draft
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Channel, Standing


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a caller says of who they are.

    Attributes:
        birth_date: the date that was said, also among the facts as ISO text.
        name: who calls, when it is not the member.
    """

    facts: Mapping[Fact, str]
    birth_date: date | None = None
    caller: Caller = Caller.MEMBER
    name: str = ""
    relationship: str = ""


@permitted(Permission.SERVE_CALLERS, on="plan")
@transaction.atomic
def begin_call(*, plan: Plan, said: Said, by: User, at: datetime) -> Call:
    """Check who calls, and keep the check, whether it holds or not. A failed check tells nobody what was wrong.

    Raises:
        TooFewFacts, TooManyChecks: see the rules.
        Invalid: somebody calls for the member and is not named.
    """
    check_enough_asked(said.facts)
    if said.caller != Caller.MEMBER and not said.name.strip():
        raise Invalid("Ask for the name of who calls, and in what right.")
    member = queries.member_said(plan, dict(said.facts), said.birth_date)
    digest = _digest(plan, said.facts.get(Fact.MEMBER_NUMBER, "") or (member.member_number if member else ""))
    check_may_check(failures=queries.failures_for(digest, at=at))
    found = check(said.facts, queries.facts_on_file(member)) if member else Checked(frozenset(said.facts), frozenset())
    call = Call.objects.create(
        plan=plan, member=member if found.is_verified else None, caller=said.caller, is_verified=found.is_verified,
        caller_name=clean(said.name.strip()) if said.caller != Caller.MEMBER else "",
        relationship=clean(said.relationship.strip()), facts_asked=sorted(found.asked),
        facts_agreed=sorted(found.agreed), number_digest=digest, taken_by=by, began_at=at,
        ended_at=None if found.is_verified else at,
    )  # fmt: skip
    audit.record(CallerChecked(call_id=call.public_id, is_verified=found.is_verified), by=by, at=at)
    return call


@permitted(Permission.SERVE_CALLERS, on="call")
@transaction.atomic
def note_in_call(*, call: Call, words: str, by: User, at: datetime) -> CallAct:
    """Write down what was said (Invalid: nothing)."""
    if not words.strip():
        raise Invalid("Write what was said, in a sentence.")
    return _acted(call, Act.NOTE, words, by=by, at=at)


@permitted(Permission.SERVE_CALLERS, on="call")
@transaction.atomic
def begin_request(*, call: Call, by: User, at: datetime) -> Draft:
    """Open the capture form with what is known: who calls, for whom, when, and the call as its proof."""
    member = _member_of(call, by=by, at=at)
    began = call.began_at.astimezone(ZoneInfo(call.plan.time_zone))
    standing = {Caller.MEMBER: Standing.MEMBER, Caller.REPRESENTATIVE: Standing.REPRESENTATIVE}.get(
        Caller(call.caller), Standing.PROVIDER
    )
    draft = drafts.start(plan=call.plan, organization=None, by=by, at=at, purpose=drafts.CAPTURE)
    facts = {
        "channel": Channel.PHONE, "standing": standing, "received_date": f"{began:%Y-%m-%d}",
        "received_time": f"{began:%H:%M}", "proof": f"call {call.reference}",
        "caller_name": call.caller_name or member.full_name, "member_number": member.member_number,
        "birth_date": member.birth_date.isoformat() if member.birth_date else "", "family_name": member.family_name,
    }  # fmt: skip
    drafts.save_fields(draft=draft, fields={key: str(value) for key, value in facts.items()}, by=by, at=at)
    _acted(call, Act.REQUEST, "Began a request.", by=by, at=at)
    return draft


@permitted(Permission.SERVE_CALLERS, on="call")
@transaction.atomic
def take_appeal(*, call: Call, line: ServiceLine, issue: str, wants_speed: bool, by: User, at: datetime) -> Appeal:
    """Take an appeal by word of mouth; it counts from the call.

    Raises:
        Invalid: no words, or a line that this caller has not.
        NothingToAppeal: see `file_appeal`.
    """
    _member_of(call, by=by, at=at)
    if not issue.strip():
        raise Invalid("Write why the caller does not agree, in their own words.")
    if line.pk not in {each.pk for each in queries.appealable_in(call)}:
        raise Invalid("Choose a decision of this member that can be appealed.")
    filer = {Caller.MEMBER: Filer.MEMBER, Caller.REPRESENTATIVE: Filer.REPRESENTATIVE}.get(
        Caller(call.caller), Filer.CLINICIAN
    )
    asked = AppealAsked(
        filer=filer, issue=issue.strip(), channel=Channel.PHONE, received_at=call.began_at, name=call.caller_name,
        relationship=call.relationship, wants_speed=wants_speed, proof=f"call {call.reference}",
    )  # fmt: skip
    appeal = file_appeal(line=line, asked=asked, by=by, at=at)
    _acted(call, Act.APPEAL, issue, reference=line.case.number, case=line.case, by=by, at=at)
    return appeal


@permitted(Permission.SERVE_CALLERS, on="call")
@transaction.atomic
def take_complaint(*, call: Call, about: About, issue: str, by: User, at: datetime) -> Grievance:
    """Take a complaint by word of mouth; it counts from the call (Invalid: no words)."""
    complained = Complained(
        about=about, issue=issue, channel=Channel.PHONE, received_at=call.began_at, filer_name=call.caller_name,
        proof=f"call {call.reference}",
    )  # fmt: skip
    row = file_grievance(member=_member_of(call, by=by, at=at), case=None, complained=complained, by=by, at=at)
    _acted(call, Act.COMPLAINT, issue, reference=row.number, case=row.request.case, by=by, at=at)
    return row


@permitted(Permission.SERVE_CALLERS, on="call")
@transaction.atomic
def resend_letter(*, call: Call, notice: Notice, by: User, at: datetime) -> Notice:
    """Send a letter of this member by mail once more, to the address on file.

    Raises:
        Invalid: a letter that this caller has not.
        Conflict, NoRoad: see `send_again`.
    """
    _member_of(call, by=by, at=at)
    if notice.pk not in {each.pk for each in queries.letters_in(call)}:
        raise Invalid("Choose a letter of this member.")
    sent = send_again(notice=notice, channel=SendingChannel.MAIL, by=by, at=at)
    _acted(call, Act.LETTER, "Sent a letter again by mail.", reference=notice.number, case=notice.case, by=by, at=at)
    return sent


@permitted(Permission.SERVE_CALLERS, on="call")
@transaction.atomic
def change_language(*, call: Call, language: str, by: User, at: datetime) -> None:
    """Keep in which language the member wants letters and calls (Invalid: not a language tag)."""
    set_language(member=_member_of(call, by=by, at=at), language=language, by=by, at=at)
    _acted(call, Act.LANGUAGE, f"Letters and calls in: {language}.", by=by, at=at)


@permitted(Permission.SERVE_CALLERS, on="call")
@transaction.atomic
def end_call(*, call: Call, by: User, at: datetime) -> Call:
    """End a call; after it nothing of the member is shown."""
    row = _open(call, by=by, at=at)
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    audit.record(CallEnded(call_id=row.public_id), by=by, at=at)
    return row


def _open(call: Call, *, by: User, at: datetime) -> Call:
    row = Call.objects.select_for_update(of=("self",)).select_related("member", "plan").get(pk=call.pk)
    is_over = row.ended_at is not None or row.began_at + timedelta(minutes=CALL_MINUTES) <= at
    if not row.is_verified or is_over or row.taken_by_id != by.pk:
        raise Conflict("This call is over. Check the caller anew before you go on.")
    return row


def _member_of(call: Call, *, by: User, at: datetime) -> Member:
    member = _open(call, by=by, at=at).member
    assert member is not None
    return member


def _acted(
    call: Call, kind: Act, words: str, *, by: User, at: datetime, reference: str = "", case: Case | None = None
) -> CallAct:
    row = _open(call, by=by, at=at)
    act = CallAct.objects.create(call=row, kind=kind, words=clean(words.strip()), reference=reference, at=at)
    audit.record(CallActed(case_id=case.public_id if case else None, cause=kind, call_id=row.public_id), by=by, at=at)
    return act


def _digest(plan: Plan, number: str) -> str:
    said = f"{plan.pk}:{plain(number)}"
    return salted_hmac("openum.callers", said, algorithm="sha256").hexdigest() if plain(number) else ""
