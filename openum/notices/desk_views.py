"""The delivery desk and the templates by language; for staff."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import moment, short_moment
from openum.notices import desk, queries, services
from openum.notices.assembly.common import NATIONAL_RELAY, lines_of
from openum.notices.compose import compose
from openum.notices.content import LetterKind
from openum.notices.elements import COLUMN_OF, Audience
from openum.notices.facts import PlanContact
from openum.notices.handing import Handing, HandingWay
from openum.notices.languages import name_of
from openum.notices.models import HandedForm, Notice, NoticeSending, SendingChannel
from openum.notices.render import as_mapping, render_html, render_pdf
from openum.notices.sample import sample
from openum.notices.wording import assistance
from openum.vocabulary.errors import Invalid, Missing
from openum.vocabulary.terms import LineOfBusiness

_STAFF = (Permission.REVIEW_LINES, Permission.MATCH_INTAKE)
PAGE = 50


def _letter(request: HttpRequest, public_id: UUID) -> Notice:
    rows = queries.notices_visible_to(actor(request)).select_related("case__plan", "case__product", "case__member")
    return get_object_or_404(rows, public_id=public_id)


@require_GET
@needs(*_STAFF)
def delivery(request: HttpRequest) -> HttpResponse:
    """Show the letters of one tab."""
    user, at = actor(request), now()
    view = desk.view_of(request.GET.get("view", ""))
    page = Paginator(desk.letters_in(view, user), PAGE).get_page(request.GET.get("page"))
    rows = []
    for notice in page:
        zone = notice.case.plan.time_zone
        sendings = list(notice.sendings.all())
        form = getattr(notice, "handing", None)
        rows.append(
            {
                "notice": notice,
                "language": name_of(notice.language),
                "prepared": short_moment(notice.prepared_at, zone),
                "sent": short_moment(notice.sent_at, zone),
                "channels": ", ".join(each.get_channel_display() for each in sendings),
                "returned": next((each.returned_because for each in sendings if each.returned_at), ""),
                "failed": desk.failed_message(notice) if view.key == "failed" else None,
                "due": moment(form.due_by, zone) if form and form.due_by else "",
                "is_late": form is not None and desk.form_is_late(form, at),
            }
        )
    audit.record_reads(by=user, at=at, case_ids=list({row.case.public_id for row in page}), why="delivery desk")
    counted = desk.counts(user)
    context = {
        "views": [(each.key, each.label, counted.get(each.key), each.key == view.key) for each in desk.VIEWS],
        "view": view.key,
        "rows": rows,
        "page": page,
    }
    return render(request, "notices/desk.html", context)


@require_POST
@needs(*_STAFF)
def again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send a letter once more, by mail or by fax."""
    notice = _letter(request, public_id)
    word = request.POST.get("channel", "")
    channel = SendingChannel(word) if word in SendingChannel.values else SendingChannel.MAIL
    services.send_again(notice=notice, channel=channel, by=actor(request), at=now())
    messages.success(request, _("The letter is on its way again."))
    return redirect("notices:letter", public_id=notice.public_id)


@require_POST
@needs(*_STAFF)
def returned(request: HttpRequest, public_id: UUID, sending_id: UUID) -> HttpResponse:
    """Keep that a letter came back."""
    notice = _letter(request, public_id)
    sending = get_object_or_404(NoticeSending, notice=notice, public_id=sending_id)
    services.note_returned(sending=sending, reason=request.POST.get("reason", ""), by=actor(request), at=now())
    messages.success(request, _("Noted. Reach the person another way, or send it again to the right address."))
    return redirect("notices:letter", public_id=notice.public_id)


