"""The words of reviews after the service."""

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.design.moments import moment
from openum.retrospective.models import ClaimFinding
from openum.retrospective.rules.findings import Answer, Issue, Question
from openum.retrospective.rules.leads import LeadState
from openum.retrospective.rules.outcomes import Outcome
from openum.vocabulary.money import dollars

OUTCOMES: dict[Outcome, Promise] = {
    Outcome.OPEN: _("in review"), Outcome.HELD: _("payment held"), Outcome.APPROVED: _("approved as billed"),
    Outcome.ADJUSTED: _("adjusted"), Outcome.DENIED: _("denied"), Outcome.ENDED: _("ended"),
}  # fmt: skip
ISSUES: dict[Issue, Promise] = {
    Issue.NONE: _("Nothing against the claim"),
    Issue.DUPLICATE: _("Billed twice"),
    Issue.UNBUNDLING: _("Part of another service"),
    Issue.UNITS: _("More units than the record shows"),
    Issue.CODING: _("Another code than the record supports"),
    Issue.GROUPING: _("Another DRG than the record supports"),
    Issue.NO_AUTHORIZATION: _("No authorization that fits"),
    Issue.NOT_ENROLLED: _("Not enrolled on the day"),
    Issue.LEVEL_OF_CARE: _("Another level or place of care"),
    Issue.NECESSITY: _("Need for the care not shown"),
}
RULES: dict[str, Promise] = {
    "duplicate": _("Billed twice"),
    "unbundling": _("Part of another service"),
    "excess_units": _("More units than a day admits"),
    "after_death": _("After the member’s death"),
    "during_stay": _("Office visit during a hospital stay"),
    "not_enrolled": _("Not enrolled on the day"),
    "supplier_concentration": _("One supplier for nearly everybody"),
    "upcoding": _("Highest visit level far more often than peers"),
    "impossible_day": _("More hours than a day has"),
    "sex_age": _("Does not fit the member’s sex or age"),
    "no_authorization": _("No authorization that fits"),
    "longer_than_certified": _("Stay longer than certified"),
    "opioid_pattern": _("Opioids from many hands"),
    "drg_validation": _("DRG without its diagnoses"),
}
"""The names of the rules that find leads (`policies/analytics/leads.yaml`), by their id."""
QUESTIONS: dict[Question, Promise] = {
    Question.APPROPRIATE: _("Was the care appropriate?"),
    Question.EFFECTIVE: _("Was it effective?"),
    Question.TIMELY: _("Was it timely?"),
    Question.SETTING: _("Was it the right setting?"),
}
ANSWERS: dict[Answer, Promise] = {
    Answer.YES: _("Yes"), Answer.NO: _("No"), Answer.UNCLEAR: _("Not clear from the record"),
    Answer.NOT_ASKED: _("Not a question here"),
}  # fmt: skip
STATES: dict[LeadState, Promise] = {
    LeadState.OPEN: _("open"), LeadState.DISMISSED: _("nothing in it"), LeadState.IN_REVIEW: _("in review"),
}  # fmt: skip


def rule_name(rule: str) -> str:
    """Return the name of a rule in the reader's language; of one that is not known here, its id."""
    return str(RULES.get(rule, rule))


def office_face(finding: ClaimFinding, at: datetime) -> dict[str, Any]:
    """Return a finding as its provider reads it, with the answer that was given and the finding that took its place."""
    zone = finding.claim_line.line.case.product.time_zone
    answered = getattr(finding, "rebuttal", None)
    newer = getattr(finding, "superseded_by", None)
    return {
        "finding": finding,
        "issue": ISSUES[Issue(finding.issue)],
        "amount": dollars(finding.amount_cents),
        "charge": dollars(finding.claim_line.charge_cents),
        "sent": moment(finding.sent_at, zone),
        "reply_by": moment(finding.reply_by, zone),
        "rebuttal": answered,
        "answered": moment(answered.received_at, zone) if answered else "",
        "settled": moment(answered.settled_at, zone) if answered and answered.settled_at else "",
        "is_late": finding.reply_by is not None and at > finding.reply_by,
        "is_replaced": newer is not None,
        "newer": newer if newer is not None and newer.sent_at is not None else None,
    }
