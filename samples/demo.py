"""Loads the demo world into a migrated database; `openum demo` calls it at the first start.

The open work of today and the latest cases come first. What does not fit into the time of a start is played by the
worker in the minutes after it (`later.py`), by the same plots and the same services.
"""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from django.db import transaction

from openum.accounts.models import Plan, User
from openum.accounts.services import ensure_rules_engine
from openum.db import clock
from openum.submission.services import sign_standing_order
from samples import appeals, claims, examples, later, members, people, places, reading, sampling, stays, today, work
from samples.acting import Stage
from samples.script import FULL, Script, Size

__all__ = ["FULL", "Size", "load"]


@dataclass(frozen=True)
class _Watch:
    """When a start has taken long enough."""

    ends: float

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.ends


def load(
    data_dir: Path,
    *,
    at: datetime | None,
    progress: Callable[[str], None],
    size: Size = FULL,
    budget_seconds: float | None = 30,
) -> dict[str, Any]:
    """Load the world so that it ends at `at`, and return logins, clients and the sandbox client's token.

    A world that is there already is left as it is; only the clients get new tokens, because old ones cannot be told.

    Args:
        data_dir: the data directory; examples to try things with are written below it. The world lies in the database.
        at: the present instant of the world; the demo clock's unless given.
        progress: is told what was made, in sentences.
        size: how many members and cases.
        budget_seconds: how long all of it may take now; earlier cases that are left become jobs. None: all of them now.
    """
    watch = _Watch(time.monotonic() + (float("inf") if budget_seconds is None else budget_seconds))
    if Plan.objects.filter(key=places.LUMEN).exists():
        return people.renew_tokens(places.find())
    present = (at or clock.now()).replace(microsecond=0)
    script = Script.write(at=present, size=size)
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    with transaction.atomic():
        engine = ensure_rules_engine()
        where = places.build(Random(script.seed), engine=engine, at=present, first_day=script.first_day)
        progress("Plans, practices and policies are there.")
        rows = members.build(list(script.people), where)
        staff = people.build(where, rows)
        sign_standing_order(plan=where.sandbox, by=staff.physicians[0], at=present)
        progress(f"{len(rows):,} members are there.")
    examples.write(data_dir, at=present)
    stage = Stage(places=where, staff=staff, engine=engine, until=present)
    made = today.build(Random(script.seed + 1), script.cast(where), script.people, stage)
    progress(f"{made} cases of today are open.")
    left = _play(script, stage, watch, progress)
    coordinator = next(login["email"] for login in staff.logins if login["persona"] == "appeals")
    filed = appeals.build(stage, User.objects.get(email=coordinator))
    progress(f"{filed} appeals are open.")
    nurse = next(login["email"] for login in staff.logins if login["persona"] == "nurse")
    forms = stays.build(stage, User.objects.get(email=nurse))
    progress(
        f"{claims.build(stage, User.objects.get(email=nurse))} claims were found by rules; three are under review."
    )
    progress(f"{forms} forms and letters about care that ends are written.")
    progress(f"{reading.build(stage)} people read the same invented patients.")
    progress(f"{sampling.build(stage)} files are drawn for an examiner from outside.")
    progress(f"{work.build(stage, script.plots(stage.places))} open requests have found a person.")
    if left:  # the last of all, so that nothing before it plays the past
        later.leave(script, count=left, at=stage.until)
    return {"logins": staff.logins, "clients": staff.clients, "token": staff.token}


def _play(script: Script, stage: Stage, watch: _Watch, progress: Callable[[str], None]) -> int:
    """Play the plots from the latest to the oldest until the time is over; return how many are left."""
    found = script.plots(stage.places)
    chunks = [found[start : start + later.CHUNK] for start in range(0, len(found), later.CHUNK)]
    told, done = 0, 0
    while chunks and not watch.is_over:
        done += stage.play_all(chunks.pop())
        if done >= told + 500:
            told = done
            progress(f"{done:,} earlier cases are there.")
    left = sum(len(chunk) for chunk in chunks)
    if left:
        progress(f"{done:,} earlier cases are there; {left:,} older ones follow in the background.")
    else:
        progress(f"{done:,} earlier cases are there.")
    if stage.refused:
        codes = ", ".join(sorted({code for _, code in stage.refused}))
        progress(f"{len(stage.refused)} requests of the past were left out, because a service refused a step: {codes}.")
    return left
