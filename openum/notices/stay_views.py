"""The forms of one stay: what is on file with its proof, and the doors to write, look at and follow each."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.queries import lines_visible_to
from openum.db.clock import now
from openum.design.forms import NamedForm
from openum.design.moments import day, moment
from openum.notices import services
from openum.notices.desk import form_is_late
from openum.notices.models import HandedForm, Notice
from openum.notices.services.drafting import has_forms
from openum.notices.stay_forms import STEPS, steps_after
from openum.vocabulary.errors import OpenUMError


@require_GET
@needs(Permission.REVIEW_LINES)
def stay(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the forms of a line with what each still needs."""
    return _page(request, _line(request, public_id))


@require_POST
@needs(Permission.REVIEW_LINES)
def write(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    """Write a form, or show its letters first when `look` is sent; a refusal keeps what was typed."""
    if step not in STEPS:
        raise Http404
    line, user, at = _line(request, public_id), actor(request), now()
    follows = _form_named(line, request.POST.get("follows", "")) if STEPS[step].follows else None
    form = STEPS[step].form(request.POST, auto_id=_ids(step, follows))
    if not form.is_valid():
        return _page(request, line, sent=(step, follows, form), status=422)
    shown, made = None, None
    try:
        with transaction.atomic():
            if follows is not None:  # one follow-up copy, however often the button is pressed
                HandedForm.objects.select_for_update().get(pk=follows.pk)
            draft = STEPS[step].draft(line, follows, form.cleaned_data, at)
            if "look" in request.POST:
                shown = services.preview_form(draft, by=user, at=at)
            elif draft.kept:
                made = services.write_form(draft, by=user, at=at).notice
            else:
                made = services.write_explanation(draft, by=user, at=at)
    except OpenUMError as refusal:
        form.add_error(None, refusal.sentence)
        return _page(request, line, sent=(step, follows, form), status=refusal.status)
    if made is not None:
        messages.success(request, _("The form is written. Hand it over, and keep here that you did."))
        return redirect("notices:letter", public_id=made.public_id)
    return _page(request, line, sent=(step, follows, form), preview=shown)


def _line(request: HttpRequest, public_id: UUID) -> ServiceLine:
    rows = lines_visible_to(actor(request)).select_related(
        "case__plan", "case__product", "case__member", "case__organization", "request"
    )
    return get_object_or_404(rows, public_id=public_id)


def _form_named(line: ServiceLine, name: str) -> HandedForm:
    """Return the form of this line that another one follows."""
    try:
        wanted = UUID(name)
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(HandedForm.objects.select_related("line__case__product"), line=line, public_id=wanted)


def _ids(step: str, follows: HandedForm | None) -> str:
    return f"{step}-{follows.pk}_%s" if follows else f"{step}_%s"


def _page(
    request: HttpRequest,
    line: ServiceLine,
    *,
    sent: tuple[str, HandedForm | None, NamedForm] | None = None,
    preview: services.Preview | None = None,
    status: int = 200,
) -> HttpResponse:
    user, at = actor(request), now()
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="forms of a stay")

    def door(step: str, follows: HandedForm | None) -> dict[str, Any]:
        is_sent = sent is not None and sent[0] == step and sent[1] == follows
        return {
            "key": step,
            "step": STEPS[step],
            "form": sent[2] if sent is not None and is_sent else STEPS[step].form(auto_id=_ids(step, follows)),
            "is_open": is_sent,
            "preview": preview if is_sent else None,
            "follows": follows,
        }

    def steps_of(form: HandedForm) -> list[str]:
        """List what may follow, and what was sent just now and refused: its sentence has to be read somewhere."""
        refused = [sent[0]] if sent is not None and sent[1] == form else []
        return list(dict.fromkeys([*steps_after(form), *refused]))

    on_file = [
        {**_row(form, at=at), "doors": [door(step, form) for step in steps_of(form)]} for form in _forms_of(line)
    ]
    context = {
        "line": line,
        "case": line.case,
        "has_forms": has_forms(line.case),
        "on_file": on_file,
        "letters": Notice.objects.filter(
            lines=line, kind__in=["coverage-ends-explained", "discharge-explained"]
        ).order_by("prepared_at", "pk"),
        "doors": [door(step, None) for step in STEPS if not STEPS[step].follows],
    }
    return render(request, "notices/stay.html", context, status=status)


def _forms_of(line: ServiceLine) -> list[HandedForm]:
    rows = HandedForm.objects.filter(line=line).select_related("notice", "line__case__product")
    return list(rows.order_by("notice__prepared_at", "pk"))


def _row(form: HandedForm, *, at: datetime) -> dict[str, Any]:
    zone = form.line.case.product.time_zone
    return {
        "form": form,
        "due": moment(form.due_by, zone),
        "is_late": form_is_late(form, at),
        "handed": moment(form.handed_at, zone),
        "covered": day(form.last_covered_day) if form.last_covered_day else "",
    }
