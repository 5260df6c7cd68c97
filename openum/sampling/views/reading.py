"""Pages of who reads samples: the list, one sample, one file as the people who worked on it saw it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.panels import drawn, panels_for
from openum.cases.queries import status_of
from openum.criteria.faces.words import LINES_OF_BUSINESS
from openum.db.clock import now
from openum.design.moments import day, moment, short_moment
from openum.design.sheets import sheet
from openum.grievances.forms import ABOUT_AT_THE_DESK
from openum.grievances.models import Grievance
from openum.grievances.rules import About
from openum.sampling import queries, services
from openum.sampling.forms import GuestForm, VerdictForm
from openum.sampling.models import Sample, SampledFile
from openum.sampling.rules import Element, Universe, Verdict
from openum.sampling.words import ELEMENTS, STEPS, UNIVERSES, verdict_chip
from openum.vocabulary.errors import OpenUMError

SHOWN = frozenset(
    {
        "decisions", "claim", "appeals", "protections", "evidence-map", "clocks", "questions", "documents", "records",
        "assertions", "requests", "letters", "machines", "lines", "notes", "timeline",
    }
)  # fmt: skip
"""The sections of a case that belong to its file; who works on it and its tasks do not."""
_READERS = (Permission.SEE_SAMPLED_FILES, Permission.DRAW_SAMPLES)


def _draws(user: User, sample: Sample) -> bool:
    return sample.plan_id in scope_of(user).plans_with(Permission.DRAW_SAMPLES)


@require_safe
@needs(*_READERS)
def samples(request: HttpRequest) -> HttpResponse:
    """List the samples."""
    user, at = actor(request), now()
    rows = [
        {"sample": row, "drawn": moment(row.drawn_at, row.plan.time_zone), "files": row.files.count(), **_told(row)}
        for row in queries.samples_visible_to(user, at=at)
    ]
    may_draw = Permission.DRAW_SAMPLES in scope_of(user).permissions
    return render(request, "sampling/samples.html", {"rows": rows, "may_draw": may_draw})


def _told(sample: Sample) -> dict[str, Any]:
    held = sample.definition
    return {
        "universe": UNIVERSES[Universe(sample.universe)], "first": day(date.fromisoformat(held["first_day"])), "last": day(date.fromisoformat(held["last_day"])),
        "businesses": [LINES_OF_BUSINESS.get(one, one) for one in held["lines_of_business"]],
        "adverse_only": held["adverse_only"],
    }  # fmt: skip


def _sample(request: HttpRequest, public_id: UUID) -> Sample:
    return get_object_or_404(queries.samples_visible_to(actor(request), at=now()), public_id=public_id)


@require_safe
@needs(*_READERS)
def one_sample(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a sample: how it was drawn, its files, where each element stands."""
    return sample_page(request, _sample(request, public_id))


