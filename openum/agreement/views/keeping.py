"""Pages of who keeps the rounds: open one, watch who handed in, close it, read what came out."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openum.accounts.gate import actor, needs
from openum.accounts.queries import own_plan
from openum.accounts.rules import Permission
from openum.agreement import queries, services
from openum.agreement.forms import RoundForm
from openum.agreement.models import Round
from openum.agreement.terms import terms
from openum.agreement.views.words import outcome_words, question_of
from openum.db.clock import now
from openum.design.moments import day, moment
from openum.design.sheets import sheet
from openum.vocabulary.errors import OpenUMError

HEADS = ("criterion", "question", "items", "readers", "agreement", "kappa", "as_the_author_expects", "of", "read_again")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.KEEP_WORK)
def new_round(request: HttpRequest) -> HttpResponse:
    """Open a round."""
    user, at = actor(request), now()
    plan = own_plan(user, Permission.KEEP_WORK)
    form = RoundForm(
        request.POST if request.method == "POST" else None, guidelines=queries.guidelines_to_read(plan, at=at),
        people=queries.possible_readers(plan),
    )  # fmt: skip
    refusal, status = "", 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            guideline, readers, due_on, how_many = form.chosen()
            names = [patient.name for patient in queries.guideline_of(guideline).patients]
            try:
                one = services.open_round(
                    plan=plan, guideline=guideline, vignettes=evenly(names, how_many), readers=readers, due_on=due_on, by=user,
                    at=at,
                )  # fmt: skip
                return redirect("agreement:round", public_id=one.public_id)
            except OpenUMError as error:
                refusal = error.sentence
    context = {"form": form, "refusal": refusal, "plan": plan, "terms": terms()}
    return render(request, "agreement/new.html", context, status=status)


def evenly(names: list[str], how_many: int) -> list[str]:
    """Return so many names in equal steps over the list, in its order; all of a shorter one."""
    count = min(how_many, len(names))
    return [names[position * len(names) // count] for position in range(count)]


def _kept(request: HttpRequest, public_id: UUID) -> Round:
    return get_object_or_404(queries.rounds_kept_by(actor(request)), public_id=public_id)


@require_safe
@needs(Permission.KEEP_WORK)
def one_round(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show who handed in, and what came out so far or at the end."""
    one = _kept(request, public_id)
    zone, guideline = one.plan.time_zone, queries.guideline_of(one.guideline)
    outcome = queries.outcome_of(one)
    weak = [item.key for item in outcome.items if item.read_again]
    readers = [
        {
            "name": reader.user.name, "at": moment(reader.handed_in_at, zone),
            "again": [{"key": question_of(guideline, key), "done": key in reader.read_again} for key in weak] if one.closed_at else [],
        }
        for reader in one.readers.select_related("user").order_by("user__name", "pk")
    ]  # fmt: skip
    context = {
        "one": one, "guideline": guideline, "people": readers, "due": day(one.due_on), "opened": moment(one.opened_at, zone),
        "closed": moment(one.closed_at, zone), "terms": terms(), **outcome_words(guideline, outcome),
    }  # fmt: skip
    return render(request, "agreement/round.html", context)


@require_POST
@needs(Permission.KEEP_WORK)
def close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Close a round."""
    one = _kept(request, public_id)
    try:
        services.close_round(one=one, by=actor(request), at=now())
    except OpenUMError as error:
        return render(request, "agreement/refused.html", {"refusal": error.sentence, "one": one}, status=409)
    return redirect("agreement:round", public_id=one.public_id)


@require_safe
@needs(Permission.KEEP_WORK)
def results_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Return what came out as a table, without names."""
    one = _kept(request, public_id)
    guideline, outcome = queries.guideline_of(one.guideline), queries.outcome_of(one)
    rows: list[tuple[object, ...]] = [HEADS]
    for item in outcome.items:
        found = item.found
        rows.append(
            (
                item.key, question_of(guideline, item.key), found.items, found.readers,
                "" if found.observed is None else f"{float(found.observed):.4f}",
                "" if found.kappa is None else f"{float(found.kappa):.4f}", item.right, item.of, item.read_again,
            )
        )  # fmt: skip
    return sheet("agreement", rows, at=now())
