"""The physicians' list and the decision page. Deny appears only when its guards are met, each with its reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.rules import Permission
from openum.cases.holdings import holds
from openum.cases.models import Note, ServiceLine
from openum.cases.rules import OPEN_STATUSES, STATUS_TABLE
from openum.clocks.faces import face_of
from openum.clocks.queries import binding_clock
from openum.criteria.queries import current_map
from openum.db.clock import now
from openum.db.reading import reading
from openum.design.moments import day, local_day, moment, short_moment
from openum.design.paging import page_asked
from openum.determination import queries, services
from openum.determination.barred import LISTED, barred_for
from openum.determination.forms import AlternativeForm, ApproveForm, DenyForm, IntentForm
from openum.determination.models import Determination
from openum.determination.network import asked_of
from openum.determination.protecting import grounds_against_approval
from openum.determination.protections import LegalReason
from openum.determination.readings import reading_beside
from openum.determination.rules import GuardAnswer, ReversalNeedsReopening, check_reversal
from openum.determination.second_reading import SecondReadingMissing
from openum.determination.services.ending import ENDS_EARLY
from openum.determination.substitutions import substitutions_of
from openum.determination.views.guarding import answers_in, fitness, guards_beside
from openum.determination.views.line import find_line, history_of
from openum.determination.views.readings import decide_or_ask
from openum.determination.views.seeking import outreach_beside
from openum.determination.views.telling import network_beside
from openum.review import services as review
from openum.review.faces import countdown
from openum.review.keeping import NOTHING, kept_forms
from openum.review.looks import conversation_look
from openum.review.models import PeerToPeer
from openum.review.queries import conversations_of, documents_to_open, last_referral, lines_for_physicians
from openum.review.queries.notes import note_rows, notes_at
from openum.review.worklist import PAGE, due_order, rows_of
from openum.review.workspace import page_of_document, workspace
from openum.vocabulary.errors import Invalid, OpenUMError
from openum.vocabulary.terms import Channel, LineStatus, ReasonClass

_REVERSIBLE = {LineStatus.DENIED, LineStatus.PARTIALLY_APPROVED}


@require_GET
@needs(Permission.DECIDE_ADVERSELY)
def worklist(request: HttpRequest) -> HttpResponse:
    """List the lines that wait for a physician, in due order, those of the reader's own field first."""
    user, at = actor(request), now()
    page = page_asked(request)
    found = due_order(
        lines_for_physicians(user), statuses=[LineStatus.PENDED_WITH_PHYSICIAN], start=(page - 1) * PAGE, count=PAGE + 1
    )
    cases = list(dict.fromkeys(line.case_id for line in found))
    shown = set(cases[:PAGE])
    lines = [line for line in found if line.case_id in shown]
    fields = {item.name for item in user.specialties.all()}
    rows = [{"row": row, "is_own_field": row.specialty in fields} for row in rows_of(lines, at=at)]
    audit.record_reads(
        by=user, at=at, case_ids=list(dict.fromkeys(line.case_public_id for line in lines)), why="physician worklist"
    )
    context = {
        "rows": rows,
        "pages": {
            "words": _("Page %(n)d") % {"n": page},
            "previous_url": f"?page={page - 1}" if page > 1 else "",
            "next_url": f"?page={page + 1}" if len(cases) > PAGE else "",
        },
    }
    return render(request, "determination/worklist.html", context)


