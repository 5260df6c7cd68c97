"""Pages of who draws samples: look at a universe, draw, admit guests, close."""

import gzip
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan, User
from openum.accounts.queries import own_plan, plans_visible_to
from openum.accounts.rules import Permission
from openum.cases.models import Case
from openum.db.clock import now
from openum.sampling import queries, services
from openum.sampling.events import UniverseRead
from openum.sampling.forms import GuestForm, SampleForm
from openum.sampling.models import Sample
from openum.sampling.views.reading import sample_page
from openum.vocabulary.errors import OpenUMError

PREVIEWED = 20


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The beginning of a universe, before anything is drawn."""

    case_ids: list[UUID]
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    count: int
    sealed_left_out: int
    is_too_large: bool


def _plan(request: HttpRequest, user: User) -> Plan:
    key = request.POST.get("plan", "")
    chosen = [plan for plan in plans_visible_to(user, Permission.DRAW_SAMPLES) if str(plan.public_id) == key]
    return chosen[0] if chosen else own_plan(user, Permission.DRAW_SAMPLES)


def _preview(plan: Plan, form: SampleForm) -> Preview:
    found = queries.universe_of(plan, form.wanted())
    shown = Case.objects.filter(pk__in={row.case_id for row in found.rows[:PREVIEWED]}).order_by("pk")
    return Preview(
        case_ids=list(shown.values_list("public_id", flat=True)), heads=found.heads[1:], rows=[row.cells[1:] for row in found.rows[:PREVIEWED]], count=len(found.rows),
        sealed_left_out=found.sealed_left_out, is_too_large=found.is_too_large,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.DRAW_SAMPLES)
def new_sample(request: HttpRequest) -> HttpResponse:
    """Look at a universe, then draw from it."""
    user, at = actor(request), now()
    plan = _plan(request, user)
    form = SampleForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {
        "form": form, "plan": plan, "plans": plans_visible_to(user, Permission.DRAW_SAMPLES), "most": queries.MOST_ROWS,
    }  # fmt: skip
    status = 200
    if form.is_bound and not form.is_valid():
        status = 422
    elif form.is_bound and "look" in request.POST:
        context["preview"] = preview = _preview(plan, form)
        audit.record_reads(by=user, at=at, case_ids=preview.case_ids, why="universe looked at")
    elif form.is_bound:
        given = form.cleaned_data
        try:
            one = services.draw_sample(
                plan=plan, wanted=form.wanted(), size=given["size"], purpose=given["purpose"], seed=given["seed"],
                sealed_basis=given["sealed_basis"], by=user, at=at,
            )  # fmt: skip
            return redirect("sampling:sample", public_id=one.public_id)
        except OpenUMError as error:
            context["refusal"], status = error.sentence, error.status
    return render(request, "sampling/new.html", context, status=status)


def _kept(request: HttpRequest, public_id: UUID) -> Sample:
    return get_object_or_404(queries.samples_visible_to(actor(request), at=now()), public_id=public_id)


@require_safe
@needs(Permission.DRAW_SAMPLES)
def universe_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out the universe as it was kept: its digest is the one on the page."""
    sample, user, at = _kept(request, public_id), actor(request), now()
    answer = HttpResponse(gzip.decompress(bytes(sample.content)), content_type="text/csv; charset=utf-8")
    disposition = content_disposition_header(True, f"universe-{sample.public_id}.csv")
    answer["Content-Disposition"] = disposition or "attachment"
    audit.record(UniverseRead(sample_id=sample.public_id), by=user, at=at)
    return answer


@require_POST
@needs(Permission.DRAW_SAMPLES)
def admit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Admit a guest; the password of a new account is shown on this answer and nowhere else."""
    sample, user, at = _kept(request, public_id), actor(request), now()
    form = GuestForm(request.POST)
    if not form.is_valid():
        return sample_page(request, sample, guest_form=form, status=422)
    try:
        guest, password = services.admit_guest(sample=sample, by=user, at=at, **form.cleaned_data)
    except OpenUMError as error:
        return sample_page(request, sample, guest_form=form, refusal=error.sentence, status=error.status)
    if password:
        return sample_page(request, sample, admitted=guest, password=password)
    return redirect("sampling:sample", public_id=sample.public_id)


@require_POST
@needs(Permission.DRAW_SAMPLES)
def shut_out(request: HttpRequest, public_id: UUID, guest_id: UUID) -> HttpResponse:
    """Shut the files to a guest at once."""
    sample = _kept(request, public_id)
    guests = {one.user.public_id: one.user for one in queries.guests_of(sample)}
    if guest := guests.get(guest_id):
        services.shut_out(sample=sample, guest=guest, by=actor(request), at=now())
    return redirect("sampling:sample", public_id=sample.public_id)


@require_POST
@needs(Permission.DRAW_SAMPLES)
def close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Close a sample."""
    sample = _kept(request, public_id)
    try:
        services.close_sample(sample=sample, by=actor(request), at=now())
    except OpenUMError as error:
        return sample_page(request, sample, refusal=error.sentence, status=error.status)
    return redirect("sampling:sample", public_id=sample.public_id)
