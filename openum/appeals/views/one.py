"""One appeal: both decisions side by side, the reviewer's conditions, the packet, the statutory steps, and every act."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.appeals import forms as own_forms
from openum.appeals import queries, services
from openum.appeals.faces import BODIES, COUNTED, END_GROUNDS, FILERS, FORMS, OUTCOMES, STATES, next_step
from openum.appeals.models import Appeal, AppealDecision, Packet
from openum.appeals.rules.filing import SpeedAnswer
from openum.appeals.rules.law import OUTSIDE, Body, Filer
from openum.appeals.rules.reviewers import assess
from openum.appeals.rules.states import MAY_BECOME, WITH_PLAN, AppealState, Outcome
from openum.appeals.services.telling import PURPOSE
from openum.appeals.uploads import document_of
from openum.cases.models import ServiceLine
from openum.clocks.faces import face_of, rungs_of
from openum.clocks.models import Clock
from openum.criteria.queries import current_map
from openum.db.clock import now
from openum.db.reading import reading
from openum.design.moments import day, local_day, moment, typed_moment
from openum.determination.barred import barred_for
from openum.determination.findings import findings_beside
from openum.determination.protecting import statement_guards
from openum.determination.queries import determinations_of
from openum.determination.rules import GuardAnswer
from openum.review import services as review
from openum.review.queries import documents_to_open, openings_by
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import Channel


def find_appeal(request: HttpRequest, public_id: UUID) -> Appeal:
    """Return an appeal the reader may see, or answer 404."""
    return get_object_or_404(queries.appeals_visible_to(actor(request)), public_id=public_id)


@require_GET
@needs(Permission.SEE_PLAN_CASES, Permission.SEE_SAMPLED_FILES)
def appeal_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one appeal."""
    return _render(request, find_appeal(request, public_id))


@reading()
def _render(
    request: HttpRequest,
    appeal: Appeal,
    *,
    refusal: str = "",
    status: int = 200,
    bound: Mapping[str, forms.Form] | None = None,
) -> HttpResponse:
    user, at = actor(request), now()
    zone = appeal.line.case.plan.time_zone
    clocks = list(Clock.objects.filter(request=appeal.request).order_by("stopped_at", "due_at", "pk"))
    decisions = determinations_of(appeal.line)
    words, shape, tone = STATES[appeal.state]
    lacks_body = bool(queries.lack_a_body([appeal]))
    manages, decides = user_may(user, Permission.MANAGE_APPEALS), user_may(user, Permission.DECIDE_APPEALS)
    context: dict[str, Any] = {
        "appeal": appeal,
        "line": appeal.line,
        "case": appeal.line.case,
        "refusal": refusal,
        "state": {"words": words, "shape": shape, "tone": tone},
        "body": BODIES.get(appeal.body, appeal.body),
        "filer": FILERS[appeal.filer],
        "form_words": FORMS.get(appeal.form, ""),
        "filed": moment(appeal.filed_at, zone),
        "counts_from": moment(appeal.counts_from, zone),
        "acknowledged": moment(appeal.acknowledged_at, zone),
        "last_day": day(appeal.last_day_to_file),
        "next": next_step(appeal, lacks_body=lacks_body),
        "clocks": [{"clock": clock, "face": face_of(clock, at=at), "rungs": rungs_of(clock)} for clock in clocks],
        "decisions": [
            {"decision": row, "at": moment(row.decided_at, zone), "on": day(local_day(row.decided_at, zone))}
            for row in decisions
        ],
        "findings": findings_beside(decisions, current_map(appeal.line), zone=zone) if decisions else [],
        "rulings": [
            {
                "ruling": row,
                "at": moment(row.decided_at, zone),
                "outcome": OUTCOMES[row.outcome],
                "counted": COUNTED[row.counted_as],
                "answers": sorted(row.node_answers.items()),
            }
            for row in AppealDecision.objects.filter(appeal__line=appeal.line)
            .select_related("appeal", "decided_by")
            .order_by("decided_at")
        ],
        "chain": queries.appeals_of(appeal.line),
        "packets": [
            {"packet": row, "at": moment(row.built_at, zone), "parts": row.manifest["parts"]}
            for row in appeal.packets.order_by("-built_at", "-pk")
        ],
        "outside": getattr(appeal, "outside", None),
        "owed": getattr(appeal, "effectuation", None),
        "continuation": getattr(appeal, "continuation", None),
        **_panel_of(appeal, user, manages=manages, at=at),
        "manages": manages,
        "may_decide": decides and appeal.state in WITH_PLAN and appeal.assigned_to_id == user.pk,
        "may_reverse_early": decides and appeal.state in WITH_PLAN,
        "speed_waits": appeal.speed == SpeedAnswer.TO_DECIDE,
        "is_open_with_plan": appeal.state in WITH_PLAN,
        "is_waiting_form": appeal.state == AppealState.WAITING_FOR_FORM,
        "is_late": appeal.state == AppealState.LATE_FILING,
        "is_preliminary": appeal.state == AppealState.PRELIMINARY,
        "is_to_be_assigned": appeal.state == AppealState.TO_BE_SENT and not _has_organization(appeal),
        "is_to_be_sent": appeal.state == AppealState.TO_BE_SENT and _has_organization(appeal),
        "lacks_body": lacks_body,
        "is_outside": appeal.state == AppealState.OUTSIDE,
        "is_dismissed": appeal.state == AppealState.DISMISSED,
        "may_be_complaint": user_may(user, Permission.MANAGE_GRIEVANCES),
        "may_be_closed": AppealState.DISMISSED in MAY_BECOME[AppealState(appeal.state)],
        "is_over": appeal.closed_at is not None,
        "has_continuation_law": queries.law_of(appeal).continuation is not None,
        **_what_follows(appeal),
        **_forms(bound or {}, appeal, is_barred=bool(barred_for(appeal.line, at=at))),
    }
    audit.record_reads(by=user, at=at, case_ids=[appeal.line.case.public_id], why="appeal")
    return render(request, "appeals/appeal.html", context, status=status)


