"""The intake list: messages kept without a case, look-alikes, and lines whose code does not hold."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.rules import Permission
from openum.cases.queries import cases_visible_to
from openum.db.clock import now
from openum.design.moments import day, moment, short_moment
from openum.design.status import CHANNEL_WORDS
from openum.directory.queries import members_visible_to
from openum.intake import queries, services
from openum.intake.candidates import candidates_of
from openum.intake.forwarding.queries import plans_beside
from openum.intake.forwarding.views import ways
from openum.intake.papers.queries import open_papers
from openum.intake.receipts import face_of
from openum.submission.events import MemberLookedUp
from openum.submission.incoming import IncomingRequest
from openum.submission.models import AttachmentMessage, Submission
from openum.submission.queries import held_attachment, submissions_without_case
from openum.submission.readers import read_again
from openum.submission.services import admit_waiting, close_waiting, match_attachment
from openum.vocabulary.errors import Invalid, OpenUMError

_SHOWN_BYTES = 20_000


@require_GET
@needs(Permission.MATCH_INTAKE)
def submissions(request: HttpRequest) -> HttpResponse:
    """List what waits for a person at intake, oldest first."""
    user, at = actor(request), now()
    waiting = list(submissions_without_case(user)[:200])
    papers = {
        paper.submission_id: paper for paper in open_papers(user).filter(submission__in=[item.pk for item in waiting])
    }
    hints = list(queries.hints_visible_to(user)[:100])
    lines = list(queries.lines_at_intake(user)[:100])
    audit.record_reads(
        by=user, at=at, why="intake list",
        case_ids=list(dict.fromkeys([*(hint.request.case.public_id for hint in hints), *(line.case.public_id for line in lines)])),
    )  # fmt: skip
    context = {
        "rows": [
            {
                "submission": item,
                "paper": papers.get(item.pk),
                "face": face_of(item, at),
                "received": short_moment(item.received_at, item.plan.time_zone),
                "channel": CHANNEL_WORDS.get(item.channel, item.channel),
                "problem": item.problems[0]["text"] if item.problems else "",
            }
            for item in waiting
        ],
        "hints": [
            {"hint": item, "noticed": short_moment(item.noticed_at, item.request.case.plan.time_zone)} for item in hints
        ],
        "lines": lines,
    }
    return render(request, "intake/submissions.html", context)


def _submission(request: HttpRequest, public_id: UUID) -> Submission:
    return get_object_or_404(submissions_without_case(actor(request)).defer(None).defer("answer"), public_id=public_id)


def _read(submission: Submission) -> IncomingRequest | None:
    try:
        return read_again(submission)
    except OpenUMError:
        return None


@require_http_methods(["GET", "POST"])
@needs(Permission.MATCH_INTAKE)
def submission(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one kept message with who may be meant; match and admit it."""
    item = _submission(request, public_id)
    refusal = ""
    status = 200
    incoming = _read(item)
    user, at = actor(request), now()
    held = held_attachment(item)
    if request.method == "POST" and held is not None and request.POST.get("case"):
        case = get_object_or_404(cases_visible_to(user), public_id=_uuid(request.POST["case"]))
        try:
            match_attachment(submission=item, case=case, by=user, at=at)
        except Invalid as error:
            refusal, status = error.sentence, 422
        else:
            return redirect("cases:case", public_id=case.public_id)
    if request.method == "POST" and request.POST.get("member"):
        if incoming is None:
            refusal, status = _("This message cannot be read as a request."), 422
        else:
            member = get_object_or_404(
                members_visible_to(user).filter(plan=item.plan), public_id=_uuid(request.POST["member"])
            )
            try:
                admitted = admit_waiting(submission=item, request=incoming, member=member, by=user, at=at)
            except Invalid as error:
                refusal, status = error.sentence, 422
            else:
                if admitted.case is not None:
                    return redirect("cases:case", public_id=admitted.case.public_id)
                return redirect("intake:submissions")
    wanted = request.POST.get("number", "").strip()
    candidates = candidates_of(item.plan, incoming.member, wanted=wanted, at=at) if incoming else []
    for candidate in candidates:
        audit.record(MemberLookedUp(member_id=candidate.member.public_id), by=user, at=at)
    zone = item.plan.time_zone
    cases = _cases_meant(item, held, wanted, user, at) if held is not None else []
    context = {
        "submission": item,
        "held": held,
        "cases": cases,
        "incoming": incoming,
        "born": day(incoming.member.birth_date) if incoming else "",
        "candidates": candidates,
        "received": moment(item.received_at, zone),
        "entered": moment(item.entered_at, zone),
        "channel": CHANNEL_WORDS.get(item.channel, item.channel),
        "face": face_of(item, at),
        "raw": bytes(item.raw[:_SHOWN_BYTES]).decode("utf-8", errors="replace") if item.raw else "",
        "number": wanted,
        "refusal": refusal,
        "plan_products": item.plan.products.order_by("name", "pk"),
        "forward_plans": plans_beside(item.plan),
        "forward_ways": ways(),
    }
    return render(request, "intake/submission.html", context, status=status)


def _cases_meant(
    item: Submission, held: AttachmentMessage, wanted: str, user: User, at: datetime
) -> list[dict[str, object]]:
    """Return the cases that records without a request may belong to: by case number, else of the member, newest first."""
    found = cases_visible_to(user).filter(plan=item.plan).select_related("member")
    found = found.filter(number=wanted) if wanted else found.filter(member__member_number=held.member_number)
    cases = list(found.order_by("-opened_at", "-pk")[:20])
    audit.record_reads(by=user, at=at, case_ids=[case.public_id for case in cases], why="intake: records to a case")
    return [{"case": case, "opened": short_moment(case.opened_at, item.plan.time_zone)} for case in cases]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_POST
@needs(Permission.MATCH_INTAKE)
def close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Close a message that needs no case, with the reason. No determination is made."""
    item = _submission(request, public_id)
    close_waiting(submission=item, reason=request.POST.get("reason", ""), by=actor(request), at=now())
    return redirect("intake:submissions")


@require_POST
@needs(Permission.MATCH_INTAKE)
def settle_hint(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say whether a look-alike is the same request. It closes nothing."""
    user = actor(request)
    hint = get_object_or_404(queries.hints_visible_to(user), public_id=public_id)
    services.settle_duplicate(hint=hint, is_duplicate=request.POST.get("same") == "yes", by=user, at=now())
    return redirect("intake:submissions")
