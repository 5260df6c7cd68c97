"""The appeal in one tap: a member, a practice, or somebody who acts for the member; and the review outside the plan."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.appeals import services
from openum.appeals.forms import OfficeAppealForm, PublicAppealForm
from openum.appeals.models import Appeal
from openum.appeals.queries import appealable_lines, appeals_visible_to
from openum.appeals.rules.filing import SpeedAnswer
from openum.appeals.rules.law import Filer
from openum.appeals.uploads import document_of
from openum.cases.models import ServiceLine
from openum.db.clock import now
from openum.determination.portal.standing import service_words
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel, NetworkStatus


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_OWN_CASES, Permission.SUBMIT_REQUEST)
def file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the page with one button, and take the appeal."""
    user, at = actor(request), now()
    line = get_object_or_404(
        appealable_lines(user).select_related("case__member", "case__plan", "case__product", "request"),
        public_id=public_id,
    )
    is_office = user_may(user, Permission.SUBMIT_REQUEST)
    kind = OfficeAppealForm if is_office else PublicAppealForm
    form, status, refusal = kind(), 200, ""
    if request.method == "POST":
        form, status = kind(request.POST, request.FILES), 422
        if form.is_valid():
            try:
                services.file_appeal(line=line, asked=_asked(form.cleaned_data, line, is_office, at), by=user, at=at)
                return redirect(_home(is_office), public_id=line.case.public_id)
            except OpenUMError as no:
                refusal, status = no.sentence, no.status
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="appeal")
    context = {
        "line": line, "case": line.case, "form": form, "refusal": refusal, "service": service_words(line, line.case),
        "is_office": is_office, "home": _home(is_office), "phone": line.case.plan.phone,
    }  # fmt: skip
    return render(request, "appeals/file.html", context, status=status)


def _home(is_office: bool) -> str:
    return "determination:request" if is_office else "determination:my_request"


def _asked(given: dict[str, Any], line: ServiceLine, is_office: bool, at: Any) -> services.AppealAsked:
    filer = Filer(given.get("filer") or Filer.CLINICIAN)
    if is_office and line.network_status == NetworkStatus.OUT_OF_NETWORK:
        filer = Filer.OUTSIDE_PROVIDER
    paper = document_of(given["paper"], "Paper of standing", "other")
    evidence = document_of(given["evidence"], "", "clinical-note")
    signed_on = given["signed_on"]
    return services.AppealAsked(
        filer=filer, name=given["name"], relationship=given.get("relationship", ""), issue=given["issue"],
        channel=Channel.PORTAL, received_at=at, wants_speed=given["wants_speed"] or given.get("clinician_supports", False),
        clinician_supports=(is_office and given["wants_speed"]) or given.get("clinician_supports", False),
        paper=services.StandingPaper(signed_on=signed_on, document=paper) if signed_on else None,
        documents=[evidence] if evidence else [], proof="portal",
    )  # fmt: skip


@require_http_methods(["POST"])
@needs(Permission.SEE_OWN_CASES, Permission.SUBMIT_REQUEST)
def ask_outside(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for the review by people who do not work for the plan."""
    return _ask_next(request, public_id, services.ask_outside_review)


@require_http_methods(["POST"])
@needs(Permission.SEE_OWN_CASES, Permission.SUBMIT_REQUEST)
def ask_again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask the plan for its second look, where it has one."""
    return _ask_next(request, public_id, services.ask_second_level)


def _ask_next(request: HttpRequest, public_id: UUID, ask: Callable[..., Appeal]) -> HttpResponse:
    user, at = actor(request), now()
    appeal = get_object_or_404(appeals_visible_to(user), public_id=public_id)
    asked = services.AppealAsked(
        filer=Filer(appeal.filer), name=appeal.filer_name, relationship=appeal.filer_relationship, issue=appeal.issue,
        channel=Channel.PORTAL, received_at=at, wants_speed=appeal.speed == SpeedAnswer.GRANTED,
        clinician_supports=appeal.clinician_supports, proof="portal",
    )  # fmt: skip
    cause = request.POST.get("good_cause", "").strip()[:4000]
    if cause and user_may(
        user, Permission.SUBMIT_REQUEST
    ):  # a specialty review is asked for in the provider's own name
        asked = replace(asked, filer=Filer.CLINICIAN, name=user.name, relationship="", issue=cause)
    ask(appeal=appeal, asked=asked, by=user, at=at)
    return redirect(_home(user_may(user, Permission.SUBMIT_REQUEST)), public_id=appeal.line.case.public_id)


@require_http_methods(["POST"])
@needs(Permission.SEE_OWN_CASES)
def end_representative(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let the member end that somebody acts in the appeal; it goes on in the member's own name."""
    user, at = actor(request), now()
    appeal = get_object_or_404(appeals_visible_to(user), public_id=public_id)
    services.end_standing(appeal=appeal, said_by=user.name, reason="Ended by the member on the portal.", by=user, at=at)
    return redirect(_home(False), public_id=appeal.line.case.public_id)
