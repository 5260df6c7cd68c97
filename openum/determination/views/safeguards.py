"""What protects a case, what machines suggested, and how the safeguards are kept; what the public is told of software."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.cases.models import Case
from openum.cases.queries import cases_visible_to
from openum.db.clock import now
from openum.design.moments import day, moment
from openum.design.paging import page_asked
from openum.design.sheets import sheet
from openum.determination import safeguards, services
from openum.determination.automation import AutomationRow, automation_rows
from openum.determination.forms import ClearFlagForm, FlagForm, ParityForm
from openum.determination.parity import MENTAL
from openum.determination.sections import entry_rows, flag_rows
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import LineOfBusiness

PAGE = 50


def _case(request: HttpRequest, public_id: UUID) -> Case:
    rows = cases_visible_to(actor(request)).select_related("member", "plan", "product")
    return get_object_or_404(rows, public_id=public_id)


@require_http_methods(["GET", "POST"])
@needs(Permission.FLAG_CASES)
def flags(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Flag what protects a case, or clear a flag."""
    user, at, case = actor(request), now(), _case(request, public_id)
    doing, given = request.POST.get("do", ""), request.POST if request.method == "POST" else None
    forms: dict[str, Form] = {
        "flag": FlagForm(given if doing == "flag" else None),
        "clear": ClearFlagForm(given if doing == "clear" else None),
    }
    status = 200
    if doing in forms:
        form, status = forms[doing], 422
        if form.is_valid():
            try:
                _do(doing, case, form.cleaned_data, request)
                return redirect("determination:flags", public_id=case.public_id)
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
    audit.record_reads(by=user, at=at, case_ids=[case.public_id], why="flags of a case")
    context = {
        "case": case,
        "flags": flag_rows(case),
        "may_clear_orders": user_may(user, Permission.CLEAR_COURT_ORDERS),
        "flag_form": forms["flag"],
        "clear_form": forms["clear"],
    }
    return render(request, "determination/flags.html", context, status=status)


def _do(doing: str, case: Case, given: dict[str, Any], request: HttpRequest) -> None:
    user, at = actor(request), now()
    if doing == "clear":
        services.clear_flag(case=case, by=user, at=at, **given)
        return
    typed = given["starts_at"]
    starts_at = typed.replace(tzinfo=ZoneInfo(case.plan.time_zone)) if typed else None
    services.flag_case(case=case, by=user, at=at, **{**given, "starts_at": starts_at})


