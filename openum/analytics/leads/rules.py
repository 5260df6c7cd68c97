"""Rules that look for billing errors: each returns the lines it finds, with the evidence. Expressions over final lines."""

from collections.abc import Callable

import ibis

from openum.analytics.engines import Table
from openum.analytics.leads.authorized import longer_than_certified, no_authorization
from openum.analytics.leads.catalogue import LEAD, Evidence, leads, nothing, rules
from openum.analytics.leads.grouping import drg_validation
from openum.analytics.leads.opioids import opioid_pattern
from openum.analytics.metrics.claims import holds


def duplicate(given: Evidence) -> Table:
    """Find lines that stand on the same line of another claim; the claim with the lowest number keeps its line."""
    lines = given.lines.filter(given.lines.service.notnull() & (given.lines.charge > 0))
    same = ["person_id", "day", "last_day", "service", "modifiers", "provider", "charge", "claim_line_number"]
    order = [lines.claim_id, lines.payer, lines.data_source]
    window = ibis.window(group_by=same, order_by=order)
    found = lines.mutate(nth=ibis.row_number().over(window), first_claim=lines.claim_id.first().over(window))
    found = found.filter((found.nth > 0) & (found.claim_id != found.first_claim))
    return leads("duplicate", found, ibis.literal("claim ") + found.first_claim)


def unbundling(given: Evidence) -> Table:
    """Find parts billed beside the whole."""
    if given.edits is None:
        return nothing(given, "unbundling")
    lines = given.lines.filter(given.lines.procedure.notnull())
    whole = lines.select(
        whole_person=lines.person_id, whole_day=lines.day, whole_provider=lines.provider, whole_code=lines.procedure
    ).distinct()
    parts = lines.inner_join(given.edits, lines.procedure == given.edits.column2)
    admitted = ibis.or_(*(holds(parts.modifiers, code) for code in rules()["unbundling"].settings["allowed_modifiers"]))
    parts = parts.filter(~((parts.modifier_allowed == 1) & admitted).fill_null(False))
    found = parts.inner_join(
        whole,
        [
            parts.person_id == whole.whole_person,
            parts.day == whole.whole_day,
            parts.provider == whole.whole_provider,
            parts.column1 == whole.whole_code,
        ],
    )
    return leads("unbundling", found, ibis.literal("part of ") + found.whole_code)


def excess_units(given: Evidence) -> Table:
    """Find lines of one day with more units than the day admits."""
    if given.limits is None:
        return nothing(given, "excess_units")
    lines = given.lines.filter(given.lines.last_day == given.lines.day)
    found = lines.inner_join(given.limits, lines.procedure == given.limits.code)
    found = found.filter(found.quantity > found.most_units)
    return leads(
        "excess_units",
        found,
        ibis.literal("units ") + found.quantity.cast("int64").cast("string") + ", limit "
        + found.most_units.cast("int64").cast("string"),
    )  # fmt: skip


def after_death(given: Evidence) -> Table:
    """Find services after the death of the member."""
    died = given.spans.group_by("person_id").agg(died=given.spans.died.max())
    found = given.lines.inner_join(died, "person_id")
    rented = holds(found.modifiers, "RR").fill_null(False)
    words = ibis.literal("died ") + found.died.cast("string") + ibis.ifelse(rented, ", rented equipment", "")
    found = found.mutate(words=words).filter(found.day > found.died)
    return leads("after_death", found, found.words)


def during_stay(given: Evidence) -> Table:
    """Find office visits on a day strictly inside a hospital stay."""
    visits = given.lines.filter((given.lines.place == "11") & ~given.lines.is_institutional)
    found = visits.inner_join(given.stays, "person_id")
    found = found.filter((found.day > found.admit) & (found.day < found.disch))
    found = found.group_by(list(LEAD)).agg(admit=found.admit.min(), disch=found.disch.max())
    return leads(
        "during_stay", found, ibis.literal("stay ") + found.admit.cast("string") + " to " + found.disch.cast("string")
    )


def not_enrolled(given: Evidence) -> Table:
    """Find services on a day that no span of a known member covers."""
    spans = given.spans.mutate(until=given.spans["last"].fill_null(ibis.date("2999-12-31")))
    members = given.spans.select(member=given.spans.person_id).distinct()
    lines = given.lines
    uncovered = lines.anti_join(
        spans, [lines.person_id == spans.person_id, lines.day >= spans["first"], lines.day <= spans.until]
    )
    found = uncovered.inner_join(members, uncovered.person_id == members.member)
    return leads("not_enrolled", found, ibis.literal("no span on ") + found.day.cast("string"))


