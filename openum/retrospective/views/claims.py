"""One claim line under review: the claim beside the record, findings, the provider's answers, hold, and the outcome."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.cases.models import Attachment
from openum.cases.queries import attachments_visible_to
from openum.clocks.faces import face_of
from openum.clocks.models import Clock
from openum.db.clock import now
from openum.design.forms import NamedForm
from openum.design.moments import day, moment, typed_moment
from openum.design.status import status_words
from openum.determination.barred import barred_for, listed_statement
from openum.determination.models import Determination
from openum.determination.readings import reading_beside
from openum.determination.reasons import kept_statement
from openum.determination.rules import GuardAnswer
from openum.determination.services import approve_as_documented, close_administratively
from openum.determination.views.readings import decide_or_ask
from openum.retrospective import services
from openum.retrospective.faces import ANSWERS, ISSUES, OUTCOMES, QUESTIONS
from openum.retrospective.forms import AdjustForm, DuplicateForm, FindingForm, HoldForm, ReplyForm, SettleForm
from openum.retrospective.models import ClaimFinding, ClaimLine
from openum.retrospective.queries import Standing, claim_lines_visible_to, standing_of
from openum.retrospective.rules.claims import system_of
from openum.retrospective.rules.findings import Answer, Issue, NothingToRebut, Question
from openum.retrospective.rules.outcomes import Outcome
from openum.retrospective.services.findings import Found, PageLink
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.money import cents_of, dollars
from openum.vocabulary.terms import ReasonClass

READERS = (Permission.REVIEW_LINES, Permission.CLOSE_ADMINISTRATIVELY)


def _documents(row: ClaimLine, user: User) -> list[Attachment]:
    found = attachments_visible_to(user).filter(case=row.line.case, kind=Attachment.DOCUMENT)
    return list(found.defer("content", "resource").order_by("received_at", "pk"))


def _forms(row: ClaimLine, user: User) -> dict[str, NamedForm]:
    documents = [(str(each.public_id), each.title) for each in _documents(row, user)]
    adjust = AdjustForm()
    if not barred_for(row.line, at=now()):
        del adjust.fields["listed"]
    return {
        "finding": FindingForm(documents=documents), "reply": ReplyForm(), "settle": SettleForm(), "hold": HoldForm(),
        "adjust": adjust, "duplicate": DuplicateForm(),
    }  # fmt: skip


@require_safe
@needs(*READERS)
def claim(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a claim line under review."""
    user = actor(request)
    row = get_object_or_404(claim_lines_visible_to(user), public_id=public_id)
    return _page(request, row, _forms(row, user), refusal="", status=200)


def _page(
    request: HttpRequest, row: ClaimLine, forms: dict[str, NamedForm], *, refusal: str, status: int
) -> HttpResponse:
    user, at = actor(request), now()
    standing, line = standing_of(row), row.line
    zone = line.case.product.time_zone
    latest = standing.findings[-1] if standing.findings else None
    reply = getattr(latest, "rebuttal", None) if latest else None
    is_open = standing.outcome in {Outcome.OPEN, Outcome.HELD}
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="claim review")
    context: dict[str, Any] = {
        "row": row, "line": line, "case": line.case, "forms": forms, "refusal": refusal, "standing": standing,
        "outcome": OUTCOMES[standing.outcome], "charge": dollars(row.charge_cents), "paid": dollars(row.paid_cents),
        "day": day(line.service_from), "received": moment(line.request.received_at, zone),
        "pay_by": moment(standing.pay_by, zone), "is_pay_late": standing.pay_by is not None and at > standing.pay_by and is_open,
        "clocks": [
            {"clock": clock, "face": face_of(clock, at=at)}
            for clock in Clock.objects.filter(request=line.request).order_by("stopped_at", "due_at", "pk")
        ],
        "documents": _documents(row, user), **reading_beside(line, at=at), "findings": _findings(standing, zone), "is_open": is_open,
        "decisions": [
            {"row": each, "at": moment(each.decided_at, zone), "words": status_words(each.outcome)} for each in standing.decisions
        ],
        "diagnoses": ", ".join(each.code for each in line.diagnoses.all()),
        "leads": list(row.leads.order_by("rule")), "units": line.requested_units.normalize() if line.requested_units else None,
        "may_review": user_may(user, Permission.REVIEW_LINES) and is_open,
        "may_send": latest is not None and latest.sent_at is None and is_open, "latest": latest,
        "may_reply": latest is not None and latest.sent_at is not None and reply is None and is_open,
        "may_settle": reply is not None and not reply.agrees and reply.settled_at is None,
        "may_decide": user_may(user, Permission.DECIDE_ADVERSELY) and is_open,
        "may_close": user_may(user, Permission.CLOSE_ADMINISTRATIVELY) and is_open and latest is not None and latest.issue == Issue.DUPLICATE,
        "held": moment(standing.hold.held_at, zone) if standing.hold else "",
    }  # fmt: skip
    return render(request, "retrospective/claim.html", context, status=status)


