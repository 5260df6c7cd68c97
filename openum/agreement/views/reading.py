"""Pages of a reader: what waits, one patient after another, and the own result when the round is closed."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openum.accounts.gate import actor, needs
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.agreement import queries, services
from openum.agreement.models import Reader, Round
from openum.agreement.views.words import ANSWERS, RECORDS, kappa, question_of, verdict_chip
from openum.criteria.guideline import Guideline
from openum.criteria.patients import Patient
from openum.criteria.rules import age_on
from openum.db.clock import now
from openum.design.moments import day, moment
from openum.review.resources import facts_of
from openum.vocabulary.errors import OpenUMError
from openum.vocabulary.terms import FindingValue

VALUES = (FindingValue.MET.value, FindingValue.NOT_MET.value, FindingValue.UNKNOWN.value)


def _reader(request: HttpRequest, public_id: UUID) -> Reader:
    return get_object_or_404(queries.readings_of(actor(request)), round__public_id=public_id)


@require_safe
@needs(Permission.REVIEW_LINES, Permission.KEEP_WORK)
def rounds(request: HttpRequest) -> HttpResponse:
    """Show the rounds that wait for the reader, those read, and, to who keeps them, all."""
    user = actor(request)
    mine = [_mine(reader) for reader in queries.readings_of(user)]
    kept = [_kept(one) for one in queries.rounds_kept_by(user)] if user_may(user, Permission.KEEP_WORK) else None
    return render(request, "agreement/rounds.html", {"mine": mine, "kept": kept})


def _mine(reader: Reader) -> dict[str, Any]:
    one = reader.round
    return {
        "one": one, "due": day(one.due_on), "handed": moment(reader.handed_in_at, one.plan.time_zone),
        "left": len(services.unanswered(reader)), "first": next(iter(services.unanswered(reader)), 1),
    }  # fmt: skip


def _kept(one: Round) -> dict[str, Any]:
    outcome = one.results
    whole = outcome.get("whole", {})
    return {
        "one": one, "due": day(one.due_on), "closed": moment(one.closed_at, one.plan.time_zone),
        "readers": one.readers.count(), "done": one.readers.filter(handed_in_at__isnull=False).count(),
        "verdict": verdict_chip(outcome["verdict"]) if outcome else "",
        "kappa": kappa(queries.fraction(whole.get("kappa"))) if outcome else "",
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.REVIEW_LINES)
def read(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """Show one invented patient and keep the answers; the next one follows."""
    reader = _reader(request, public_id)
    one, user, at = reader.round, actor(request), now()
    if not 1 <= number <= len(one.vignettes):
        raise Http404
    if reader.handed_in_at or one.closed_at:
        return redirect("agreement:mine", public_id=one.public_id)
    guideline, patient = queries.guideline_of(one.guideline), queries.vignettes_of(one)[number - 1]
    rating = reader.ratings.filter(vignette=patient.name).first()
    answers = dict(rating.answers) if rating else {}
    recommendation = rating.recommendation if rating else ""
    refusal, status = "", 200
    if request.method == "POST":
        answers = {
            leaf.key: value
            for leaf in guideline.leaves
            if (value := request.POST.get(f"leaf-{leaf.key}", "")) in VALUES
        }
        recommendation = request.POST.get("recommendation", "")
        try:
            services.save_rating(
                one=one, vignette=patient.name, answers=answers, recommendation=recommendation, by=user, at=at
            )
            if number < len(one.vignettes):
                return redirect("agreement:read", public_id=one.public_id, number=number + 1)
            return redirect("agreement:mine", public_id=one.public_id)
        except OpenUMError as error:
            refusal, status = error.sentence, 422
    context = {
        "one": one, "number": number, "of": len(one.vignettes), "refusal": refusal, "guideline": guideline,
        "title": guideline.title.in_language(get_language() or "en"), "patient": _patient(guideline, patient),
        "leaves": [
            {"key": leaf.key, "question": question_of(guideline, leaf.key), "value": answers.get(leaf.key, "")}
            for leaf in guideline.leaves
        ],
        "values": [(value, ANSWERS[value]) for value in VALUES], "recommendation": recommendation,
        "recommendations": [(value, ANSWERS[value]) for value in services.RECOMMENDATIONS],
        "saved": moment(rating.saved_at, one.plan.time_zone) if rating else "",
    }  # fmt: skip
    return render(request, "agreement/read.html", context, status=status)


def _patient(guideline: Guideline, patient: Patient) -> dict[str, Any]:
    labels = {answer.link: answer.label.in_language(get_language() or "en") for answer in guideline.answers.values()}
    return {
        "age": age_on(patient.born, patient.request_date), "sex": patient.sex, "on": day(patient.request_date),
        "service": " ".join(patient.service), "side": patient.side,
        "records": [
            {"kind": RECORDS.get(resource["resourceType"], resource["resourceType"]), "facts": facts_of(resource, labels)} for resource in patient.resources
        ],
    }  # fmt: skip


@require_POST
@needs(Permission.REVIEW_LINES)
def hand_in(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand in."""
    reader = _reader(request, public_id)
    try:
        services.hand_in(one=reader.round, by=actor(request), at=now())
    except OpenUMError as error:
        return _own(request, reader, refusal=error.sentence, status=409)
    return redirect("agreement:mine", public_id=public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.REVIEW_LINES)
