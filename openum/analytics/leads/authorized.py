"""Claims held against the plan's authorizations. Emergency care is never found for want of one."""

from typing import Any

import ibis

from openum.analytics.engines import Table
from openum.analytics.leads.catalogue import LEAD, Evidence, leads, nothing, rules

LINE = ("data_source", "payer", "person_id", "claim_id", "claim_line_number")


def no_authorization(given: Evidence) -> Table:
    """Find services that want an authorization and have none that fits: none at all, another time or provider, units used up."""
    if given.authorizations is None or given.wanted is None:
        return nothing(given, "no_authorization")
    lines = _without_emergencies(given, _wanted(given.lines, given.wanted))
    held = given.authorizations.filter(given.authorizations.is_active)
    both = lines.inner_join(held, lines.person_id == held.member)
    both = both.filter(_is_of(both, given.changes))
    both = both.mutate(
        is_in_time=(both.day >= both.starts) & (both.ends.isnull() | (both.day < both.ends)),
        is_provider=both.npi.isnull() | (both.providers == ",,,,") | _is_authorized_npi(both),
    )
    told = both.group_by(list(LINE)).agg(
        fits=(both.is_in_time & both.is_provider).any(),
        other_provider=both.number.max(where=both.is_in_time & ~both.is_provider),
        other_time=both.number.max(where=~both.is_in_time),
        other_ends=both.ends.max(where=~both.is_in_time),
        other_starts=both.starts.max(where=~both.is_in_time),
    )
    over = _over(both.filter(both.is_in_time & both.is_provider))
    found = lines.left_join(told, [lines[name].identical_to(told[name]) for name in LINE])
    found = found.select(*lines.columns, "fits", "other_provider", "other_time", "other_ends", "other_starts")
    found = found.left_join(over, [found[name].identical_to(over[name]) for name in LINE])
    found = found.select(
        *LEAD, "fits", "other_provider", "other_time", "other_ends", "other_starts", "over_number", "taken", "approved"
    )
    found = found.filter(~found.fits.fill_null(False) | found.over_number.notnull())
    words = ibis.cases(
        (
            found.over_number.notnull(),
            ibis.literal("units ") + _whole(found.taken) + " of " + _whole(found.approved) + ", authorization "
            + found.over_number,
        ),
        (found.other_provider.notnull(), ibis.literal("another provider, authorization ") + found.other_provider),
        (
            found.other_time.notnull() & (found.day < found.other_starts),
            ibis.literal("from ") + found.other_starts.cast("string") + ", authorization " + found.other_time,
        ),
        (
            found.other_time.notnull(),
            ibis.literal("ended before ") + found.other_ends.cast("string") + ", authorization " + found.other_time,
        ),
        else_="no authorization",
    )  # fmt: skip
    return leads("no_authorization", found, words)


def _wanted(lines: Table, wanted: Table) -> Table:
    """Return the lines whose procedure wants an authorization, and the first line of the claims whose DRG does."""
    first = lines.claim_line_number.min().over(ibis.window(group_by=list(LINE[:4])))
    numbered = lines.mutate(is_first=lines.claim_line_number == first)
    code = ibis.ifelse(numbered.procedure.isnull() & numbered.is_first, numbered.drg, numbered.procedure)
    coded = numbered.mutate(asked=code).filter(code.notnull())
    return coded.semi_join(wanted, [coded.asked >= wanted.wanted_from, coded.asked <= wanted.wanted_to])


def _without_emergencies(given: Evidence, lines: Table) -> Table:
    """Leave out every line of a member on days of emergency care, and of stays that came in by it."""
    seen = given.lines.filter(given.lines.is_emergency)
    days = seen.select("person_id", begins=seen.day, closes=seen.last_day)
    stays = given.stays.filter(given.stays.via_ed == 1)
    spans = ibis.union(days, stays.select("person_id", begins=stays.admit, closes=stays.disch)).distinct()
    return lines.anti_join(
        spans, [lines.person_id == spans.person_id, lines.day >= spans.begins, lines.day <= spans.closes]
    )


