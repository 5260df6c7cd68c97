"""The comparison in order: who can be followed, who is alike, what changed, and how far it can be trusted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from openum.analytics.engines import DuckDB
from openum.analytics.value.cohort import Cohort, Coordinated, check_known
from openum.analytics.value.effects import Estimate, Sets, effects, ratios
from openum.analytics.value.matching import VARIABLES, Moments, match, spread_of, standardised
from openum.analytics.value.panel import HALF, RECENT, Panel, bands, panel_of, standing, sums_of
from openum.analytics.value.plan import LEAST_SETS, MONTHS_BEFORE, OUTCOMES, Choices, NoFollowUp, TooFewPeople

Floats = NDArray[np.float64]
NOT_FOLLOWED = "not enrolled for twelve months before the start and long enough after it"
STARTS_LATE = "start too near to the end of the data, or after it"
NO_ONE_ALIKE = "nobody of the same payer, sex and age band was left to compare"
TOO_FAR = "nobody was near enough in what they used before"
CAPPED_AT = 99
"""Percentile of the comparison people's rates at which rates are capped in the look without outliers."""


@dataclass
class Pools:
    """What the matching leaves: the matched sets with their people, and everybody who could have been compared."""

    people: list[dict[str, Any]] = field(default_factory=list)
    """One for each person of a set: set, person_id, payer, months, and whether they are the coordinated one."""
    programmes: list[str] = field(default_factory=list)
    coordinated: list[Floats] = field(default_factory=list)
    matched: list[Floats] = field(default_factory=list)
    others: list[Moments] = field(default_factory=list)
    alike: list[Floats] = field(default_factory=list)
    alike_weights: list[float] = field(default_factory=list)
    unmatched: dict[str, list[Floats]] = field(default_factory=lambda: {NO_ONE_ALIKE: [], TOO_FAR: []})
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Balance:
    """One variable before and after matching: means, and standardised mean differences."""

    variable: str
    coordinated: float
    everybody: float
    before: float
    matched: float
    alike: float
    after: float


@dataclass(frozen=True)
class Result:
    """What one programme, or all together, came to; rates are a month."""

    programme: str
    sets: Sets
    effects: list[Estimate]
    ratios: list[Estimate | None]
    before_after: Floats
    """Change of the coordinated people alone."""


@dataclass(frozen=True)
class Comparison:
    """Everything that is written."""

    choices: Choices
    cohort: Cohort
    pools: Pools
    balance: list[Balance]
    results: list[Result]
    placebo: list[Estimate]
    capped: list[Estimate]
    nearest: list[Estimate]
    others: int
    months: float
    data_until: date
    paid_until: date | None


def compare(engine: DuckDB, claims: Path, file: Path, cohort: Cohort, choices: Choices, reference: Path | None) -> Comparison:  # fmt: skip
    """Compare the people of a cohort with people alike.

    Raises:
        PeopleUnknown: the file names people whom the enrolment does not.
        NoFollowUp: nobody can be followed.
        TooFewPeople: fewer than 30 matched sets.
    """
    panel = panel_of(engine, claims, reference)
    check_known(cohort, panel.known, file)
    pools = matched(engine, panel, cohort, choices)
    count = len(pools.matched)
    if count < LEAST_SETS:
        raise TooFewPeople(
            f"Only {count} coordinated people have somebody alike to be compared with; {LEAST_SETS} are needed. Add people or "
            "claims, allow a wider --caliper, or wait until more have been followed."
        )
    sets, nearest, placebo = arranged(engine, panel, pools, count)
    names = np.array(pools.programmes)
    results = [result("", sets, choices)]
    if len(cohort.programmes) > 1:
        for name in cohort.programmes:
            chosen = names == name
            if chosen.sum() >= LEAST_SETS:
                results.append(result(name, sets.of(chosen), choices))
    cap = np.percentile(np.concatenate([sets.others_before, sets.others_after]), CAPPED_AT, axis=0)
    spread = {"draws": choices.draws, "seed": choices.seed}
    return Comparison(
        choices=choices, cohort=cohort, pools=pools, balance=balance_of(pools), results=results,
        placebo=effects(placebo, **spread), capped=effects(sets.capped(cap), **spread),
        nearest=effects(nearest, **spread), others=sum(not each["is_coordinated"] for each in pools.people),
        months=float(sets.months.sum()), data_until=panel.data_until, paid_until=panel.paid_until,
    )  # fmt: skip