def sample_page(
    request: HttpRequest, sample: Sample, *, guest_form: GuestForm | None = None, refusal: str = "", status: int = 200,
    admitted: User | None = None, password: str = "",
) -> HttpResponse:  # fmt: skip
    """Draw the page of a sample for who draws them or for a guest."""
    user, at = actor(request), now()
    files, zone = queries.files_of(sample), sample.plan.time_zone
    draws = _draws(user, sample)
    context = {
        "sample": sample, **_told(sample), "drawn": moment(sample.drawn_at, zone), "closed": moment(sample.closed_at, zone),
        "files": [
            {
                "file": one,
                "verdicts": [(ELEMENTS[element], verdict_chip(found[element]) if element in found else "") for element in Element],
            }
            for one in files
            for found in ({row.element: row.verdict for row in one.verdicts.all()},)
        ],
        "elements": [ELEMENTS[element] for element in Element],
        "standings": [
            {"words": ELEMENTS[element], "found": found, "step": STEPS[found.step]}
            for element, found in queries.standings(files).items()
        ],
        "draws": draws, "refusal": refusal, "admitted": admitted, "password": password,
    }  # fmt: skip
    if draws:
        context["guests"] = [
            {"guest": one, "until": moment(one.until, zone), "is_over": one.until <= at}
            for one in queries.guests_of(sample)
        ]
        context["guest_form"] = guest_form or GuestForm()
    return render(request, "sampling/sample.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*_READERS)
def one_file(request: HttpRequest, public_id: UUID, position: int) -> HttpResponse:
    """Show one file, read-only, with what was found in it; POST keeps a verdict."""
    user, at = actor(request), now()
    sample = _sample(request, public_id)
    file = get_object_or_404(
        sample.files.select_related(
            "sample__plan", "case__plan", "case__product", "case__member", "case__organization"
        ),
        position=position,
    )
    forms = _forms(file)
    refusal, status = "", 200
    if request.method == "POST":
        form = VerdictForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            element = Element(given["element"])
            try:
                services.judge_file(
                    file=file, element=element, verdict=Verdict(given["verdict"]), note=given["note"], by=user, at=at
                )
                return redirect("sampling:file", public_id=sample.public_id, position=position)
            except OpenUMError as error:
                refusal, status, forms[element] = error.sentence, error.status, form
        else:
            status = 422
            if (element := form.data.get("element", "")) in set(Element):
                forms[Element(element)] = form
    found = {row.element: row for row in file.verdicts.select_related("judged_by")}
    case, zone = file.case, sample.plan.time_zone
    permissions = scope_of(user).permissions | {Permission.SEE_PLAN_CASES}
    panels = [panel for panel in panels_for(permissions) if panel.key in SHOWN]
    audit.record_reads(by=user, at=at, case_ids=[case.public_id], why="file of a sample")
    count = sample.files.count()
    context = {
        "sample": sample, "file": file, "case": case, "status": status_of(case), "count": count,
        "birth_date": day(case.member.birth_date), "opened": short_moment(case.opened_at, zone),
        "panels": drawn(panels, case, user, at=at, request=request),
        "before": position - 1 if position > 1 else None, "after": position + 1 if position < count else None,
        "elements": [
            {
                "key": element.value, "words": ELEMENTS[element], "form": forms[element], "row": row,
                "chip": verdict_chip(row.verdict) if row else "", "at": moment(row.judged_at, zone) if row else "",
            }
            for element in Element
            for row in (found.get(element),)
        ],
        "complaint": _complaint(sample, file), "refusal": refusal,
    }  # fmt: skip
    return render(request, "sampling/file.html", context, status=status)


def _complaint(sample: Sample, file: SampledFile) -> dict[str, Any] | None:
    """Return the complaint that was drawn, with what was found and done."""
    if sample.universe != Universe.COMPLAINTS:
        return None
    one, zone = Grievance.objects.get(public_id=file.key), sample.plan.time_zone
    return {
        "one": one, "about": dict(ABOUT_AT_THE_DESK)[About(one.about)], "filed": moment(one.filed_at, zone),
        "acknowledged": moment(one.acknowledged_at, zone), "answered": moment(one.answered_at, zone),
    }  # fmt: skip


def _forms(file: SampledFile) -> dict[Element, VerdictForm]:
    found = {row.element: row for row in file.verdicts.all()}
    return {
        element: VerdictForm(
            initial={
                "element": element.value,
                **({"verdict": found[element].verdict, "note": found[element].note} if element in found else {}),
            }
        )
        for element in Element
    }


@require_safe
@needs(*_READERS)
def results_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out what was found, a row a file and element."""
    sample, user, at = _sample(request, public_id), actor(request), now()
    files = queries.files_of(sample)
    if not files:
        raise Http404
    rows: list[tuple[object, ...]] = [("position", "file", "element", "verdict", "note", "judged_by", "judged_at")]
    for one in files:
        found = {row.element: row for row in one.verdicts.all()}
        for element in Element:
            row = found.get(element)
            rows.append(
                (
                    one.position, one.label, element.value, row.verdict if row else "", row.note if row else "",
                    row.judged_by.name if row else "", row.judged_at.isoformat() if row else "",
                )
            )  # fmt: skip
    audit.record_reads(by=user, at=at, case_ids=queries.case_ids_of(files), why="results of a sample")
    return sheet("sample", rows, at=at)
