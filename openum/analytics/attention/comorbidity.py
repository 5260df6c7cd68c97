"""Charlson (Quan 2005), Elixhauser (AHRQ 2026) and CMS-HCC V28 per person and year, with the claims that say so."""

import ibis

from openum.analytics.attention.gather import Gathered
from openum.analytics.engines import Engine, Table

GROUP = ["person_id", "year", "system", "category"]


def categories(engine: Engine, given: Gathered) -> Table:
    """Return the category of each diagnosis code that occurs: `system`, `category`, `dx`."""
    seen = given.diagnoses.select(dx=given.diagnoses.code).distinct()
    codes = given.codes
    whole = codes.filter(~codes.is_prefix)
    exact = seen.inner_join(whole, seen.dx == whole.code).select("dx", "system", "category")
    beginnings = codes.filter(codes.is_prefix)
    begins = seen.inner_join(beginnings, seen.dx.startswith(beginnings.code)).select("dx", "system", "category")
    return engine.keep("attention_categories", ibis.union(exact, begins).distinct())


def comorbidities(engine: Engine, given: Gathered, known: Table) -> Table:
    """Return what was found per person and calendar year; the milder of a pair gives way to the worse one."""
    rows = given.diagnoses.inner_join(known, given.diagnoses.code == known.dx)
    rows = rows.select(
        "person_id", "system", "category", "day", "code", year=rows.day.year(),
        claim=rows.data_source.fill_null("") + "|" + rows.claim_id,
    )  # fmt: skip
    first = ibis.row_number().over(ibis.window(group_by=GROUP, order_by=[rows.day, rows.claim, rows.code])) == 0
    rows = rows.mutate(is_first=first)
    found = engine.keep(
        "attention_found",
        rows.group_by(GROUP).agg(
            claims=rows.claim.nunique(), first_day=rows.day.min(),
            evidence_claim=rows.claim.max(where=rows.is_first), evidence_code=rows.code.max(where=rows.is_first),
        ),
    )  # fmt: skip
    return engine.keep("comorbidities", without_milder(found, given.parents, ["person_id", "year"]))


def without_milder(found: Table, parents: Table, person: list[str]) -> Table:
    """Leave out a category whose worse one was found in the same group."""
    worse = found.select(*person, "system", parent="category").inner_join(parents, ["system", "parent"])
    worse = worse.select(*person, "system", "category").distinct()
    return found.anti_join(worse, [*person, "system", "category"])


def scores(given: Gathered, found: Table) -> Table:
    """Return one row per person and year in which anything was found. HCC: Medicare, community, not dual.

    The age is that on 1 February of the year after the diagnoses, the year that is paid for.
    """
    weights = given.weights
    weighted = found.left_join(
        weights, [found.system == weights.system, found.category == weights.category]
    ).select("person_id", "year", found.system, found.category, "version", "weight")  # fmt: skip
    is_hcc = (weighted.system == "hcc").fill_null(False)
    summed = weighted.group_by(["person_id", "year"]).agg(
        charlson_1987=total(weighted, "charlson_1987"),
        charlson_2011=total(weighted, "charlson_2011"),
        elixhauser_count=weighted.category.nunique(where=weighted.system == "elixhauser"),
        hccs=weighted.category.nunique(where=is_hcc & weighted.weight.notnull()),
        aged=total(weighted, "hcc_v28_cna"),
        disabled=total(weighted, "hcc_v28_cnd"),
    )
    person = summed.inner_join(given.people, "person_id")
    born = person.born
    is_later = (born.month() * 100 + born.day() > 201).cast("int64")
    age = person.year + 1 - born.year() - is_later
    segment = ibis.ifelse(age >= 65, "hcc_v28_cna", "hcc_v28_cnd")
    person = person.mutate(
        age=age, segment=segment, band=ibis.ifelse(person.sex == "male", "M", "F") + band_of(age),
        many=ibis.cases((person.hccs >= 10, "D10P"), else_=ibis.literal("D") + person.hccs.cast("string")),
    )  # fmt: skip
    is_modelled = person.is_medicare & ~person.is_dual & person.sex.isin(["male", "female"]) & person.born.notnull()
    rates = weights.select(of_version="version", of="category", rate="weight")
    by_age = rates.rename(age_version="of_version", age_of="of", age_rate="rate")
    joined = person.left_join(rates, [person.segment == rates.of_version, person.many == rates.of])
    joined = joined.left_join(by_age, [joined.segment == by_age.age_version, joined.band == by_age.age_of])
    hcc = joined.age_rate + joined.rate.fill_null(0) + ibis.ifelse(joined.age >= 65, joined.aged, joined.disabled)
    return joined.mutate(is_modelled=is_modelled.fill_null(False), hcc=hcc).select(
        "person_id", "year", "charlson_1987", "charlson_2011", "elixhauser_count", "hccs",
        hcc_v28=ibis.ifelse(ibis._.is_modelled, ibis._.hcc.round(3), ibis.null("float64")),
        hcc_segment=ibis.ifelse(ibis._.is_modelled, ibis._.segment, ibis.null("string")),
        hcc_partial=ibis.ifelse(ibis._.is_modelled, PARTIAL, ibis.null("string")),
    )  # fmt: skip


PARTIAL = "interactions; eligible-encounter filter; originally disabled"
"""What the HCC score leaves out."""


def total(rows: Table, version: str) -> object:
    """Return the sum of a version's weights."""
    return rows.weight.sum(where=rows.version == version).fill_null(0)


BANDS = ((35, "0_34"), (45, "35_44"), (55, "45_54"), (60, "55_59"), (65, "60_64"), (70, "65_69"), (75, "70_74"), (80, "75_79"), (85, "80_84"), (90, "85_89"), (95, "90_94"))  # fmt: skip


def band_of(age: Table) -> Table:
    """Return the age band of the HCC tables."""
    return ibis.cases(*((age < below, name) for below, name in BANDS), else_="95_GT")