def _is_of(both: Table, changes: Table | None) -> Any:
    """Say that an authorization speaks of the line's service: its code, its range, or a change permitted for it."""
    same = (both.asked == both.code) | (both.code_end.notnull() & both.asked.between(both.code, both.code_end))
    if changes is None:
        return same
    pairs = both.select("asked", "code").distinct()
    allowed = pairs.inner_join(changes, pairs.code == changes.of_code)
    allowed = allowed.filter(
        ibis.ifelse(allowed.begins, allowed.asked.startswith(allowed.added), allowed.asked == allowed.added)
    )
    keys = allowed.select(pair=allowed.asked + "|" + allowed.code).distinct()
    return same | (both.asked + "|" + both.code).isin(keys.pair)


def _is_authorized_npi(both: Table) -> Any:
    """Say that one of a line's providers is the one authorized."""
    return both.providers.contains(ibis.literal(",") + both.npi + ",")


def _over(fitting: Table) -> Table:
    """Return the lines past the units of the authorization with the most units; visits and days are counted by day."""
    by_day = fitting.unit.isin(rules()["no_authorization"].settings["units_by_day"]).fill_null(False)
    counted = fitting.filter(fitting.units.notnull()).mutate(by_day=by_day)
    best = ibis.window(group_by=list(LINE), order_by=[ibis.desc(counted.units), counted.number, counted.starts])
    counted = counted.mutate(nth=ibis.row_number().over(best)).filter(lambda each: each.nth == 0)
    group = ["number", "code", "starts"]
    days = ibis.window(group_by=group, order_by=[counted.day])
    running = ibis.cumulative_window(
        group_by=group, order_by=[counted.day, counted.claim_id, counted.claim_line_number]
    )
    counted = counted.mutate(
        nth_day=ibis.dense_rank().over(days) + 1, running_units=counted.quantity.fill_null(1.0).sum().over(running)
    )
    taken = ibis.ifelse(counted.by_day, counted.nth_day.cast("float64"), counted.running_units)
    past = counted.mutate(taken=taken).filter(taken > counted.units)
    open_ended = fitting.filter(fitting.units.isnull()).select(*LINE).distinct()
    past = past.anti_join(open_ended, [past[name].identical_to(open_ended[name]) for name in LINE])
    return past.select(*LINE, "taken", over_number=past.number, approved=past.units)


def longer_than_certified(given: Evidence) -> Table:
    """Find stays that went on after the last certified day; the amount is the paid share of the days after it."""
    if given.authorizations is None:
        return nothing(given, "longer_than_certified")
    held = given.authorizations
    units = rules()["longer_than_certified"].settings["units"]
    held = held.filter(held.is_active & held.unit.isin(units) & held.ends.notnull())
    stays = given.stays
    both = stays.inner_join(held, [stays.person_id == held.member])
    both = both.filter((both.starts < both.disch) & (both.ends > both.admit))
    both = both.filter((both.npi.isnull() | (both.npi == both.facility_npi)).fill_null(True))
    key = ["person_id", "facility_npi", "admit", "disch", "paid_for_stay"]
    certified = both.group_by(key).agg(until=both.ends.max(), number=both.number.max())
    certified = certified.mutate(over=certified.disch.delta(certified.until, unit="day"))
    certified = certified.filter(certified.over > 0)
    certified = certified.rename(of_person="person_id", of_facility="facility_npi")
    lines = given.lines.filter(given.lines.is_institutional)
    joined = lines.inner_join(
        certified, [lines.person_id == certified.of_person, lines.facility.identical_to(certified.of_facility)]
    )
    joined = joined.filter((joined.day >= joined.admit) & (joined.day <= joined.disch))
    order = [joined.claim_id, joined.claim_line_number]
    first = ibis.window(group_by=["person_id", "facility", "admit", "disch"], order_by=order)
    joined = joined.mutate(nth=ibis.row_number().over(first)).filter(lambda each: each.nth == 0)
    length = ibis.greatest(joined.disch.delta(joined.admit, unit="day"), 1)
    words = (
        ibis.literal("certified until ") + joined.until.cast("string") + ", stayed until " + joined.disch.cast("string")
        + ", authorization " + joined.number
    )  # fmt: skip
    found = joined.mutate(paid=(joined.paid_for_stay * joined.over / length).round().cast("int64"), words=words)
    return leads("longer_than_certified", found, found.words)


def _whole(number: Any) -> Any:
    return number.round().cast("int64").cast("string")