def result(name: str, sets: Sets, choices: Choices) -> Result:
    """Return the effects of some sets."""
    weight = sets.months[:, None] / sets.months.sum()
    return Result(
        programme=name,
        sets=sets,
        effects=effects(sets, draws=choices.draws, seed=choices.seed),
        ratios=ratios(sets, draws=choices.draws, seed=choices.seed),
        before_after=((sets.after - sets.before) * weight).sum(axis=0),
    )


def matched(engine: DuckDB, panel: Panel, cohort: Cohort, choices: Choices) -> Pools:
    """Match month by month, the earliest start first; nobody is used twice, and nobody of the file is compared with.

    Raises:
        NoFollowUp: nobody can be followed.
    """
    pools, random = Pools(), np.random.default_rng(choices.seed)
    free = np.ones(panel.persons, dtype=np.bool_)
    waves: dict[tuple[int, int], list[Coordinated]] = {}
    for each in cohort.people:
        if each.first_after + choices.least_follow_up - 1 > panel.last_month:
            pools.left_out[STARTS_LATE] += 1
        else:
            waves.setdefault((each.month, each.first_after), []).append(each)
    ids = {each.person for each in cohort.people}
    for month, after in sorted(waves):
        rows = standing(engine, panel, month=month, after=after, least=choices.least_follow_up)
        _match_wave(pools, rows, waves[month, after], ids, free, panel, choices, random)
    if not pools.coordinated:
        raise NoFollowUp(
            f"Nobody of the file was enrolled for {MONTHS_BEFORE} whole months before the start and "
            f"{choices.least_follow_up} after it, within the claims (they end {panel.data_until}). Load more months of "
            "enrolment and claims, or lower --least-follow-up."
        )
    return pools


def _match_wave(
    pools: Pools, rows: pa.Table, people: Sequence[Coordinated], ids: set[str], free: NDArray[np.bool_], panel: Panel,
    choices: Choices, random: np.random.Generator,
) -> None:  # fmt: skip
    places = pc.index_in(
        pa.array([each.person for each in people], pa.string()), value_set=rows["person_id"]
    ).to_pylist()
    followed = [each for each, place in zip(people, places, strict=True) if place is not None]
    pools.left_out[NOT_FOLLOWED] += len(people) - len(followed)
    if not followed:
        return
    values, number = values_of(rows), rows["number"].to_numpy()
    own = np.array([place for place in places if place is not None], dtype=np.int64)
    in_file = pc.is_in(rows["person_id"], value_set=pa.array(sorted(ids), pa.string())).to_numpy()
    here = free[number] & ~in_file
    pools.coordinated.extend(values[own])
    everybody = values[~in_file]
    if len(everybody):
        pools.others.append(Moments.of(everybody, np.full(len(everybody), len(own) / len(everybody))))
    found = match(
        stratum=strata_of(rows), values=values, coordinated=own, free=here, neighbours=choices.neighbours,
        caliper=choices.caliper, random=random,
    )  # fmt: skip
    free[number[found.rows[found.rows >= 0]]] = False
    last, payer, person = rows["last"].to_numpy(), rows["payer"], rows["person_id"]
    for at, each in enumerate(followed):
        alike = found.rows[at][found.rows[at] >= 0]
        if not len(alike):
            pools.unmatched[TOO_FAR if found.has_like[at] else NO_ONE_ALIKE].append(values[own[at]])
            continue
        until = min(each.first_after + choices.most_follow_up - 1, panel.last_month, int(last[own[at]]))
        for nth, row in enumerate((own[at], *alike)):
            pools.people.append(
                {
                    "set": len(pools.matched), "is_coordinated": nth == 0, "nth": nth, "person_id": person[int(row)].as_py(),
                    "payer": payer[int(row)].as_py(), "month": each.month, "after": each.first_after,
                    "until": min(until, int(last[row])),
                }
            )  # fmt: skip
        pools.programmes.append(each.programme)
        pools.matched.append(values[own[at]])
        pools.alike.extend(values[alike])
        pools.alike_weights += [1 / len(alike)] * len(alike)


