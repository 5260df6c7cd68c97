"""What each person used in each month, and who can be compared when: expressions over the metrics' own tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from openum.analytics.codes import cuts
from openum.analytics.engines import DuckDB, Table
from openum.analytics.metrics.columns import READ
from openum.analytics.metrics.compute import Metrics, compute
from openum.analytics.metrics.membership import number_of_month
from openum.analytics.reading import read_folder
from openum.analytics.reference import reference_tables
from openum.analytics.usable import usable
from openum.analytics.value.plan import MONTHS_BEFORE, OUTCOMES

WANTED = READ | {"eligibility": (*READ["eligibility"], "gender", "birth_date", "data_source")}
UNKNOWN = "unknown"
KEY = ["person_id", "payer"]
HALF = MONTHS_BEFORE // 2
RECENT = 3
"""Months before the start whose cost is matched by itself: people are mostly chosen when they have just been ill."""


@dataclass(frozen=True)
class Panel:
    """The tables of one comparison, kept in the engine. Months are numbers from the year 0."""

    people: Table
    """Periods of unbroken enrolment by person and payer: `first`, `last`, `sex`, `born`, `number` (of the person, from 0)."""
    months: Table
    """One row per person, payer and month with anything in it: the outcomes; money in cents."""
    illnesses: Table
    """One row per person, payer, month and category of diagnosis."""
    known: set[tuple[str, str]]
    """Person and data source of every enrolment."""
    persons: int
    last_month: int
    """The last month with a medical service."""
    data_until: date
    paid_until: date | None


def panel_of(engine: DuckDB, folder: Path, reference: Path | None) -> Panel:
    """Compute the metrics of a folder of claims and arrange them by person and month."""
    source = read_folder(engine, folder, WANTED)
    found = compute(engine, source, reference=reference)
    spans = usable("eligibility", source.eligibility)
    persons = engine.keep("value_persons", persons_of(spans))
    people = engine.keep("value_people", unbroken(found.periods).inner_join(persons, "person_id"))
    ends = engine.fetch(
        found.claims.medical.agg(day=found.claims.medical.last_day.max(), paid=found.claims.medical.last_paid_on.max())
    )[0]
    day = ends["day"] or date(1900, 1, 1)
    known = engine.fetch(spans.select("person_id", source=spans.data_source.fill_null("")).distinct())
    return Panel(
        people=people,
        months=engine.keep("value_months", outcomes(found)),
        illnesses=engine.keep("value_illnesses", illnesses(engine, found, reference)),
        known={(row["person_id"], row["source"]) for row in known},
        persons=int(engine.fetch(persons.agg(n=persons.count()))[0]["n"]),
        last_month=day.year * 12 + day.month - 1,
        data_until=day,
        paid_until=ends["paid"],
    )


def persons_of(spans: Table) -> Table:
    """Return one row per person: `sex`, `born`, `number` in the order of their ids."""
    rows = spans.group_by("person_id").agg(
        sex=spans.gender.lower().substr(0, 1).max().fill_null(UNKNOWN), born=spans.birth_date.min()
    )
    return rows.mutate(number=ibis.row_number().over(ibis.window(order_by=rows.person_id)))


def unbroken(periods: Table) -> Table:
    """Join the periods of a person and payer that follow month on month: `first`, `last`."""
    rows = periods.select(
        *KEY,
        first=number_of_month(periods["first"]).cast("int64"),
        last=number_of_month(periods["last"]).cast("int64"),
    )
    before = rows.mutate(end_before=rows["last"].lag().over(ibis.window(group_by=KEY, order_by="first")))
    opened = before.mutate(opens=(before["first"] > before.end_before + 1).fill_null(True).cast("int64"))
    period = opened.mutate(period=opened.opens.sum().over(ibis.cumulative_window(group_by=KEY, order_by="first")))
    joined = period.group_by([*KEY, "period"]).agg(first=period["first"].min(), last=period["last"].max())
    return joined.drop("period")


def outcomes(found: Metrics) -> Table:
    """Return person, payer, month and the outcomes (D3, D5, D13, D14); a readmission stands in the month of the discharge."""
    again = found.simple.filter(found.simple.is_readmitted)
    counts = found.counts.filter(
        found.counts.metric.isin(["acute_admits", "acute_days", "ed_visits_treat_and_release"])
    )
    names = {"acute_admits": "admissions", "acute_days": "bed_days", "ed_visits_treat_and_release": "ed_visits"}
    parts = [
        _part(found.medical, "paid", found.medical.month, found.medical.paid),
        _part(found.pharmacy, "paid", found.pharmacy.month, found.pharmacy.paid),
        *(
            _part(only, name, only.month, only["value"])
            for metric, name in names.items()
            for only in [counts.filter(counts.metric == metric)]
        ),
        _part(again, "readmissions", again.disch, ibis.literal(1)),
    ]
    rows = ibis.union(*parts)
    return rows.group_by([*KEY, "month"]).agg(**{name: rows[name].sum() for name in OUTCOMES})


def _part(rows: Table, outcome: str, day: Any, value: Any) -> Table:
    zeros = {name: ibis.literal(0, "int64") for name in OUTCOMES}
    return rows.select(
        *KEY, month=number_of_month(day).cast("int64"), **(zeros | {outcome: value.cast("int64").fill_null(0)})
    )


def illnesses(engine: DuckDB, found: Metrics, reference: Path | None) -> Table:
    """Return the categories (CCS) of the first diagnosis of every final line, by person, payer and month."""
    lines, listed = found.claims.final, reference_tables(engine, reference).diagnoses
    seen = lines.filter(lines.diagnosis_code_1.notnull() & ~lines.is_taken_back)
    seen = seen.select(
        *KEY, month=number_of_month(seen.service_day).cast("int64"), code=seen.diagnosis_code_1
    ).distinct()
    joined = seen.inner_join(listed.filter(listed.ccs.notnull()).select("code", "ccs"), "code")
    return joined.select(*KEY, "month", "ccs").distinct()


def standing(engine: DuckDB, panel: Panel, *, month: int, after: int, least: int) -> pa.Table:
    """Return who could be compared from a month on, each person once, with what they used in the twelve months before.

    Args:
        engine: where the tables are.
        panel: the tables.
        month: the month of the start; it belongs to neither side.
        after: the first month looked at after the start.
        least: months from `after` in which they must be enrolled.
    """
    begin = month - MONTHS_BEFORE
    people = panel.people.filter(
        (panel.people["first"] <= begin) & (panel.people["last"] >= after + least - 1)
    )  # fmt: skip
    order = ibis.window(group_by="person_id", order_by=people.payer)
    people = people.mutate(nth=ibis.row_number().over(order)).filter(ibis._.nth == 0)
    used = panel.months.filter(panel.months.month.between(begin, month - 1))
    used = used.group_by(KEY).agg(
        **{name: used[name].sum() for name in OUTCOMES}, paid_recent=used.paid.sum(where=used.month >= month - RECENT)
    )
    ill = panel.illnesses.filter(panel.illnesses.month.between(begin, month - 1))
    ill = ill.group_by(KEY).agg(illnesses=ill.ccs.nunique())
    joined = people.left_join(used, KEY).drop("person_id_right", "payer_right")
    joined = joined.left_join(ill, KEY)
    months = month - number_of_month(joined.born)
    rows = joined.select(
        "number", "person_id", "payer", "sex", "last",
        age=(months / 12).floor().cast("float64").fill_null(-1),
        **{name: joined[name].fill_null(0).cast("float64") for name in (*OUTCOMES, "paid_recent", "illnesses")},
    )  # fmt: skip
    answer: pa.Table = engine.connection.to_pyarrow(rows.order_by("number"))
    return answer


def sums_of(engine: DuckDB, panel: Panel, rows: pa.Table) -> pa.Table:
    """Return what people used in three times: the older half of the months before, the younger half, and after.

    Args:
        engine: where the tables are.
        panel: the tables.
        rows: `row`, `person_id`, `payer`, `month` of the start, `after` and `until` (first and last month after it).

    Returns:
        One row per `row` and `period` (0 older, 1 younger, 2 after) with anything in it, and the outcomes.
    """
    asked = ibis.memtable(rows)
    months = panel.months.select(*KEY, at="month", **{name: panel.months[name] for name in OUTCOMES})
    joined = asked.inner_join(months, [asked.person_id == months.person_id, asked.payer.identical_to(months.payer)])
    period = ibis.cases(
        (joined["at"].between(joined.month - MONTHS_BEFORE, joined.month - HALF - 1), 0),
        (joined["at"].between(joined.month - HALF, joined.month - 1), 1),
        (joined["at"].between(joined.after, joined.until), 2),
        else_=-1,
    )
    placed = joined.mutate(period=period)
    placed = placed.filter(placed.period >= 0)
    answer: pa.Table = engine.connection.to_pyarrow(
        placed.group_by(["row", "period"])
        .agg(**{name: placed[name].sum().cast("float64") for name in OUTCOMES})
        .order_by(["row", "period"])
    )
    return answer


def bands() -> Sequence[int]:
    """Return the first age of each band that people are alike in (C4)."""
    return [int(first) for first in cuts()["bands"]]
