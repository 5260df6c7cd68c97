"""The page on which a request goes to the case where it belongs, and the way back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.rules import Permission
from openum.cases.models import Case, Request, ServiceLine
from openum.cases.panels import Panel, register
from openum.cases.queries import cases_visible_to
from openum.db.clock import now
from openum.design.controls import TEXT, area
from openum.design.moments import short_moment
from openum.intake.refiling import services
from openum.intake.refiling.queries import (
    member_of,
    movable_lines,
    movable_requests,
    refilings_of,
    refilings_visible_to,
    requests_visible_to,
)
from openum.intake.refiling.services import Whither
from openum.vocabulary.errors import OpenUMError

_ORDER = 67


class RefileForm(forms.Form):
    """Which services go where, and how that is known."""

    lines = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Services"), coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    number = forms.CharField(
        label=gettext_lazy("Number of the case where it belongs"), max_length=40, required=False,
        widget=forms.TextInput(attrs=TEXT),
    )  # fmt: skip
    member_number = forms.CharField(
        label=gettext_lazy("Or the number of the member whose new case it is"), max_length=80, required=False,
        widget=forms.TextInput(attrs=TEXT),
        help_text=gettext_lazy("Where that person has no case for it: one is opened with the same receipt."),
    )  # fmt: skip
    reason = area(gettext_lazy("How is it known where it belongs?"), most=2000, rows=2, required=False)

    def __init__(self, *args: Any, movable: Sequence[ServiceLine], **kwargs: Any) -> None:
        """Offer the services on which nothing was decided."""
        super().__init__(*args, **kwargs)
        field = self.fields["lines"]
        field.choices = [  # type: ignore[attr-defined]
            (line.sequence, f"{line.sequence}. {line.wording or line.category} {line.code}".strip()) for line in movable
        ]
        field.initial = [line.sequence for line in movable]

    def clean(self) -> dict[str, Any]:
        """Want one place, a case or a member."""
        given = super().clean() or {}
        if bool(given.get("number")) == bool(given.get("member_number")):
            raise forms.ValidationError(_("Give the number of the case, or of the member for whom one is opened."))
        return given


@require_http_methods(["GET", "POST"])
@needs(Permission.MATCH_INTAKE)
def move(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a request and where it would go; on a second word, move it."""
    user, at = actor(request), now()
    row = get_object_or_404(requests_visible_to(user), public_id=public_id)
    form = RefileForm(request.POST or None, movable=movable_lines(row))
    refusal, status, to = "", 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            to = _whither(form, row, user)
        if to is not None and request.POST.get("do") != "move":
            status = 200
            if to.case is not None:
                audit.record_reads(by=user, at=at, case_ids=[to.case.public_id], why="moving a request")
        elif to is not None:
            given = form.cleaned_data
            try:
                done = services.refile(
                    request=row, to=to, sequences=given["lines"], reason=given["reason"], by=user, at=at
                )
            except OpenUMError as error:
                refusal, status = error.sentence, error.status
            else:
                messages.success(request, _("The request was moved. Both cases show it."))
                return redirect("cases:case", public_id=done.target.public_id)
    audit.record_reads(by=user, at=at, case_ids=[row.case.public_id], why="moving a request")
    member = None if to is None else to.case.member if to.case else to.member
    context = {
        "row": row,
        "case": row.case,
        "form": form,
        "to": to,
        "whose": member,
        "is_other_member": member is not None and member.pk != row.case.member_id,
        "received": short_moment(row.received_at, row.case.plan.time_zone),
        "refusal": refusal,
    }
    return render(request, "intake/refile.html", context, status=status)


def _whither(form: RefileForm, row: Request, user: User) -> Whither | None:
    """Return the place, or None with a word at the field."""
    number, member_number = form.cleaned_data["number"], form.cleaned_data["member_number"]
    if number:
        visible = cases_visible_to(user).select_related("member", "plan")
        case = visible.filter(number=number.strip().upper()).first()
        if case is None:
            form.add_error("number", _("No case that you see has this number."))
        return Whither(case=case) if case else None
    member = member_of(row.case, member_number, user)
    if member is None:
        form.add_error("member_number", _("No member of the plan has this number."))
    return Whither(member=member) if member else None


@require_POST
@needs(Permission.MATCH_INTAKE)
def back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Move the services back to where they were."""
    user = actor(request)
    row = get_object_or_404(refilings_visible_to(user), public_id=public_id)
    try:
        services.move_back(refiling=row, reason=request.POST.get("reason", ""), by=user, at=now())
    except OpenUMError as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, _("The request stands at the case it came from."))
    return redirect("intake:moved")


def _context(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    return {
        "movable": [{"row": row, "when": short_moment(row.received_at, zone)} for row in movable_requests(case)],
        "moves": [
            {"row": row, "when": short_moment(row.moved_at, zone), "is_away": row.source_id == case.pk}
            for row in refilings_of(case)
        ],
    }


def register_panel() -> None:
    """Register the section of the case page; called once at start."""
    title = gettext_noop("Requests of another case")
    register(Panel("refiling", title, _ORDER, "intake/refiling.html", _context, Permission.MATCH_INTAKE))
