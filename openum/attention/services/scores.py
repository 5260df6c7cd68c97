"""The only writer of suggestions of help."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.attention.events import ModelScoresTakenIn, SuggestionAnswered, SuggestionsRead
from openum.attention.models import ModelRun, Suggestion
from openum.attention.rules.scores import Answered, read
from openum.db.text import clean
from openum.directory.models import Member
from openum.vocabulary.errors import Conflict, Invalid

AT_ONCE = 500


class ScoresKnown(Conflict):
    """The same scores were taken in before."""

    code: ClassVar[str] = "attention-scores-known"


class SuggestionIsAnswered(Conflict):
    """Somebody answered it meanwhile."""

    code: ClassVar[str] = "attention-suggestion-answered"


class WordsMissing(Invalid):
    """An answer says what was done."""

    code: ClassVar[str] = "attention-answer-without-words"


@permitted(Permission.KEEP_WORK, on="plan")
@transaction.atomic
def take_in(*, plan: Plan, card: bytes, scores: bytes, by: User, at: datetime) -> ModelRun:
    """Take in the scores of a model: a suggestion for each person whom the plan knows.

    Raises:
        PermissionRefused, OutOfReach: the actor does not keep the work of this plan.
        ScoresUnreadable: card or scores cannot be read, do not belong together, or the model may not be used.
        ScoresKnown: the same file was taken in.
    """
    return keep_scores(plan=plan, card=card, scores=scores, by=by, at=at)


def keep_scores(*, plan: Plan, card: bytes, scores: bytes, by: User, at: datetime) -> ModelRun:
    """Keep the scores of a model, and a suggestion for each person whom the plan knows; a part of guarded steps and jobs.

    Raises:
        ScoresUnreadable, ScoresKnown: nothing is kept.
    """
    found = read(card, scores)
    Plan.objects.select_for_update().get(pk=plan.pk)
    if ModelRun.objects.filter(plan=plan, model=found.model, digest=found.digest).exists():
        raise ScoresKnown("These scores of the model were taken in before. Nothing was changed.")
    numbers = [score.person_id for score in found.scores]
    members = members_of(plan, numbers)
    run = ModelRun.objects.create(
        plan=plan, model=found.model, version=found.version, card=dict(found.card), digest=found.digest,
        unknown=len(numbers) - len(members), taken_in_by=by, taken_in_at=at,
    )  # fmt: skip
    Suggestion.objects.bulk_create(
        [
            Suggestion(
                run=run, member_id=members[score.person_id], as_of=score.as_of, probability=score.probability,
                drivers=list(score.drivers),
            )
            for score in found.scores
            if score.person_id in members
        ],
        batch_size=AT_ONCE,
    )  # fmt: skip
    audit.record(ModelScoresTakenIn(run_id=run.public_id, people=len(members), unknown=run.unknown), by=by, at=at)
    return run


def members_of(plan: Plan, numbers: Sequence[str]) -> dict[str, int]:
    """Return the keys of the members of a plan by number."""
    found: dict[str, int] = {}
    for start in range(0, len(numbers), AT_ONCE):
        some = Member.objects.filter(plan=plan, member_number__in=numbers[start : start + AT_ONCE])
        found |= dict(some.values_list("member_number", "pk"))
    return found


@permitted(Permission.OFFER_HELP, on="suggestion.run")
@transaction.atomic
def answer(*, suggestion: Suggestion, did: Answered, words: str, by: User, at: datetime) -> Suggestion:
    """Keep what a person did with a suggestion.

    Raises:
        PermissionRefused, OutOfReach: the actor offers no help for this plan.
        WordsMissing: not said what was offered, or why not.
        SuggestionIsAnswered: it was answered.
    """
    if did is Answered.OPEN or not words.strip():
        raise WordsMissing("Say what was offered, or why nothing was.")
    kept = Suggestion.objects.select_for_update().get(pk=suggestion.pk)
    if kept.state != Answered.OPEN:
        raise SuggestionIsAnswered("Somebody answered this meanwhile. Reload the page.")
    kept.state, kept.words, kept.answered_by, kept.answered_at = did, clean(words.strip())[:2000], by, at
    kept.save(update_fields=["state", "words", "answered_by", "answered_at"])
    audit.record(SuggestionAnswered(suggestion_id=kept.public_id, did=did.value), by=by, at=at)
    return kept


def note_read(*, suggestions: Sequence[Suggestion], page: str, by: User, at: datetime) -> None:
    """Record which suggestions a person was shown; nothing shown, nothing recorded."""
    if suggestions:
        ids = tuple(one.public_id for one in suggestions)
        audit.record(SuggestionsRead(suggestion_ids=ids, cause=page), by=by, at=at)