@require_GET
@needs(Permission.DECIDE_ADVERSELY)
def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show situation, open nodes, evidence and the decision bar of one line."""
    return _render(request, find_line(request, public_id))


def _legal_reason(given: Mapping[str, Any]) -> LegalReason | None:
    """Return the ground against an approval that the form names, or None."""
    if not given["ground"]:
        return None
    return LegalReason(ground=given["ground"], document=given["proof"], words=given["proof_words"])


@reading()
def _render(
    request: HttpRequest,
    line: ServiceLine,
    *,
    status: int = 200,
    refusal: str = "",
    approve: ApproveForm | None = None,
    alternative: AlternativeForm | None = None,
    intent: IntentForm | None = None,
    deny: DenyForm | None = None,
) -> HttpResponse:
    user, at = actor(request), now()
    shown = page_of_document(line, user, wanted=request.GET.get("document", ""), page=request.GET.get("page", ""))
    if shown is not None and shown.is_chosen:
        review.open_evidence(attachment=shown.attachment, by=user, at=at, page=shown.number)
    picture = current_map(line)
    kept = kept_forms(line, user)
    answers = answers_in(request.POST if deny is not None else kept.get("deny", NOTHING).fields)
    typed = request.POST if deny is not None else kept.get("deny", NOTHING).fields
    panes = workspace(line, user, shown=shown, at=at)
    context: dict[str, Any] = {
        **panes,
        "refusal": refusal,
        "referral": last_referral(line),
        "open_nodes": [node for node in panes["nodes"] if node.leaf is not None and node.leaf.is_open],
        "met_nodes": [node for node in panes["nodes"] if node.leaf is not None and not node.leaf.is_open],
        "answers": answers,
        "place_notes": note_rows(notes_at(line), picture, zone=line.case.plan.time_zone),
        "carried": request.POST.getlist("carry"),
        "kept": kept,
        "approve_form": approve or ApproveForm(initial={**asked_of(line), **kept.get("approve", NOTHING).fields}),
        "alternative_form": alternative or _alternative_form(line, kept.get("alternative", NOTHING).fields, at=at),
        "intent_form": intent or IntentForm(initial=kept.get("intend", NOTHING).fields),
        "deny_form": deny
        or DenyForm(
            initial=kept.get("deny", NOTHING).fields,
            grounds=_grounds(line, at=at),
            documents=documents_to_open(line.case),
        ),
        "conversations": _conversations(line),
        "talk_window": countdown(line, at=at),
        **history_of(line, picture),
        "intents": _intents(line),
        "is_open": line.status in OPEN_STATUSES,
        "is_reversible": line.status in _REVERSIBLE,
        "may_reopen": LineStatus.REOPENED in STATUS_TABLE[LineStatus(line.status)].may_become,
        "may_end_early": line.status in ENDS_EARLY,
        "may_reverse_after_talk": _may_reverse_after_talk(line),
        "needs_reopening": _needs_reopening(line),
        **reading_beside(line, at=at),
        **fitness(line, user, at=at),
        **outreach_beside(line, at=at),
        **network_beside(line),
        "barred": barred_for(line, at=at),
        "said_of_listed": typed.get(f"statement-{LISTED}", ""),
        "why_not_sought": typed.get("statement-information_sought", ""),
        **guards_beside(
            line,
            user,
            answers=answers,
            form=deny,
            typed=typed,
            at=at,
        ),
    }
    read = [line.case.public_id, *panes["beside"]["case_ids"]]
    audit.record_reads(by=user, at=at, case_ids=read, why="decision")
    return render(request, "determination/decide.html", context, status=status)


def _grounds(line: ServiceLine, *, at: datetime) -> tuple[str, ...]:
    """Return the grounds on which what was approved may be taken back; empty where nothing was."""
    return grounds_against_approval(line, on=local_day(at, line.case.product.time_zone))


def _alternative_form(line: ServiceLine, kept: Mapping[str, str], *, at: datetime) -> AlternativeForm:
    """Return the empty form of another service: the list and number of the one asked for, accepted now."""
    usual = {
        "code_system": line.code_system,
        "units": line.requested_units.normalize() if line.requested_units is not None else None,
        "accepted_at": at.astimezone(ZoneInfo(line.case.plan.time_zone)).replace(tzinfo=None),
    }
    return AlternativeForm(initial={**usual, **kept})


def _needs_reopening(line: ServiceLine) -> bool:
    """Say whether after the letter only an appeal or a reopening may change the decision, as in Medicare Advantage."""
    try:
        check_reversal(
            line_of_business=line.case.product.line_of_business, current=LineStatus(line.status),
            because="peer_to_peer", letter_was_sent=True,
        )  # fmt: skip
    except ReversalNeedsReopening:
        return True
    return False


def _may_reverse_after_talk(line: ServiceLine) -> bool:
    """Say whether a talk since the decision may change it."""
    standing = queries.current_determination(line)
    if line.status not in _REVERSIBLE or standing is None or _needs_reopening(line):
        return False
    return PeerToPeer.objects.filter(line=line, state=PeerToPeer.HELD, held_to__gte=standing.decided_at).exists()


def _conversations(line: ServiceLine) -> list[dict[str, Any]]:
    zone = line.case.plan.time_zone
    return [
        {
            "conversation": item,
            "offered": short_moment(item.offered_at, zone),
            "when": moment(item.slot.starts_at, zone) if item.slot else "",
            "state": conversation_look(item.state)[0],
            "shape": conversation_look(item.state)[1],
            "tone": conversation_look(item.state)[2],
        }
        for item in conversations_of(line)
    ]


def _intents(line: ServiceLine) -> list[dict[str, Any]]:
    said = Note.objects.filter(line=line, purpose="intent-to-deny").select_related("written_by").order_by("written_at")
    notes = said if holds(line.case, Note) else ()
    return [{"note": note, "at": moment(note.written_at, line.case.plan.time_zone)} for note in notes]


@require_POST
@needs(Permission.APPROVE_LINES)
def approve(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Approve as asked. Nurses come here from their page, physicians from the decision page."""
    line, user = find_line(request, public_id), actor(request)
    form = ApproveForm(request.POST)
    is_physician = bool(request.POST.get("from_decision"))
    if not form.is_valid():
        if is_physician:
            return _render(request, line, status=422, approve=form)
        raise Invalid(" ".join(str(fault) for faults in form.errors.values() for fault in faults))
    at = now()
    try:
        reading = decide_or_ask(
            request, line, lambda: services.approve_line(line=line, by=user, at=at, **form.cleaned_data), at=at
        )
    except OpenUMError as refusal:
        if isinstance(refusal, SecondReadingMissing) and not is_physician:
            given = {name: request.POST.get(name, "") for name in form.cleaned_data}
            context = {"line": line, "case": line.case, "refusal": refusal.sentence, "given": given}
            return render(request, "determination/ask_reading.html", context, status=refusal.status)
        if not is_physician:
            raise
        form.add_error(None, refusal.sentence)
        return _render(request, line, status=refusal.status, approve=form, refusal=refusal.sentence)
    if reading is not None:
        return redirect("determination:reading", public_id=reading.public_id)
    review.forget_form(line=line, form="approve", by=user)
    return redirect("determination:decided", public_id=line.public_id)


