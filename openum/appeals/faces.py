"""How appeals read on pages: words of states, levels and papers, the next step, what is missing. Pure but for texts."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from openum.appeals.models import Appeal
from openum.appeals.rules.continuation import EndGround
from openum.appeals.rules.filing import SpeedAnswer
from openum.appeals.rules.law import Body, Filer, Form
from openum.appeals.rules.states import AppealState, Counted, Outcome

STATES: dict[str, tuple[str | Promise, str, str]] = {
    AppealState.WAITING_FOR_FORM: (_("Waiting for the form"), "bars", "attention"),
    AppealState.LATE_FILING: (_("Filed late: reason awaited"), "bars", "attention"),
    AppealState.OPEN: (_("To be assigned"), "circle", "info"),
    AppealState.ASSIGNED: (_("With the reviewer"), "triangle", "info"),
    AppealState.PRELIMINARY: (_("Preliminary review"), "circle", "info"),
    AppealState.TO_BE_SENT: (_("File to be sent"), "circle", "attention"),
    AppealState.OUTSIDE: (_("With the outside reviewer"), "bars", "muted"),
    AppealState.DECIDED: (_("Decided: letter or carrying out open"), "half", "attention"),
    AppealState.CLOSED: (_("Closed"), "check", "ok"),
    AppealState.DISMISSED: (_("Dismissed"), "ring", "muted"),
    AppealState.WITHDRAWN: (_("Taken back"), "ring", "muted"),
    AppealState.SENT_ELSEWHERE: (_("Sent to the right plan"), "ring", "muted"),
    AppealState.MADE_COMPLAINT: (_("Answered as a complaint"), "ring", "muted"),
    AppealState.TAKEN_BACK: (_("Taken back: no time had passed"), "ring", "muted"),
}
BODIES: dict[str, str | Promise] = {
    Body.PLAN: _("Plan"),
    Body.REVIEW_ENTITY: _("Independent review entity"),
    Body.FAIR_HEARING: _("State fair hearing"),
    Body.EXTERNAL: _("External review"),
    Body.STATE_EXTERNAL: _("State external review"),
}
FILERS: dict[str, str | Promise] = {
    Filer.MEMBER: _("The member"),
    Filer.CLINICIAN: _("The doctor who orders or treats"),
    Filer.OUTSIDE_PROVIDER: _("A provider outside the network"),
    Filer.REPRESENTATIVE: _("Somebody the member chose"),
    Filer.GUARDIAN: _("A guardian, or somebody with a power of attorney"),
}
FORMS: dict[str, str | Promise] = {
    Form.NONE: _("No form needed"),
    Form.APPOINTMENT_OF_REPRESENTATIVE: _("Appointment of representative"),
    Form.WAIVER_OF_LIABILITY: _("Waiver of liability"),
    Form.WRITTEN_CONSENT: _("Written consent"),
    Form.DESIGNATION_OF_REPRESENTATIVE: _("Designation of representative"),
    Form.COURT_OR_LEGAL_PAPER: _("Court or legal paper"),
}
OUTCOMES: dict[str, tuple[str | Promise, str, str]] = {
    Outcome.UPHELD: (_("Upheld"), "square", "danger"),
    Outcome.OVERTURNED: (_("Overturned"), "check", "ok"),
    Outcome.PARTLY: (_("Overturned in part"), "half", "ok"),
}
END_GROUNDS: dict[str, str | Promise] = {
    EndGround.WITHDRAWN: _("The appeal was taken back."),
    EndGround.NO_HEARING_ASKED: _("No hearing was asked for in time."),
    EndGround.HEARING_LOST: _("The hearing was lost."),
}
COUNTED: dict[str, str | Promise] = {
    Counted.DECISION: _("Decision on appeal"),
    Counted.EARLY_REVERSAL: _("Early reversal on new evidence, counted apart"),
    Counted.OUTSIDE: _("Order of the outside reviewer"),
}


def next_step(appeal: Appeal, *, lacks_body: bool = False) -> str:
    """Return what somebody has to do next, in a few words; `lacks_body` as in `missing_of`."""
    if lacks_body:
        return _t("Enter a review entity")
    if appeal.speed == SpeedAnswer.TO_DECIDE:
        return _t("Answer the wish for speed")
    steps: dict[str, str] = {
        AppealState.WAITING_FOR_FORM: _t("Remind about the form"),
        AppealState.LATE_FILING: _t("Ask for the reason, then excuse or dismiss"),
        AppealState.OPEN: _t("Assign an independent reviewer"),
        AppealState.ASSIGNED: _t("Reviewer decides"),
        AppealState.PRELIMINARY: _t("Finish the preliminary review"),
        AppealState.TO_BE_SENT: _t("Send the sealed file"),
        AppealState.OUTSIDE: _t("Wait for the outside decision"),
        AppealState.DECIDED: _t("Send the letter, carry it out, keep the proof"),
    }
    return steps.get(appeal.state, "")


def missing_of(appeal: Appeal, *, lacks_body: bool = False) -> Iterator[str]:
    """Name what an appeal lacks; `lacks_body`: its file must go, and nobody is entered to whom."""
    if lacks_body:
        yield _t("no review entity is entered: enter one")
    if appeal.state == AppealState.WAITING_FOR_FORM:
        yield str(FORMS.get(appeal.form, appeal.form))
    if appeal.state == AppealState.LATE_FILING:
        yield _t("reason of the late filing")
    if appeal.acknowledged_at is None and appeal.recorded_by.kind == "person" and not appeal.outcome:
        yield _t("receipt not out")
    if appeal.state == AppealState.OPEN:
        yield _t("reviewer")
    if not appeal.issue:
        yield _t("written reasons")


def member_sentence(appeal: Appeal, *, due: str) -> str:
    """Return where an appeal stands, in one plain sentence for the member."""
    if appeal.state == AppealState.WAITING_FOR_FORM:
        return _t("We need a paper that says who may act for you. Our time to answer starts when we get it.")
    if appeal.state == AppealState.LATE_FILING:
        return _t("Your appeal came after the last day. Please tell us why it is late.")
    if appeal.state in {AppealState.OPEN, AppealState.ASSIGNED}:
        if due:
            return _t("A doctor who had no part in the first answer looks at it. You will hear by %(due)s.") % {
                "due": due
            }
        return _t("A doctor who had no part in the first answer looks at it.")
    if appeal.state in {AppealState.PRELIMINARY, AppealState.TO_BE_SENT}:
        return _t("We check your request and send your file to reviewers who do not work for us.")
    if appeal.state == AppealState.OUTSIDE:
        return _t("Reviewers who do not work for us look at it.")
    if appeal.state == AppealState.DISMISSED:
        return _t("We closed this appeal without a decision. Your letter says why and what you can do.")
    if appeal.state == AppealState.WITHDRAWN:
        return _t("You took this appeal back.")
    if appeal.state == AppealState.SENT_ELSEWHERE:
        return _t("We sent this appeal to the plan that has to answer it.")
    if appeal.state == AppealState.MADE_COMPLAINT:
        return _t("What you wrote is a complaint. We answer it as one; you got a letter about it.")
    if appeal.state == AppealState.TAKEN_BACK:
        return _t(
            "We asked the outside reviewers to give your file back, because we still have time. We decide it ourselves."
        )
    if appeal.outcome == Outcome.UPHELD:
        return _t("The answer is still no. Your letter says why, and who can look at it next.")
    if appeal.outcome == Outcome.PARTLY:
        return _t("The answer is now yes to a part. Your letter says which part.")
    return _t("The answer is now yes.")
