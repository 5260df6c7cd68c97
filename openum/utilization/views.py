"""The metrics of claims: an overview, one metric with its months and cuts, and the rows behind a number."""

import csv
from collections.abc import Sequence
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from openum.accounts.gate import actor, needs
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.analytics.codes import definitions
from openum.analytics.metrics.more import LISTED
from openum.db.clock import now
from openum.design.columns import MonthColumn, months_chart, spark
from openum.design.moments import day, moment
from openum.design.sheets import sheet
from openum.design.workbooks import workbook
from openum.utilization import queries, services
from openum.utilization.models import Figure, Statement
from openum.utilization.rules import ALL, ListState
from openum.utilization.words import ABOVE, CUTS, GROUPS, NAMES, UNITS, count_words, payer_words, value_words
from openum.vocabulary.errors import OpenUMError

ROWS_SHOWN = 200
SNAPSHOTS_SHOWN = 104
HEADS = (
    "statement", "metric", "definition", "payer", "month", "cut", "group", "numerator", "denominator", "value", "unit",
    "maturity",
)  # fmt: skip


def _chosen(request: HttpRequest) -> tuple[Statement | None, list[Statement]]:
    """Return the statement that the page is about, and the newest of each plan."""
    rows = queries.newest(actor(request))
    wanted = request.GET.get("plan", "")
    return next((row for row in rows if row.plan.key == wanted), rows[0] if rows else None), rows


def _payer(request: HttpRequest, payers: list[str]) -> str:
    wanted = request.GET.get("payer", "")
    return wanted if wanted in payers else ALL


def _heading(statement: Statement, statements: list[Statement], payer: str, payers: list[str]) -> dict[str, Any]:
    zone = statement.plan.time_zone
    return {
        "statement": statement, "made": moment(statement.ended_at, zone), "until": statement.data_until,
        "plans": [(row.plan.key, row.plan.name, row.pk == statement.pk) for row in statements] if len(statements) > 1 else [],
        "payer": payer, "payers": [(each, payer_words(each), each == payer) for each in payers],
        "query": urlencode({"plan": statement.plan.key, "payer": payer}),
    }  # fmt: skip


@require_safe
@needs(Permission.SEE_FIGURES)
def overview(request: HttpRequest) -> HttpResponse:
    """Show the year's figure of every metric, with its months as a small line."""
    statement, statements = _chosen(request)
    waits = queries.waiting(actor(request))
    if statement is None:
        return render(request, "utilization/overview.html", {"statement": None, "waits": waits})
    payers = queries.payers_of(statement)
    payer = _payer(request, payers)
    years, months = queries.year_figures(statement, payer), queries.month_figures(statement, payer)
    groups = [
        {
            "name": name,
            "rows": [
                {
                    **_shown(years[metric]),
                    "name": words,
                    "spark": spark([each.value for each in months.get(metric, [])]),
                }
                for metric, words in names.items()
                if metric in years
            ],
        }
        for name, names in GROUPS
    ]
    context = {
        **_heading(statement, statements, payer, payers), "waits": waits, "groups": [each for each in groups if each["rows"]],
    }  # fmt: skip
    return render(request, "utilization/overview.html", context)


def _shown(row: Figure) -> dict[str, Any]:
    return {
        "figure": row, "value": value_words(row.value, row.unit), "unit": UNITS.get(row.unit, row.unit),
        "numerator": count_words(row.numerator, row.unit),
        "denominator": count_words(row.denominator, "") if row.denominator is not None else "–",
        "behind": _behind(row), "definition": definitions().get(row.definition),
    }  # fmt: skip


def _behind(row: Figure) -> str:
    """Return the query of the page with the rows behind a number; empty where it has no list of its own."""
    if ABOVE.get(row.metric, row.metric) not in LISTED:
        return ""
    return urlencode({"payer": row.payer, "month": row.month, "cut": row.cut, "group": row.group})


@require_safe
@needs(Permission.SEE_FIGURES)
def metric_page(request: HttpRequest, metric: str) -> HttpResponse:
    """Show one metric: its definition, its months, and its year by each cut."""
    statement, statements = _chosen(request)
    if statement is None or metric not in NAMES:
        raise Http404
    payers = queries.payers_of(statement)
    payer = _payer(request, payers)
    months = queries.month_figures(statement, payer, [metric]).get(metric, [])
    year = queries.year_figures(statement, payer).get(metric)
    if year is None:
        raise Http404
    columns = [
        MonthColumn(
            label=row.month, value=row.value, words=value_words(row.value, row.unit), is_mature=row.maturity == "mature"
        )
        for row in months
    ]
    context = {
        **_heading(statement, statements, payer, payers), "metric": metric, "name": NAMES[metric], "year": _shown(year),
        "chart": months_chart(columns, label=str(NAMES[metric])),
        "months": [
            {**_shown(row), "is_young": row.maturity != "mature", "factor": statement.factors.get(f"{payer} {row.month}")}
            for row in reversed(months)
        ],
        "cuts": [
            {"name": CUTS.get(cut, cut), "rows": [_shown(row) for row in rows]}
            for cut, rows in sorted(queries.cut_figures(statement, payer, metric).items(), key=lambda each: list(CUTS).index(each[0]))
        ],
        "sees_rows": _sees_rows(request, statement),
    }  # fmt: skip
    return render(request, "utilization/metric.html", context)