@require_POST
@needs(Permission.DECIDE_ADVERSELY)
def alternative(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Approve another service that the requester accepted in place of the one asked for."""
    line, user = find_line(request, public_id), actor(request)
    form = AlternativeForm(request.POST)
    if not form.is_valid():
        return _render(request, line, status=422, alternative=form)
    given = form.cleaned_data
    facts = {**given, "channel": Channel(given["channel"]), "accepted_at": _as_plan_means(given["accepted_at"], line)}
    at = now()
    try:
        reading = decide_or_ask(
            request, line, lambda: services.approve_alternative(line=line, by=user, at=at, **facts), at=at
        )
    except OpenUMError as refusal:
        form.add_error(None, refusal.sentence)
        return _render(request, line, status=refusal.status, alternative=form, refusal=refusal.sentence)
    if reading is not None:
        return redirect("determination:reading", public_id=reading.public_id)
    review.forget_form(line=line, form="alternative", by=user)
    return redirect("determination:decided", public_id=line.public_id)


@require_POST
@needs(Permission.DECIDE_ADVERSELY)
def intend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Record the intention to deny; the conversation is offered at once."""
    line = find_line(request, public_id)
    form = IntentForm(request.POST)
    if not form.is_valid():
        return _render(request, line, status=422, intent=form)
    try:
        services.record_intent_to_deny(line=line, rationale=form.cleaned_data["rationale"], by=actor(request), at=now())
    except OpenUMError as refusal:
        form.add_error(None, refusal.sentence)
        return _render(request, line, status=refusal.status, intent=form, refusal=refusal.sentence)
    review.forget_form(line=line, form="intend", by=actor(request))
    return redirect("determination:decide", public_id=line.public_id)


@require_POST
@needs(Permission.DECIDE_ADVERSELY)
def offer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Talk first: offer the conversation without an intention."""
    line = find_line(request, public_id)
    review.offer_conversation(line=line, how="before the decision", open_until=None, by=actor(request), at=now())
    return redirect("determination:decide", public_id=line.public_id)


@require_POST
@needs(Permission.DECIDE_ADVERSELY)
def deny(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say no, or approve less. Without every guard the service refuses, whatever the page showed."""
    line, user, at = find_line(request, public_id), actor(request), now()
    form = DenyForm(request.POST, grounds=_grounds(line, at=at), documents=documents_to_open(line.case))
    if not form.is_valid():
        return _render(request, line, status=422, deny=form)
    given = form.cleaned_data
    facts: dict[str, Any] = {
        "rationale": given["rationale"],
        "reason_class": ReasonClass(given["reason_class"]),
        "node_answers": answers_in(request.POST),
        "cited_authority": given["cited_authority"],
        "evidence": GuardAnswer(given["evidence"]) if given["evidence"] else None,
        "evidence_reason": given["evidence_reason"],
        "conversation": GuardAnswer(given["conversation"]) if given["conversation"] else None,
        "conversation_reason": given["conversation_reason"],
        "different": given["different"],
        "statements": answers_in(request.POST, "statement-"),
        "legal_reason": _legal_reason(given),
        "carried": request.POST.getlist("carry"),
    }

    def decide() -> Determination:
        if given["units"] is None:
            return services.deny_line(line=line, by=user, at=at, reason=_reason_key(given["reason_class"]), **facts)
        return services.partially_approve_line(line=line, units=given["units"], by=user, at=at, **facts)

    try:
        reading = decide_or_ask(request, line, decide, at=at)
    except OpenUMError as refusal:
        form.add_error(None, refusal.sentence)
        return _render(request, line, status=refusal.status, deny=form, refusal=refusal.sentence)
    if reading is not None:
        return redirect("determination:reading", public_id=reading.public_id)
    review.forget_form(line=line, form="deny", by=user)
    return redirect("determination:decided", public_id=line.public_id)


def _as_plan_means(typed: datetime, line: ServiceLine) -> datetime:
    """Read a time typed into a form in the plan's own zone."""
    return typed.replace(tzinfo=ZoneInfo(line.case.plan.time_zone))


def _reason_key(reason_class: str) -> str:
    return reason_class.replace("_", "-")


@require_http_methods(["GET"])
@needs(Permission.APPROVE_LINES)
def decided(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Confirm a decision: what was decided, the number, and the way on."""
    line, user, at = find_line(request, public_id), actor(request), now()
    decision = queries.current_determination(line)
    authorization = queries.authorization_of(line)
    segments = queries.current_segments(authorization) if authorization else []
    binding = binding_clock(line.case)
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="decision")
    context = {
        "line": line,
        "case": line.case,
        "decision": decision,
        "substitution": substitutions_of([decision]).get(decision.pk) if decision else None,
        "decided": moment(decision.decided_at, line.case.plan.time_zone) if decision else "",
        "authorization": authorization,
        "segments": [{"from": day(item.valid_from), "to": day(_last_day(item.valid_to))} for item in segments],
        "face": face_of(binding, at=at) if binding else None,
    }
    return render(request, "determination/decided.html", context)


def _last_day(after: Any) -> Any:
    from datetime import timedelta

    return after - timedelta(days=1) if after else None