@require_POST
@needs(*_STAFF)
def handed(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Keep that a form was handed over."""
    notice, data = _letter(request, public_id), request.POST
    form = get_object_or_404(HandedForm, notice=notice)
    zone = ZoneInfo(notice.case.product.time_zone)
    at = _instant(data.get("at", ""), zone)
    outcome, way = data.get("outcome", ""), data.get("way", "")
    told = Handing(
        at=at,
        way=HandingWay(way) if way in set(HandingWay) else HandingWay.IN_PERSON,
        handed_to=data.get("handed_to", ""),
        to_representative=data.get("to_representative") == "yes",
        signed_at=at if outcome == "signed" else None,
        refused_at=at if outcome == "refused" else None,
        witness=data.get("witness", ""),
        mailed_on=at.astimezone(zone).date() if data.get("mailed") == "yes" else None,
        is_explained=data.get("explained") == "yes",
    )
    services.record_handing(form=form, told=told, by=actor(request), at=now())
    messages.success(request, _("The handing over is on record."))
    return redirect("notices:letter", public_id=notice.public_id)


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("Give day and hour of the handing over, like 2026-11-22T09:30.") from error
    return found if found.tzinfo else found.replace(tzinfo=zone)


@require_GET
@needs(*_STAFF)
def templates(request: HttpRequest) -> HttpResponse:
    """Show a template in a language with invented facts, and what the language lacks; as a page or as a PDF."""
    user, at = actor(request), now()
    plan = next(iter(plans_visible_to(user)), None)
    if plan is None:
        raise Missing("You work for no plan. Ask for a role at one.")
    texts = queries.policy_texts(plan=plan, on=at.date())
    choices = sorted({(each.kind.value, each.audience.value) for each in texts.templates})
    asked = request.GET
    kind, _unused, audience = asked.get("letter", "denial/member").partition("/")
    if (kind, audience) not in choices:
        kind, audience = choices[0]
    languages = sorted(texts.languages)
    language = asked.get("language", "en") if asked.get("language") in languages else "en"
    lines = [item for item in LineOfBusiness if _has(texts, kind, audience, item)]
    line = LineOfBusiness(asked["line"]) if asked.get("line") in {str(each) for each in lines} else lines[0]
    state = asked.get("state", "") if asked.get("state") in texts.taglines.states else ""
    template, _pk = texts.template_for(LetterKind(kind), Audience(audience), line, language)
    letter = sample(
        LetterKind(kind), Audience(audience), line, language,
        plan=PlanContact(
            name=plan.name, phone=plan.phone, tty=plan.tty or NATIONAL_RELAY,
            hours=texts.contacts.say("hours", language), address_lines=lines_of(plan.address),
        ),
        rights=texts.rights_for(line, language).rights(
            Audience(audience), dated=at.date(), where=lines_of(plan.address) or (plan.name,), phone=plan.phone,
            help_offices=texts.contacts.help_offices(line, language),
        ),
        assistance=assistance(
            texts.taglines.of(state), texts.contacts,
            PlanContact(name=plan.name, phone=plan.phone, tty=plan.tty or NATIONAL_RELAY), language,
        ),
        state=state,
    )  # fmt: skip
    points = 18 if asked.get("size") == "large" else 12
    mapping = as_mapping(
        compose(letter, template, text_points=points, page_size="a4" if asked.get("paper") == "a4" else "us-letter")
    )
    if asked.get("form") == "pdf":
        return HttpResponse(render_pdf(mapping)[0], content_type="application/pdf")
    context = {
        "choices": [(f"{one}/{two}", f"{one.replace('-', ' ')}, {two}") for one, two in choices],
        "letter": f"{kind}/{audience}",
        "languages": [(each, name_of(each)) for each in languages],
        "language": language,
        "lines": [(str(each), str(each).replace("_", " ")) for each in lines],
        "line": str(line),
        "states": sorted(texts.taglines.states),
        "state": state,
        "template": template,
        "unfit": template.unfit_for_production(COLUMN_OF[line]),
        "html": render_html(mapping),
        "size": asked.get("size", ""),
        "paper": asked.get("paper", ""),
        "query": asked.urlencode(),
    }
    return render(request, "notices/templates.html", context)


def _has(texts: queries.PolicyTexts, kind: str, audience: str, line: LineOfBusiness) -> bool:
    has_rights = any(line in each.lines_of_business for each in texts.rights)
    return has_rights and any(
        (each.kind, each.audience) == (kind, audience) and COLUMN_OF[line] in each.columns for each in texts.templates
    )