def mine(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show what is left to answer; when the round is closed, the own answers beside the author's, and what to read again."""
    reader = _reader(request, public_id)
    if request.method == "POST":
        try:
            services.confirm_read_again(
                one=reader.round, criterion=request.POST.get("criterion", ""), by=actor(request), at=now()
            )
        except OpenUMError as error:
            return _own(request, reader, refusal=error.sentence, status=409)
        return redirect("agreement:mine", public_id=public_id)
    return _own(request, reader)


def _own(request: HttpRequest, reader: Reader, *, refusal: str = "", status: int = 200) -> HttpResponse:
    one = reader.round
    guideline = queries.guideline_of(one.guideline)
    context = {
        "one": one, "reader": reader, "refusal": refusal, "left": services.unanswered(reader), "due": day(one.due_on),
        "handed": moment(reader.handed_in_at, one.plan.time_zone), "numbers": range(1, len(one.vignettes) + 1),
        "again": _again(guideline, reader) if one.closed_at else [],
        "patients": _beside(guideline, reader) if one.closed_at and reader.handed_in_at else [],
    }  # fmt: skip
    return render(request, "agreement/mine.html", context, status=status)


def _again(guideline: Guideline, reader: Reader) -> list[dict[str, Any]]:
    language = get_language() or "en"
    found = []
    for item in reader.round.results.get("items", []):
        leaf = guideline.leaf(item["key"])
        if item["read_again"] and leaf is not None:
            found.append(
                {
                    "key": leaf.key, "question": leaf.question.in_language(language), "plain": leaf.plain.in_language(language),
                    "to_satisfy": leaf.to_satisfy.in_language(language), "done": leaf.key in reader.read_again,
                    "kappa": kappa(queries.fraction(item["kappa"])),
                }
            )  # fmt: skip
    return found


def _beside(guideline: Guideline, reader: Reader) -> list[dict[str, Any]]:
    given = {rating.vignette: rating for rating in reader.ratings.all()}
    found = []
    for number, patient in enumerate(queries.vignettes_of(reader.round), start=1):
        rating = given[patient.name]
        rows = [
            {
                "question": question_of(guideline, key),
                "own": ANSWERS[own],
                "author": ANSWERS[right],
                "same": own == right,
            }
            for key, own in [*rating.answers.items(), (queries.RECOMMENDATION, rating.recommendation)]
            if (right := queries.expected_of(patient, key)) and own != right
        ]
        found.append({"number": number, "name": patient.name, "rows": rows})
    return found
