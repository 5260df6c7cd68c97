"""The data-quality scorecard: how many lines, claims, spans and members are not as claims should be. Nothing is changed by it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis

from openum.analytics.engines import Engine, Table
from openum.analytics.final import CLAIM, LINE
from openum.analytics.reading import Source
from openum.analytics.reference import Reference
from openum.analytics.store.plausible import plausible, structure
from openum.analytics.store.score import Score

EXAMPLES = 5

Lists = Mapping[str, Sequence[Path]]
"""Files of known codes by kind, each with a column `code`."""


def scorecard(engine: Engine, source: Source, reference: Reference, lists: Lists | None = None) -> Iterator[Score]:
    """Yield the checks: columns, lines, codes, claims, spans, members, and the figures of the whole. `lists` holds loaded tables."""
    medical, pharmacy = source.medical, source.pharmacy
    yield from structure(engine, source)
    yield from lines(engine, "medical", medical)
    yield from lines(engine, "pharmacy", pharmacy)
    yield from coded(engine, source, reference, lists or {})
    yield from claims(engine, medical)
    yield from members(engine, source)
    yield from plausible(engine, source)


def counted(
    engine: Engine, level: str, rows: Table, checks: dict[str, tuple[Any, str]], example: str = ""
) -> Iterator[Score]:
    """Count in one pass how many rows each condition meets; `example` names the column that tells which ones."""
    sums = {id_: condition.fill_null(False).cast("int64").sum() for id_, (condition, _) in checks.items()}
    found = engine.fetch(rows.agg(looked_at=rows.count(), **sums))[0]
    for id_, (condition, meaning) in checks.items():
        failing = found[id_] or 0
        names = some(engine, rows.filter(condition), example) if failing and example else ()
        yield Score(level, id_, meaning, failing, found["looked_at"], names, is_of_members=bool(names))


def some(engine: Engine, rows: Table, column: str) -> tuple[str, ...]:
    """Return a few values of a column, the commonest first."""
    each = rows.group_by(told=rows[column]).agg(n=rows.count()).order_by([ibis.desc("n"), "told"]).limit(EXAMPLES)
    return tuple(str(row["told"]) for row in engine.fetch(each) if row["told"] is not None)


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
        "claim_id",
    )
    keys = rows.group_by(list(LINE)).agg(n=rows.count())
    yield from counted(
        engine,
        "key",
        keys,
        {f"{kind}-key-twice": (keys.n > 1, "Several lines have one key; the one paid last counts.")},
        "claim_id",
    )


def coded(engine: Engine, source: Source, reference: Reference, lists: Lists) -> Iterator[Score]:
    """Check codes against the lists, loaded ones before those of the program; unknown codes stay as they are."""
    medical, pharmacy = source.medical, source.pharmacy
    shipped = {"icd-10-cm": reference.diagnoses.select("code"), "ms-drg": reference.drgs.select("code")}
    bill = medical.mutate(first_digits=medical.bill_type_code.left(2))
    for id_, rows, column, kinds, meaning in (
        ("unknown-diagnosis", medical, "diagnosis_code_1", ("icd-10-cm",), "The principal diagnosis is in no list."),
        ("unknown-procedure", medical, "procedure_code_1", ("icd-10-pcs",), "The hospital procedure is in no list."),
        ("unknown-service", medical, "hcpcs_code", ("hcpcs", "cpt"), "The procedure code is in no list."),
        ("unknown-drg", medical, "drg_code", ("ms-drg",), "The DRG is in no list."),
        ("unknown-place", medical, "place_of_service_code", ("place-of-service",), "The place of service is in no list."),
        ("unknown-bill-type", bill, "first_digits", ("bill-types",), "The bill type is in no list."),
        ("unknown-drug", pharmacy, "ndc_code", ("ndc",), "The drug code is in no list."),
    ):  # fmt: skip
        codes = [engine.parquet(lists[kind]).select("code") for kind in kinds if lists.get(kind)]
        if len(codes) < len(kinds):
            codes += [shipped[kind] for kind in kinds if kind in shipped]
        if len(codes) < len(kinds) or column not in rows.columns:
            continue
        known = (ibis.union(*codes) if len(codes) > 1 else codes[0]).select(known_code=ibis._.code.replace("-", "")).distinct()  # fmt: skip
        given = rows.filter(rows[column].notnull())
        each = given.group_by(given=given[column]).agg(n=given.count())
        judged = each.left_join(known, each.given.replace("-", "") == known.known_code)
        unknown = judged.known_code.isnull()
        sums = engine.fetch(judged.agg(failing=judged.n.sum(where=unknown), looked_at=judged.n.sum()))[0]
        worst = judged.filter(unknown).order_by([ibis.desc("n"), "given"]).limit(EXAMPLES)
        examples = tuple(row["given"] for row in engine.fetch(worst)) if sums["failing"] else ()
        yield Score("code", id_, meaning, sums["failing"] or 0, sums["looked_at"] or 0, examples)


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
        "claim_id",
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
        "person_id",
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
        "person_id",
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
        "person_id",
    )