def _panel_of(appeal: Appeal, user: User, *, manages: bool, at: datetime) -> dict[str, Any]:
    """Return who may decide or advise, and the panel: nobody reads another opinion before all are written."""
    votes = list(appeal.panel.select_related("physician").order_by("pk"))
    is_mine = appeal.assigned_to_id == user.pk
    people = (
        queries.reviewers_for(appeal, on=queries.day_of(appeal.line.case.product, at))
        if appeal.state in WITH_PLAN and (manages or is_mine)
        else []
    )
    return {
        "reviewers": people if manages else [],
        "advisers": [
            person for person, _checks, fit in people if fit and not votes and person.pk != appeal.assigned_to_id
        ],
        "panel": votes,
        "panel_is_whole": all(each.voted_at for each in votes),
        "vote": next((each for each in votes if each.physician_id == user.pk and not each.voted_at), None),
    }


def _has_organization(appeal: Appeal) -> bool:
    """Say whether the file of an appeal may go: an external review needs its organization first."""
    outside = getattr(appeal, "outside", None)
    return appeal.body != Body.EXTERNAL or (outside is not None and outside.organization_id is not None)


def _what_follows(appeal: Appeal) -> dict[str, Any]:
    """Say which steps the law of an appeal opens now: a second appeal to the plan, a hearing, a call, more time."""
    law = queries.law_of(appeal)
    at_plan, own = appeal.body not in OUTSIDE, law.further_plan_level(appeal.level)
    lost = at_plan and appeal.outcome in {Outcome.UPHELD, Outcome.PARTLY}
    asked = law.level_outside(appeal.level, code=appeal.line.code, is_asked=True)
    is_followed = queries.followers_of(appeal, beside=asked).exists()
    outside, goes_on = getattr(appeal, "outside", None), getattr(appeal, "continuation", None)
    zone = appeal.line.case.plan.time_zone
    return {
        "may_appeal_again": lost and own is not None and not own.is_specialty_review and not is_followed,
        "may_ask_specialty": lost and own is not None and own.is_specialty_review and not is_followed,
        "may_go_outside": lost and (own is None or own.is_voluntary) and not is_followed,
        "may_be_told": at_plan and bool(appeal.outcome) and law.speed.oral_first
        and appeal.speed in {SpeedAnswer.GRANTED, SpeedAnswer.TO_DECIDE},
        "may_be_heard": appeal.body in {Body.FAIR_HEARING, Body.STATE_EXTERNAL}
        and appeal.state in {AppealState.TO_BE_SENT, AppealState.OUTSIDE},
        "hearing": moment(outside.hearing_at, zone) if outside and outside.hearing_at else "",
        "decision_received": moment(outside.decision_received_at, zone) if outside else "",
        "goes_on": goes_on is not None and goes_on.is_granted and goes_on.ended_at is None,
        "ended_words": END_GROUNDS.get(goes_on.ended_because, "") if goes_on is not None else "",
        "extended": moment(appeal.extended_at, zone),
        "has_representative": queries.representative_of(appeal) is not None,
        "calls": [
            {"when": moment(call.at, zone), "words": dict(own_forms.CALLS).get(call.outcome, call.outcome), "person": call.person}
            for call in appeal.line.case.contact_attempts.filter(purpose=PURPOSE).order_by("at", "pk")
        ],
    }  # fmt: skip


