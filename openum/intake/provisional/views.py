"""Provisional people: taken in from a message or paper, listed, and tied to the right member."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.rules import Permission
from openum.cases.queries import cases_listed_to
from openum.db.clock import now
from openum.design.moments import day, short_moment
from openum.directory.models import Member, Product
from openum.directory.queries import members_visible_to
from openum.intake.candidates import candidates_of
from openum.intake.models import Paper
from openum.intake.papers.services import choose_member
from openum.intake.provisional import services
from openum.intake.provisional.queries import provisional_members, ties_of
from openum.submission.events import MemberLookedUp
from openum.submission.incoming import IncomingMember
from openum.submission.models import Submission
from openum.submission.queries import submissions_without_case
from openum.submission.readers import read_again
from openum.submission.services import admit_waiting
from openum.vocabulary.errors import Invalid, OpenUMError

_MOST = 200


@require_GET
@needs(Permission.MATCH_INTAKE)
def people(request: HttpRequest) -> HttpResponse:
    """List provisional people, those not tied yet first."""
    user, at = actor(request), now()
    rows = list(provisional_members(user)[:_MOST])
    for row in rows:
        audit.record(MemberLookedUp(member_id=row.public_id), by=user, at=at)
    return render(
        request, "intake/provisional.html", {"rows": [{"row": row, "born": day(row.birth_date)} for row in rows]}
    )


@require_POST
@needs(Permission.MATCH_INTAKE)
def take(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Put a newborn or an unknown person on file for a message or paper, and go on with it."""
    user, at = actor(request), now()
    item = get_object_or_404(submissions_without_case(user).defer(None).defer("answer"), public_id=public_id)
    paper = Paper.objects.filter(submission=item).select_related("plan").first()
    try:
        if paper is None:
            incoming = read_again(item)
            with transaction.atomic():
                member = _taken(request, item, user)
                admitted = admit_waiting(submission=item, request=incoming, member=member, by=user, at=at)
            messages.success(
                request, _("On file provisionally. Tie the person to the right member when that is known.")
            )
            if admitted.case is not None:
                return redirect("cases:case", public_id=admitted.case.public_id)
            return redirect("intake:submissions")
        choose_member(paper=paper, member=_taken(request, item, user), by=user, at=at)
        messages.success(request, _("On file provisionally. Tie the person to the right member when that is known."))
    except OpenUMError as refusal:
        messages.error(request, refusal.sentence)
    if paper is not None:
        return redirect("intake:paper", public_id=paper.public_id)
    return redirect("intake:submission", public_id=item.public_id)


def _taken(request: HttpRequest, item: Submission, user: User) -> Member:
    at, said = now(), request.POST
    born = _day(said.get("born", ""))
    if said.get("as") == "newborn":
        order = said.get("order", "1")
        return services.take_newborn(
            plan=item.plan, mother_number=said.get("mother", ""), given=said.get("given", ""), birth_date=born,
            birth_order=int(order) if order.isdecimal() and len(order) < 3 else 0, sex=said.get("sex", "")[:20], by=user, at=at,
        )  # fmt: skip
    product = Product.objects.filter(plan=item.plan, public_id=_uuid(said.get("product", ""))).first()
    if product is None:
        raise Invalid("Choose the product that the person most likely has.")
    return services.take_unknown(
        plan=item.plan, product=product, family=said.get("family", ""), given=said.get("given", ""), birth_date=born,
        by=user, at=at,
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("Write the day of birth like 2026-11-20.") from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


@require_http_methods(["GET", "POST"])
@needs(Permission.MATCH_INTAKE)
def person(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a provisional person with cases, who may be meant, and the ties; tie or undo."""
    user, at = actor(request), now()
    row = get_object_or_404(provisional_members(user), public_id=public_id)
    if request.method == "POST" and "find" not in request.POST:
        try:
            _act(request, row, user)
        except OpenUMError as refusal:
            messages.error(request, refusal.sentence)
        return redirect("intake:provisional_person", public_id=row.public_id)
    number = request.POST.get("number", "").strip()
    sent = IncomingMember(
        member_id="", family=row.family_name, given=row.given_name, birth_date=row.birth_date
    )  # fmt: skip
    found = [
        each
        for each in candidates_of(row.plan, sent, wanted=number, at=at)
        if not each.member.is_provisional and each.member.pk != row.mother_id
    ]
    for member in (row, *(each.member for each in found)):
        audit.record(MemberLookedUp(member_id=member.public_id), by=user, at=at)
    ties = list(ties_of(row))
    moved = [case_id for tie in ties for case_id, _ in tie.cases]
    cases = list(cases_listed_to(user).filter(Q(member=row) | Q(pk__in=moved)).order_by("-opened_at", "-pk")[:20])
    audit.record_reads(by=user, at=at, case_ids=[case.public_id for case in cases], why="intake: provisional person")
    context = {
        "row": row,
        "born": day(row.birth_date),
        "candidates": found,
        "number": number,
        "cases": cases,
        "ties": [
            {
                "tie": tie, "when": short_moment(tie.tied_at, row.plan.time_zone), "count": len(tie.cases),
                "undone": short_moment(tie.undone_at, row.plan.time_zone) if tie.undone_at else "",
            }
            for tie in ties
        ],
    }  # fmt: skip
    return render(request, "intake/provisional_person.html", context)


def _act(request: HttpRequest, row: Member, user: User) -> None:
    at = now()
    if request.POST.get("do") == "undo":
        tie = get_object_or_404(ties_of(row), public_id=_uuid(request.POST.get("tie", "")))
        services.untie(row=tie, by=user, at=at)
        messages.success(request, _("The cases are the provisional person's again."))
        return
    member = get_object_or_404(
        members_visible_to(user).filter(plan=row.plan), public_id=_uuid(request.POST.get("member", ""))
    )
    services.tie(provisional=row, member=member, reason=request.POST.get("reason", ""), by=user, at=at)
    messages.success(request, _("Tied. Numbers and receipts stay; coverage is checked again."))
