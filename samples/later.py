"""Plays what did not fit into the start: jobs of a few plots each, run by the worker between its other work."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction

from openum import jobs
from openum.accounts.services import ensure_rules_engine
from openum.jobs import handler
from samples import people, places
from samples.acting import Stage
from samples.plots import Plot
from samples.script import Script, Size

KIND = "samples.earlier"
CHUNK = 20
"""Plots of one transaction at the start."""
_AT_ONCE = 2
"""Plots of one job: a few, so that nobody waits long for the database."""


def leave(script: Script, *, count: int, at: datetime) -> None:
    """Leave the oldest `count` plots to jobs, the latest of them first."""
    size = [script.size.members, script.size.cases, script.size.days]
    with transaction.atomic():
        for turn, last in enumerate(range(count, 0, -_AT_ONCE)):
            first = max(0, last - _AT_ONCE)
            payload = {"at": script.at.isoformat(), "size": size, "seed": script.seed, "first": first, "last": last}
            run_at = at + timedelta(milliseconds=200 * turn)
            jobs.enqueue(KIND, payload, run_at=run_at, dedupe_key=f"{KIND}:{first}")


@handler(KIND)
def play_earlier(payload: dict[str, Any], *, at: datetime) -> None:
    """Play a few plots; they and the end of the job commit together."""
    stage, found = _world(payload["at"], tuple(payload["size"]), payload["seed"])
    stage.play_all(found[payload["first"] : payload["last"]])


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
