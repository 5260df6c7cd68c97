"""Loading claims: give files, say how they are read, watch the load, mend what was set aside, take a file back."""

from typing import Any, cast
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from openum.accounts.gate import actor, needs
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import moment
from openum.loading import queries, services
from openum.loading.forms import FilesForm
from openum.loading.models import ClaimsFile, ClaimsLoad
from openum.loading.rules import UNDER_WAY, FileState, LoadState, done
from openum.loading.services import Reading, Upload
from openum.vocabulary.errors import OpenUMError

PAGE = 50

STATES: dict[str, tuple[str, Promise]] = {
    FileState.WAITING: ("ring", _("Waiting")), FileState.CHECKING: ("clock", _("Being checked")),
    FileState.READING: ("clock", _("Being read")), FileState.WRITING: ("clock", _("Being written")),
    FileState.LOADED: ("check", _("Loaded")), FileState.KNOWN: ("check", _("Was loaded before")),
    FileState.REFUSED: ("triangle", _("Refused")), FileState.TAKEN_BACK: ("again", _("Taken back")),
}  # fmt: skip
LOADS: dict[str, Promise] = {
    LoadState.GIVEN: _("Not started"), LoadState.LOADING: _("Under way"), LoadState.ENDED: _("Ended"),
}  # fmt: skip
TABLES: dict[str, Promise] = {
    "eligibility": _("Eligibility"), "medical_claim": _("Medical claims"), "pharmacy_claim": _("Pharmacy claims"),
    "provider": _("Providers"),
}  # fmt: skip
LEVELS: dict[str, Promise] = {
    "table": _("Structure"), "column": _("Structure"), "line": _("Lines"), "key": _("Lines"), "code": _("Codes"), "claim": _("Claims"),
    "span": _("Spans"), "member": _("Members"), "range": _("Usual ranges"),
}  # fmt: skip


def uploads_of(files: "list[UploadedFile[Any]]") -> list[Upload]:
    """Return uploaded files by chunks."""
    return [Upload(name=file.name or "", chunks=file.chunks()) for file in files]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.KEEP_CLAIMS)
def loads(request: HttpRequest) -> HttpResponse:
    """List what was loaded; take files."""
    user, status = actor(request), 200
    plans = list(plans_visible_to(user, Permission.KEEP_CLAIMS))
    form = FilesForm(request.POST if request.method == "POST" else None, request.FILES or None, plans=plans)
    if form.is_bound:
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                made = services.take_files(
                    plan=form.plans[given["plan"]], uploads=uploads_of(request.FILES.getlist("given")), source=given["source"],
                    encoding=given["encoding"], by=user, at=now(),
                )  # fmt: skip
                return redirect("loading:load", made.public_id)
            except OpenUMError as error:
                form.add_error(None, error.sentence)
                status = error.status
    rows = list(queries.loads_visible_to(user).prefetch_related("files")[: PAGE + 1])
    context = {
        "form": form, "more": len(rows) > PAGE, "page": PAGE,
        "rows": [
            {"load": row, "at": moment(row.given_at, row.plan.time_zone), "state": LOADS[row.state], "files": [shown(file) for file in row.files.all()]}
            for row in rows[:PAGE]
        ],
    }  # fmt: skip
    return render(request, "loading/loads.html", context, status=status)