_FORMS: Mapping[str, type[forms.Form]] = {
    "form": own_forms.FormPaperForm, "excuse": own_forms.ReasonForm, "refuse_speed": own_forms.ReasonForm,
    "vacate": own_forms.ReasonForm, "dismiss": own_forms.DismissForm, "elsewhere": own_forms.ElsewhereForm,
    "withdraw": own_forms.WithdrawForm, "check": own_forms.CheckForm, "outside": own_forms.OutsideForm,
    "effectuate": own_forms.EffectuateForm, "continue": own_forms.ContinueForm, "vote": own_forms.VoteForm,
    "extend": own_forms.ExtendForm, "tell": own_forms.TellForm, "hearing": own_forms.HearingForm,
    "end_continuation": own_forms.EndContinuationForm, "specialty_review": own_forms.SpecialtyReviewForm,
}  # fmt: skip


def _forms(bound: Mapping[str, forms.Form], appeal: Appeal, *, is_barred: bool) -> dict[str, forms.Form]:
    made = {f"{key}_form": bound.get(key) or form(auto_id=f"{key}_%s") for key, form in _FORMS.items()}
    if not is_barred:
        del made["outside_form"].fields["listed"]
    law = queries.law_of(appeal).continuation
    if law is not None and not law.may_recover:
        del made["continue_form"].fields["recovery_told"]
    if law is None or not law.provider_law:
        del made["continue_form"].fields["has_consent"]
    return made


def _no_fields(call: Callable[..., Any]) -> Callable[[Appeal, Mapping[str, Any], HttpRequest, User, datetime], None]:
    def act(appeal: Appeal, given: Mapping[str, Any], request: HttpRequest, by: User, at: datetime) -> None:
        call(appeal=appeal, by=by, at=at)

    return act


def _all_fields(call: Callable[..., Any]) -> Callable[[Appeal, Mapping[str, Any], HttpRequest, User, datetime], None]:
    def act(appeal: Appeal, given: Mapping[str, Any], request: HttpRequest, by: User, at: datetime) -> None:
        call(appeal=appeal, by=by, at=at, **given)

    return act


def _receive(appeal: Appeal, given: Mapping[str, Any], request: HttpRequest, by: User, at: datetime) -> None:
    document = document_of(given["paper"], "Paper of standing", "other")
    assert document is not None
    services.receive_form(
        appeal=appeal, signed_on=given["signed_on"], document=document, channel=Channel(given["channel"]), by=by, at=at
    )


def _assign(appeal: Appeal, given: Mapping[str, Any], request: HttpRequest, by: User, at: datetime) -> None:
    services.assign_reviewer(appeal=appeal, reviewer=_user(appeal, request.POST.get("reviewer", "")), by=by, at=at)


def _panel(appeal: Appeal, given: Mapping[str, Any], request: HttpRequest, by: User, at: datetime) -> None:
    people = [_user(appeal, key) for key in request.POST.getlist("physicians")]
    services.ask_panel(appeal=appeal, physicians=people, by=by, at=at)


def _user(appeal: Appeal, key: str) -> User:
    try:
        wanted = UUID(key)
    except ValueError:
        wanted = UUID(int=0)
    plan = appeal.line.case.plan
    return get_object_or_404(User, public_id=wanted, memberships__plan=plan)


def _outside(appeal: Appeal, given: Mapping[str, Any], request: HttpRequest, by: User, at: datetime) -> None:
    received = _in_zone(appeal, given["received_at"], at) if given["received_at"] else None
    services.record_outside_decision(
        appeal=appeal, by=by, at=at, **{**given, "outcome": Outcome(given["outcome"]), "received_at": received}
    )


def _in_zone(appeal: Appeal, typed: datetime, at: datetime) -> datetime:
    """Read a typed instant in the plan's zone; the minute that runs counts as now."""
    return typed_moment(typed, appeal.line.case.plan.time_zone, at=at)


