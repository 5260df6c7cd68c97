"""The only writer of the lists of who may want help: made by a job from the plan's claims, answered by a person."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.queries import rules_engine
from openum.accounts.rules import Permission
from openum.attention.events import AttentionListsMade, ListedAnswered, ListedRead
from openum.attention.models import Listed, Lists
from openum.attention.rules.lists import Entry, ListsState
from openum.attention.rules.scores import Answered
from openum.attention.services.scores import (
    AT_ONCE,
    ScoresKnown,
    SuggestionIsAnswered,
    WordsMissing,
    keep_scores,
    members_of,
)
from openum.db.text import clean
from openum.jobs import enqueue
from openum.work.models import Task
from openum.work.services import make_task

JOB = "attention.lists"


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """Who goes on with an offer of help, and by when."""

    owner: User
    due_at: datetime


@transaction.atomic
def begin_lists(*, plan: Plan, at: datetime) -> Lists:
    """Enter the next lists of a plan and let a job make them."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    last = Lists.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
    made = Lists.objects.create(plan=plan, number=last + 1, made_at=at)
    enqueue(JOB, {"lists": str(made.public_id)}, run_at=at)
    return made


@transaction.atomic
def keep_lists(
    *, lists: Lists, entries: Sequence[Entry], cards: Sequence[bytes], scores: bytes, digests: dict[str, str],
    sources: Sequence[str], at: datetime,
) -> None:  # fmt: skip
    """Keep the lists of a run and the scores of its models that may be used. People whom the plan does not know are counted.

    Args:
        cards: the card of every model of the run, as JSON.
        scores: scores.csv of the run.
        digests: SHA-256 of each list by file name.
        sources: SHA-256 of the files that the claims came from.
    """
    members = members_of(lists.plan, [entry.person_id for entry in entries])
    Listed.objects.filter(lists=lists).delete()
    Listed.objects.bulk_create(
        [
            Listed(lists=lists, member_id=members[entry.person_id], **_columns(entry))
            for entry in entries
            if entry.person_id in members
        ],
        batch_size=AT_ONCE,
    )  # fmt: skip
    lists.cards = [_card(json.loads(card)) for card in cards]
    lists.digests, lists.sources = dict(digests), sorted(sources)
    lists.unknown = len(entries) - len(members)
    end_lists(lists=lists, state=ListsState.READY, said="", people=len(members), at=at)
    named = {row.split(b",", 1)[0].decode() for row in scores.splitlines()[1:]}
    for card in cards:
        held = json.loads(card)
        if held["model"] in named and not held["refused"]:
            try:
                with transaction.atomic():
                    keep_scores(plan=lists.plan, card=card, scores=scores, by=rules_engine(), at=at)
            except ScoresKnown:
                continue


def _columns(entry: Entry) -> dict[str, Any]:
    return {name: value for name, value in asdict(entry).items() if name != "person_id"}


def _card(held: dict[str, Any]) -> dict[str, Any]:
    """Return what a page tells of a model; weights and groups stay in the files of the run."""
    return {name: value for name, value in held.items() if isinstance(value, str | int | float | bool)}


@transaction.atomic
def end_lists(*, lists: Lists, state: ListsState, said: str, people: int, at: datetime) -> None:
    """End the making of lists, with what hindered it."""
    lists.state, lists.said, lists.ended_at = state, said, at
    lists.save()
    audit.record(
        AttentionListsMade(lists_id=lists.public_id, reached=state.value, people=people, unknown=lists.unknown),
        by=rules_engine(), at=at,
    )  # fmt: skip


@permitted(Permission.OFFER_HELP, on="listed.lists")
@transaction.atomic
def answer_listed(
    *, listed: Listed, did: Answered, words: str, by: User, at: datetime, follow_up: FollowUp | None = None
) -> Listed:
    """Keep what a person did about somebody on the lists; an offer of help may leave a task.

    Raises:
        PermissionRefused, OutOfReach: the actor offers no help for this plan.
        WordsMissing: not said what was offered, or why not.
        SuggestionIsAnswered: it was answered.
        TaskInvalid: the task is nobody's of this plan, or due in the past.
    """
    if did is Answered.OPEN or not words.strip():
        raise WordsMissing("Say what was offered, or why nothing was.")
    kept = Listed.objects.select_for_update(of=("self",)).select_related("lists__plan", "member").get(pk=listed.pk)
    if kept.state != Answered.OPEN:
        raise SuggestionIsAnswered("Somebody answered this meanwhile. Reload the page.")
    task: Task | None = None
    if follow_up is not None and did is Answered.HELP_OFFERED:
        task = make_task(
            plan=kept.lists.plan, title=f"Help offered: {kept.member.full_name}", detail=words,
            owner=follow_up.owner, due_at=follow_up.due_at, by=by, at=at,
        )  # fmt: skip
    kept.state, kept.words, kept.answered_by, kept.answered_at = did, clean(words.strip())[:2000], by, at
    kept.task = task
    kept.save(update_fields=["state", "words", "answered_by", "answered_at", "task"])
    audit.record(
        ListedAnswered(listed_id=kept.public_id, did=did.value, task_id=task.public_id if task else None), by=by, at=at
    )  # fmt: skip
    return kept


def note_listed_read(*, people: Sequence[Listed], page: str, by: User, at: datetime) -> None:
    """Record which listed people a person was shown; nobody shown, nothing recorded."""
    if people:
        ids = tuple(one.public_id for one in people)
        audit.record(ListedRead(listed_ids=ids, cause=page), by=by, at=at)
