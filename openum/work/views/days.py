"""The calendar of people's days: what each can carry, and who is away."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import own_plan, scope_of, user_may
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.numbers import whole
from openum.work import services
from openum.work.forms import AbsenceForm, CapacityForm
from openum.work.models import Absence
from openum.work.queries.around import staff_of
from openum.work.queries.people import calendar, local_day

SHOWN = 14
_MOST_WEEKS = 26


def _people(user: User) -> QuerySet[User]:
    """Return whose days the reader may keep."""
    if user_may(user, Permission.KEEP_WORK):
        return staff_of(scope_of(user).plans_with(Permission.KEEP_WORK))
    return User.objects.filter(pk=user.pk)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_PLAN_CASES)
def days(request: HttpRequest) -> HttpResponse:
    """Show two weeks of everybody's days; record an absence."""
    user, at, refusal, status = actor(request), now(), "", 200
    form = AbsenceForm(people=_people(user), initial={"person": user.public_id})
    if request.method == "POST":
        form = AbsenceForm(request.POST, people=_people(user))
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.record_absence(
                    user=given["person"], kind=given["kind"], first_day=given["first_day"], back_on=given["back_on"],
                    percent_left=given["percent_left"], by=user, at=at,
                )  # fmt: skip
                return redirect("work:days")
            except OpenUMError as error:
                refusal = error.sentence
    return _render(request, user, at, form=form, refusal=refusal, status=status)


@require_POST
@needs(Permission.KEEP_WORK)
def capacity(request: HttpRequest) -> HttpResponse:
    """Set what a person can carry on a usual day, and their languages."""
    user, at, refusal = actor(request), now(), ""
    form = CapacityForm(request.POST, people=_people(user))
    if form.is_valid():
        given = form.cleaned_data
        try:
            services.set_capacity(
                user=given["person"], points_a_day=given["points_a_day"], languages=given["languages"].split(","), by=user,
                at=at,
            )  # fmt: skip
            return redirect("work:days")
        except OpenUMError as error:
            refusal = error.sentence
    return _render(request, user, at, capacity_form=form, refusal=refusal, status=422)


def _render(
    request: HttpRequest, user: User, at: datetime, *, form: AbsenceForm | None = None,
    capacity_form: CapacityForm | None = None, refusal: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    plan = own_plan(user, Permission.SEE_PLAN_CASES)
    week = min(whole(request.GET.get("week", "")) or 0, _MOST_WEEKS)
    first = local_day(plan, at) + timedelta(weeks=week)
    rows = calendar(plan, first=first, days=SHOWN)
    absences = Absence.objects.filter(
        user__in=_people(user), cancelled_at__isnull=True, back_on__gt=local_day(plan, at)
    )  # fmt: skip
    context = {
        "plan": plan, "rows": rows, "refusal": refusal, "may_keep": user_may(user, Permission.KEEP_WORK),
        "form": form or AbsenceForm(people=_people(user), initial={"person": user.public_id}),
        "capacity_form": capacity_form or CapacityForm(people=_people(user)),
        "days": [first + timedelta(days=number) for number in range(SHOWN)],
        "totals": [sum(row.cells[number].points for row in rows) for number in range(SHOWN)],
        "absences": list(absences.select_related("user").order_by("first_day", "pk")),
        "earlier": week - 1 if week else None, "later": week + 1,
    }  # fmt: skip
    return render(request, "work/days.html", context, status=status)


@require_POST
@needs(Permission.SEE_PLAN_CASES)
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take an absence back."""
    user = actor(request)
    absence = get_object_or_404(Absence.objects.filter(user__in=_people(user)), public_id=public_id)
    services.cancel_absence(absence=absence, by=user, at=now())
    return redirect("work:days")
