"""Length of stay by DRG: what CMS published, and the share of the plan's own stays still in bed each day."""

from typing import Any

import ibis

from openum.analytics.attention.gather import Gathered, days_between
from openum.analytics.engines import Table

DAYS = (1, 2, 3, 4, 5, 7, 10, 14, 21, 30)

LEAST_STAYS = 11
"""Fewer stays of a DRG are not shown as shares: small numbers mislead and can tell of a person."""


def length_by_drg(given: Gathered) -> Table:
    """Return one row per DRG: stays, mean days, GMLOS and AMLOS of fiscal year 2026, share of stays longer than each day."""
    stays = given.stays.filter(given.stays.drg.notnull())
    stays = stays.mutate(days=ibis.greatest(days_between(stays.disch, stays.admit), 1))
    is_enough: Any = ibis._.stays >= LEAST_STAYS
    shares = {f"in_bed_after_{day}": (stays.days > day).cast("int64").mean().round(4) for day in DAYS}
    by_drg = stays.group_by("drg").agg(stays=stays.count(), mean_days=stays.days.mean().round(2), **shares)
    drgs = given.drgs.select("code", "gmlos", "amlos")
    rows = by_drg.left_join(drgs, by_drg.drg == drgs.code)
    return rows.select(
        "drg", "gmlos", "amlos",
        gmlos_source=ibis.ifelse(rows.gmlos.notnull(), "CMS IPPS Table 5, fiscal year 2026", ibis.null("string")),
        stays=ibis.ifelse(is_enough, ibis._.stays, ibis.null("int64")),
        **{name: ibis.ifelse(is_enough, ibis._[name], ibis.null("float64")) for name in ("mean_days", *shares)},
    )  # fmt: skip
