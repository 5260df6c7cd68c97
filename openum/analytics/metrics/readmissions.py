"""Readmissions in three variants: simple (D14), chained (D15) and like the hospital-wide measure (D16)."""

import ibis

from openum.analytics.codes import codes
from openum.analytics.engines import Engine, Table
from openum.analytics.metrics.claims import SEPARATOR
from openum.analytics.metrics.stays import ACUTE
from openum.analytics.reference import Reference

WITHIN_DAYS = 30


def order_of(stays: Table) -> list[object]:
    """Return what puts a person's stays in one order on every engine."""
    return [stays.admit, stays.disch, stays.facility_npi, stays.stay_number]


def simple(stays: Table) -> Table:
    """Return one row per acute stay: `payer`, `is_index`, `is_readmitted` (D14)."""
    acute = stays.filter(stays.stay_type == ACUTE)
    following = acute.mutate(
        next_admit=acute.admit.lead().over(ibis.window(group_by="person_id", order_by=order_of(acute)))
    )
    days = following.next_admit.delta(following.disch, unit="day")
    index = (~following.disp.isin(codes()["not_index_simple"])).fill_null(True)
    return following.select(
        "payer", "person_id", "disch", "facility_npi", "drg",
        is_index=index, is_readmitted=index & days.between(0, WITHIN_DAYS).fill_null(False),
    )  # fmt: skip


def chained(stays: Table) -> Table:
    """Return one row per episode of acute stays: `payer`, `is_index`, `is_readmitted` (D15)."""
    acute = stays.filter(stays.stay_type == ACUTE)
    window = ibis.window(group_by="person_id", order_by=order_of(acute))
    running = acute.mutate(
        running_end=acute.disch.max().over(ibis.cumulative_window(group_by="person_id", order_by=order_of(acute)))
    )
    before = running.mutate(
        end_before=running.running_end.lag().over(window), status_before=running.disp.lag().over(window)
    )
    joins = (
        (before.admit <= before.end_before)
        | (
            (before.status_before == codes()["transferred"])
            & (before.admit == before.end_before + ibis.interval(days=1))
        )
    ).fill_null(False)
    opened = before.mutate(opens=(~joins).cast("int64"))
    episodes = opened.mutate(
        episode=opened.opens.sum().over(ibis.cumulative_window(group_by="person_id", order_by=order_of(opened)))
    )
    last = episodes.mutate(
        from_end=ibis.row_number().over(
            ibis.window(
                group_by=["person_id", "episode"],
                order_by=[
                    ibis.desc(key)
                    for key in (episodes.disch, episodes.admit, episodes.facility_npi, episodes.stay_number)
                ],
            )
        )
    )
    episode = last.group_by(["person_id", "episode"]).agg(
        payer=last.payer.max(where=last.from_end == 0),
        admit=last.admit.min(),
        disch=last.disch.max(),
        disp=last.disp.max(where=last.from_end == 0),
        facility_npi=last.facility_npi.max(where=last.from_end == 0),
        drg=last.drg.max(where=last.from_end == 0),
    )
    following = episode.mutate(
        next_admit=episode.admit.lead().over(
            ibis.window(group_by="person_id", order_by=[episode.admit, episode.episode])
        )
    )
    days = following.next_admit.delta(following.disch, unit="day")
    index = (~following.disp.isin(codes()["not_index_simple"])).fill_null(True)
    return following.select(
        "payer", "person_id", "disch", "facility_npi", "drg",
        is_index=index, is_readmitted=index & days.between(1, WITHIN_DAYS).fill_null(False),
    )  # fmt: skip


