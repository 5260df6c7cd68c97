"""Opioid prescriptions of one member from many hands: a question for a pharmacist, and an offer of help."""

import ibis

from openum.analytics.engines import Table
from openum.analytics.leads.catalogue import Evidence, leads, nothing, rules


def opioid_pattern(given: Evidence) -> Table:
    """Find prescriptions by which a member has many prescribers and pharmacies, or a high daily dose from several at once."""
    if given.fills is None:
        return nothing(given, "opioid_pattern")
    terms = rules()["opioid_pattern"].settings
    fills = given.fills
    if given.treated is not None:
        fills = fills.anti_join(given.treated, "person_id")
    before = fills.select(
        of_person=fills.person_id, of_day=fills.day, of_prescriber=fills.provider, of_pharmacy=fills.pharmacy,
        of_until=fills.until, of_dose=fills.dose,
    )  # fmt: skip
    both = fills.inner_join(before, [fills.person_id == before.of_person, before.of_day <= fills.day])
    age = both.day.delta(both.of_day, unit="day")
    both = both.mutate(is_near=age < terms["days"], is_taken=both.of_until > both.day)
    key = ["data_source", "payer", "person_id", "claim_id", "claim_line_number"]
    seen = both.group_by(key).agg(
        prescribers=both.of_prescriber.nunique(where=both.is_near),
        pharmacies=both.of_pharmacy.nunique(where=both.is_near),
        at_once=both.of_prescriber.nunique(where=both.is_taken),
        places_at_once=both.of_pharmacy.nunique(where=both.is_taken),
        daily=both.of_dose.sum(where=both.is_taken).fill_null(0.0),
    )
    found = fills.inner_join(seen, [fills[name].identical_to(seen[name]) for name in key])
    found = found.select(*fills.columns, "prescribers", "pharmacies", "at_once", "places_at_once", "daily")
    many = (found.prescribers >= terms["prescribers"]) & (found.pharmacies >= terms["pharmacies"])
    strong = (
        (found.daily >= terms["daily_dose"])
        & (found.at_once >= terms["prescribers_at_once"])
        & (found.places_at_once >= terms["pharmacies_at_once"])
    )
    found = found.filter(many | strong)
    words = (
        found.prescribers.cast("string") + ibis.literal(" prescribers, ") + found.pharmacies.cast("string")
        + f" pharmacies in {terms['days']} days, " + found.daily.round().cast("int64").cast("string") + " MME on the day"
    )  # fmt: skip
    return leads("opioid_pattern", found, words)
