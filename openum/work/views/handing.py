"""The end of a shift: what is handed over and to whom, what colleagues hand over to the reader, what nobody accepted."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import own_plan, scope_of, user_may
from openum.accounts.rules import Permission
from openum.cases.queries import lines_visible_to
from openum.clocks.faces import faces_of
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.vocabulary.errors import OpenUMError
from openum.work import services
from openum.work.forms import OnCallForm
from openum.work.models import HandOver, Placement
from openum.work.queries.around import staff_of
from openum.work.queries.covering import (
    handed_and_open,
    handed_by,
    handed_to,
    held_lines,
    last_given_back,
    on_call_visible_to,
)
from openum.work.queries.lists import people_of_queues, queues_visible_to

_DUE_HOURS = 24
"""By when the next step is proposed, after now."""
_SHOWN_DAYS = 14


@require_http_methods(["GET", "POST"])
@needs(Permission.REVIEW_LINES, Permission.KEEP_WORK)
def hand_over(request: HttpRequest) -> HttpResponse:
    """Show what comes and what goes at a change of shift; hand over the lines that got a sentence."""
    user, at = actor(request), now()
    refusals: list[str] = []
    if request.method == "POST":
        refusals = _hand_over(request, user, at)
        if not refusals:
            messages.success(request, _("Offered. You have these requests until they are accepted."))
            return redirect("work:hand_over")
    return _render(request, user, at, refusals=refusals, status=422 if refusals else 200)


def _hand_over(request: HttpRequest, user: User, at: datetime) -> list[str]:
    """Offer every held line that got a sentence; return what was refused, each with its case."""
    wanted = request.POST.get("taker", "")
    taker = next((one for one in people_of_queues(user) if str(one.public_id) == wanted), None)
    if taker is None:
        return [_("Choose the colleague who takes over.")]
    held = held_lines(user, lines_visible_to(user))
    chosen = [row for row in held if request.POST.get(f"words-{row.public_id}", "").strip()]
    if not chosen:
        return [_("Write a sentence at each request that you hand over.")]
    refusals = []
    for row in chosen:
        due_at = _typed_time(request.POST.get(f"due-{row.public_id}", ""), row.queue.plan.time_zone)
        if due_at is None:
            refusals.append(f"{row.line.case.number}: {_('Say by when the next step is to be done.')}")
            continue
        try:
            services.hand_over(
                placement=row, taker=taker, words=request.POST[f"words-{row.public_id}"], due_at=due_at, by=user, at=at
            )
        except OpenUMError as refusal:
            refusals.append(f"{row.line.case.number}: {refusal.sentence}")
    return refusals


def _typed_time(text: str, zone: str) -> datetime | None:
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return typed.replace(tzinfo=ZoneInfo(zone)) if typed.tzinfo is None else typed


def _render(request: HttpRequest, user: User, at: datetime, *, refusals: list[str], status: int) -> HttpResponse:
    coming, offered = handed_to(user), handed_by(user)
    waiting = handed_and_open(user) if user_may(user, Permission.KEEP_WORK) else []
    held = held_lines(user, lines_visible_to(user))
    on_offer = {row.placement_id for row in offered}
    lines = [row.placement.line for row in (*coming, *offered, *waiting)] + [row.line for row in held]
    faces = faces_of(list({line.case_id for line in lines}), at=at)
    cases = list(dict.fromkeys(line.case.public_id for line in lines))
    audit.record_reads(by=user, at=at, case_ids=cases, why="hand-over")

    def offer_row(row: HandOver) -> dict[str, Any]:
        line = row.placement.line
        return {
            "row": row, "line": line, "face": faces.get(line.case_id),
            "due": short_moment(row.due_at, line.case.plan.time_zone),
            "at": short_moment(row.offered_at, line.case.plan.time_zone),
        }  # fmt: skip

    def held_row(row: Placement) -> dict[str, Any]:
        proposed = (at + timedelta(hours=_DUE_HOURS)).astimezone(ZoneInfo(row.queue.plan.time_zone))
        return {
            "row": row, "line": row.line, "face": faces.get(row.line.case_id),
            "words": request.POST.get(f"words-{row.public_id}", ""),
            "due": request.POST.get(f"due-{row.public_id}") or proposed.strftime("%Y-%m-%dT%H:%M"),
        }  # fmt: skip

    context = {
        "coming": [offer_row(row) for row in coming], "offered": [offer_row(row) for row in offered],
        "waiting": [offer_row(row) for row in waiting],
        "held": [held_row(row) for row in held if row.pk not in on_offer],
        "given_back": last_given_back(user), "refusals": refusals, "taker": request.POST.get("taker", ""),
        "people": [one for one in people_of_queues(user) if one.pk != user.pk],
        "may_keep": user_may(user, Permission.KEEP_WORK),
    }  # fmt: skip
    return render(request, "work/hand_over.html", context, status=status)


@require_POST
@needs(Permission.REVIEW_LINES)
def answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Accept what a colleague hands over, or give it back; who offered it takes it back."""
    user, at = actor(request), now()
    rows = HandOver.objects.select_related("placement__line__case").filter(
        placement__queue__plan_id__in=scope_of(user).plans_with(Permission.REVIEW_LINES)
    )
    row = get_object_or_404(rows, public_id=public_id)
    try:
        if request.POST.get("do") == "accept":
            services.accept_hand_over(row=row, by=user, at=at)
        else:
            services.give_hand_over_back(row=row, because=request.POST.get("because", ""), by=user, at=at)
    except OpenUMError as refusal:
        return _render(request, user, at, refusals=[refusal.sentence], status=refusal.status)
    return redirect("work:hand_over")


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_PLAN_CASES)
def on_call(request: HttpRequest) -> HttpResponse:
    """Show who covers which queue in the next two weeks; those who keep the work write it down."""
    user, at = actor(request), now()
    may_keep = user_may(user, Permission.KEEP_WORK)
    plans = scope_of(user).plans_with(Permission.KEEP_WORK)
    queues, people = queues_visible_to(user).filter(plan_id__in=plans), staff_of(plans)
    form, status = OnCallForm(queues=queues, people=people), 200
    if request.method == "POST":
        form, status = OnCallForm(request.POST, queues=queues, people=people), 422
        if form.is_valid():
            given = form.cleaned_data
            zone = ZoneInfo(given["queue"].plan.time_zone)
            try:
                services.record_on_call(
                    queue=given["queue"], user=given["person"], starts_at=given["starts_at"].replace(tzinfo=zone),
                    ends_at=given["ends_at"].replace(tzinfo=zone), by=user, at=at,
                )  # fmt: skip
                return redirect("work:on_call")
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
    rows = on_call_visible_to(user).filter(
        cancelled_at__isnull=True, ends_at__gt=at, starts_at__lt=at + timedelta(days=_SHOWN_DAYS)
    )
    covers: list[dict[str, Any]] = [
        {
            "row": row, "from": short_moment(row.starts_at, row.queue.plan.time_zone),
            "until": short_moment(row.ends_at, row.queue.plan.time_zone), "is_now": row.starts_at <= at,
        }
        for row in rows.order_by("starts_at", "pk")
    ]  # fmt: skip
    covered = {item["row"].queue_id for item in covers}
    bare = [queue for queue in queues_visible_to(user) if queue.hours and queue.pk not in covered]
    context = {
        "plan": own_plan(user, Permission.SEE_PLAN_CASES), "covers": covers, "bare": bare, "form": form, "may_keep": may_keep,
    }  # fmt: skip
    return render(request, "work/on_call.html", context, status=status)


@require_POST
@needs(Permission.KEEP_WORK)
def cancel_on_call(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a cover back."""
    user = actor(request)
    row = get_object_or_404(on_call_visible_to(user), public_id=public_id)
    services.cancel_on_call(row=row, by=user, at=now())
    return redirect("work:on_call")