def supplier_concentration(given: Evidence) -> Table:
    """Find the lines of a supplier that bills a supply for nearly all of its patients."""
    terms = rules()["supplier_concentration"].settings
    lines = given.lines.filter(
        given.lines.procedure.substr(0, 1).isin(terms["code_beginnings"]) & given.lines.place.isin(terms["places"])
    )
    codes = lines.group_by("procedure").agg(all_patients=lines.person_id.nunique())
    suppliers = lines.group_by(["procedure", "provider"]).agg(patients=lines.person_id.nunique())
    shares = suppliers.inner_join(codes, "procedure")
    shares = shares.filter(
        (shares.patients >= terms["patients"]) & (shares.patients * 100 > shares.all_patients * terms["share_percent"])
    )
    found = lines.inner_join(shares, ["procedure", "provider"])
    return leads(
        "supplier_concentration",
        found,
        found.patients.cast("string") + ibis.literal(" of ") + found.all_patients.cast("string") + " patients",
    )


def upcoding(given: Evidence) -> Table:
    """Find visits of the highest level of a provider who bills them far more often than the others of the specialty."""
    terms = rules()["upcoding"].settings
    visits = given.lines.filter(given.lines.procedure.isin(terms["levels"]))
    visits = visits.mutate(is_top=visits.procedure.isin(terms["highest"]))
    shares = visits.group_by("provider").agg(visits=visits.count(), top=visits.is_top.sum())
    shares = shares.filter(shares.visits >= terms["visits"]).inner_join(
        given.specialties, shares.provider == given.specialties.npi
    )
    shares = shares.mutate(share=shares.top * 100.0 / shares.visits)
    group = ibis.window(group_by="specialty")
    shares = shares.mutate(
        others=shares.count().over(group) - 1,
        total=shares.share.sum().over(group) - shares.share,
        squares=(shares.share * shares.share).sum().over(group) - shares.share * shares.share,
    ).filter(lambda each: each.others >= terms["peers"])
    shares = shares.mutate(mean=shares.total / shares.others)
    variance = shares.squares / shares.others - shares.mean * shares.mean
    shares = shares.mutate(deviation=ibis.greatest(variance, 0.0).sqrt())
    far = shares.filter(
        (shares.share > shares.mean + terms["deviations"] * shares.deviation)
        & (shares.share >= shares.mean + terms["least_points"])
    )
    found = visits.filter(visits.is_top).inner_join(far.select("provider", "top", "mean", of=far.visits), "provider")
    words = (
        found.top.cast("string") + " of " + found.of.cast("string") + ibis.literal(" visits, others of the specialty ")
        + found.mean.round().cast("int64").cast("string") + " %"
    )  # fmt: skip
    return leads("upcoding", found, words)


def impossible_day(given: Evidence) -> Table:
    """Find timed services of a provider on a day that has more than its hours."""
    if given.minutes is None:
        return nothing(given, "impossible_day")
    lines = given.lines.filter(
        given.lines.provider.notnull() & (given.lines.last_day == given.lines.day) & ~given.lines.is_institutional
    )
    timed = lines.inner_join(given.minutes, lines.procedure == given.minutes.code)
    timed = timed.mutate(spent=timed.quantity.fill_null(1.0) * timed.unit_minutes)
    days = timed.group_by(["provider", "day"]).agg(minutes=timed.spent.sum())
    days = days.filter(days.minutes > rules()["impossible_day"].settings["hours"] * 60)
    found = timed.inner_join(days, ["provider", "day"])
    return leads(
        "impossible_day",
        found,
        (found.minutes / 60).round().cast("int64").cast("string") + ibis.literal(" hours on the day"),
    )


def sex_age(given: Evidence) -> Table:
    """Find services that do not fit the member's sex or age, by the user's list."""
    if given.persons is None:
        return nothing(given, "sex_age")
    members = given.spans.group_by("person_id").agg(sex=given.spans.sex.max(), born=given.spans.born.max())
    lines = given.lines.inner_join(given.persons, given.lines.procedure == given.persons.code).inner_join(
        members, "person_id"
    )
    before = (lines.day.month() * 100 + lines.day.day()) < (lines.born.month() * 100 + lines.born.day())
    lines = lines.mutate(age=lines.day.year() - lines.born.year() - before.cast("int64"))
    other_sex = lines.fits_sex.notnull() & lines.sex.isin(["female", "male"]) & (lines.sex != lines.fits_sex)
    found = lines.mutate(
        other_sex=other_sex.fill_null(False),
        other_age=((lines.age < lines.age_from) | (lines.age > lines.age_to)).fill_null(False),
    )
    found = found.filter(found.other_sex | found.other_age)
    words = ibis.ifelse(
        found.other_sex, ibis.literal("sex ") + found.sex, ibis.literal("age ") + found.age.cast("string")
    )
    return leads("sex_age", found, words)


RULES: dict[str, Callable[[Evidence], Table]] = {
    "duplicate": duplicate, "unbundling": unbundling, "excess_units": excess_units, "after_death": after_death,
    "during_stay": during_stay, "not_enrolled": not_enrolled, "supplier_concentration": supplier_concentration,
    "upcoding": upcoding, "impossible_day": impossible_day, "sex_age": sex_age,
    "no_authorization": no_authorization, "longer_than_certified": longer_than_certified, "opioid_pattern": opioid_pattern,
    "drg_validation": drg_validation,
}  # fmt: skip
"""Every rule of the catalogue."""
