"""The page on which attempts to get missing information are seen, counted and logged."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.design.status import CHANNEL_WORDS
from openum.determination import services
from openum.determination.forms import OutreachForm
from openum.determination.ladder_words import ladders_of
from openum.determination.outreach import QUESTION, sought_for
from openum.determination.views.line import find_line
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel


def outreach_beside(line: ServiceLine, *, at: datetime) -> dict[str, Any]:
    """Return how the search for missing information stands, in words; nothing where no rule asks for it."""
    sought = sought_for(line, at=at)
    if sought is None:
        return {"sought": None}
    outcomes = dict(OutreachForm.OUTCOME_WORDS)
    tries = [
        {
            "when": short_moment(each.at, line.case.plan.time_zone),
            "way": _("Question of the plan") if each.way == QUESTION else CHANNEL_WORDS.get(each.way, each.way),
            "outcome": outcomes.get(each.outcome, each.outcome),
        }
        for each in sought.tries
    ]
    return {"sought": sought, "tries": tries}


@require_http_methods(["GET", "POST"])
@needs(Permission.REVIEW_LINES)
def attempts(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the attempts to get missing information, and log one."""
    line, user, at = find_line(request, public_id), actor(request), now()
    form, status, refusal = OutreachForm(request.POST or None), 200, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.log_outreach(
                    line=line, by=user, at=at, **{**given, "channel": Channel(given["channel"])}
                )  # fmt: skip
            except OpenUMError as refused:
                form.add_error(None, refused.sentence)
                status, refusal = refused.status, refused.sentence
            else:
                return redirect("determination:attempts", public_id=line.public_id)
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="attempts to get information")
    context = {
        "line": line,
        "case": line.case,
        "form": form,
        "refusal": refusal,
        **outreach_beside(line, at=at),
        "ladders": ladders_of(line.case, at=at),
    }
    return render(request, "determination/attempts.html", context, status=status)
