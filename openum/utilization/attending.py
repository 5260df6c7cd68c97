"""Who needs attention in a plan's store: the run of `openum attention` as a job, handed to the lists."""

import csv
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from openum.accounts.models import Plan
from openum.attention.models import Lists
from openum.attention.rules.lists import ListsState, listed
from openum.attention.services import begin_lists, end_lists, keep_lists
from openum.loading.models import ClaimsLoad
from openum.loading.places import folder_of, store_of
from openum.loading.rules import LoadState
from openum.vocabulary.errors import OpenUMError

MEMORY = "1GB"
MOST = 200
"""People of the high-cost list, of the illest, and of the highest HCC scores and expected costs."""


def begin_missing_lists(*, at: datetime) -> int:
    """Begin the lists of plans whose claims were loaded before lists were made; return how many plans."""
    loaded = ClaimsLoad.objects.filter(state=LoadState.ENDED).values("plan")
    plans = Plan.objects.filter(pk__in=loaded, attention_lists__isnull=True).order_by("pk")
    return len([begin_lists(plan=plan, at=at) for plan in plans])


def make_lists(lists: Lists, *, at: datetime) -> None:
    """Compute the lists of the plan's store and keep them. Begun again after a break, it begins anew; made ones stay."""
    from openum.analytics.attention.run import Limits, run
    from openum.analytics.store.catalogue import Catalogue

    if lists.state != ListsState.MAKING:
        return
    store, out = store_of(lists.plan), folder_of(lists.plan) / "attention" / str(lists.number)
    shutil.rmtree(out, ignore_errors=True)
    try:
        sources = sorted({each.sha256 for each in Catalogue(store).loaded})
        made = run(store, out, most=MOST, limits=Limits(MEMORY))
    except OpenUMError as refusal:
        end_lists(lists=lists, state=ListsState.FAILED, said=refusal.english, people=0, at=at)
        return
    entries = listed(
        high_cost=rows(out / "high_cost.csv"), rising=rows(out / "rising.csv"), discharges=rows(out / "discharge_scores.csv"),
        scores=rows(out / "comorbidity_scores.csv"), conditions=rows(out / "comorbidity.csv"),
        expected=rows(out / "expected_cost.csv"), most=MOST,
    )  # fmt: skip
    keep_lists(
        lists=lists, entries=entries, cards=[file.read_bytes() for file in sorted(out.glob("model_*.json"))],
        scores=(out / "scores.csv").read_bytes(), digests=made["files"], sources=sources, at=at,
    )  # fmt: skip


def rows(file: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a table of the run."""
    with file.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)
