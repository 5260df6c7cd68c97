"""Where a request stands, told to requesters and members: the parcel line and the plain sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from openum.cases.models import ServiceLine
from openum.design.drawings import Stop
from openum.design.moments import day, local_day
from openum.vocabulary.terms import LineStatus as S

_DECIDED = {S.APPROVED, S.PARTIALLY_APPROVED, S.DENIED, S.NOT_REQUIRED, S.EXPIRED, S.TERMINATED_WITH_NOTICE}
_ENDED = {S.WITHDRAWN, S.CANCELLED, S.DISMISSED, S.VOIDED_IN_ERROR, S.TRANSFERRED}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The facts behind sentence and parcel line; instants are aware, days are the plan's."""

    status: S
    service: str
    zone: str
    received_at: datetime
    due_at: datetime | None = None
    asked_at: datetime | None = None
    respond_by: datetime | None = None
    decided_at: datetime | None = None
    valid_from: date | None = None
    last_day: date | None = None
    is_overturned: bool = False
    letter_is_out: bool = False

    def on(self, instant: datetime | None) -> str:
        """Return the day of an instant in the plan's zone, in words."""
        return day(local_day(instant, self.zone)) if instant else ""


def stops(standing: Standing) -> list[Stop]:
    """Return the five stops of the parcel line."""
    status = standing.status
    labels = [_("Received"), _("Papers complete"), _("Looked at"), _("Answer"), _("Letter")]
    received = standing.on(standing.received_at)
    if status in _ENDED:
        states = ["done", "failed", "todo", "todo", "todo"]
    elif status in {S.RECEIVED, S.PENDED_WITH_PROVIDER}:
        states = ["done", "current", "todo", "todo", "todo"]
    elif status in _DECIDED:
        states = ["done", "done", "done", "done", "done" if standing.letter_is_out else "current"]
    else:
        states = ["done", "done", "current", "todo", "todo"]
    notes = [received, "", "", "", ""]
    if status is S.PENDED_WITH_PROVIDER:
        notes[1] = _("we asked on %(day)s") % {"day": standing.on(standing.asked_at)} if standing.asked_at else ""
    if states[2] == "current" and standing.due_at:
        notes[2] = _("answer by %(day)s") % {"day": standing.on(standing.due_at)}
    if status in _DECIDED:
        notes[3] = standing.on(standing.decided_at)
    return [Stop(label, state, note) for label, state, note in zip(labels, states, notes, strict=True)]


def member_sentence(standing: Standing) -> str:
    """Return the status in one plain sentence or two, for the member."""
    say = {"service": standing.service, "due": standing.on(standing.due_at), "asked": standing.on(standing.asked_at),
           "decided": standing.on(standing.decided_at), "from": day(standing.valid_from), "to": day(standing.last_day)}  # fmt: skip
    status = standing.status
    if status is S.PENDED_WITH_PROVIDER:
        if standing.due_at:
            return (
                _("%(service)s: we need something from your doctor. We asked on %(asked)s. Next step by %(due)s.") % say
            )
        return (
            _("%(service)s: we need something from your doctor. We asked on %(asked)s. You need to do nothing.") % say
        )
    if status is S.PENDED_WITH_PHYSICIAN:
        if standing.due_at:
            return _("%(service)s: a doctor at your plan is looking at it. You will hear by %(due)s.") % say
        return _("%(service)s: a doctor at your plan is looking at it.") % say
    if status in {S.RECEIVED, S.PENDED_WITH_PAYER, S.REOPENED}:
        if standing.due_at:
            return _("%(service)s: your plan is looking at it. You will hear by %(due)s.") % say
        return _("%(service)s: your plan is looking at it.") % say
    if status is S.APPROVED:
        if standing.is_overturned:
            return (
                _("%(service)s: we changed our answer to yes on %(decided)s. You can have it from %(from)s to %(to)s.")
                % say
            )
        if standing.valid_from and standing.last_day:
            return _("%(service)s: yes. Your plan approved it. You can have it from %(from)s to %(to)s.") % say
        return _("%(service)s: yes. Your plan approved it.") % say
    if status is S.PARTIALLY_APPROVED:
        return _("%(service)s: your plan said yes to a part of it on %(decided)s. You can ask us to look again.") % say
    if status is S.DENIED:
        return _("%(service)s: we said no on %(decided)s. You can ask us to look again. It costs nothing.") % say
    if status is S.NOT_REQUIRED:
        return _("%(service)s: you need no approval for this.") % say
    if status is S.WITHDRAWN:
        return _("%(service)s: this request was taken back. Nothing was decided.") % say
    if status in {S.EXPIRED, S.TERMINATED_WITH_NOTICE}:
        return _("%(service)s: the approval has ended. Ask your doctor if you still need it.") % say
    if status is S.TRANSFERRED:
        return _("%(service)s: we sent this to the plan that covers it.") % say
    return _("%(service)s: this request is closed. Nothing was decided. Ask your doctor or call us.") % say


def sentence_for_anybody(standing: Standing) -> str:
    """Return the status for who holds a link: no service, no person, and not what the answer is."""
    status, due = standing.status, {"due": standing.on(standing.due_at)}
    if status is S.PENDED_WITH_PROVIDER:
        return _("The plan waits for papers from the doctor's office.")
    if status in _DECIDED:
        return _("There is an answer. It goes to the patient and to the doctor's office.")
    if status in _ENDED:
        return _("This request is closed.")
    return (
        _("The plan is looking at it. An answer comes by %(due)s.") % due
        if standing.due_at
        else _("The plan is looking at it.")
    )


def next_step_for_office(standing: Standing, *, may_talk: bool) -> str:
    """Return who has the ball and until when, for the provider office."""
    status = standing.status
    if status is S.PENDED_WITH_PROVIDER:
        if standing.respond_by:
            return _("Waiting for you: answer by %(day)s") % {"day": standing.on(standing.respond_by)}
        return _("Waiting for you")
    if status in {S.RECEIVED, S.PENDED_WITH_PAYER, S.PENDED_WITH_PHYSICIAN, S.REOPENED}:
        if standing.due_at:
            return _("With the plan: answer by %(day)s") % {"day": standing.on(standing.due_at)}
        return _("With the plan")
    if status in {S.APPROVED, S.PARTIALLY_APPROVED} and standing.last_day:
        return _("Use by %(day)s") % {"day": day(standing.last_day)}
    if status is S.DENIED:
        day_of_it = {"day": standing.on(standing.decided_at)}
        if may_talk:
            return _("Decided %(day)s: talk between doctors or appeal") % day_of_it
        return _("Decided %(day)s: you can appeal") % day_of_it
    return _("Closed")


def lead_line(lines: Sequence[ServiceLine], status: S) -> ServiceLine | None:
    """Return the line that stands for the case: the first with the case's status, else the first."""
    fitting = [line for line in lines if line.status == status]
    return next(iter(fitting or lines), None)
