"""The staff page of forms: those that were loaded, and what other systems found wrong with a form of ours."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from openum.accounts.gate import actor, needs
from openum.accounts.queries import plans_visible_to, user_may
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import moment
from openum.directory.models import Policy
from openum.forms.checking import Fault
from openum.forms.models import FormFault
from openum.forms.pages import LoadForm
from openum.forms.queries import faults_visible_to, stored_forms_visible_to
from openum.forms.services import note_faults_read, store_form
from openum.forms.uploads import FormInvalid, read_upload
from openum.vocabulary.errors import OpenUMError

MOST_FAULTS = 100


@require_http_methods(["GET", "POST"])
@needs(Permission.WRITE_GUIDELINES, Permission.PUBLISH_GUIDELINES)
def held_forms(request: HttpRequest) -> HttpResponse:
    """List the loaded forms and the reported faults; load a form."""
    user, at = actor(request), now()
    may_load = user_may(user, Permission.PUBLISH_GUIDELINES)
    plans = plans_visible_to(user, Permission.WRITE_GUIDELINES, Permission.PUBLISH_GUIDELINES)
    load, status = LoadForm(plans=plans), 200
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    if request.method == "POST" and may_load:
        load = LoadForm(request.POST, request.FILES, plans=plans)
        status = 422
        if load.is_valid():
            try:
                upload = read_upload(load.contents())
                plan = next(one for one in plans if str(one.public_id) == load.cleaned_data["plan"])
                store_form(
                    upload=upload, plan=plan, source=load.cleaned_data["source"], by=user, at=at,
                    effective_from=load.cleaned_data["effective_from"],
                )  # fmt: skip
            except FormInvalid as refusal:
                faults = refusal.faults
            except OpenUMError as refusal:
                load.add_error(None, refusal.sentence)
            else:
                load, status, warnings = LoadForm(plans=plans), 200, upload.warnings
    rows = list(faults_visible_to(user)[:MOST_FAULTS])
    note_faults_read(faults=rows, by=user, at=at)
    context = {
        "stored": [_stored(row) for row in stored_forms_visible_to(user)],
        "reported": [_reported(row) for row in rows],
        "form": load,
        "may_load": may_load,
        "faults": faults,
        "warnings": warnings,
    }
    return render(request, "forms/held.html", context, status=status)


def _stored(row: Policy) -> dict[str, Any]:
    return {"row": row, "plan": row.plan.name if row.plan else ""}


def _reported(row: FormFault) -> dict[str, Any]:
    issues = row.outcome.get("issue")
    return {
        "row": row,
        "received": moment(row.received_at, row.plan.time_zone),
        "words": [_words(one) for one in issues if isinstance(one, dict)] if isinstance(issues, list) else [],
    }


def _words(issue: dict[str, Any]) -> str:
    """Return an issue in one line, in the words of the system that told it."""
    details = issue.get("details")
    said = details.get("text") if isinstance(details, dict) else ""
    parts = [issue.get("severity"), issue.get("code"), said, issue.get("diagnostics")]
    return " · ".join(str(one) for one in parts if one)[:500]
