"""Sharing where a request stands: the member's and the office's links, and the page behind a link, without an account."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.rules import Permission
from openum.cases.models import Case
from openum.cases.queries import cases_visible_to
from openum.db.clock import now
from openum.design.moments import day, local_day, short_moment
from openum.determination import services
from openum.determination.linking import link_named, token_of
from openum.determination.models import StatusLink
from openum.determination.portal.forms import ShareForm
from openum.determination.portal.stages import sentence_for_anybody, stops
from openum.determination.portal.standing import standings
from openum.vocabulary.errors import OpenUMError


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_OWN_CASES, Permission.SEE_ORGANIZATION_CASES)
def share(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the links of a request; make one; stop one."""
    user, at = actor(request), now()
    case = get_object_or_404(cases_visible_to(user).select_related("plan", "member"), public_id=public_id)
    form, status, refusal = ShareForm(), 200, ""
    if request.method == "POST":
        status = 422
        try:
            if request.POST.get("do") == "stop":
                link = get_object_or_404(StatusLink, case=case, public_id=_uuid(request.POST.get("link", "")))
                services.end_status_link(link=link, by=user, at=at)
                return redirect("determination:share", public_id=case.public_id)
            form = ShareForm(request.POST)
            if form.is_valid():
                services.make_status_link(
                    case=case, made_for=form.cleaned_data["made_for"], days=int(form.cleaned_data["days"]), by=user, at=at
                )  # fmt: skip
                return redirect("determination:share", public_id=case.public_id)
        except OpenUMError as error:
            refusal, status = error.sentence, error.status
    audit.record_reads(by=user, at=at, case_ids=[case.public_id], why="sharing of a request")
    is_member = case.member.user_id == user.pk
    context = {
        "case": case,
        "is_member": is_member,
        "service": standings([case])[case.pk].service,
        "form": form,
        "refusal": refusal,
        "links": _rows(request, case, user, at),
    }
    return render(request, "determination/share.html", context, status=status)


def _rows(request: HttpRequest, case: Case, user: User, at: datetime) -> list[dict[str, Any]]:
    """Return the links of a request, newest first; an office sees of the member's own only that they are there."""
    zone, is_member = case.plan.time_zone, case.member.user_id == user.pk
    rows = []
    for link in StatusLink.objects.filter(case=case).select_related("made_by").order_by("-made_at", "-pk"):
        is_open = link.ended_at is None and link.expires_at > at
        is_theirs = is_member or not link.is_members_own
        rows.append(
            {
                "link": link,
                "is_open": is_open,
                "is_theirs": is_theirs,
                "made_for": link.made_for if is_theirs else _("the patient's own"),
                "address": request.build_absolute_uri(reverse("determination:status", args=[token_of(link.public_id)]))
                if is_open and is_theirs
                else "",
                "until": day(local_day(link.expires_at, zone)),
                "made": short_moment(link.made_at, zone),
                "stopped": short_moment(link.ended_at, zone) if link.ended_at else "",
                "opened": short_moment(link.opened_at, zone) if link.opened_at else "",
            }
        )
    return rows


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_GET
def status(request: HttpRequest, token: str) -> HttpResponse:
    """Show where a request stands to whoever holds the link: no name, no service, no answer."""
    at, public_id = now(), link_named(token)
    link = StatusLink.objects.select_related("case__plan").filter(public_id=public_id).first() if public_id else None
    if link is None or link.ended_at is not None or link.expires_at <= at:
        return _alone(render(request, "determination/status_ended.html", {"plan": link.case.plan if link else None}, status=410 if link else 404))  # fmt: skip
    services.note_visit(link=link, at=at)
    standing = standings([link.case])[link.case.pk]
    context = {
        "plan": link.case.plan,
        "phone": link.case.plan.phone,
        "sentence": sentence_for_anybody(standing),
        "stops": stops(standing),
        "until": day(local_day(link.expires_at, link.case.plan.time_zone)),
        "read_at": short_moment(at, link.case.plan.time_zone),
    }
    return _alone(render(request, "determination/status.html", context))


def _alone(response: HttpResponse) -> HttpResponse:
    """Keep the address out of what other sites and search engines are told."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
