"""The conflicts of interest somebody declares. Each keeps them away from decisions and appeals about that provider."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from openum.accounts.gate import actor, needs
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.appeals import services
from openum.appeals.forms import EndInterestForm, InterestForm
from openum.appeals.models import DeclaredInterest
from openum.db.clock import now
from openum.design.moments import day, local_day
from openum.vocabulary.errors import OpenUMError


@require_http_methods(["GET", "POST"])
@needs(Permission.DECIDE_APPEALS, Permission.APPROVE_LINES, Permission.CLOSE_ADMINISTRATIVELY)
def interests_page(request: HttpRequest) -> HttpResponse:
    """Show a reviewer's own declarations; declare one, or end one."""
    user, at = actor(request), now()
    membership = user.memberships.filter(plan__isnull=False).select_related("plan").order_by("pk").first()
    zone = membership.plan.time_zone if membership is not None and membership.plan is not None else "UTC"
    today = local_day(at, zone)
    form, ending, status, refusal = InterestForm(), EndInterestForm(initial={"ends_on": today}), 200, ""
    if request.method == "POST":
        status, is_end = 422, request.POST.get("do") == "end"
        if is_end:
            ending = EndInterestForm(request.POST)
        else:
            form = InterestForm(request.POST)
        bound = ending if is_end else form
        if bound.is_valid():
            try:
                if is_end:
                    services.end_interest(today=today, by=user, at=at, **bound.cleaned_data)
                else:
                    services.declare_interest(by=user, at=at, **bound.cleaned_data)
                return redirect("appeals:interests")
            except OpenUMError as no:
                refusal, status = no.sentence, no.status
    rows = [
        {"interest": row, "since": day(local_day(row.declared_at, zone)), "until": day(row.ends_on)}
        for row in DeclaredInterest.objects.filter(user=user).order_by("ends_on", "-declared_at", "pk")
    ]
    may_decide = user_may(user, Permission.DECIDE_APPEALS)
    context = {"rows": rows, "form": form, "ending": ending, "refusal": refusal, "may_decide": may_decide}
    return render(request, "appeals/interests.html", context, status=status)