def _sees_rows(request: HttpRequest, statement: Statement) -> bool:
    return statement.plan_id in scope_of(actor(request)).plans_with(Permission.SEE_PLAN_CASES)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_FIGURES)
def behind(request: HttpRequest, public_id: UUID, metric: str) -> HttpResponse:
    """Show the rows behind a number, and let a job write them out when nobody asked for them before."""
    user, at = actor(request), now()
    statement = get_object_or_404(queries.statements_visible_to(user), public_id=public_id)
    place = {name: request.GET.get(name, "") for name in ("payer", "month", "cut", "group")}
    row = Figure.objects.filter(statement=statement, metric=metric, **place).first()
    listed = ABOVE.get(metric, metric)
    if row is None or listed not in LISTED or not _sees_rows(request, statement):
        raise Http404
    refusal, status = "", 200
    if request.method == "POST":
        try:
            services.ask_for_list(statement=statement, metric=listed, **place, by=user, at=at)
            return redirect(request.get_full_path())
        except OpenUMError as error:
            refusal, status = error.sentence, error.status
    made = queries.lists_visible_to(user).filter(statement=statement, metric=listed, **place).first()
    heads: list[str] = []
    rows: list[list[str]] = []
    if made is not None and made.state == ListState.READY:
        with services.file_of(made).open(encoding="utf-8", newline="") as source:
            reader = csv.reader(source)
            heads, rows = next(reader), list(islice(reader, ROWS_SHOWN))
        services.note_list_read(made, rows=len(rows), page="page", by=user, at=at)
    context = {
        "statement": statement, "metric": metric, "name": NAMES.get(metric, metric), "figure": _shown(row), "made": made,
        "payer": payer_words(row.payer), "cut": CUTS.get(row.cut, ""), "heads": heads, "rows": rows, "refusal": refusal,
        "shown": ROWS_SHOWN, "back": f"{reverse('utilization:metric', args=[metric])}?{urlencode({'plan': statement.plan.key, 'payer': row.payer})}",
    }  # fmt: skip
    return render(request, "utilization/behind.html", context, status=status)


@require_safe
@needs(Permission.SEE_FIGURES)
def behind_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out the rows behind a number as CSV."""
    user = actor(request)
    row = get_object_or_404(queries.lists_visible_to(user), public_id=public_id, state=ListState.READY)
    services.note_list_read(row, rows=row.rows, page="file", by=user, at=now())
    answer = FileResponse(services.file_of(row).open("rb"), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.metric}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer  # type: ignore[return-value]


@require_safe
@needs(Permission.SEE_FIGURES)
def figures_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out all figures of a statement as CSV."""
    statement = get_object_or_404(queries.statements_visible_to(actor(request)), public_id=public_id)
    return sheet("claims-metrics", [HEADS, *_lines(statement)], at=statement.made_at)


@require_safe
@needs(Permission.SEE_FIGURES)
def figures_workbook(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out all figures of a statement as XLSX: the year, the months, the cuts, and what each definition says."""
    statement = get_object_or_404(queries.statements_visible_to(actor(request)), public_id=public_id)
    lines = _lines(statement)
    month, cut = HEADS.index("month"), HEADS.index("cut")
    tables: dict[str, list[Sequence[object]]] = {
        _("Year"): [HEADS, *(line for line in lines if not line[month] and not line[cut])],
        _("Months"): [HEADS, *(line for line in lines if line[month])],
        _("Cuts"): [HEADS, *(line for line in lines if line[cut])],
        _("Definitions"): [
            ("id", "name", "rule"),
            *((each.id, each.name, each.rule) for each in definitions().values()),
        ],
    }
    return workbook("claims-metrics", tables, at=statement.made_at)


def _lines(statement: Statement) -> list[tuple[object, ...]]:
    rows = statement.figures.order_by("metric", "payer", "month", "cut", "group")
    return [
        (
            statement.number, row.metric, row.definition, row.payer, row.month, row.cut, row.group, row.numerator,
            "" if row.denominator is None else row.denominator, "" if row.value is None else row.value, row.unit, row.maturity,
        )
        for row in rows
    ]  # fmt: skip


@require_safe
@needs(Permission.SEE_FIGURES)
def snapshots(request: HttpRequest) -> HttpResponse:
    """List the figures of past weeks as they were kept."""
    rows = queries.snapshots_visible_to(actor(request))[:SNAPSHOTS_SHOWN]
    shown = [{"row": row, "made": moment(row.made_at, row.plan.time_zone), "week": day(row.monday)} for row in rows]
    return render(request, "utilization/snapshots.html", {"rows": shown})


@require_safe
@needs(Permission.SEE_FIGURES)
def snapshot_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out the figures of a week as they were kept."""
    row = get_object_or_404(queries.snapshots_visible_to(actor(request)), public_id=public_id)
    answer = HttpResponse(bytes(row.pdf), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="figures-{row.plan.key}-{row.monday}.pdf"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
