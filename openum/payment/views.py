"""The claims examiner's page: does an authorization fit this line? What is typed stays out of the address."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from openum.accounts.gate import actor, needs
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import day
from openum.determination.queries import authorizations_visible_to
from openum.payment import services
from openum.payment.forms import ClaimLineForm, OwnLineForm
from openum.payment.rules.matching import Answer, Fit
from openum.vocabulary.errors import OpenUMError

WORDS: dict[Fit, tuple[Promise, str, str]] = {
    Fit.MATCHES: (_("Authorized"), "check", "ok"),
    Fit.CODE_RANGE: (_("Authorized: the code is in the authorized range"), "check", "ok"),
    Fit.PERMITTED_CHANGE: (_("Authorized: a change that the plan permits during an operation"), "check", "ok"),
    Fit.NOT_WANTED: (_("No authorization is wanted for emergency care"), "check", "ok"),
    Fit.TOO_FEW_UNITS: (_("Authorized, but for fewer units than the claim bills"), "triangle", "attention"),
    Fit.OTHER_PROVIDER: (_("Authorized for another provider"), "triangle", "attention"),
    Fit.NOT_YET: (_("The service lies before the authorization begins"), "triangle", "attention"),
    Fit.EXPIRED: (_("The service lies after the authorization ended"), "triangle", "attention"),
    Fit.VOID: (_("The authorization was taken back"), "times", "danger"),
    Fit.OTHER_SERVICE: (_("The authorization is for another service"), "times", "danger"),
    Fit.NONE: (_("No authorization fits"), "times", "danger"),
}
NEXT: dict[Fit, Promise] = {
    Fit.TOO_FEW_UNITS: _("Pay what is left and ask the provider for an extension or a late request for the rest."),
    Fit.OTHER_PROVIDER: _("Ask the provider which of the two did it; an authorization can be moved on request."),
    Fit.NOT_YET: _("Check the day of the service on the claim. A request after the service is possible."),
    Fit.EXPIRED: _("Check the day of the service on the claim. A request after the service is possible."),
    Fit.VOID: _("What was approved is protected: ask utilization management before anything is refused."),
    Fit.OTHER_SERVICE: _("Check the number on the claim, or ask by the member’s number."),
    Fit.NONE: _(
        "Look whether the service needs one at all. A request after the service is possible; this is no refusal."
    ),
    Fit.PERMITTED_CHANGE: _("The office has to tell the plan of the change in time."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.LOOK_UP_AUTHORIZATIONS)
def examine(request: HttpRequest) -> HttpResponse:
    """Ask about one line of a claim."""
    user, at = actor(request), now()
    plans = plans_visible_to(user, Permission.LOOK_UP_AUTHORIZATIONS)
    form = ClaimLineForm(request.POST if request.method == "POST" else None, plans=plans)
    context: dict[str, Any] = {"form": form}
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                answer, _member = services.examine(
                    plan=form.plans[given["plan"]], line=form.line(), member_number=given["member_number"].strip(),
                    number=given["number"].strip(), by=user, at=at,
                )  # fmt: skip
                context["answer"], status = shown(answer), 200
            except OpenUMError as error:
                context["refusal"] = error.sentence
    return render(request, "payment/examine.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_ORGANIZATION_CASES)
def own_line(request: HttpRequest) -> HttpResponse:
    """Let an office ask, before it bills, whether a line will fit its authorization."""
    user, at = actor(request), now()
    form = OwnLineForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form}
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            number = form.cleaned_data["number"].strip().upper()
            own = authorizations_visible_to(user).select_related("case__plan", "case__product", "case__member")
            found = own.filter(number=number).first()
            if found is None:
                form.add_error("number", _("Your organization has no authorization of this number."))
            else:
                answer = services.check_own(authorization=found, line=form.line(), by=user, at=at)
                context["answer"], status = shown(answer), 200
    return render(request, "payment/own_line.html", context, status=status)


def shown(answer: Answer) -> dict[str, Any]:
    """Return an answer in the words of a page."""
    words, drawing, tone = WORDS[answer.fit]
    return {
        "words": words, "shape": drawing, "tone": tone, "next": NEXT.get(answer.fit, ""), "number": answer.number,
        "left": None if answer.left is None else f"{answer.left.normalize():f}",
        "until": day(answer.ends), "within": answer.tell_within,
    }  # fmt: skip
