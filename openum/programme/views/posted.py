"""The figures that anybody may read, on a page and as files; no sign-in (CMS-0057-F)."""

import csv
import io
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openum.design.moments import moment
from openum.programme.models import PublicReport
from openum.programme.queries import posted_reports
from openum.programme.rules.public_metrics import file_rows
from openum.programme.views.showing import LAWS, LEVELS, shown


def _posted(public_id: UUID) -> PublicReport:
    report = PublicReport.objects.filter(public_id=public_id, plan__is_sandbox=False).select_related("plan").first()
    if report is None:
        raise Http404
    return report


@require_safe
def posted(request: HttpRequest) -> HttpResponse:
    """List the posted figures."""
    rows = [{"row": row, "law": LAWS[row.line_of_business], "kind": LEVELS[row.level]} for row in posted_reports()]
    return render(request, "programme/posted.html", {"rows": rows})


@require_safe
def posted_report(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the posted figures of a year."""
    row = _posted(public_id)
    context = {
        "row": row, "law": LAWS[row.line_of_business], "kind": LEVELS[row.level], "figures": shown(row.figures),
        "frozen": moment(row.frozen_at, row.plan.time_zone),
    }  # fmt: skip
    return render(request, "programme/posted_report.html", context)


@require_safe
def posted_json(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Return the figures as they were frozen, for programs."""
    row = _posted(public_id)
    return JsonResponse(
        {
            "plan": row.plan.name, "lineOfBusiness": row.line_of_business, "level": row.level, "levelKey": row.level_key,
            "citation": row.citation, "year": row.year, "version": row.version, "correction": row.because,
            "frozenAt": row.frozen_at.isoformat(), "sha256": row.digest, "figures": row.figures,
        }
    )  # fmt: skip


@require_safe
def posted_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Return the figures as a table; its columns are those of a delegate's file."""
    row = _posted(public_id)
    text = io.StringIO()
    csv.writer(text).writerows(file_rows(row.figures))
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="public-metrics-{row.year}-{row.version}.csv"'
    return answer