@require_GET
@needs(Permission.SEE_PLAN_CASES)
def case_machines(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out the machine ledger of one case as CSV."""
    user, at, case = actor(request), now(), _case(request, public_id)
    audit.record_reads(by=user, at=at, case_ids=[case.public_id], why="machine ledger, file")
    return sheet(f"machines-{case.number}", safeguards.exported(safeguards.entries_of(case)), at=at)


@require_GET
@needs(Permission.WATCH_SAFEGUARDS)
def machines(request: HttpRequest) -> HttpResponse:
    """List what machines suggested in the reader's plans, newest first, and what people did."""
    user, at = actor(request), now()
    page = page_asked(request)
    found = list(safeguards.entries_visible_to(user)[(page - 1) * PAGE : page * PAGE + 1])
    shown = found[:PAGE]
    cases = list(dict.fromkeys(entry.case.public_id for entry in shown))
    audit.record_reads(by=user, at=at, case_ids=cases, why="machine ledger")
    context = {
        "entries": entry_rows(shown),
        "laws": automation_rows(plans_visible_to(user, Permission.WATCH_SAFEGUARDS), on=at.date()),
        "pages": {
            "words": _("Page %(n)d") % {"n": page},
            "previous_url": f"?page={page - 1}" if page > 1 else "",
            "next_url": f"?page={page + 1}" if len(found) > PAGE else "",
        },
    }
    return render(request, "determination/machines.html", context)


@require_GET
@needs(Permission.WATCH_SAFEGUARDS)
def machines_file(request: HttpRequest) -> HttpResponse:
    """Hand out the machine ledger of the reader's plans as CSV."""
    user, at = actor(request), now()
    entries = safeguards.entries_visible_to(user)
    cases = list(dict.fromkeys(entry.case.public_id for entry in entries))
    audit.record_reads(by=user, at=at, case_ids=cases, why="machine ledger, file")
    return sheet("machines", safeguards.exported(entries), at=at)


_SIDES = {True: gettext_lazy("Mental health and substance use"), False: gettext_lazy("Medical and surgical")}
_CLASSES = {
    "inpatient_in_network": gettext_lazy("Inpatient, in the network"),
    "inpatient_out_of_network": gettext_lazy("Inpatient, out of the network"),
    "inpatient_network_not_checked": gettext_lazy("Inpatient, network not checked"),
    "outpatient_in_network": gettext_lazy("Outpatient, in the network"),
    "outpatient_out_of_network": gettext_lazy("Outpatient, out of the network"),
    "outpatient_network_not_checked": gettext_lazy("Outpatient, network not checked"),
    "emergency": gettext_lazy("Emergency care"),
    "prescription_drugs": gettext_lazy("Prescription drugs"),
}


@require_http_methods(["GET", "POST"])
@needs(Permission.WATCH_SAFEGUARDS)
def watch(request: HttpRequest) -> HttpResponse:
    """Show rates of the requester's own acts by month, and parity as applied; make a new comparison."""
    user, at = actor(request), now()
    plans = plans_visible_to(user, Permission.WATCH_SAFEGUARDS)
    form = ParityForm(request.POST if request.method == "POST" else None, plans=plans)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.compare_parity(
                    plan=given["plan"], first_day=given["first_day"], after_day=given["last_day"] + timedelta(days=1),
                    by=user, at=at,
                )  # fmt: skip
                return redirect("determination:watch")
            except OpenUMError as refusal:
                form.add_error(None, refusal.sentence)
                status = refusal.status
    context = {
        "months": [_month(each) for each in safeguards.months_of(plans, at=at)],
        "comparisons": [
            {
                "row": row,
                "first": day(row.first_day),
                "last": day(row.after_day - timedelta(days=1)),
                "made": moment(row.made_at, row.plan.time_zone),
                "figures": [_figures(each) for each in row.figures],
            }
            for row in safeguards.comparisons_visible_to(user)[:6]
        ],
        "form": form,
    }
    return render(request, "determination/safeguards.html", context, status=status)


def _where(row: AutomationRow) -> str:
    """Say where a law about software holds: in states, in one program, or everywhere."""
    if row.states:
        return _("In %(states)s") % {"states": ", ".join(sorted(row.states))}
    if row.lines_of_business == {LineOfBusiness.MEDICARE_ADVANTAGE}:
        return _("In Medicare Advantage")
    return _("Everywhere")


def _month(month: safeguards.Month) -> dict[str, Any]:
    words = (_("Withdrawn"), _("Amended"), _("Another accepted"), _("Approved by rule"), _("Denied or less"))
    shares = [(word, *counted) for word, counted in zip(words, month.shares, strict=True)]
    return {"month": month.month, "lines": month.lines, "shares": shares}


def _figures(kept: dict[str, Any]) -> dict[str, Any]:
    def share(value: float | None) -> str:
        return "–" if value is None else f"{value:.1%}"

    return {
        "benefit_class": _CLASSES.get(kept["benefit_class"], kept["benefit_class"]),
        "side": _SIDES[kept["side"] == MENTAL],
        "lines": kept["lines"],
        "shares": [
            (_("Seen by a person"), share(kept["reviewed"])),
            (_("Asked for more"), share(kept["asked"])),
            (_("Denied or less"), share(kept["refused"])),
        ],
        "hours": "–" if kept["median_hours"] is None else f"{kept['median_hours']:.1f}",
    }


@require_GET
def automation(request: HttpRequest) -> HttpResponse:
    """Tell anybody how software takes part in decisions, by the law of each place."""
    language = get_language() or "en"
    plans = list(Plan.objects.filter(is_sandbox=False).order_by("pk"))
    rows = [
        {
            "where": _where(row),
            "text": row.text.get(language.split("-")[0]) or row.text["en"],
            "citation": row.citation,
            "since": day(row.effective_from),
        }
        for row in automation_rows(plans, on=now().date())
    ]
    return render(request, "determination/automation.html", {"rows": rows})
