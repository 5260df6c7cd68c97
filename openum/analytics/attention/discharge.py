"""LACE and HOSPITAL at discharge, with what claims do not tell named."""

from typing import Any

import ibis

from openum.analytics.attention.comorbidity import without_milder
from openum.analytics.attention.gather import STAY, Gathered, days_between
from openum.analytics.engines import Engine, Table

URGENT = ("1", "2", "5")
"""Types of admission (NUBC): emergency, urgent, trauma."""

NOT_INDEX = ("02", "07", "20", "30")


def discharge_scores(engine: Engine, given: Gathered, known: Table) -> Table:
    """Return one row per acute stay: both scores with every component, what is missing, and the range of a partial score.

    LACE after van Walraven 2010; HOSPITAL in the version that gives 0 / 2 / 5 points for 0-1 / 2-5 / more than 5 admissions.
    """
    stays = given.stays
    facts = {
        "emergencies": before(stays, given.emergencies, given.emergencies.day, 183),
        "admissions": before(stays, stays, stays.admit, 365),
        "comorbidity": comorbidity(given, known),
    }
    rows = stays
    for name, counts in facts.items():
        kept = engine.keep(f"attention_{name}_before", counts)
        rows = rows.left_join(kept, [rows[key].identical_to(kept[key]) for key in STAY]).select(*rows.columns, "n")
        rows = rows.mutate(n=rows.n.fill_null(0)).rename({name: "n"})
    rows = rows.inner_join(given.people, "person_id").select(*rows.columns, "sex", "race", "born", "enrolled_from")
    window = ibis.window(group_by="person_id", order_by=[rows.admit, rows.disch, rows.facility_npi, rows.stay_number])
    rows = rows.mutate(next_admit=rows.admit.lead().over(window), days=days_between(rows.disch, rows.admit))
    known_urgency = (rows.via_ed == 1) | rows.admit_type.isin(["1", "2", "3", "4", "5"]).fill_null(False)
    urgent = ((rows.via_ed == 1) | rows.admit_type.isin(URGENT).fill_null(False)).cast("int64")
    length = points(rows.days, (1, 0), (2, 1), (3, 2), (4, 3), (7, 4), (14, 5), most=7)
    history = days_between(rows.admit, rows.enrolled_from)
    rows = rows.mutate(
        lace_l=length, lace_a=urgent * 3, lace_c=ibis.ifelse(rows.comorbidity >= 4, 5, rows.comorbidity.cast("int64")),
        lace_e=ibis.least(rows.emergencies, 4), hospital_procedure=rows.has_procedure.cast("int64"), hospital_urgent=urgent,
        hospital_admissions=points(rows.admissions, (2, 0), (6, 2), most=5),
        hospital_length=ibis.ifelse(rows.days >= 5, 2, 0),
        missing=ibis.ifelse(known_urgency, "", "admission type;")
        + ibis.ifelse(history < 365, "12 months of history;", ""),
    )  # fmt: skip
    lace = rows.lace_l + rows.lace_a + rows.lace_c + rows.lace_e
    hospital = rows.hospital_procedure + rows.hospital_urgent + rows.hospital_admissions + rows.hospital_length
    age = days_between(rows.disch, rows.born) / 365.25
    gap = days_between(rows.next_admit, rows.disch)
    return rows.mutate(
        lace=lace, lace_is_partial=rows.missing != "",
        lace_most=ibis.ifelse(
            rows.missing == "", lace,
            rows.lace_l + ibis.ifelse(known_urgency, rows.lace_a, 3) + ibis.ifelse(history < 365, 9, rows.lace_c + rows.lace_e),
        ),
        hospital=hospital, hospital_is_partial=True,
        hospital_most=hospital + 4 + ibis.ifelse(known_urgency, 0, 1)
        + ibis.ifelse(history < 365, 5 - rows.hospital_admissions, 0),
        missing=rows.missing + "hemoglobin;sodium;oncology service",
        age=age.floor().cast("int64"),
        is_index=~rows.disp.isin(NOT_INDEX).fill_null(False), is_readmitted=gap.between(0, 30).fill_null(False),
    )  # fmt: skip


def before(stays: Table, events: Table, day: Any, reach: int) -> Table:
    """Count a person's events in the days before each admission, the day of admission left out."""
    happened = events.select(of_person=events.person_id, event_day=day)
    joined = stays.inner_join(happened, stays.person_id == happened.of_person)
    gap = days_between(joined.admit, joined.event_day)
    return joined.filter(gap.between(1, reach)).group_by(STAY).agg(n=ibis._.count())


def comorbidity(given: Gathered, known: Table) -> Table:
    """Return LACE's own comorbidity points from the diagnoses of the stay and the 365 days before it."""
    coded = given.diagnoses.inner_join(known.filter(known.system == "charlson"), given.diagnoses.code == known.dx)
    coded = coded.select(of_person="person_id", said=coded.day, category=coded.category, system=coded.system)
    stays = given.stays
    joined = stays.inner_join(coded, stays.person_id == coded.of_person)
    near = joined.filter((days_between(joined.admit, joined.said) <= 365) & (joined.said <= joined.disch))
    found = without_milder(near.select(*STAY, "system", "category").distinct(), given.parents, STAY)
    weights = given.weights.filter(given.weights.version == "lace").select("category", "weight")
    return found.inner_join(weights, "category").group_by(STAY).agg(n=ibis._.weight.sum())


def points(value: Any, *below: tuple[int, int], most: int) -> Any:
    """Return the points of the first bound that a value lies below."""
    return ibis.cases(*((value < bound, given) for bound, given in below), else_=most)
