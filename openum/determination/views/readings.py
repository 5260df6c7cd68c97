"""The second clinician's list, and the page on which a decision is read: agree, or send back with words."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.db.clock import now
from openum.determination import services
from openum.determination.forms import ReadingForm
from openum.determination.models import Determination, SecondReading
from openum.determination.readings import lists_for, page_of, readings_visible_to
from openum.vocabulary.errors import OpenUMError


@require_GET
@needs(Permission.APPROVE_LINES)
def readings(request: HttpRequest) -> HttpResponse:
    """List the decisions that wait for the reader as second clinician, and those the reader gave to read."""
    user, at = actor(request), now()
    lists = lists_for(user, at=at)
    read = [item["case"].public_id for rows in lists.values() for item in rows]
    audit.record_reads(by=user, at=at, case_ids=list(dict.fromkeys(read)), why="second readings")
    may_see_rules = user_may(user, Permission.WATCH_SAFEGUARDS)
    return render(request, "determination/readings.html", {**lists, "may_see_rules": may_see_rules})


@require_http_methods(["GET", "POST"])
@needs(Permission.APPROVE_LINES)
def reading(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a decision as it is to be signed, and take the answer."""
    user, at = actor(request), now()
    row = get_object_or_404(readings_visible_to(user), public_id=public_id)
    form, status = ReadingForm(), 200
    if request.method == "POST":
        form = ReadingForm(request.POST)
        if form.is_valid():
            try:
                return _answer(request, row, form.cleaned_data["words"], at=at)
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
        else:
            status = 422
        row = get_object_or_404(readings_visible_to(user), public_id=public_id)
    audit.record_reads(by=user, at=at, case_ids=[row.line.case.public_id], why="second reading")
    return render(request, "determination/reading.html", {**page_of(row, user, at=at), "form": form}, status=status)


def _answer(request: HttpRequest, row: SecondReading, words: str, *, at: datetime) -> HttpResponse:
    user, do = actor(request), request.POST.get("do", "")
    if do == "agree":
        services.agree_to_reading(reading=row, words=words, by=user, at=at)
        said = _("You agreed. Who decides can sign now.")
    elif do == "unread":
        services.go_on_unread(reading=row, words=words, by=user, at=at)
        messages.success(request, _("Kept with your reason. Sign the decision now."))
        return redirect("determination:decide", public_id=row.line.public_id)
    elif do == "take_back":
        services.take_reading_back(reading=row, by=user, at=at)
        said = _("Taken back.")
    else:
        services.send_reading_back(reading=row, words=words, by=user, at=at)
        said = _("Sent back with your words.")
    messages.success(request, said)
    return redirect("determination:readings")


def decide_or_ask(
    request: HttpRequest, line: ServiceLine, decide: Callable[[], Determination], *, at: datetime
) -> SecondReading | None:
    """Make a decision, or give it to a second clinician where that button was pressed; return the reading then."""
    if not request.POST.get("ask_reading"):
        decide()
        return None
    row = services.ask_second_reading(line=line, attempt=decide, by=actor(request), at=at)
    messages.success(request, _("Given to a second clinician. The time to decide goes on."))
    return row
