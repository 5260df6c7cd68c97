"""Opening letters, for everybody who may; releasing and translating held ones, for staff."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.queries import lines_visible_to
from openum.db.clock import now
from openum.design.moments import moment
from openum.determination.forms import EndEarlyForm
from openum.determination.services import compose_rationale
from openum.notices import queries, services
from openum.notices.desk import failed_message
from openum.notices.models import Notice, NoticeState
from openum.notices.render import render_pdf
from openum.vocabulary.errors import Invalid
from openum.vocabulary.numbers import whole
from openum.vocabulary.terms import LineStatus, ReasonClass

SIZES = (12, 14, 16, 18)
PAPERS = ("us-letter", "a4")
_READERS = (
    Permission.SEE_PLAN_CASES,
    Permission.SEE_ORGANIZATION_CASES,
    Permission.SEE_OWN_CASES,
    Permission.SEE_SAMPLED_FILES,
)
_STAFF = (Permission.REVIEW_LINES, Permission.MATCH_INTAKE)


def _letter(request: HttpRequest, public_id: UUID) -> Notice:
    rows = queries.notices_visible_to(actor(request)).select_related("case__plan", "case__member", "recipient")
    return get_object_or_404(rows, public_id=public_id)


@require_GET
@needs(*_READERS)
def letter(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a letter as it was written, with its proof of sending for staff."""
    notice, user = _letter(request, public_id), actor(request)
    zone = notice.case.plan.time_zone
    is_staff = not scope_of(user).permissions.isdisjoint({Permission.SEE_PLAN_CASES, Permission.SEE_SAMPLED_FILES})
    form = getattr(notice, "handing", None)
    audit.record_reads(by=user, at=now(), case_ids=[notice.case.public_id], why="letter")
    context = {
        "notice": notice,
        "is_staff": is_staff,
        "may_release": bool(scope_of(user).permissions & set(_STAFF)) and notice.state == NoticeState.HELD,
        "prepared": moment(notice.prepared_at, zone),
        "sendings": [(each, moment(each.handed_over_at, zone)) for each in notice.sendings.order_by("handed_over_at")],
        "sizes": SIZES,
        "may_deliver": bool(scope_of(user).permissions & set(_STAFF)) and notice.state != NoticeState.HELD,
        "failed": failed_message(notice) if is_staff else None,
        "form": form,
        "form_due": moment(form.due_by, zone) if form and form.due_by else "",
        "form_handed": moment(form.handed_at, zone) if form and form.handed_at else "",
    }
    return render(request, "notices/letter.html", context)


@require_GET
@needs(*_READERS)
def letter_pdf(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out the PDF; another type size or paper is drawn from the same stored blocks."""
    notice = _letter(request, public_id)
    points, paper = whole(request.GET.get("points", "")), request.GET.get("paper", "")
    wanted = {
        "text_points": points if points in SIZES else notice.document["text_points"],
        "page_size": paper if paper in PAPERS else notice.document["page_size"],
    }
    if all(notice.document[key] == value for key, value in wanted.items()):
        pdf = services.ensure_pdf(notice=notice)
    else:
        pdf, _left_out, _replaced = render_pdf({**notice.document, **wanted})
    audit.record_reads(by=actor(request), at=now(), case_ids=[notice.case.public_id], why="letter")
    response = HttpResponse(pdf, content_type="application/pdf")
    disposition = content_disposition_header(as_attachment=False, filename=f"letter-{notice.public_id}.pdf")
    if disposition:
        response["Content-Disposition"] = disposition
    return response


@require_POST
@needs(*_STAFF)
def release(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send a held letter."""
    notice = _letter(request, public_id)
    services.release(notice=notice, by=actor(request), at=now())
    messages.success(request, _("The letter is on its way."))
    return redirect("notices:letter", public_id=notice.public_id)


@require_http_methods(["GET", "POST"])
@needs(*_STAFF)
def translate(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let a person write the translations that a held letter waits for, beside the English texts."""
    notice, user = _letter(request, public_id), actor(request)
    texts = [
        {"key": f"text-{index}", "source": source, "text": request.POST.get(f"text-{index}", "").strip()}
        for index, source in enumerate(notice.untranslated)
    ]
    status = 200
    if request.method == "POST":
        if all(each["text"] for each in texts):
            at = now()
            services.store_translations(
                case=notice.case,
                pairs=[(each["source"], each["text"]) for each in texts],
                language=notice.language,
                by=user,
                at=at,
            )
            messages.success(request, _("The translations are kept."))
            return redirect("notices:letter", public_id=notice.public_id)
        status = 422
    audit.record_reads(by=user, at=now(), case_ids=[notice.case.public_id], why="letter translation")
    context = {"notice": notice, "texts": texts, "is_incomplete": status != 200}
    return render(request, "notices/translate.html", context, status=status)


@require_POST
@needs(Permission.APPROVE_LINES)
def preview(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the letters of a decision before it is signed; nothing is written but the reading."""
    user, at = actor(request), now()
    line = _line(request, public_id)
    data = request.POST
    units = _number(data.get("units", ""))
    outcome = LineStatus.APPROVED if data.get("outcome") == "approve" else LineStatus.DENIED
    if outcome is LineStatus.DENIED and units is not None:
        outcome = LineStatus.PARTIALLY_APPROVED
    known = {item.value for item in ReasonClass}
    reason_class = data.get("reason_class", "")
    shown = services.preview(
        line=line,
        outcome=outcome,
        reason_class=ReasonClass(reason_class if reason_class in known else ReasonClass.NOT_MEDICALLY_NECESSARY),
        reason=reason_class.replace("_", "-"),
        rationale=compose_rationale(line, data.get("rationale", ""), data.getlist("carry"))[0],
        by=user,
        at=at,
        node_answers={key.removeprefix("answer-"): data[key] for key in data if key.startswith("answer-")},
        cited_authority=data.get("cited_authority", ""),
        units=units,
        because=data.get("because", ""),
    )
    return _shown(request, line, shown, at=at)


@require_POST
@needs(Permission.DECIDE_ADVERSELY)
def preview_end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the letters of an approval that would end early; nothing is written but the reading."""
    user, at = actor(request), now()
    line = _line(request, public_id)
    form = EndEarlyForm(request.POST)
    form.is_valid()
    given = form.cleaned_data
    if "ground" not in given or "last_day" not in given or "units_after" not in given:
        raise Invalid("Choose the ground and the last day first. The letter names both.")
    shown = services.preview_early_end(
        line=line, last_day=given["last_day"], ground=given["ground"], units_after=given["units_after"],
        rationale=request.POST.get("rationale", ""), cited_authority=request.POST.get("cited_authority", ""),
        node_answers={
            key.removeprefix("answer-"): request.POST[key] for key in request.POST if key.startswith("answer-")
        },
        by=user, at=at,
    )  # fmt: skip
    return _shown(request, line, shown, at=at)


def _line(request: HttpRequest, public_id: UUID) -> ServiceLine:
    rows = lines_visible_to(actor(request)).select_related(
        "case__plan", "case__product", "case__member", "case__organization", "request"
    )
    return get_object_or_404(rows, public_id=public_id)


def _shown(request: HttpRequest, line: ServiceLine, shown: services.Preview, *, at: datetime) -> HttpResponse:
    audit.record_reads(by=actor(request), at=at, case_ids=[line.case.public_id], why="letter preview")
    is_fragment = request.headers.get("HX-Request") == "true"
    return render(request, "notices/preview.html" if is_fragment else "notices/preview_page.html", {"preview": shown})


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None
