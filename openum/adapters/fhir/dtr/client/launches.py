"""The two addresses of a launch: where the record system sends the browser, and where it sends it back."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from openum.accounts.gate import actor, needs
from openum.accounts.models import Organization
from openum.accounts.queries import organizations_visible_to
from openum.accounts.rules import Permission
from openum.adapters.fhir.dtr.client.choosing import Choice, choices, opened_with, possible, sealed
from openum.adapters.fhir.dtr.client.launching import MOST_OPEN, Granted, LaunchRefused, begin, finish, servers_for
from openum.adapters.fhir.dtr.client.opened import opened
from openum.adapters.fhir.dtr.client.records import from_server
from openum.adapters.fhir.dtr.shelf import shelf_for
from openum.adapters.fhir.elements import family_and_given
from openum.db import clock
from openum.forms import filling as fillings
from openum.forms.items import read_form
from openum.forms.models import Filling
from openum.vocabulary.errors import OpenUMError

_KEPT = "smart_launches"


def _site(request: HttpRequest) -> str:
    return settings.OPENUM_BASE_URL or f"{request.scheme}://{request.get_host()}"


@require_GET
@needs(Permission.SUBMIT_REQUEST)
def launch(request: HttpRequest) -> HttpResponse:
    """Begin a launch: send the browser to the record system's authorization."""
    try:
        where, state, kept = begin(
            iss=request.GET.get("iss", ""), launch=request.GET.get("launch", ""),
            redirect_uri=f"{_site(request)}{reverse('fhir:launched')}", servers=servers_for(actor(request)),
            at=clock.real_now(),
        )  # fmt: skip
    except LaunchRefused as refusal:
        return _refused(request, refusal)
    held: dict[str, Any] = request.session.get(_KEPT, {})
    newest = list(held.items())[-(MOST_OPEN - 1) :]
    request.session[_KEPT] = {**dict(newest), state: kept}
    return redirect(where)


@require_http_methods(["GET", "POST"])
@needs(Permission.SUBMIT_REQUEST)
def launched(request: HttpRequest) -> HttpResponse:
    """Finish a launch: exchange the code, and begin the form that it is about, filled in from the records.

    Where it may be about several forms, a person chooses one, which comes back as a POST.
    """
    held: dict[str, Any] = request.session.get(_KEPT, {})
    sent = request.POST if request.method == "POST" else request.GET
    state = sent.get("state", "")
    kept = held.pop(state, None)
    request.session[_KEPT] = held
    request.session.save()  # used from here on, whatever comes of it
    try:
        if request.method == "POST":
            granted = opened_with(sent.get("key", ""), kept, at=clock.real_now())
        else:
            granted = finish(kept, sent.dict(), at=clock.real_now())
        offered = _offered(request, granted)
        chosen = next((one for one in offered if one.name == sent.get("choice")), None)
        if chosen is None and (len(offered) > 1 or not granted.context):
            key, kept = sealed(granted, at=clock.real_now())
            request.session[_KEPT] = {**held, state: kept}
            return render(request, "dtr/launch_choice.html", {"choices": offered, "state": state, "key": key})
        row = _begun(request, granted, chosen or offered[0])
    except OpenUMError as refusal:
        return _refused(request, refusal)
    return redirect("fhir:form", public_id=row.public_id)


def _offered(request: HttpRequest, granted: Granted) -> list[Choice]:
    """Return the forms that a launch may be about.

    Raises:
        LaunchRefused: none.
    """
    rows, at = possible(actor(request), granted), clock.now()
    shelves = {
        row.plan_id: shelf_for(row.plan, site=_site(request), day=at.astimezone(ZoneInfo(row.plan.time_zone)).date())
        for row in rows
    }
    return choices(rows, shelves)


def _begun(request: HttpRequest, granted: Granted, choice: Choice) -> Filling:
    """Begin the form of an order.

    Raises:
        LaunchRefused: the person works for no practice.
        RecordsNotRead: the server gave no patient.
    """
    user, at = actor(request), clock.now()
    assertion, found = choice.assertion, choice.found
    office = next((one for one in organizations_visible_to(user) if one.kind == Organization.PROVIDER), None)
    if office is None:
        raise LaunchRefused("Forms are filled in for a practice. Ask your administrator to add you to one.")
    day = at.astimezone(ZoneInfo(assertion.plan.time_zone)).date()
    shelf = shelf_for(assertion.plan, site=_site(request), day=day)
    logic = found.volume.logic(read_form(found.resource))
    read = from_server(
        logic, server=granted.server, patient=granted.patient, token=granted.token, servers=servers_for(user)
    )
    row = fillings.start(
        plan=assertion.plan, organization=office, form=found.label.canonical,
        title=found.label.title or found.label.name, subject=" ".join(reversed(family_and_given(read[0]))).strip()
        or "Patient", by=user, at=at,
        context={
            "subject": {"reference": f"Patient/{granted.patient}"},
            "coverage": {"reference": assertion.coverage_reference}, "orders": [assertion.order_reference],
        },
    )  # fmt: skip
    row = fillings.keep_records(filling=row, records=read, source=granted.server, way="server", by=user, at=at)
    made = opened(row, shelf, at=at, language=get_language() or "en")
    made.fill_from_records()
    return fillings.save(filling=row, filled=made.filled, wrong={}, at=at)


def _refused(request: HttpRequest, refusal: OpenUMError) -> HttpResponse:
    return render(request, "dtr/launch_refused.html", {"sentence": refusal.sentence}, status=refusal.status)
