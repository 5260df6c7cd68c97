"""The words of reviews after the service."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.retrospective.rules.findings import Answer, Issue, Question
from openum.retrospective.rules.leads import LeadState
from openum.retrospective.rules.outcomes import Outcome

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
