"""What the job of a load does: one file after the other into the plan's store, then the scorecard."""

import shutil
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from django.db import connection, transaction

from openum import audit
from openum.accounts.queries import rules_engine
from openum.db.text import clean
from openum.loading import events
from openum.loading.models import ClaimsFile, ClaimsLoad
from openum.loading.places import incoming, path_of, store_of
from openum.loading.rules import UNDER_WAY, FileState, LoadState
from openum.vocabulary.errors import OpenUMError

if TYPE_CHECKING:
    from openum.analytics.store.catalogue import Catalogue
    from openum.analytics.store.files import Plan as HowRead
    from openum.analytics.store.load import Outcome

MEMORY = "1GB"


def load_next(load: ClaimsLoad, *, at: datetime) -> bool:
    """Load the next file of a load, or make the scorecard when none is left; say whether more is to do. It may be run again.

    Raises:
        StoreInUse: another load writes to the store; try again.
    """
    from openum.analytics.store.catalogue import open_store
    from openum.analytics.store.load import load_or_say_why

    load = ClaimsLoad.objects.select_related("plan").get(pk=load.pk)
    if load.state != LoadState.LOADING:
        return False
    store = store_of(load.plan)
    with open_store(store) as catalogue:
        file = load.files.filter(state__in=[FileState.WAITING, *UNDER_WAY]).order_by("pk").first()
        if file is not None:
            file.load = load

            def reach(stage: str) -> None:
                move(file, FileState(stage), at=at)

            plan = plan_of(file)
            outcome = load_or_say_why(
                path_of(file), catalogue, plan, at=at, memory=MEMORY, reach=reach, went=partial(note_percent, file.pk)
            )
            settle(file, outcome, catalogue, at=at)
            path_of(file).unlink(missing_ok=True)
            return True
    finish(load, at=at)
    return False


def plan_of(file: ClaimsFile) -> "HowRead":
    """Return how the store reads a file."""
    from openum.analytics.store.files import Plan as HowRead

    mapping = {file.table: dict(file.mapping)} if file.mapping else {}
    return HowRead(mapping, file.table, file.load.source, file.load.encoding)


@transaction.atomic
def move(file: ClaimsFile, state: FileState, *, at: datetime) -> None:
    """Note the stage that a file reached, for the page."""
    file.state, file.percent = state, 0
    file.save(update_fields=["state", "percent"])
    audit.record(
        events.ClaimsFileMoved(load_id=file.load.public_id, file_id=file.public_id, reached=state.value),
        by=rules_engine(), at=at,
    )  # fmt: skip


def note_percent(file_id: int, percent: int) -> None:
    """Note how far the stage of a file is; called in a thread of its own, whose connection ends with it."""
    ClaimsFile.objects.filter(pk=file_id, state__in=UNDER_WAY).update(percent=percent)
    connection.close()


@transaction.atomic
def settle(file: ClaimsFile, outcome: "Outcome", catalogue: "Catalogue", *, at: datetime) -> None:
    """Note what became of a file."""
    loaded = outcome.loaded
    if loaded is None:
        file.said = clean(outcome.said.replace(str(path_of(file)), file.name))[:2000]
    else:
        file.sha256, file.rows, file.taken = loaded.sha256, loaded.rows, loaded.taken
        file.already_there, file.set_aside = loaded.already_there, loaded.set_aside
        file.columns_not_taken = list(loaded.columns_not_taken)
    if file.repairs_of is not None and loaded is not None and not outcome.was_loaded_before:
        origin = catalogue.find(file.repairs_of.sha256)
        if origin is not None:
            catalogue.settle(origin)
    file.ended_at = at
    file.save()
    reached = (
        FileState.REFUSED if loaded is None else FileState.KNOWN if outcome.was_loaded_before else FileState.LOADED
    )
    move(file, reached, at=at)


def finish(load: ClaimsLoad, *, at: datetime) -> None:
    """Make the scorecard of the store and end the load. A store that cannot be judged says why in place of it."""
    from openum.analytics.store.card import card_of

    try:
        scores = card_of(store_of(load.plan), MEMORY)
    except OpenUMError as refusal:
        load.scorecard = [{"level": "table", "id": "none", "meaning": refusal.english, "failing": 1, "looked_at": 1, "examples": []}]  # fmt: skip
    else:
        load.scorecard = [
            {name: value for name, value in asdict(score).items() if name != "is_of_members"}
            | {"examples": [] if score.is_of_members else list(score.examples)}
            for score in scores
        ]
        load.member_examples = {score.id: list(score.examples) for score in scores if score.is_of_members}
    with transaction.atomic():
        load.state, load.ended_at = LoadState.ENDED, at
        load.save(update_fields=["state", "ended_at", "scorecard", "member_examples"])
        last = load.files.order_by("pk").last()
        audit.record(events.ClaimsLoadEnded(load_id=load.public_id), by=rules_engine(), at=at)
        if last is not None:
            audit.record(
                events.ClaimsFileMoved(load_id=load.public_id, file_id=last.public_id, reached="scorecard"),
                by=rules_engine(), at=at,
            )  # fmt: skip
    shutil.rmtree(incoming(load.plan, load.public_id), ignore_errors=True)
