"""Write the synthetic claims as Parquet, chunk by chunk."""

import csv
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from openum.analytics.generator.ambulatory import Ambulatory
from openum.analytics.generator.billing import bill
from openum.analytics.generator.hospital import Hospital, Stays
from openum.analytics.generator.lines import INSTITUTIONAL, WORDS, Lines, Words
from openum.analytics.generator.people import LINES, People, draw_people
from openum.analytics.generator.pharmacy import Fills, draw_fills
from openum.analytics.generator.population import FIRST, Numbers, Period, population, providers

CHUNK = 10_000
"""Members drawn and written together; memory does not grow beyond it."""

SOURCE = "synthetic"


@dataclass(frozen=True)
class Made:
    """How much was written."""

    members: int
    medical_lines: int
    pharmacy_lines: int


def generate(
    folder: Path,
    *,
    members: int,
    seed: int,
    months: int,
    progress: Callable[[int, int], None],
    first_day: date = FIRST,
) -> Made:
    """Write eligibility, medical_claim, pharmacy_claim, provider and truth_stays; the same arguments give the same bytes.

    `progress` is told members done and to do after each chunk; `first_day` is the first of a month.
    """
    folder.mkdir(parents=True, exist_ok=True)
    period = Period(months, first_day)
    write_providers(folder / "provider.csv", members)
    npis = pa.array([provider.npi for provider in providers(members)])
    medical = pharmacy = 0
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for number, first in enumerate(range(0, members, CHUNK)):
            tables = chunk(seed, number, first, min(CHUNK, members - first), period, members, npis)
            for name, table in tables.items():
                if name not in writers:
                    writer = pq.ParquetWriter(
                        folder / f"{name}.parquet", table.schema, compression="snappy", store_schema=False
                    )
                    writers[name] = stack.enter_context(writer)
                writers[name].write_table(table, row_group_size=1 << 20)
            medical += tables["medical_claim"].num_rows
            pharmacy += tables["pharmacy_claim"].num_rows
            progress(min(first + CHUNK, members), members)
    return Made(members, medical, pharmacy)


def chunk(
    seed: int, number: int, first: int, count: int, period: Period, members: int, npis: pa.Array
) -> dict[str, pa.Table]:
    """Draw one chunk of members with their claims; its randomness comes from the seed and its own number only."""
    draw = np.random.default_rng([seed, number])
    people = draw_people(draw, first, count, period)
    lines = Lines({name: Words() for name in WORDS})
    hospital = Hospital(draw, people, period, members)
    stays = hospital.drawn()
    bill(lines, hospital, stays)
    Ambulatory(draw, people, period, members, lines, stays).bill()
    drugs = Words()
    fills = draw_fills(draw, people, period, members, drugs)
    names = numbered("P", np.arange(first, first + count) + 1)
    return {
        "eligibility": eligibility(draw, people, names),
        "medical_claim": medical_claim(draw, people, lines, names, npis, number),
        "pharmacy_claim": pharmacy_claim(draw, people, fills, drugs, names, npis, number),
        "truth_stays": truth(stays, hospital, names, npis),
    }


def numbered(letter: str, numbers: Numbers) -> pa.Array:
    """Return identifiers: a letter and ten digits."""
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), 10, "0")
    return pc.binary_join_element_wise(pa.scalar(letter), digits, "")


def looked_up(words: pa.Array, numbers: Numbers) -> pa.Array:
    """Return a column of a small set of texts."""
    return pa.DictionaryArray.from_arrays(pa.array(numbers, type=pa.int32()), words)


def named(texts: list[str], numbers: Numbers) -> pa.Array:
    """Return a column of named values."""
    return looked_up(pa.array(texts), numbers)


def provided(npis: pa.Array, numbers: Numbers) -> pa.Array:
    """Return a column of NPIs, null for 0."""
    return pa.DictionaryArray.from_arrays(pa.array(numbers - 1, mask=numbers == 0, type=pa.int32()), npis)


def days(numbers: Numbers) -> pa.Array:
    """Return a column of dates, null for 0."""
    whole = numbers.astype(np.int32)
    return pa.array(whole, mask=whole == 0, type=pa.int32()).cast(pa.date32())


def dollars(cents: Numbers) -> pa.Array:
    """Return a column of dollars."""
    return pa.array(cents / 100)