def values_of(rows: pa.Table) -> Floats:
    """Return the variables of people, one row each."""
    columns = {name: rows[name].to_numpy() for name in VARIABLES if name in rows.column_names}
    for name, months in (("paid", MONTHS_BEFORE), ("paid_recent", RECENT)):
        columns[f"log_{name}"] = np.log1p(np.maximum(rows[name].to_numpy() / 100 / months, 0))
    return np.column_stack([columns[name] for name in VARIABLES])


def strata_of(rows: pa.Table) -> NDArray[np.int64]:
    """Return payer, sex and age band of people as one number each."""
    band = np.searchsorted(np.array(bands(), dtype=np.float64), rows["age"].to_numpy(), side="right")
    payer, sex = (rows[name].combine_chunks().dictionary_encode().indices.to_numpy() for name in ("payer", "sex"))
    return np.asarray((payer * (sex.max() + 1) + sex) * (len(bands()) + 1) + band, dtype=np.int64)


def arranged(engine: DuckDB, panel: Panel, pools: Pools, count: int) -> tuple[Sets, Sets, Sets]:
    """Return the sets, the sets with only the nearest person, and the sets of the two halves of the months before."""
    people = pools.people
    asked = pa.table(
        {
            "row": pa.array(range(len(people)), pa.int64()),
            **{name: pa.array([each[name] for each in people], pa.string()) for name in ("person_id", "payer")},
            **{name: pa.array([each[name] for each in people], pa.int64()) for name in ("month", "after", "until")},
        }
    )
    sums = sums_of(engine, panel, asked)
    used = np.zeros((len(people), 3, len(OUTCOMES)))
    used[sums["row"].to_numpy(), sums["period"].to_numpy().astype(np.int64)] = np.column_stack(
        [sums[name].to_numpy() for name in OUTCOMES]
    )
    used[:, :, 0] /= 100
    months = np.array([each["until"] - each["after"] + 1 for each in people], dtype=np.float64)
    rates = {
        "before": (used[:, 0] + used[:, 1]) / MONTHS_BEFORE,
        "after": used[:, 2] / months[:, None],
        "older": used[:, 0] / HALF,
        "younger": used[:, 1] / HALF,
    }
    nth = np.array([each["nth"] for each in people])
    of_set = np.array([each["set"] for each in people])
    own, alike, nearest = nth == 0, nth > 0, nth == 1

    def among(name: str, chosen: NDArray[np.bool_]) -> Floats:
        total = np.zeros((count, len(OUTCOMES)))
        np.add.at(total, of_set[chosen], rates[name][chosen])
        return total / np.bincount(of_set[chosen], minlength=count)[:, None]

    def sets(first: str, second: str, chosen: NDArray[np.bool_]) -> Sets:
        return Sets(rates[first][own], rates[second][own], among(first, chosen), among(second, chosen), months[own])

    return sets("before", "after", alike), sets("before", "after", nearest), sets("older", "younger", alike)


def balance_of(pools: Pools) -> list[Balance]:
    """Return the table of balance."""
    sides = [
        Moments.of(np.array(rows), np.array(weights) if weights else np.ones(len(rows)))
        for rows, weights in ((pools.coordinated, None), (pools.matched, None), (pools.alike, pools.alike_weights))
    ]
    coordinated, matched_, alike = sides
    everybody = sum(pools.others[1:], pools.others[0])
    spread = spread_of(coordinated, everybody)
    columns = (
        coordinated.mean, everybody.mean, standardised(coordinated, everybody, spread), matched_.mean, alike.mean,
        standardised(matched_, alike, spread),
    )  # fmt: skip
    return [Balance(name, *(float(column[at]) for column in columns)) for at, name in enumerate(VARIABLES)]
