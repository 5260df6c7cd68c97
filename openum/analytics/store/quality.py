"""The data-quality scorecard: how many lines, claims, spans and members are not as claims should be. Nothing is changed by it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openum.analytics.engines import Engine, Table
from openum.analytics.final import CLAIM, LINE
from openum.analytics.reading import Source
from openum.analytics.reference import Reference


@dataclass(frozen=True)
class Score:
    """One check of the scorecard; counts are of what `level` names."""

    level: str
    id: str
    meaning: str
    failing: int
    looked_at: int


def scorecard(engine: Engine, source: Source, reference: Reference) -> Iterator[Score]:
    """Yield the checks, lines first, then claims, spans and members."""
    medical, pharmacy = source.medical, source.pharmacy
    yield from lines(engine, "medical", medical)
    yield from lines(engine, "pharmacy", pharmacy)
    yield from coded(engine, medical, reference)
    yield from claims(engine, medical)
    yield from members(engine, source)


def counted(engine: Engine, level: str, rows: Table, checks: dict[str, tuple[Any, str]]) -> Iterator[Score]:
    """Count in one pass how many rows each condition meets."""
    sums = {id_: condition.fill_null(False).cast("int64").sum() for id_, (condition, _) in checks.items()}
    found = engine.fetch(rows.agg(looked_at=rows.count(), **sums))[0]
    for id_, (_, meaning) in checks.items():
        yield Score(level, id_, meaning, found[id_] or 0, found["looked_at"])


def lines(engine: Engine, kind: str, rows: Table) -> Iterator[Score]:
    """Check amounts and keys of lines."""
    yield from counted(
        engine,
        "line",
        rows,
        {
            f"{kind}-paid-above-allowed": (
                (rows.paid_amount > rows.allowed_amount) & (rows.allowed_amount >= 0),
                "More was paid than allowed.",
            ),
            f"{kind}-negative": (rows.paid_amount < 0, "A negative amount: a reversal, or a correction."),
            f"{kind}-no-payer": (rows.payer.isnull(), "No payer; the line counts under none."),
            f"{kind}-paid-before-service": (
                rows.paid_date < (rows.claim_start_date if kind == "medical" else rows.dispensing_date),
                "Paid before the service.",
            ),
        },
    )
    keys = rows.group_by(list(LINE)).agg(n=rows.count())
    yield from counted(
        engine,
        "key",
        keys,
        {f"{kind}-key-twice": (keys.n > 1, "Several lines have one key; the one paid last counts.")},
    )


def coded(engine: Engine, rows: Table, reference: Reference) -> Iterator[Score]:
    """Check codes against the reference tables; unknown ones stay as they are."""
    for id_, column, table, meaning in (
        (
            "unknown-diagnosis",
            "diagnosis_code_1",
            reference.diagnoses,
            "The principal diagnosis is not in the list of 2019.",
        ),
        ("unknown-drg", "drg_code", reference.drgs, "The DRG is in no list."),
    ):
        given = rows.filter(rows[column].notnull())
        known = given.left_join(table.select(known_code=table.code), given[column] == table.code)
        yield from counted(engine, "code", known, {id_: (known.known_code.isnull(), meaning)})


def claims(engine: Engine, rows: Table) -> Iterator[Score]:
    """Check what the lines of one claim say together."""
    claim = rows.group_by(list(CLAIM)).agg(
        bills=rows.bill_type_code.nunique(), types=rows.claim_type.nunique(), starts=rows.claim_start_date.min(), ends=rows.claim_end_date.max()
    )  # fmt: skip
    yield from counted(
        engine,
        "claim",
        claim,
        {
            "several-bill-types": (claim.bills > 1, "The lines of one claim have several bill types."),
            "several-claim-types": (claim.types > 1, "The lines of one claim have several types."),
            "claim-ends-before-start": (claim.ends < claim.starts, "The claim ends before it starts."),
        },
    )


def members(engine: Engine, source: Source) -> Iterator[Score]:
    """Check members and their spans, and claims outside of them."""
    spans, medical = source.eligibility, source.medical
    yield from counted(
        engine,
        "span",
        spans,
        {
            "span-ends-before-start": (
                spans.enrollment_end_date < spans.enrollment_start_date,
                "Set aside by the load.",
            ),
            "span-without-end": (spans.enrollment_end_date.isnull(), "Open: counts to the last month of the data."),
        },
    )
    person = spans.group_by("person_id").agg(
        genders=spans.gender.nunique(), births=spans.birth_date.nunique(), died=spans.death_date.max()
    )
    yield from counted(
        engine,
        "member",
        person,
        {
            "several-genders": (person.genders > 1, "The spans of one member name several genders."),
            "several-birth-dates": (person.births > 1, "The spans of one member name several dates of birth."),
        },
    )
    known = medical.select("person_id", "payer", "claim_start_date").left_join(person, "person_id")
    yield from counted(
        engine,
        "line",
        known,
        {
            "nobody-enrolled": (known.genders.isnull(), "No span names the member."),
            "after-death": (known.claim_start_date > known.died, "The service is after the member's death."),
        },
    )