def hospital_wide(stays: Table, stay_procedures: Table, reference: Reference) -> Table:
    """Return one row per acute stay that the measure looks at, with its index, planned and readmission flags (D16)."""
    acute = stays.filter(stays.stay_type == ACUTE)
    eligible = apart(known(acute, reference))
    flagged = eligible.left_join(
        stay_procedures, [eligible[name].identical_to(stay_procedures[name]) for name in STAY]
    ).select(*eligible.columns, "has_always_planned", "has_potentially_planned")
    planned = (
        flagged.always_planned
        | flagged.has_always_planned.fill_null(False)
        | (flagged.has_potentially_planned.fill_null(False) & ~flagged.acute)
    )
    followed = flagged.mutate(planned=planned).cross_join(acute.agg(last_discharge=acute.disch.max()))
    index = (
        ~followed.disp.isin(codes()["not_index"])
        & ~followed.not_index
        & (followed.last_discharge.delta(followed.disch, unit="day") >= WITHIN_DAYS)
    )
    measured = followed.mutate(index_admission=index)
    window = ibis.window(group_by="person_id", order_by=order_of(measured))
    following = measured.mutate(
        next_admit=measured.admit.lead().over(window), next_planned=measured.planned.lead().over(window)
    )
    again = following.next_admit.delta(following.disch, unit="day").between(0, WITHIN_DAYS).fill_null(False)
    return following.select(
        "person_id", "payer", "admit", "disch", "disp", "drg", "dccs", "facility_npi", "index_admission", "planned",
        readmit_30=again, next_is_planned=ibis.ifelse(again, following.next_planned, ibis.null("boolean")),
    )  # fmt: skip


STAY = ("person_id", "stay_type", "facility_npi", "stay_number")


def known(acute: Table, reference: Reference) -> Table:
    """Join what is known of the stay's DRG and principal diagnosis; `is_known` when both are valid and it ended somehow."""
    drgs = reference.drgs.filter(reference.drgs.in_readmission_list).select(listed_drg=reference.drgs.code)
    diagnoses = reference.diagnoses.filter(reference.diagnoses.ccs.notnull())
    diagnoses = diagnoses.rename(listed_dx="code", dccs="ccs")
    joined = acute.left_join(drgs, acute.drg == drgs.listed_drg)
    joined = joined.left_join(diagnoses, joined.dx == diagnoses.listed_dx)
    return joined.mutate(is_known=joined.listed_drg.notnull() & joined.dccs.notnull() & joined.disp.notnull())


def apart(stays: Table) -> Table:
    """Return the known stays that touch no other acute stay of the person, on no day."""
    window = ibis.window(group_by="person_id", order_by=order_of(stays))
    so_far = ibis.cumulative_window(group_by="person_id", order_by=order_of(stays))
    running = stays.mutate(running_end=stays.disch.max().over(so_far))
    around = running.mutate(
        end_before=running.running_end.lag().over(window), next_admit=running.admit.lead().over(window)
    )
    touches = (around.admit <= around.end_before).fill_null(False) | (around.next_admit <= around.disch).fill_null(
        False
    )
    return around.filter(around.is_known & ~touches).select(*stays.columns)


def procedures_of(engine: Engine, lines: Table, claims_of_stays: Table, reference: Reference) -> Table:
    """Return, per stay, whether a procedure of it is always or potentially planned."""
    claim = ["data_source", "payer", "person_id", "claim_id"]
    with_any = lines.filter(lines.inpatient_procedures.notnull()).select(*claim, "inpatient_procedures").distinct()
    listed = with_any.inner_join(
        claims_of_stays, [with_any[name].identical_to(claims_of_stays[name]) for name in claim]
    )
    listed = listed.select(
        "person_id",
        "stay_type",
        "facility_npi",
        "stay_number",
        code=listed.inpatient_procedures.split(SEPARATOR).unnest(),
    )
    listed = engine.keep("stay_procedures", listed)
    known_codes = listed.inner_join(reference.procedures, "code")
    return known_codes.group_by(list(STAY)).agg(
        has_always_planned=known_codes.always_planned.any(),
        has_potentially_planned=known_codes.potentially_planned.any(),
    )
