"""The pages of the reference DTR client: start a form, fill it in, read records, complete it, hand it over."""

import base64
from dataclasses import replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum.accounts.gate import actor, needs
from openum.accounts.models import Organization, Plan, User
from openum.accounts.queries import organizations_visible_to
from openum.accounts.rules import Permission
from openum.adapters.fhir.dtr.client.delivery import attach_response, requests_to_attach_to
from openum.adapters.fhir.dtr.client.forms import RecordsForm, StartForm
from openum.adapters.fhir.dtr.client.launching import servers_for
from openum.adapters.fhir.dtr.client.opened import FormNotHeld, Opened, opened
from openum.adapters.fhir.dtr.client.records import RecordsNotRead, from_file, from_server
from openum.adapters.fhir.dtr.client.rows import Row, rows_of
from openum.adapters.fhir.dtr.shelf import Shelf, shelf_for
from openum.db.clock import now
from openum.design.moments import moment, time_of_saving
from openum.forms import filling as fillings
from openum.forms.answers import Given
from openum.forms.fields import missing, name_of, read_page, with_repetition, without_repetition
from openum.forms.items import read_form
from openum.forms.models import Filling
from openum.forms.queries import fillings_visible_to
from openum.forms.uploads import read_package
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.numbers import whole

Json = dict[str, Any]
_MOST_FILE = 10 * 1024 * 1024


def _offices(user: User) -> list[Organization]:
    return [one for one in organizations_visible_to(user) if one.kind == Organization.PROVIDER]


def _plans(offices: list[Organization]) -> list[Plan]:
    return list(Plan.objects.filter(tenant_id__in={one.tenant_id for one in offices}).order_by("is_sandbox", "name"))


def _site(request: HttpRequest) -> str:
    return settings.OPENUM_BASE_URL or f"{request.scheme}://{request.get_host()}"


def _shelf(request: HttpRequest, plan: Plan) -> Shelf:
    return shelf_for(plan, site=_site(request), day=now().astimezone(ZoneInfo(plan.time_zone)).date())


def _filling(request: HttpRequest, public_id: UUID) -> Filling:
    rows = fillings_visible_to(actor(request)).select_related("plan", "organization", "started_by")
    return get_object_or_404(rows, public_id=public_id)


def _opened(request: HttpRequest, public_id: UUID) -> Opened:
    row = _filling(request, public_id)
    return opened(row, _shelf(request, row.plan), at=now(), language=get_language() or "en")


@require_http_methods(["GET", "POST"])
@needs(Permission.SUBMIT_REQUEST)
def forms(request: HttpRequest) -> HttpResponse:
    """List the office's forms, or begin one."""
    user, status = actor(request), 200
    offices = _offices(user)
    plans = _plans(offices)
    choices = sorted({choice for plan in plans for choice in _forms_of(_shelf(request, plan))}, key=lambda one: one[1])
    start = StartForm(plans=plans, choices=choices)
    if request.method == "POST" and offices:
        start = StartForm(request.POST, request.FILES, plans=plans, choices=choices)
        if start.is_valid():
            try:
                row = _start(request, start.cleaned_data, plans, offices[0])
            except OpenUMError as refusal:
                start.add_error("package" if start.cleaned_data.get("package") else "form", refusal.sentence)
            else:
                return redirect("fhir:form", public_id=row.public_id)
        status = 422
    rows = fillings_visible_to(user).select_related("plan", "started_by")[:50]
    listed = [{"row": row, "saved": moment(row.saved_at, row.plan.time_zone)} for row in rows]
    context = {"form": start, "fillings": listed, "can_start": bool(offices and plans)}
    return render(request, "dtr/forms.html", context, status=status)


def _forms_of(shelf: Shelf) -> list[tuple[str, str]]:
    """Return the forms that can be started, each with its title; of several versions the one in force."""
    found: dict[str, tuple[str, str]] = {}
    for one in shelf.all_of("Questionnaire"):
        held = shelf.find("Questionnaire", one.label.url)
        if held is not None and not held.resource.get("derivedFrom"):
            title = held.label.title or held.label.name
            if read_form(held.resource).is_adaptive:
                title = _("%(title)s (question by question)") % {"title": title}
            found[held.label.url] = (held.label.canonical, title)
    return list(found.values())


def _start(request: HttpRequest, data: Json, plans: list[Plan], office: Organization) -> Filling:
    user, at = actor(request), now()
    plan = next(one for one in plans if str(one.public_id) == data["plan"])
    package: list[Json] = []
    context: Json = {}
    drafted: Json | None = None
    if data.get("package"):
        content = from_file(_content(data["package"]))
        bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in content]}
        package = read_package(bundle)
        title = str(package[0].get("title") or package[0].get("name") or _("Form"))
        canonical = f"{package[0]['url']}|{package[0]['version']}"
        drafted = next((one for one in content if one.get("resourceType") == "QuestionnaireResponse"), None)
    else:
        found = _shelf(request, plan).find("Questionnaire", data["form"])
        if found is None:
            raise FormNotHeld("The plan no longer hands out this form. Choose another.")
        canonical, title = found.label.canonical, found.label.title or found.label.name
    row = fillings.start(
        plan=plan, organization=office, form=canonical, title=title, subject=data["subject"], by=user, at=at,
        package=package, context=context,
    )  # fmt: skip
    made = opened(row, _shelf(request, plan), at=at, language=get_language() or "en")
    if drafted is not None:
        made.take_over(drafted)
    made.fill_from_records()
    row = fillings.save(filling=row, filled=made.filled, wrong={}, at=at)
    if made.is_adaptive:
        _ask_on(request, replace(made, filling=row))
    return row


