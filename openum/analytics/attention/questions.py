"""The two models: who comes back within 30 days, and whose cost will be among the highest in the next half-year."""

from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np

from openum.analytics.attention.amounts import Amounts, Costs, question_for
from openum.analytics.attention.amounts import train as train_amounts
from openum.analytics.attention.gather import Gathered
from openum.analytics.attention.models import Feature, Question, Rows, Trained, drivers, told, train
from openum.analytics.engines import Engine, Table

READMISSION = Question(
    "readmission_30",
    "Another acute stay 0 to 30 days after discharge (D14); stays that end in transfer, against advice or death are left out.",
    (
        Feature("days", "{n} days in hospital"),
        Feature("urgent", "an urgent admission"),
        Feature("comorbidity", "{n} points for long-term illness"),
        Feature("emergencies", "{n} emergency visits in the 6 months before"),
        Feature("admissions", "{n} hospital stays in the 12 months before"),
        Feature("age", "age {n}"),
    ),
    "LACE",
)
"""Sex, race and payer are not features; results are reported by them."""

TOP_SHARE = 0.05

COST = Question(
    "high_cost_next_6_months",
    "Paid in the next six months is among the highest 5 % of those enrolled throughout.",
    (
        Feature("log_paid", "cost of the last 12 months"),
        Feature("log_recent", "cost of the last 6 months"),
        Feature("stays", "{n} hospital stays in the last 12 months"),
        Feature("emergencies", "{n} emergency visits in the last 12 months"),
        Feature("comorbidity", "{n} long-term illnesses"),
        Feature("age", "age {n}"),
    ),
    "cost of the last 12 months",
)

HALF = 6
"""Months that the cost model looks ahead."""


def age_band(age: float) -> str:
    """Return the band that results are reported by."""
    return (
        "unknown" if np.isnan(age) else "0-17" if age < 18 else "18-44" if age < 45 else "45-64" if age < 65 else "65+"
    )


