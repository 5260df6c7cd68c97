"""Pages beside a decision: the provider's network with what the plan pays, and the calls with the answer."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import ContactAttempt, Party, ServiceLine
from openum.cases.rules import OPEN_STATUSES
from openum.clocks.faces import face_of
from openum.clocks.queries import calls_owed
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.determination import services
from openum.determination.models import NetworkStatement
from openum.determination.network import LAW, asked_of, owes_network, standing_of
from openum.determination.telling import ORAL_NOTICE
from openum.determination.telling_forms import MEMBER, OUTCOME_WORDS, NetworkForm, ToldForm
from openum.determination.views.line import find_line
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import NetworkStatus


def network_beside(line: ServiceLine) -> dict[str, Any]:
    """Return how the provider stands to the network where the letter has to tell it; nothing elsewhere."""
    if not owes_network(line):
        return {"network": None}
    standing = standing_of(line)
    return {"network": {"standing": standing, "law": LAW, "is_known": standing.status != NetworkStatus.NOT_CHECKED}}


@require_http_methods(["GET", "POST"])
@needs(Permission.APPROVE_LINES, Permission.DECIDE_APPEALS)
def network(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show and state the provider's network, and what the plan pays outside it."""
    line, user, at = find_line(request, public_id), actor(request), now()
    form, status = NetworkForm(request.POST or None, initial=asked_of(line)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                given = form.cleaned_data
                services.state_network(
                    line=line, status=given["network"], plan_pays=given["plan_pays"], by=user, at=at
                )  # fmt: skip
            except OpenUMError as refused:
                form.add_error(None, refused.sentence)
                status = refused.status
            else:
                return redirect("determination:network", public_id=line.public_id)
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="network and payment")
    zone = line.case.plan.time_zone
    stated = NetworkStatement.objects.filter(line=line).select_related("stated_by").order_by("-stated_at", "-pk")
    context = {
        "line": line, "case": line.case, "form": form, **network_beside(line),
        "stated": [{"row": row, "at": short_moment(row.stated_at, zone)} for row in stated],
        "may_decide": Permission.DECIDE_ADVERSELY in scope_of(user).permissions,
    }  # fmt: skip
    return render(request, "determination/network.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs(Permission.REVIEW_LINES, Permission.APPROVE_LINES)
def told(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the calls that told the answer, what is still owed by telephone, and keep one."""
    line, user, at = find_line(request, public_id), actor(request), now()
    zone = line.case.plan.time_zone
    parties = [
        (party, _named(party))
        for party in Party.objects.filter(request=line.request)
        .select_related("practitioner", "facility", "organization")
        .order_by("pk")
    ]
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0, microsecond=0)
    form, status = ToldForm(request.POST or None, parties=parties, initial={"called_at": local}), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            to = next((party for party, _name in parties if str(party.public_id) == given.pop("to")), None)
            called_at = given["called_at"].replace(tzinfo=ZoneInfo(zone))
            given["called_at"] = min(called_at, at) if called_at - at < timedelta(minutes=1) else called_at
            try:
                services.tell_answer_by_phone(line=line, to=to, by=user, at=at, **given)
            except OpenUMError as refused:
                form.add_error(None, refused.sentence)
                status = refused.status
            else:
                return redirect("determination:told", public_id=line.public_id)
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="calls with the answer")
    calls = ContactAttempt.objects.filter(case=line.case, purpose=ORAL_NOTICE).select_related("party", "recorded_by")
    context = {
        "line": line, "case": line.case, "form": form, "is_open": line.status in OPEN_STATUSES,
        "calls": [
            {
                "call": call,
                "at": short_moment(call.at, zone),
                "to": _named(call.party) if call.party else "",
                "outcome": OUTCOME_WORDS.get(call.outcome, call.outcome),
            }
            for call in calls.order_by("-at", "-pk")
        ],
        "owed": [{"face": face_of(clock, at=at), "title": clock.title} for clock in calls_owed(line.request)],
        "member_choice": MEMBER,
    }  # fmt: skip
    return render(request, "determination/told.html", context, status=status)


def _named(party: Party) -> str:
    """Name a party, by its number where no name is known."""
    if party.name:
        return party.name
    if party.practitioner:
        return party.practitioner.full_name
    place = party.facility or party.organization
    return place.name if place else party.npi