def _findings(standing: Standing, zone: str) -> list[dict[str, Any]]:
    titles = {
        str(each.public_id): each.title
        for each in Attachment.objects.filter(case=standing.claim_line.line.case).defer("content", "resource")
    }
    return [
        {
            "row": each, "issue": ISSUES[Issue(each.issue)], "made": moment(each.made_at, zone),
            "sent": moment(each.sent_at, zone), "reply_by": moment(each.reply_by, zone), "amount": dollars(each.amount_cents),
            "answers": [
                (QUESTIONS[question], ANSWERS[Answer(each.answers[question])])
                for question in Question if question in each.answers
            ],
            "pages": [
                {"document": link["document"], "page": link["page"], "title": titles.get(link["document"], "")}
                for link in each.pages
            ],
            "reply": getattr(each, "rebuttal", None),
            "units": each.documented_units.normalize() if each.documented_units is not None else None,
            "replied": moment(each.rebuttal.received_at, zone) if hasattr(each, "rebuttal") else "",
        }
        for each in reversed(standing.findings)
    ]  # fmt: skip


@require_POST
@needs(*READERS)
def act(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    """Do one step of a review; a refusal shows the page with what was typed."""
    user = actor(request)
    row = get_object_or_404(claim_lines_visible_to(user), public_id=public_id)
    if step not in _STEPS and step != "adjust":
        raise Http404
    forms, refusal, status = _forms(row, user), "", 422
    if step in forms:
        forms[step] = _bound(forms[step], request)
    form = forms.get(step)
    if form is None or form.is_valid():
        try:
            typed = form.cleaned_data if form is not None else {}
            if step == "adjust":
                reading = decide_or_ask(request, row.line, lambda: _adjust(row, typed, user), at=now())
                if reading is not None:
                    return redirect("determination:reading", public_id=reading.public_id)
            else:
                _STEPS[step](row, typed, user)
            return redirect("retrospective:claim", public_id=row.public_id)
        except OpenUMError as no:
            refusal, status = no.sentence, no.status
    return _page(request, row, forms, refusal=refusal, status=status)


def _bound(form: NamedForm, request: HttpRequest) -> NamedForm:
    """Return the form of a step with what was typed."""
    form.is_bound, form.data = True, request.POST
    return form


def _latest(row: ClaimLine) -> ClaimFinding:
    found = ClaimFinding.objects.filter(claim_line=row).order_by("-version").first()
    if found is None:
        raise NothingToRebut("There is no finding yet. Write one first.")
    return found


def _find(row: ClaimLine, typed: dict[str, Any], user: User) -> None:
    link = PageLink(document=typed["document"], page=typed["page"] or 1) if typed["document"] else None
    services.make_finding(
        claim_line=row, by=user, at=now(),
        found=Found(
            issue=Issue(typed["issue"]), answers={each: Answer(typed[each]) for each in Question}, words=typed["words"],
            pages=(link,) if link else (), documented_code=typed["documented_code"],
            documented_units=typed["documented_units"], amount_cents=cents_of(typed["amount"]) if typed["amount"] else 0,
            offers_late_request=typed["offers_late_request"],
        ),
    )  # fmt: skip


def _send(row: ClaimLine, typed: dict[str, Any], user: User) -> None:
    services.send_finding(finding=_latest(row), by=user, at=now())


def _reply(row: ClaimLine, typed: dict[str, Any], user: User) -> None:
    at = now()
    received_at = typed_moment(typed["received_at"], row.line.case.plan.time_zone, at=at)
    services.receive_reply(finding=_latest(row), by=user, at=at, **{**typed, "received_at": received_at})


def _settle(row: ClaimLine, typed: dict[str, Any], user: User) -> None:
    rebuttal = getattr(_latest(row), "rebuttal", None)
    if rebuttal is None:
        raise NothingToRebut("The provider has not answered this finding.")
    services.answer_rebuttal(rebuttal=rebuttal, by=user, at=now(), **typed)


def _hold(row: ClaimLine, typed: dict[str, Any], user: User) -> None:
    services.hold_claim(claim_line=row, because=typed["because"], by=user, at=now())


def _release(row: ClaimLine, typed: dict[str, Any], user: User) -> None:
    services.release_claim(claim_line=row, by=user, at=now())


def _adjust(row: ClaimLine, typed: dict[str, Any], user: User) -> Determination:
    code = typed["code"].strip().upper()
    talk, seen = typed["conversation_reason"].strip(), typed["evidence_reason"].strip()
    return approve_as_documented(
        line=row.line, by=user, at=now(), rationale=typed["rationale"], cited_authority=typed["cited_authority"], code=code,
        code_system=system_of(code, is_drg=row.line.code_system == system_of("", is_drg=True)) if code else "",
        units=typed["units"], evidence=GuardAnswer.ATTEMPTED if seen else None, evidence_reason=seen,
        conversation=GuardAnswer.NOT_APPLICABLE if talk else None, conversation_reason=talk,
        statements=listed_statement(typed.get("listed", "")) | kept_statement(typed["words_kept"]),
    )  # fmt: skip


def _close(row: ClaimLine, typed: dict[str, Any], user: User) -> None:
    close_administratively(
        line=row.line, reason_class=ReasonClass.DUPLICATE, explanation=typed["explanation"], by=user, at=now()
    )


_STEPS: dict[str, Callable[[ClaimLine, dict[str, Any], User], None]] = {
    "finding": _find, "send": _send, "reply": _reply, "settle": _settle, "hold": _hold, "release": _release,
    "duplicate": _close,
}  # fmt: skip