def groups(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the groups of people that results are reported by; race where the data hold it."""
    found = {name: [str(row[name] or "unknown") for row in rows] for name in ("sex", "payer", "race")}
    if set(found["race"]) == {"unknown"}:
        del found["race"]
    return found | {"age": [age_band(number(row["age"])) for row in rows]}


def number(value: Any) -> float:
    """Return a number; not-a-number when there is none."""
    return float("nan") if value is None else float(value)


def matrix(rows: list[dict[str, Any]], question: Question) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the features; an unknown age is the mean of the known ones."""
    found = np.array([[number(row[feature.name]) for feature in question.features] for row in rows], dtype=float)
    found = found.reshape(len(rows), len(question.features))
    for column in range(found.shape[1]):
        gap = np.isnan(found[:, column])
        found[gap, column] = found[~gap, column].mean() if (~gap).any() else 0
    return found


def as_rows(rows: list[dict[str, Any]], question: Question, outcome: str, baseline: str) -> Rows:
    """Return rows as arrays."""
    return Rows(
        [row["person_id"] for row in rows], matrix(rows, question), np.array([float(row[outcome]) for row in rows]),
        np.array([float(row[baseline]) for row in rows]), groups(rows),
    )  # fmt: skip


def readmission(engine: Engine, scored: Table) -> tuple[Trained, list[dict[str, Any]]]:
    """Train on the earlier 70 % of the discharges whose 30 days have passed, judge on the later; score the stays that still run."""
    rows = engine.fetch(
        scored.select(
            "person_id", "admit", "disch", "facility_npi", "payer", "sex", "race", "age", "days", "comorbidity", "emergencies",
            "admissions", "lace", "is_index", "is_readmitted", urgent=scored.hospital_urgent,
        ).order_by(["disch", "person_id", "admit", "facility_npi"]),
        "attention_discharges",
    )  # fmt: skip
    index = [row for row in rows if row["is_index"]]
    last = max((row["disch"] for row in rows), default=date.min)
    whole = [row for row in index if (last - row["disch"]).days >= 30]
    cut = whole[int(len(whole) * 0.7)]["disch"] if whole else last
    early = [row for row in whole if row["disch"] <= cut - timedelta(days=30)]
    late = [row for row in whole if row["disch"] >= cut]
    period = {"train_period": span(early, "disch"), "test_period": span(late, "disch")}
    parts = [as_rows(part, READMISSION, "is_readmitted", "lace") for part in (early, late)]
    model = train(READMISSION, parts[0], parts[1], period)
    return model, scores_of(model, [row for row in index if (last - row["disch"]).days < 30], "disch")


def span(rows: list[dict[str, Any]], day: str) -> str:
    """Return the first and last day."""
    return f"{min(row[day] for row in rows)} to {max(row[day] for row in rows)}" if rows else "nothing"


def scores_of(model: Trained, rows: list[dict[str, Any]], day: str) -> list[dict[str, Any]]:
    """Return the scores with their drivers, the highest first; none when the model may not be used."""
    if model.fit is None or model.refused or not rows:
        return []
    features = matrix(rows, model.question)
    found = [
        {
            "model": model.question.name, "version": model.version, "person_id": row["person_id"], "as_of": str(row[day]),
            "probability": round(float(chance), 4), "drivers": words,
        }
        for row, chance, words in zip(rows, model.fit.probability(features), drivers(model, features), strict=True)
    ]  # fmt: skip
    return sorted(found, key=lambda row: (-row["probability"], row["person_id"], row["as_of"]))


def months_before(month: date, count: int) -> date:
    """Return the first day of the month so many months earlier."""
    total = month.year * 12 + month.month - 1 - count
    return date(total // 12, total % 12 + 1, 1)


def cost(engine: Engine, given: Gathered, known: Table) -> tuple[Trained, list[dict[str, Any]]]:
    """Train a year before the end of the data, judge half a year before it, score at the end; 24 months are needed."""
    latest = engine.fetch(given.metrics.periods.agg(latest=given.metrics.periods["last"].max()))[0]["latest"]
    end = months_before(latest, -1)
    middle, start = months_before(end, HALF), months_before(end, 2 * HALF)
    early, late, now = (year_before(engine, given, known, day) for day in (start, middle, end))
    for rows in (early, late):
        label(rows)
    period = {
        "train_period": f"outcomes {start} to {middle}",
        "test_period": f"outcomes {middle} to {end} (end excluded)",
    }
    parts = [as_rows(part, COST, "is_high", "log_paid") for part in (early, late)]
    model = train(COST, parts[0], parts[1], period)
    return model, scores_of(model, now, "as_of")


def label(rows: list[dict[str, Any]]) -> None:
    """Mark the highest share of what was paid afterwards; who stays out of the next half-year is taken out."""
    rows[:] = [row for row in rows if row["stays_enrolled"]]
    ordered = sorted(rows, key=lambda row: (-row["paid_next"], row["person_id"]))
    for place, row in enumerate(ordered):
        row["is_high"] = place < len(rows) * TOP_SHARE and row["paid_next"] > 0


YEAR = 12

SOME = 7.0
"""Logarithm of about 1,100 dollars a year: from here on cost weighs apart."""


def amounts(engine: Engine, given: Gathered, known: Table) -> tuple[Amounts, list[dict[str, Any]]]:
    """Train, judge and tell the expected dollars: a year ahead where the data hold 36 months, else half a year."""
    span = engine.fetch(
        given.metrics.periods.agg(
            latest=given.metrics.periods["last"].max(), begin=given.metrics.periods["first"].min()
        )
    )[0]
    end = months_before(span["latest"], -1)
    ahead = YEAR if months_before(end, 3 * YEAR) >= span["begin"] else HALF
    middle, start = months_before(end, ahead), months_before(end, 2 * ahead)
    early, late, now = (year_before(engine, given, known, day, ahead) for day in (start, middle, end))
    question = question_for(ahead)
    period = {
        "train_period": f"what was paid from {start} to {middle}",
        "test_period": f"what was paid from {middle} to {end} (end excluded)",
    }
    parts = [as_costs([row for row in rows if row["stays_enrolled"]], question, ahead) for rows in (early, late)]
    model = train_amounts(question, parts[0], parts[1], period)
    if model.fit is None or model.refused or not now:
        return model, []
    features = matrix(now, question)
    parts_of = model.fit.parts(features)
    found = [
        {
            "model": question.name, "version": model.version, "person_id": row["person_id"], "as_of": str(row["as_of"]),
            "months": ahead, "expected_dollars": f"{dollars:.0f}", "dollars_last_12_months": f"{np.expm1(row['log_paid']):.0f}",
            "drivers": told(question.features, part, values, 3),
        }
        for row, dollars, part, values in zip(now, model.expected(features), parts_of, features, strict=True)
    ]  # fmt: skip
    return model, sorted(found, key=lambda row: (-int(row["expected_dollars"]), row["person_id"]))


def as_costs(rows: list[dict[str, Any]], question: Question, ahead: int) -> Costs:
    """Return rows as arrays, in dollars."""
    return Costs(
        [row["person_id"] for row in rows], matrix(rows, question), np.array([float(row["paid_next"]) for row in rows]),
        np.array([np.expm1(float(row["log_paid"])) * ahead / YEAR for row in rows]), groups(rows),
    )  # fmt: skip


def year_before(engine: Engine, given: Gathered, known: Table, day: date, ahead: int = HALF) -> list[dict[str, Any]]:
    """Return those enrolled on the last day before a date, with what the twelve months before it hold and so many after it."""
    first, recent, until = months_before(day, YEAR), months_before(day, HALF), months_before(day, -ahead)
    paid = ibis.union(*(rows.select("person_id", "month", "paid") for rows in (given.metrics.medical, given.metrics.pharmacy)))  # fmt: skip
    month = paid.month
    money = paid.group_by("person_id").agg(
        year=paid.paid.sum(where=(month >= first) & (month < day)),
        half=paid.paid.sum(where=(month >= recent) & (month < day)),
        following=paid.paid.sum(where=(month >= day) & (month < until)),
    )
    stays, visits = given.stays, given.emergencies
    stayed = stays.filter((stays.disch >= first) & (stays.disch < day)).group_by("person_id").agg(stays=ibis._.count())
    seen = (
        visits.filter((visits.day >= first) & (visits.day < day)).group_by("person_id").agg(emergencies=ibis._.count())
    )
    coded = given.diagnoses.filter((given.diagnoses.day >= first) & (given.diagnoses.day < day))
    ill = coded.inner_join(known.filter(known.system == "charlson"), coded.code == known.dx)
    ill = ill.group_by("person_id").agg(comorbidity=ill.category.nunique())
    people = given.people
    rows = people.filter((people.enrolled_from < day) & (people.enrolled_to >= day - timedelta(days=1)))
    for table in (money, stayed, seen, ill):
        rows = rows.left_join(table, "person_id").select(*rows.columns, *table.columns[1:])
    dollars = {
        name: (rows[name].fill_null(0).cast("float64") / 100).clip(lower=0) for name in ("year", "half", "following")
    }
    found = rows.select(
        "person_id", "payer", "sex", "race",
        as_of=ibis.literal(day.isoformat()), age=ibis.literal(day.year) - rows.born.year(),
        log_paid=(dollars["year"] + 1).ln(), log_recent=(dollars["half"] + 1).ln(),
        idle=(dollars["half"] == 0).cast("int64"), log_over=((dollars["year"] + 1).ln() - SOME).clip(lower=0), paid_next=dollars["following"],
        stays_enrolled=(rows.enrolled_to >= until - timedelta(days=1)).fill_null(False),
        **{name: rows[name].fill_null(0) for name in ("stays", "emergencies", "comorbidity")},
    )  # fmt: skip
    return engine.fetch(found.order_by("person_id"), f"attention_year_before_{day}_{ahead}")
