"""The sandbox page: a signed-in demo physician arms the next answer for a client of a sandbox plan."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from openum.accounts.gate import actor, needs
from openum.accounts.models import ApiClient
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.determination.forms import ArmForm
from openum.submission.services import arm, disarm, pending_arming
from openum.vocabulary.errors import OpenUMError


@require_http_methods(["GET", "POST"])
@needs(Permission.ARM_SANDBOX)
def sandbox(request: HttpRequest) -> HttpResponse:
    """Show the clients of my sandbox plans with their armed answer; arm or disarm one."""
    user, at = actor(request), now()
    clients = ApiClient.objects.select_related("plan").filter(
        plan_id__in=scope_of(user).plan_ids, plan__is_sandbox=True, is_active=True
    )
    refusal, status = "", 200
    if request.method == "POST":
        form = ArmForm(request.POST)
        if form.is_valid():
            client = get_object_or_404(clients, public_id=form.cleaned_data["client"])
            try:
                if request.POST.get("do") == "disarm":
                    disarm(client=client)
                else:
                    arm(
                        client=client, answer=form.cleaned_data["answer"], by=user, at=at,
                        delay_seconds=form.cleaned_data["delay_seconds"] or 0,
                    )  # fmt: skip
            except OpenUMError as error:
                refusal, status = error.sentence, error.status
            else:
                return redirect("determination:sandbox")
        else:
            refusal, status = "; ".join(str(item) for errors in form.errors.values() for item in errors), 422
    rows = []
    for client in clients.order_by("name"):
        arming = pending_arming(client)
        rows.append(
            {
                "client": client,
                "arming": arming,
                "armed": short_moment(arming.armed_at, client.plan.time_zone) if arming else "",
                "form": ArmForm(
                    initial={"client": client.public_id, "delay_seconds": 30}, auto_id=f"id_{client.pk}_%s"
                ),
            }
        )
    return render(request, "determination/sandbox.html", {"rows": rows, "refusal": refusal}, status=status)
