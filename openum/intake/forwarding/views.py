"""Pages of requests that were sent on: the list of them, and one with its cover sheet, bytes and answers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import moment, short_moment
from openum.design.status import CHANNEL_WORDS
from openum.intake.events import ForwardingShown
from openum.intake.forwarding import services
from openum.intake.forwarding.queries import forwardings_visible_to, plans_beside
from openum.intake.forwarding.services import Outside
from openum.intake.models import Forwarding, Paper
from openum.intake.papers.assembling import document_of
from openum.intake.papers.queries import pages_of
from openum.intake.receipts import face_of
from openum.submission.models import Submission
from openum.submission.queries import submissions_without_case
from openum.vocabulary.errors import Invalid, OpenUMError
from openum.vocabulary.terms import Channel

WAYS = (Channel.FAX, Channel.MAIL, Channel.PHONE, Channel.PORTAL)
"""How something goes on to others, and how a sender is told."""
_MOST = 200


def ways() -> list[tuple[str, str]]:
    """Return the ways in words."""
    return [(way.value, str(CHANNEL_WORDS.get(way, way))) for way in WAYS]


@require_GET
@needs(Permission.MATCH_INTAKE)
def forwarded(request: HttpRequest) -> HttpResponse:
    """List what was sent on and what was sent to us, what still waits for an answer first."""
    user = actor(request)
    rows = sorted(
        forwardings_visible_to(user)[:_MOST], key=lambda row: (bool(row.acknowledged_at), -row.forwarded_at.timestamp())
    )
    context = {
        "rows": [
            {
                "row": row, "received": short_moment(row.submission.received_at, row.plan.time_zone),
                "sent": short_moment(row.forwarded_at, row.plan.time_zone),
                "acknowledged": short_moment(row.acknowledged_at, row.plan.time_zone) if row.acknowledged_at else "",
                "told": short_moment(row.told_at, row.plan.time_zone) if row.told_at else "",
            }
            for row in rows
        ]
    }  # fmt: skip
    return render(request, "intake/forwarded.html", context)


@require_POST
@needs(Permission.MATCH_INTAKE)
def forward(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send a message of the intake list on."""
    user, at = actor(request), now()
    item = get_object_or_404(submissions_without_case(user), public_id=public_id)
    reason = request.POST.get("reason", "")
    try:
        if request.POST.get("to") == "outside":
            outside = Outside(
                name=request.POST.get("name", ""), channel=_way(request.POST.get("channel", "")),
                address=request.POST.get("address", ""),
            )  # fmt: skip
            row = services.forward_outside(submission=item, to=outside, reason=reason, by=user, at=at)
        else:
            plan = next((one for one in plans_beside(item.plan) if str(one.public_id) == request.POST.get("to")), None)
            if plan is None:
                raise Invalid("Choose where it belongs.")
            row = services.forward_inside(submission=item, to=plan, reason=reason, by=user, at=at)
    except OpenUMError as refusal:
        messages.error(request, refusal.sentence)
        return _back(item)
    messages.success(request, _("It was sent on with its first receipt."))
    return redirect("intake:forwarding", public_id=row.public_id)


def _back(item: Submission) -> HttpResponse:
    paper = Paper.objects.filter(submission=item).first()
    if paper is not None:
        return redirect("intake:paper", public_id=paper.public_id)
    return redirect("intake:submission", public_id=item.public_id)


def _way(text: str) -> Channel:
    if text not in {way.value for way in WAYS}:
        raise Invalid("Say by which way: fax, mail, phone or portal.")
    return Channel(text)


def _row(user: User, public_id: UUID) -> Forwarding:
    return get_object_or_404(forwardings_visible_to(user), public_id=public_id)


@require_http_methods(["GET", "POST"])
@needs(Permission.MATCH_INTAKE)
def forwarding(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one with its cover sheet; say that it is here, or that the sender was told."""
    user, at = actor(request), now()
    row = _row(user, public_id)
    if request.method == "POST":
        try:
            _step(request, row, user)
        except OpenUMError as refusal:
            messages.error(request, refusal.sentence)
        return redirect("intake:forwarding", public_id=row.public_id)
    plans, zone = scope_of(user).plans_with(Permission.MATCH_INTAKE), row.plan.time_zone
    audit.record(ForwardingShown(forwarding_id=row.public_id), by=user, at=at)
    context = {
        "row": row,
        "is_ours": row.plan_id in plans,
        "is_for_us": row.to_plan_id in plans,
        "where": row.to_plan.name if row.to_plan else row.to_name,
        "received": moment(row.submission.received_at, zone),
        "sent": moment(row.forwarded_at, zone),
        "due": moment(row.submission.provisional_due_at, zone) if row.submission.provisional_due_at else "",
        "face": face_of(row.became or row.submission, at),
        "acknowledged": moment(row.acknowledged_at, zone) if row.acknowledged_at else "",
        "told": moment(row.told_at, zone) if row.told_at else "",
        "told_way": CHANNEL_WORDS.get(row.told_channel, row.told_channel),
        "way": CHANNEL_WORDS.get(row.channel, row.channel),
        "came_by": CHANNEL_WORDS.get(row.submission.channel, row.submission.channel),
        "there": Paper.objects.filter(submission=row.became).first() if row.became else None,
        "ways": ways(),
    }
    return render(request, "intake/forwarding.html", context)


def _step(request: HttpRequest, row: Forwarding, user: User) -> None:
    at, said = now(), request.POST.get("said", "")
    match request.POST.get("do"):
        case "have":
            services.acknowledge_inside(forwarding=row, by=user, at=at)
        case "acknowledged":
            services.note_acknowledgement(forwarding=row, said=said, by=user, at=at)
        case "told":
            way = _way(request.POST.get("channel", ""))
            services.note_sender_told(forwarding=row, channel=way, whom=said, by=user, at=at)
        case _:
            raise Invalid("Say what happened: it was acknowledged, or the sender was told.")


@require_GET
@needs(Permission.MATCH_INTAKE)
def package(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out the bytes that go on, for whoever sends them: always a download, never shown."""
    user = actor(request)
    row = _row(user, public_id)
    first = Submission.objects.get(pk=row.submission_id)
    paper = Paper.objects.filter(submission=first).first()
    content = document_of(pages_of(paper), original=first)[0] if paper is not None else bytes(first.raw or b"")
    audit.record(ForwardingShown(forwarding_id=row.public_id), by=user, at=now())
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, f"request-{row.public_id}")
    response["X-Content-Type-Options"] = "nosniff"
    return response