def _hearing(appeal: Appeal, given: Mapping[str, Any], request: HttpRequest, by: User, at: datetime) -> None:
    hearing_at = given["hearing_at"].replace(tzinfo=ZoneInfo(appeal.line.case.plan.time_zone))
    services.set_hearing(appeal=appeal, hearing_at=hearing_at, how=given["how"], by=by, at=at)


def _second_level(appeal: Appeal, given: Mapping[str, Any], request: HttpRequest, by: User, at: datetime) -> None:
    services.ask_second_level(appeal=appeal, asked=_same_filer(appeal, at), by=by, at=at)


def _specialty_review(appeal: Appeal, given: Mapping[str, Any], request: HttpRequest, by: User, at: datetime) -> None:
    asked = replace(_same_filer(appeal, at), filer=Filer.CLINICIAN, relationship="", **given)
    services.ask_second_level(appeal=appeal, asked=asked, by=by, at=at)


def _go_outside(appeal: Appeal, given: Mapping[str, Any], request: HttpRequest, by: User, at: datetime) -> None:
    services.ask_outside_review(appeal=appeal, asked=_same_filer(appeal, at), by=by, at=at)


def _same_filer(appeal: Appeal, at: datetime) -> services.AppealAsked:
    """Return the next review as the same person asks for it by telephone."""
    return services.AppealAsked(
        filer=Filer(appeal.filer), name=appeal.filer_name, relationship=appeal.filer_relationship, issue=appeal.issue,
        channel=Channel.PHONE, received_at=at, wants_speed=appeal.speed == SpeedAnswer.GRANTED,
        clinician_supports=appeal.clinician_supports,
    )  # fmt: skip


_Act = Callable[[Appeal, Mapping[str, Any], HttpRequest, User, datetime], None]
_ACTS: Mapping[str, tuple[str, _Act]] = {
    "form": ("form", _receive),
    "excuse": ("excuse", _all_fields(services.excuse_late_filing)),
    "grant_speed": ("", _no_fields(services.grant_speed)),
    "refuse_speed": ("refuse_speed", _all_fields(services.refuse_speed)),
    "assign": ("", _assign),
    "panel": ("", _panel),
    "vote": ("vote", _all_fields(services.vote_on_panel)),
    "dismiss": ("dismiss", _all_fields(services.dismiss_appeal)),
    "vacate": ("vacate", _all_fields(services.vacate_dismissal)),
    "elsewhere": ("elsewhere", _all_fields(services.send_elsewhere)),
    "withdraw": ("withdraw", _all_fields(services.withdraw_appeal)),
    "packet": ("", _no_fields(services.build_packet)),
    "go_outside": ("", _go_outside),
    "check": ("check", _all_fields(services.check_external_review)),
    "assign_organization": ("", _no_fields(services.assign_organization)),
    "send": ("", _no_fields(services.send_file)),
    "outside": ("outside", _outside),
    "effectuate": ("effectuate", _all_fields(services.carry_out)),
    "continue": ("continue", _all_fields(services.ask_to_continue)),
    "end_continuation": ("end_continuation", _all_fields(services.end_continuation)),
    "extend": ("extend", _all_fields(services.extend_appeal)),
    "tell": ("tell", _all_fields(services.tell_by_phone)),
    "hearing": ("hearing", _hearing),
    "second_level": ("", _second_level),
    "specialty_review": ("specialty_review", _specialty_review),
}


