"""Inpatient stays: claims of one admission joined (D2, D3, D4, D6)."""

import ibis

from openum.analytics.codes import codes
from openum.analytics.engines import Table
from openum.analytics.metrics.claims import Claims

ACUTE, PSYCHIATRIC, REHABILITATION, NURSING = "acute", "psychiatric", "rehabilitation", "skilled nursing"

CLAIM = ["data_source", "payer", "person_id", "claim_id"]


def stay_claims(claims: Claims, drgs: Table) -> Table:
    """Return one row per claim that belongs to a stay, with its type (D2) and its place in the order of claims."""
    lists = codes()
    lines = claims.lines.filter(claims.lines.is_institutional & claims.lines.is_counted)
    by_bill = lines.filter(lines.bill.isin([*lists["hospital_bills"], *lists["nursing_bills"]])).select(*CLAIM)
    by_drg = lines.filter(lines.drg.notnull()).semi_join(drgs, lines.drg == drgs.code).select(*CLAIM)
    members = ibis.union(by_bill, by_drg).distinct()
    lines = lines.semi_join(members, [lines[name].identical_to(members[name]) for name in CLAIM])
    claim = lines.group_by(CLAIM).agg(
        facility_npi=lines.facility_npi.max(),
        bill=lines.bill.max(),
        starts=lines.starts.min(),
        ends=lines.ends.max(),
        disposition=lines.disposition.max(),
        drg=lines.drg.max(),
        diagnosis=lines.diagnosis.max(),
        paid=lines.paid.sum(),
        is_via_emergency=lines.is_emergency_room.any(),
    )
    of_facility = claim.left_join(claims.providers, claim.facility_npi == claims.providers.npi)
    claim = of_facility.select(*claim.columns, "taxonomy")
    kind = ibis.cases(
        (claim.bill.isin(lists["nursing_bills"]), NURSING),
        (claim.taxonomy.isin(lists["psychiatric_taxonomies"]), PSYCHIATRIC),
        (claim.taxonomy.isin(lists["rehabilitation_taxonomies"]), REHABILITATION),
        else_=ACUTE,
    )
    return claim.mutate(stay_type=kind, ends=ibis.greatest(claim.starts, claim.ends)).drop("taxonomy")


def numbered(claims: Table) -> Table:
    """Number the stays of each person, type and facility: a claim that does not continue the running one opens the next (D3)."""
    group = ["person_id", "stay_type", "facility_npi"]
    order = [claims.starts, claims.ends, claims.data_source, claims.claim_id, claims.payer]
    running = claims.mutate(
        running_end=claims.ends.max().over(ibis.cumulative_window(group_by=group, order_by=order)),
    )
    window = ibis.window(group_by=group, order_by=order)
    previous = running.mutate(
        end_before=running.running_end.lag().over(window), status_before=running.disposition.lag().over(window)
    )
    next_day = previous.end_before + ibis.interval(days=1)
    continues = (
        (previous.starts < previous.end_before)
        | (previous.ends == previous.end_before)
        | ((previous.status_before == codes()["still_patient"]) & (previous.starts <= next_day))
    ).fill_null(False)
    opened = previous.mutate(opens=(~continues).cast("int64"))
    total = ibis.cumulative_window(group_by=group, order_by=order)
    return opened.mutate(stay_number=opened.opens.sum().over(total)).select(*claims.columns, "stay_number")


def stays(numbered_claims: Table) -> Table:
    """Return one row per stay; disposition, DRG and diagnosis are those of the claim that ends last, the payer of the first."""
    group = ["person_id", "stay_type", "facility_npi", "stay_number"]
    rows = numbered_claims
    tie = [rows.data_source, rows.claim_id, rows.payer]
    ranked = rows.mutate(
        from_start=ibis.row_number().over(ibis.window(group_by=group, order_by=[rows.starts, rows.ends, *tie])),
        from_end=ibis.row_number().over(
            ibis.window(
                group_by=group,
                order_by=[ibis.desc(rows.ends), ibis.desc(rows.starts), *(ibis.desc(key) for key in tie)],
            )
        ),
    )
    first, last = ranked.from_start == 0, ranked.from_end == 0
    stay = ranked.group_by(group).agg(
        payer=ranked.payer.max(where=first),
        admit=ranked.starts.min(),
        disch=ranked.ends.max(),
        disp=ranked.disposition.max(where=last),
        drg=ranked.drg.max(where=last),
        dx=ranked.diagnosis.max(where=last),
        claims=ranked.count(),
        paid=ranked.paid.sum(),
        via_ed=ranked.is_via_emergency.any().cast("int64"),
    )
    days = stay.disch.delta(stay.admit, unit="day")
    return stay.mutate(los=ibis.greatest(days, 1).cast("int64"))