def source_of(count: int) -> pa.Array:
    """Return the column that names the source."""
    return looked_up(pa.array([SOURCE]), np.zeros(count, dtype=np.int32))


def eligibility(draw: np.random.Generator, people: People, names: pa.Array) -> pa.Table:
    """Return the spans of enrolment, two for members with a gap."""
    numbers = population()
    has_gap = people.gap_ends > 0
    who = np.repeat(np.arange(people.count), 1 + has_gap)
    second = np.concatenate([[False], who[1:] == who[:-1]]) if len(who) else np.zeros(0, dtype=bool)
    gap = has_gap[who]
    starts = np.where(second, people.gap_ends[who], people.starts[who])
    ends = np.where(gap & ~second, people.gap_starts[who] - 1, people.ends[who])
    race = np.searchsorted(np.cumsum(numbers["race_weights"]), draw.random(people.count)).clip(0, 4)
    state = draw.integers(0, len(numbers["states"]), people.count)
    line = people.line[who]
    person = names.take(pa.array(who))
    return pa.table({
        "person_id": person, "member_id": person, "subscriber_id": person,
        "gender": named(["male", "female"], people.is_female[who].astype(np.int32)), "race": named(numbers["races"], race[who]),
        "birth_date": days(people.born[who]), "death_date": days(people.died[who]),
        "death_flag": pa.array((people.died[who] > 0).astype(np.int32)), "enrollment_start_date": days(starts),
        "enrollment_end_date": days(ends), "payer": named(list(LINES), line), "payer_type": named(list(LINES), line),
        "plan": named(numbers["plans"], line), "state": named(numbers["states"], state[who]), "data_source": source_of(len(who)),
    })  # fmt: skip