@require_POST
@needs(Permission.MANAGE_APPEALS, Permission.DECIDE_APPEALS)
def act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Do one step on an appeal; every refusal comes back on the page with its sentence."""
    appeal, user, at = find_appeal(request, public_id), actor(request), now()
    name = request.POST.get("do", "")
    if name not in _ACTS:
        return _render(request, appeal, refusal="Choose one of the steps on this page.", status=422)
    form_key, step = _ACTS[name]
    given: Mapping[str, Any] = {}
    if form_key:
        form = _FORMS[form_key](request.POST, request.FILES, auto_id=f"{form_key}_%s")
        if not form.is_valid():
            return _render(request, appeal, status=422, bound={form_key: form})
        given = form.cleaned_data
    try:
        step(appeal, given, request, user, at)
    except OpenUMError as refusal:
        return _render(request, find_appeal(request, public_id), refusal=refusal.sentence, status=refusal.status)
    return redirect("appeals:appeal", public_id=appeal.public_id)


@require_http_methods(["GET", "POST"])
@needs(Permission.DECIDE_APPEALS)
def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the reviewer the whole file with a form that decides; POST decides, or reverses early."""
    appeal, user, at = find_appeal(request, public_id), actor(request), now()
    form, status, refusal = own_forms.VerdictForm(), 200, ""
    is_early = request.POST.get("do") == "early"
    if request.method == "POST":
        data = request.POST.copy()
        if is_early:
            data["outcome"] = Outcome.OVERTURNED
        form, status = own_forms.VerdictForm(data), 422
        if form.is_valid():
            given = dict(form.cleaned_data)
            given["outcome"] = Outcome(given["outcome"])
            given["evidence"] = GuardAnswer(given["evidence"]) if given["evidence"] else None
            answers = {
                key.removeprefix("answer-"): value for key, value in request.POST.items() if key.startswith("answer-")
            }
            verdict = services.Verdict(node_answers={key: str(value) for key, value in answers.items()}, **given)
            try:
                (services.reverse_early if is_early else services.decide_appeal)(
                    appeal=appeal, verdict=verdict, by=user, at=at
                )
                return redirect("appeals:appeal", public_id=appeal.public_id)
            except OpenUMError as no:
                refusal, status = no.sentence, no.status
    return _decide_page(request, appeal, form, refusal=refusal, status=status)


def _decide_page(
    request: HttpRequest, appeal: Appeal, form: own_forms.VerdictForm, *, refusal: str, status: int
) -> HttpResponse:
    user, at = actor(request), now()
    line: ServiceLine = appeal.line
    picture = current_map(line)
    opened = openings_by(user, line.case)
    zone = line.case.plan.time_zone
    today = queries.day_of(line.case.product, at)
    candidate = queries.candidate_for(appeal, user, on=today)
    first = appeal.determination
    context = {
        "appeal": appeal,
        "line": line,
        "case": line.case,
        "form": form,
        "refusal": refusal,
        "is_mine": appeal.assigned_to_id == user.pk,
        "checks": assess(candidate, queries.need_of(appeal, on=today)),
        "first": first,
        "first_at": moment(first.decided_at, zone) if first else "",
        "first_answers": sorted(first.node_answers.items()) if first else [],
        "open_leaves": [
            {
                "leaf": leaf,
                "answer": request.POST.get(f"answer-{leaf.key}", ""),
                "first": (first.node_answers if first else {}).get(leaf.key, ""),
            }
            for leaf in picture.open_leaves
        ],
        "asked": [
            {
                "guard": guard,
                "answer": request.POST.get(f"answer-{guard.key}", ""),
                "first": (first.statements if first else {}).get(guard.key, ""),
            }
            for guard in statement_guards(line, statements={}, on=today)
        ],
        "met": [leaf for leaf in picture.leaves if not leaf.is_open],
        "documents": [{"document": item, "opened": item.pk in opened} for item in documents_to_open(line.case)],
        "came_after": queries.came_after(line, first.decided_at if first else appeal.filed_at),
        "barred": barred_for(line, at=at),
    }
    audit.record_reads(by=user, at=at, case_ids=[line.case.public_id], why="appeal decision")
    return render(request, "appeals/decide.html", context, status=status)


@require_POST
@needs(Permission.DECIDE_APPEALS)
def open_document(request: HttpRequest, public_id: UUID, document_id: UUID) -> HttpResponse:
    """Open a document of the file; that it was opened is kept as proof of diligence, never as a measure."""
    appeal = find_appeal(request, public_id)
    item = get_object_or_404(appeal.line.case.attachments.filter(moved_to__isnull=True), public_id=document_id)
    review.open_evidence(attachment=item, by=actor(request), at=now())
    return redirect("cases:document", public_id=item.public_id)


@require_GET
@needs(Permission.MANAGE_APPEALS, Permission.DECIDE_APPEALS, Permission.SEE_AUDIT, Permission.SEE_SAMPLED_FILES)
def packet(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand out a sealed file; the same bytes every time."""
    user = actor(request)
    row = get_object_or_404(
        Packet.objects.filter(appeal__in=queries.appeals_visible_to(user).values("pk")).select_related(
            "appeal__line__case"
        ),
        public_id=public_id,
    )
    audit.record_reads(by=user, at=now(), case_ids=[row.appeal.line.case.public_id], why="appeal file")
    response = HttpResponse(services.archive_of(row), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{row.public_id}.zip"'
    return response
