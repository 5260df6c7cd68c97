"""Length of stay by DRG: what CMS published, and the share of the plan's own stays still in bed each day."""

from typing import Any

import ibis

from openum.analytics.attention.gather import Gathered, days_between
from openum.analytics.engines import Table

DAYS = (1, 2, 3, 4, 5, 7, 10, 14, 21, 30)

LEAST_STAYS = 11
"""Fewer stays of a DRG are not shown as shares: small numbers mislead and can tell of a person."""


def expected(given: Gathered, stays: Table) -> Table:
    """Return each stay with `gmlos`, `amlos` and `version` of the fiscal year in which it ended.

    A stay before the first year that is known, or whose year does not have the DRG, takes the nearest one after it.
    """
    years = given.drg_years
    begun = stays.inner_join(years, stays.drg == years.code)
    begun = begun.mutate(is_later=begun.effective > begun.disch, far=days_between(begun.effective, begun.disch).abs())
    best = ibis.row_number().over(
        ibis.window(group_by=["person_id", "facility_npi", "stay_number"], order_by=[begun.is_later, begun.far, begun.version])
    )  # fmt: skip
    chosen = begun.mutate(place=best)
    chosen = chosen.filter(chosen.place == 0)
    key = ["person_id", "facility_npi", "stay_number"]
    found = chosen.select(*key, "gmlos", "amlos", "version", "effective")
    return stays.left_join(found, [stays[name].identical_to(found[name]) for name in key]).select(
        *stays.columns, "gmlos", "amlos", "version", "effective"
    )


def length_by_drg(given: Gathered) -> Table:
    """Return one row per DRG: stays, mean and expected days, GMLOS and AMLOS of the newest year met, share of stays longer than each day.

    `expected_days` is the mean of the GMLOS of each stay's own fiscal year.
    """
    stays = given.stays.filter(given.stays.drg.notnull())
    stays = expected(given, stays.mutate(days=ibis.greatest(days_between(stays.disch, stays.admit), 1)))
    is_enough: Any = ibis._.stays >= LEAST_STAYS
    shares = {f"in_bed_after_{day}": (stays.days > day).cast("int64").mean().round(4) for day in DAYS}
    rows = stays.group_by("drg").agg(
        stays=stays.count(), mean_days=stays.days.mean().round(2), expected_days=stays.gmlos.mean().round(2),
        gmlos=stays.gmlos.argmax(stays.effective), amlos=stays.amlos.argmax(stays.effective),
        gmlos_source=stays.version.argmax(stays.effective), **shares,
    )  # fmt: skip
    hidden = ("mean_days", "expected_days", *shares)
    return rows.select(
        "drg", "gmlos", "amlos",
        gmlos_source=ibis.ifelse(rows.gmlos.notnull(), rows.gmlos_source, ibis.null("string")),
        stays=ibis.ifelse(is_enough, ibis._.stays, ibis.null("int64")),
        **{name: ibis.ifelse(is_enough, ibis._[name], ibis.null("float64")) for name in hidden},
    )  # fmt: skip
