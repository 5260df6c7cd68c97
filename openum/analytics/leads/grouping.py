"""DRGs held against the diagnoses of their claim, by the user's file of what supports a DRG."""

import ibis

from openum.analytics.engines import Table
from openum.analytics.leads.catalogue import Evidence, leads, nothing

CLAIM = ["data_source", "payer", "person_id", "claim_id"]


def drg_validation(given: Evidence) -> Table:
    """Find claims whose DRG no diagnosis supports, or whose severity rests on one diagnosis where the file asks for that."""
    if given.groups is None:
        return nothing(given, "drg_validation")
    lines = given.lines.filter(given.lines.drg.notnull() & given.lines.is_institutional)
    whole = ibis.window(group_by=CLAIM)
    order = ibis.window(group_by=CLAIM, order_by=[lines.claim_line_number])
    claims = lines.mutate(
        nth=ibis.row_number().over(order),
        all_paid=lines.paid.sum().over(whole),
        all_charged=lines.charge.sum().over(whole),
    ).filter(lambda each: each.nth == 0)
    claims = claims.mutate(paid=claims.all_paid, charge=claims.all_charged)
    groups = given.groups.mutate(is_principal=given.groups.position == "principal")
    asked = groups.group_by("of_drg").agg(
        asks_principal=groups.is_principal.any(), asks_severity=(~groups.is_principal).any(), alone=groups.alone.any()
    )
    keyed = claims.select(*CLAIM, "drg", "diagnosis", beside=claims.secondary.fill_null("").split(",").unnest())
    rows = keyed.inner_join(groups, keyed.drg == groups.of_drg)
    principal = rows.is_principal & rows.diagnosis.startswith(rows.beginning).fill_null(False)
    supporting = ~rows.is_principal & rows.beside.startswith(rows.beginning)
    seen = rows.group_by(CLAIM).agg(
        has_principal=principal.any(),
        supports=rows.beside.nunique(where=supporting),
        supporting=rows.beside.max(where=supporting),
    )
    found = claims.inner_join(seen, [claims[name].identical_to(seen[name]) for name in CLAIM])
    found = found.select(*claims.columns, "has_principal", "supports", "supporting")
    found = found.inner_join(asked, found.drg == asked.of_drg)
    no_principal = found.asks_principal & ~found.has_principal
    no_severity = found.asks_severity & (found.supports == 0)
    one_only = found.alone & (found.supports == 1)
    words = ibis.cases(
        (
            no_principal,
            ibis.literal("principal diagnosis ") + found.diagnosis.fill_null("not given") + " is not one of DRG " + found.drg,
        ),
        (no_severity, ibis.literal("no diagnosis of the severity of DRG ") + found.drg),
        else_=ibis.literal("severity of DRG ") + found.drg + " rests on " + found.supporting + " alone",
    )  # fmt: skip
    found = found.mutate(words=words).filter(no_principal | no_severity | one_only)
    return leads("drg_validation", found, found.words)