def _content(upload: "UploadedFile[Any]") -> bytes:
    if (upload.size or 0) > _MOST_FILE:
        raise RecordsNotRead("The file is larger than 10 MB. Export one patient and a shorter time.")
    content: bytes = upload.read()
    return content


@require_http_methods(["GET", "POST"])
@needs(Permission.SUBMIT_REQUEST)
def form(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a form; keep what was typed, and do what the button says."""
    made = _opened(request, public_id)
    row = made.filling
    if row.completed_at is not None:
        return _completed(request, made)
    if request.method == "GET":
        fillings.note_read(filling=row, what="page", by=actor(request), at=now())
        return _page(request, made)
    made = _kept(request, made)
    doing, _space, what = request.POST.get("do", "save").partition(" ")
    if doing in {"add", "remove"}:
        return _repeat(request, made, doing, what)
    if doing == "next" and made.is_adaptive:
        _ask_on(request, made)
        return redirect("fhir:form", public_id=public_id)
    if doing == "complete":
        return _complete(request, made)
    if made.filling.wrong:
        return _page(request, made, status=422)
    return redirect("fhir:form", public_id=public_id)


def _kept(request: HttpRequest, made: Opened, *, with_files: bool = True) -> Opened:
    """Keep what the page held and compute what follows from it; files only where the page was sent, not as one types."""
    data = {name: [str(one) for one in values] for name, values in request.POST.lists()}
    page = read_page(made.form, made.filled, made.filling.wrong, data, made.offers)
    made.filled = page.filled
    if with_files:
        _take_files(request, made)
    made.compute()
    made.filling = fillings.save(filling=made.filling, filled=made.filled, wrong=page.wrong, at=now())
    return made


def _take_files(request: HttpRequest, made: Opened) -> None:
    for spot in made.all_spots():
        if spot.item.kind != "attachment":
            continue
        name = name_of(spot.place)
        answers = list(made.filled.answers.get(spot.place, ()))
        gone = {whole(one) for one in request.POST.getlist(f"gone.{name}")}
        answers = [one for number, one in enumerate(answers) if number not in gone]
        for upload in request.FILES.getlist(name):
            most = min(spot.item.most_bytes or _MOST_FILE, _MOST_FILE)
            if (upload.size or 0) > most or (spot.item.mime_types and upload.content_type not in spot.item.mime_types):
                continue
            content = {
                "contentType": upload.content_type or "application/octet-stream",
                "data": base64.b64encode(upload.read()).decode(),
                "title": (upload.name or "file")[:200],
            }
            given = Given({"valueAttachment": content})
            answers = [*answers, given] if spot.item.repeats else [given]
        made.filled = replace(made.filled, answers={**made.filled.answers, spot.place: tuple(answers)})


def _repeat(request: HttpRequest, made: Opened, doing: str, what: str) -> HttpResponse:
    link, _at, indexes = what.rpartition("@")
    numbers = tuple(one for one in map(whole, indexes.split(".")) if one is not None)
    if numbers:
        around, number = numbers[:-1], numbers[-1]
        if doing == "add":
            made.filled = with_repetition(made.form, made.filled, link, around)
        else:
            made.filled = without_repetition(made.form, made.filled, link, around, number)
        fillings.save(filling=made.filling, filled=made.filled, wrong=made.filling.wrong, at=now())
    return redirect("fhir:form", public_id=made.filling.public_id)


def _ask_on(request: HttpRequest, made: Opened) -> bool:
    """Ask the next questions of an adaptive form; say whether none was left."""
    at = now()
    today = at.astimezone(ZoneInfo(made.filling.plan.time_zone)).date()
    contained, is_done = made.next_questions(base_url=f"{_site(request)}/fhir/2.2", today=today, by=actor(request))
    made.filling = fillings.ask_on(filling=made.filling, contained=contained, is_done=is_done, at=at)
    fresh = opened(made.filling, _shelf(request, made.filling.plan), at=at, language=get_language() or "en")
    if made.filling.records:
        fresh.fill_from_records()
        fillings.save(filling=made.filling, filled=fresh.filled, wrong={}, at=at)
    return is_done


def _complete(request: HttpRequest, made: Opened) -> HttpResponse:
    """Complete the form, or show what still stands against it."""
    lacking = missing(made.spots, made.filled, made.enabling)
    if lacking or made.filling.wrong:
        complaints = {name_of(spot.place): _("This question needs an answer.") for spot in lacking}
        return _page(request, made, complaints=complaints, status=422)
    response = made.response(status="completed", by=actor(request))
    fillings.complete(filling=made.filling, response=response, by=actor(request), at=now())
    return redirect("fhir:form", public_id=made.filling.public_id)


def _page(
    request: HttpRequest, made: Opened, *, complaints: dict[str, str] | None = None, status: int = 200,
    records: RecordsForm | None = None,
) -> HttpResponse:  # fmt: skip
    row = made.filling
    shown = rows_of(made, complaints=complaints)
    context = {
        "filling": row,
        "rows": shown,
        "records": records or RecordsForm(servers=servers_for(actor(request))),
        "is_adaptive": made.is_adaptive,
        "asked_all": bool(row.context.get("asked_all")),
        "complaints": [one for one in _all(shown) if one.wrong and one.is_enabled],
        "troubles": list(dict.fromkeys(made.logic.trouble.values())) if row.records else [],
        "saved_at": time_of_saving(row.saved_at, row.plan.time_zone),
    }
    return render(request, "dtr/form.html", context, status=status)


def _all(rows: list[Row]) -> list[Row]:
    return [one for row in rows for one in (row, *_all(row.children))]


@require_POST
@needs(Permission.SUBMIT_REQUEST)
def save(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep what stands in the page now; answer with the time, and with what is asked or computed anew."""
    made = _opened(request, public_id)
    before = {row.name: (row.is_enabled, row.shown) for row in _all(rows_of(made))}
    made = _kept(request, made, with_files=False)
    changed = _changed(rows_of(made), before)
    saved_at = time_of_saving(made.filling.saved_at, made.filling.plan.time_zone)
    return render(request, "dtr/saved.html", {"saved_at": saved_at, "changed": changed})


def _changed(rows: list[Row], before: dict[str, tuple[bool, list[str]]]) -> list[Row]:
    """Return the rows to show anew: where asking changed, or an answer was computed; the outermost only."""
    found: list[Row] = []
    for row in rows:
        was = before.get(row.name)
        if was is None or was[0] != row.is_enabled or (row.is_read_only and was[1] != row.shown):
            found.append(row)
        else:
            found += _changed(row.children, before)
    return found


@require_POST
@needs(Permission.SUBMIT_REQUEST)
def records(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Read one patient's records and fill the form from them."""
    made = _opened(request, public_id)
    asked = RecordsForm(request.POST, request.FILES, servers=servers_for(actor(request)))
    if asked.is_valid():
        data = asked.cleaned_data
        try:
            if data.get("file"):
                found, source, way = from_file(_content(data["file"])), str(data["file"].name), "file"
            else:
                found = from_server(
                    made.logic, server=data["server"], patient=data["patient"], token=data["token"],
                    servers=servers_for(actor(request)),
                )  # fmt: skip
                source, way = data["server"], "server"
            row = fillings.keep_records(
                filling=made.filling, records=found, source=source, way=way, by=actor(request), at=now()
            )
        except OpenUMError as refusal:
            asked.add_error(None, refusal.sentence)
        else:
            made = opened(row, _shelf(request, row.plan), at=now(), language=get_language() or "en")
            made.fill_from_records()
            fillings.save(filling=row, filled=made.filled, wrong=row.wrong, at=now())
            return redirect("fhir:form", public_id=public_id)
    return _page(request, made, records=asked, status=422)


def _completed(request: HttpRequest, made: Opened) -> HttpResponse:
    user, at = actor(request), now()
    row = made.filling
    refusal, status = "", 200
    if request.method == "POST":
        try:
            case = attach_response(filling=row, case_id=request.POST.get("case", ""), by=user, at=at)
        except OpenUMError as error:
            refusal, status = error.sentence, 422
        else:
            return redirect("determination:request", public_id=case.public_id)
    fillings.note_read(filling=row, what="page", by=user, at=at)
    context = {
        "filling": row,
        "rows": [one for one in rows_of(made) if one.is_enabled],
        "requests": requests_to_attach_to(row, user),
        "completed": moment(row.completed_at, row.plan.time_zone),
        "refusal": refusal,
    }
    return render(request, "dtr/completed.html", context, status=status)


@require_GET
@needs(Permission.SUBMIT_REQUEST)
def response(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand over the QuestionnaireResponse as a file."""
    row = _filling(request, public_id)
    made = row.response or _opened(request, public_id).response(status="in-progress", by=actor(request))
    fillings.note_read(filling=row, what="file", by=actor(request), at=now())
    answer = HttpResponse(orjson.dumps(made), content_type="application/fhir+json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="form-{row.public_id}.json"'
    return answer


@require_POST
@needs(Permission.SUBMIT_REQUEST)
def throw_away(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Throw away a form that was not completed."""
    fillings.throw_away(filling=_filling(request, public_id))
    return redirect("fhir:forms")