def paid_and_shared(
    draw: np.random.Generator, people: People, who: Numbers, claim: Numbers, allowed: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Return allowed, paid and shared cents; three claims of a hundred are denied and pay nothing."""
    numbers = population()
    claims = int(claim.max()) + 1 if len(claim) else 0
    denied = (draw.random(claims) < numbers["denied"])[claim]
    cents = np.where(denied, 0, np.rint(allowed * 100)).astype(np.int64)
    share = np.rint(cents * np.array(numbers["cost_share"])[people.line[who]]).astype(np.int64)
    return cents, cents - share, share


def medical_claim(
    draw: np.random.Generator, people: People, lines: Lines, names: pa.Array, npis: pa.Array, number: int
) -> pa.Table:
    """Return the medical lines in the layout."""
    rows = lines.gathered()
    order = np.lexsort((rows["line"], rows["claim"]))
    rows = {name: column[order] for name, column in rows.items()}
    who, claim = rows["who"], rows["claim"]
    factor = np.where(rows["bill"] == 0, np.array([1.25, 0.75, 1.0])[people.line[who]], 1.0)
    ambulatory = (rows["kind"] == INSTITUTIONAL) & (rows["drg"] == 0)
    factor = np.where(ambulatory, np.array([1.6, 0.75, 1.0])[people.line[who]], factor)
    noise = np.where(rows["drg"] == 0, draw.lognormal(-0.03, 0.25, len(who)), 1.0)
    allowed, paid, share = paid_and_shared(draw, people, who, claim, rows["allowed"] * factor * noise)
    last = np.zeros(lines.claims, dtype=np.int64)
    np.maximum.at(last, claim, rows["claim_ends"].astype(np.int64))
    paid_on = last + 5 + np.minimum(160, draw.gamma(2.0, 12.0, lines.claims)).astype(np.int64)
    kinds = pa.array(["institutional", "professional"])
    ids = numbered("C", number * 10_000_000 + np.arange(lines.claims) + 1)
    line = people.line[who]
    words = {name: lines.vocabulary[name].written(rows[name]) for name in WORDS}
    person = pa.DictionaryArray.from_arrays(pa.array(who, type=pa.int32()), names)
    nothing = np.zeros(len(who), dtype=np.int32)
    return pa.table({
        "claim_id": looked_up(ids, claim), "claim_line_number": pa.array(rows["line"].astype(np.int32)),
        "claim_type": looked_up(kinds, rows["kind"] - 1), "person_id": person, "member_id": person,
        "payer": named(list(LINES), line), "plan": named(population()["plans"], line),
        "claim_start_date": days(rows["claim_starts"]), "claim_end_date": days(rows["claim_ends"]),
        "claim_line_start_date": days(rows["starts"]), "claim_line_end_date": days(rows["ends"]),
        "admission_date": days(rows["admitted"]), "discharge_date": days(rows["discharged"]),
        "admit_source_code": words["admit_source"], "admit_type_code": words["admit_type"],
        "discharge_disposition_code": words["disposition"], "place_of_service_code": words["place"], "bill_type_code": words["bill"],
        "drg_code_type": pa.DictionaryArray.from_arrays(pa.array(nothing, mask=rows["drg"] == 0), pa.array(["ms-drg"])),
        "drg_code": words["drg"], "revenue_center_code": words["revenue"], "service_unit_quantity": pa.array(rows["units"].astype(float)),
        "hcpcs_code": words["procedure"], "hcpcs_modifier_1": words["modifier"], "rendering_npi": provided(npis, rows["rendering"]),
        "billing_npi": provided(npis, np.where(rows["billing"] == 0, rows["rendering"], rows["billing"])),
        "facility_npi": provided(npis, rows["facility"]), "paid_date": days(paid_on[claim]), "paid_amount": dollars(paid),
        "allowed_amount": dollars(allowed), "charge_amount": dollars(np.rint(rows["allowed"] * 240).astype(np.int64)),
        "copayment_amount": dollars(share), "diagnosis_code_type": named(["icd-10-cm"], nothing), "diagnosis_code_1": words["diagnosis"],
        "procedure_code_type": pa.DictionaryArray.from_arrays(pa.array(nothing, mask=rows["inpatient_procedure"] == 0), pa.array(["icd-10-pcs"])),
        "procedure_code_1": words["inpatient_procedure"], "data_source": source_of(len(who)),
    })  # fmt: skip


def pharmacy_claim(
    draw: np.random.Generator, people: People, fills: Fills, drugs: Words, names: pa.Array, npis: pa.Array, number: int
) -> pa.Table:
    """Return the pharmacy lines in the layout."""
    who, count = fills.who, len(fills.who)
    factor = np.array([1.1, 0.75, 1.0])[people.line[who]]
    allowed, paid, share = paid_and_shared(draw, people, who, np.arange(count), fills.price * factor)
    person = pa.DictionaryArray.from_arrays(pa.array(who, type=pa.int32()), names)
    line = people.line[who]
    return pa.table({
        "claim_id": numbered("R", number * 10_000_000 + np.arange(count) + 1), "claim_line_number": pa.array(np.ones(count, dtype=np.int32)),
        "person_id": person, "member_id": person, "payer": named(list(LINES), line), "plan": named(population()["plans"], line),
        "prescribing_provider_npi": provided(npis, fills.prescriber), "dispensing_provider_npi": provided(npis, fills.pharmacy),
        "dispensing_date": days(fills.day), "ndc_code": drugs.written(fills.drug), "quantity": pa.array(fills.days_supply.astype(float)),
        "days_supply": pa.array(fills.days_supply.astype(np.int32)), "paid_date": days(fills.day + 2), "paid_amount": dollars(paid),
        "allowed_amount": dollars(allowed), "copayment_amount": dollars(share), "data_source": source_of(count),
    })  # fmt: skip


def truth(stays: Stays, hospital: Hospital, names: pa.Array, npis: pa.Array) -> pa.Table:
    """Return the stays as they were before they were billed."""
    texts = [f"{code:02d}" for code in range(100)]
    return pa.table({
        "person_id": names.take(pa.array(stays.who)), "admit_date": days(stays.admit), "discharge_date": days(stays.discharge),
        "drg": named([row[0] for row in hospital.table], stays.group), "disposition": named(texts, stays.disposition),
        "facility_npi": provided(npis, stays.facility), "is_readmission": pa.array(stays.is_readmission),
        "via_emergency": pa.array(stays.via_emergency),
    })  # fmt: skip


def write_providers(file: Path, members: int) -> None:
    """Write the providers: npi, entity type, taxonomy and whether they give primary care."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(
            ("npi", "entity_type_code", "primary_taxonomy_code", "primary_specialty_description", "is_pcp", "name")
        )
        for number, provider in enumerate(providers(members), start=1):
            kind = 2 if provider.is_organization else 1
            row: list[Any] = [provider.npi, kind, provider.taxonomy, provider.role.replace("_", " ")]
            writer.writerow([*row, int(provider.is_primary_care), f"{provider.role} {number:05d}"])