def shown(file: ClaimsFile) -> dict[str, Any]:
    """Return a file as pages show it."""
    shape, words = STATES[file.state]
    return {
        "file": file, "shape": shape, "state": words, "done": done(FileState(file.state), file.percent), "percent": file.percent if file.state in UNDER_WAY else 0, "table": TABLES.get(file.table, ""),
        "megabytes": f"{file.size / 1e6:,.1f}", "is_loaded": file.state == FileState.LOADED,
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.KEEP_CLAIMS)
def load(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a load: how its files are read before it starts, how far it is, and what came of it."""
    user = actor(request)
    one = get_object_or_404(queries.loads_visible_to(user), public_id=public_id)
    files = list(one.files.order_by("pk"))
    refusal, status = "", 200
    if request.method == "POST":
        readings = {file.pk: reading_of(request, file) for file in files}
        if "start" in request.POST:
            try:
                services.start(load=one, readings=readings, keep_as=request.POST.get("keep_as", ""), by=user, at=now())
                return redirect("loading:load", one.public_id)
            except OpenUMError as error:
                refusal, status = error.sentence, error.status
        for file in files:
            file.table, file.mapping = readings[file.pk].table, dict(readings[file.pk].mapping)
    context = {
        "load": one, "given": moment(one.given_at, one.plan.time_zone), "ended": moment(one.ended_at, one.plan.time_zone), "refusal": refusal,
        "state": LOADS[one.state], "is_given": one.state == LoadState.GIVEN, "is_ended": one.state == LoadState.ENDED,
        "files": [shown(file) for file in files], "done": sum(done(FileState(file.state), file.percent) for file in files) // max(len(files), 1),
        "forms": [heads_form(one, file) for file in files] if one.state == LoadState.GIVEN else [], "tables": TABLES.items(),
        "findings": findings(one, with_members=queries.may_see_rows(user, one.plan)), "may_see_rows": queries.may_see_rows(user, one.plan),
    }  # fmt: skip
    return render(request, "loading/load.html", context, status=status)


def reading_of(request: HttpRequest, file: ClaimsFile) -> Reading:
    """Return how a person says that a file is read; a kept mapping that is chosen fills in what it names."""
    table = request.POST.get(f"table-{file.pk}", file.table)
    kept = request.POST.get(f"kept-{file.pk}", "")
    if kept:
        for row in queries.mappings_of(file.load.plan):
            if str(row.public_id) == kept:
                return Reading(table=row.table, mapping={name: head for name, head in row.heads.items() if head in file.heads})  # fmt: skip
    if table != file.table and f"was-{file.pk}" in request.POST and request.POST[f"was-{file.pk}"] != table:
        from openum.analytics.store.sniff import proposed

        return Reading(table=table, mapping=proposed(table, file.heads) if table in TABLES else {})
    named = {request.POST.get(f"head-{file.pk}-{place}", ""): head for place, head in enumerate(file.heads)}
    return Reading(table=table, mapping={name: head for name, head in named.items() if name})


def heads_form(one: ClaimsLoad, file: ClaimsFile) -> dict[str, Any]:
    """Return the headers of a file that are no column of ours, with what they are taken for, and what is missing."""
    from openum.analytics.layout import TABLES as LAYOUT

    columns = LAYOUT.get(file.table, ())
    names = {column.name for column in columns}
    there = {head.strip().lower() for head in file.heads}
    by_head = {head: name for name, head in file.mapping.items()}
    return {
        **shown(file), "same": sum(head.strip().lower() in names for head in file.heads),
        "columns": [column.name for column in columns if column.name not in there],
        "heads": [
            {"place": place, "head": head, "stands_for": by_head.get(head, "")}
            for place, head in enumerate(file.heads)
            if head.strip().lower() not in names
        ],
        "missing": [column.name for column in columns if column.needed and column.name not in there and column.name not in file.mapping],
        "kept": [row for row in queries.mappings_of(one.plan) if set(row.heads.values()) & set(file.heads)],
    }  # fmt: skip


def findings(one: ClaimsLoad, *, with_members: bool) -> list[dict[str, Any]]:
    """Return the scorecard by level, what fails first; claims and members only for who sees them."""
    rows = []
    for score in one.scorecard:
        members = one.member_examples.get(score["id"], []) if with_members else []
        rows.append(
            score | {"level": LEVELS.get(score["level"], score["level"]), "examples": [*score["examples"], *members]}
        )
    return sorted(rows, key=lambda row: row["failing"] == 0)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.KEEP_CLAIMS)
def aside(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the rows of a file that were set aside, with reasons; repair values and have the rows admitted."""
    user = actor(request)
    file = get_object_or_404(queries.files_visible_to(user), public_id=public_id)
    refusal, status, may = "", 200, queries.may_see_rows(user, file.load.plan)
    start = max(int(request.GET.get("from", "0")) if request.GET.get("from", "0")[:9].isdecimal() else 0, 0)
    if request.method == "POST":
        try:
            if "row" in request.POST:
                place = int(request.POST["row"]) if request.POST["row"][:9].isdecimal() else 0
                values = {name.removeprefix("value-"): str(value) for name, value in request.POST.items() if name.startswith("value-")}  # fmt: skip
                services.repair_row(
                    file=file, row=place, values=values, reason=request.POST.get("reason", ""), by=user, at=now()
                )
                return redirect(f"{request.path}?from={start}")
            repaired = uploads_of(request.FILES.getlist("file"))
            made = services.admit(file=file, upload=repaired[0] if repaired else None, by=user, at=now())
            return redirect("loading:load", made.public_id)
        except OpenUMError as error:
            refusal, status = error.sentence, error.status
    rows = queries.aside(file, start=start, count=PAGE)
    changes = queries.changes_of(file)
    if may:
        services.note_rows_read(file=file, rows=len(rows), page="page", by=user, at=now())
    context = {
        **shown(file), "load": file.load, "refusal": refusal, "may": may, "start": start, "next": start + PAGE, "repaired": len(changes),
        "more": len(rows) == PAGE and start + PAGE < file.set_aside, "before": max(start - PAGE, 0),
        "waits": bool(rows) or start > 0, "repairs": list(file.repairs.select_related("by").order_by("-pk")[:PAGE]) if may else [],
        "rows": [
            {
                "row": row, "is_repaired": row.place in changes, "number": row.number,
                "cells": [(name, changes.get(row.place, {}).get(name, value)) for name, value in row.values.items() if value or name in row.reason or name in NEEDED]
                if may
                else [],
            }
            for row in rows
        ],
    }  # fmt: skip
    return render(request, "loading/aside.html", context, status=status)


NEEDED = frozenset({"person_id", "claim_id", "claim_start_date", "claim_line_start_date", "enrollment_start_date", "dispensing_date", "npi"})  # fmt: skip
"""Columns whose want sets a row aside: shown also when they are empty."""


@require_safe
@needs(Permission.KEEP_CLAIMS)
def aside_csv(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out the rows set aside as a file, to be repaired and uploaded."""
    user = actor(request)
    file = get_object_or_404(queries.files_visible_to(user), public_id=public_id)
    kept = queries.aside_file(file)
    if kept is None or not queries.may_see_rows(user, file.load.plan):
        raise Http404
    services.note_rows_read(file=file, rows=file.set_aside, page="file", by=user, at=now())
    response = StreamingHttpResponse(services.blocks(kept), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kept.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return cast("HttpResponse", response)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.KEEP_CLAIMS)
def take_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask why, and take a file out of the store."""
    user = actor(request)
    file = get_object_or_404(queries.files_visible_to(user), public_id=public_id)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            services.take_back(file=file, reason=request.POST.get("reason", ""), by=user, at=now())
            return redirect("loading:load", file.load.public_id)
        except OpenUMError as error:
            refusal, status = error.sentence, error.status
    context = {**shown(file), "load": file.load, "refusal": refusal}
    return render(request, "loading/take_back.html", context, status=status)
