"""The page "Is authorization needed?" of provider offices and of the plan's staff, and the receipt of its answer."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openum.accounts.gate import actor, needs
from openum.accounts.models import Organization, Plan, User
from openum.accounts.queries import offices_of, plans_open_to, plans_visible_to
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import day, moment, short_moment
from openum.directory.models import Member, Product
from openum.directory.queries import coverage_on, find_members, product_of
from openum.needs import queries, services
from openum.needs.forms import CheckForm, FindForm
from openum.needs.models import Assertion
from openum.needs.queries import Question
from openum.needs.words import look_of, spoken

RECENT = 10


def _plans(user: User) -> tuple[Organization | None, list[Plan]]:
    """Return the office a user asks for, or None for staff of a plan, and the plans that may be asked."""
    offices = offices_of(user)
    return (
        (offices[0], plans_open_to(offices))
        if offices
        else (None, plans_visible_to(user, Permission.SEE_PLAN_CASES, Permission.SUBMIT_REQUEST))
    )


@require_http_methods(["GET", "POST"])
@needs(Permission.SUBMIT_REQUEST, Permission.SEE_PLAN_CASES)
def check(request: HttpRequest) -> HttpResponse:
    """Ask whether a service needs authorization, or find an earlier answer by the number of its receipt."""
    user, at = actor(request), now()
    office, plans = _plans(user)
    products = list(Product.objects.filter(plan__in=plans).select_related("plan").order_by("plan__name", "name"))
    form, find = CheckForm(plans=plans, products=products), FindForm()
    if request.method == "POST" and request.POST.get("do") == "find":
        find = FindForm(request.POST)
        if find.is_valid():
            number = str(find.cleaned_data["number"]).strip().upper()
            found = queries.assertions_of_user(user).filter(receipt_number=number).first()
            if found is not None:
                return redirect("needs:answer", public_id=found.public_id)
            find.add_error("number", _("There is no such receipt of your organization."))
    elif request.method == "POST":
        form = CheckForm(request.POST, plans=plans, products=products)
        question = _question(form, plans, office, at) if form.is_valid() else None
        if question is not None:
            asker = services.Asker(user=user, plan=question.plan, organization=office)
            kept = services.answer_person(question=question, asker=asker, at=at)
            return redirect("needs:answer", public_id=kept.public_id)
    context = {"form": form, "find": find, "recent": [_row(one) for one in _recent(user)]}
    return render(request, "needs/check.html", context, status=422 if request.method == "POST" else 200)


def _question(form: CheckForm, plans: list[Plan], office: Organization | None, at: datetime) -> Question | None:
    """Return the question of a valid form; None: the member is not found or not covered, and the form says so."""
    said = form.cleaned_data
    plan = next(one for one in plans if str(one.public_id) == said["plan"])
    on = said["first_day"] or at.astimezone(ZoneInfo(plan.time_zone)).date()
    member: Member | None = None
    product = form.products.get(said["product"])
    if said["member_number"]:
        fitting = [
            one for one in find_members(plan=plan, number=said["member_number"].strip())
            if one.birth_date == said["birth_date"]
        ]  # fmt: skip
        if len(fitting) != 1:
            form.add_error("member_number", _("The plan knows no member with this number and date of birth."))
            return None
        member = fitting[0]
        held = coverage_on(member=member, day=on, known_at=at)
        if held is None:
            form.add_error("first_day", _("The member has no active coverage with this plan on that day."))
            return None
        product = product_of(held, plan)
    assert product is not None
    return Question(
        plan=plan, product=product, services=((said["code_system"], said["code"]),), on=on, member=member,
        birth_date=said["birth_date"], place=said["place"], organization=office,
        performers=frozenset(filter(None, [said["npi"]])),
        circumstances=frozenset(filter(None, [said["circumstance"]])),
    )  # fmt: skip


def _recent(user: User) -> list[Assertion]:
    mine = queries.assertions_of_user(user).filter(way=services.PORTAL)
    return list(mine.select_related("plan").order_by("-told_at", "-pk")[:RECENT])


def _row(answer: Assertion) -> dict[str, Any]:
    return {
        "answer": answer,
        "codes": ", ".join(" ".join(one) for one in answer.services),
        "told": short_moment(answer.told_at, answer.plan.time_zone),
        "look": look_of(answer),
    }


@require_GET
@needs(Permission.SUBMIT_REQUEST, Permission.SEE_PLAN_CASES)
def answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show an answer as it was given, with its receipt number where nothing needs to be asked."""
    user, at = actor(request), now()
    found = get_object_or_404(
        queries.assertions_of_user(user).filter(way=services.PORTAL).select_related("plan", "member", "asked_by"),
        public_id=public_id,
    )
    services.note_read(assertion=found, by=user, at=at)
    zone = found.plan.time_zone
    context = {
        **_row(found),
        "told": moment(found.told_at, zone),
        "on": day(found.service_date),
        "last_day": day(found.valid_to - timedelta(days=1)) if found.valid_to else "",
        "said": spoken(found),
        "is_office": bool(offices_of(user)),
    }
    return render(request, "needs/answer.html", context)
