"""Plays what did not fit into the start: jobs of a few plots each, run by the worker between its other work."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction

from openum import jobs
from openum.accounts.services import ensure_rules_engine
from openum.jobs import handler
from samples import people, places, work
from samples.acting import Stage
from samples.plots import Plot
from samples.script import Script, Size

KIND = "samples.earlier"
CHUNK = 20
"""Plots of one transaction at the start."""
_AT_ONCE = 2
"""Plots of one job: a few, so that nobody waits long for the database."""
_PAUSE = timedelta(milliseconds=50)
"""Between two jobs, so that others get their turn at the database."""


def leave(script: Script, *, count: int, at: datetime) -> None:
    """Leave the oldest `count` plots to jobs, the latest of them first.

    One job waits at a time and leaves the next one behind it: what people do meanwhile never queues behind the past.
    """
    size = [script.size.members, script.size.cases, script.size.days]
    payload = {"at": script.at.isoformat(), "size": size, "seed": script.seed}
    with transaction.atomic():
        _enqueue(payload, last=count, run_at=at)


def _enqueue(payload: dict[str, Any], *, last: int, run_at: datetime) -> None:
    if last > 0:
        first = max(0, last - _AT_ONCE)
        jobs.enqueue(KIND, {**payload, "first": first, "last": last}, run_at=run_at, dedupe_key=f"{KIND}:{first}")


@handler(KIND)
def play_earlier(payload: dict[str, Any], *, at: datetime) -> None:
    """Play a few plots; they, the next job and the end of this one commit together."""
    stage, found = _world(payload["at"], tuple(payload["size"]), payload["seed"])
    stage.play_all(found[payload["first"] : payload["last"]])
    if payload["first"] == 0:
        work.give_out_what_is_open(stage, at=at)
    _enqueue(payload, last=payload["first"], run_at=at + _PAUSE)


def forget() -> None:
    """Forget the world that is held, after its rows went away."""
    _world.cache_clear()


@lru_cache(maxsize=1)
def _world(at: str, size: tuple[int, int, int], seed: int) -> tuple[Stage, list[Plot]]:
    where = places.find()
    moment = datetime.fromisoformat(at)
    script = Script.write(at=moment, size=Size(*size), seed=seed)
    stage = Stage(places=where, staff=people.find(where), engine=ensure_rules_engine(), until=moment)
    with transaction.atomic():
        return stage, script.plots(where)
