"""What an office sees of its providers' way to an exemption."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openum.accounts.gate import actor, needs
from openum.accounts.queries import offices_of, plans_open_to
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.programme.askings import npis_of, progress_of
from openum.programme.views.showing import progress_rows
from openum.programme.worth import worth


@require_safe
@needs(Permission.SEE_ORGANIZATION_CASES)
def own_progress(request: HttpRequest) -> HttpResponse:
    """Show, plan by plan, how near the office's providers are to asking no more, and why not yet."""
    at, offices = now(), offices_of(actor(request))
    tables = []
    for plan in (one for one in plans_open_to(offices) if not one.is_sandbox):
        npis = npis_of(offices, [plan], at=at)
        for profile in worth().profiles:
            rows = progress_rows(plan, progress_of(plan, profile, npis=npis, at=at))
            tables.append({"plan": plan, "profile": profile, "rows": rows})
    return render(request, "programme/own_progress.html", {"tables": tables})
