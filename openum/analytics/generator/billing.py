"""The claims that bill stays: facility, physicians, nursing facility and home health."""

from typing import Any

import numpy as np

from openum.analytics.generator.hospital import ACUTE, DELIVERY, PSYCHIATRIC, REHABILITATION, Hospital, Stays
from openum.analytics.generator.lines import INSTITUTIONAL, Lines
from openum.analytics.generator.population import Numbers, any_provider, population

INTERIM_DAYS = 30


def bill(lines: Lines, hospital: Hospital, stays: Stays) -> None:
    """Add the claims of the stays: facility, attending visits, surgeon, ambulance, nursing facility and home health."""
    bill_facility(lines, hospital, stays)
    bill_physicians(lines, hospital, stays)
    bill_nursing(lines, hospital, stays)
    bill_home_health(lines, hospital, stays)


def bill_facility(lines: Lines, hospital: Hospital, stays: Stays) -> None:
    """Add facility claims; a long stay is billed by interim claims of at most thirty days."""
    words, draw = lines.vocabulary, hospital.draw
    interim = (stays.days > INTERIM_DAYS) | ((stays.days >= 10) & (draw.random(len(stays.who)) < 0.15))
    pieces = np.where(interim, np.maximum(2, -(-stays.days // INTERIM_DAYS)), 1)
    which = np.repeat(np.arange(len(stays.who)), pieces)
    piece = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = stays.days[which] / pieces[which]
    starts = stays.admit[which] + np.floor(share * piece).astype(np.int64)
    is_last = piece == pieces[which] - 1
    ends = np.where(
        is_last, stays.discharge[which], stays.admit[which] + np.floor(share * (piece + 1)).astype(np.int64) - 1
    )
    ends = np.maximum(starts, ends)
    single = pieces[which] == 1
    bills = words["bill"].all_of(["111", "112", "113", "114"])
    bill_type = np.where(single, bills[0], np.where(piece == 0, bills[1], np.where(is_last, bills[3], bills[2])))
    disposition = np.where(is_last, stays.disposition[which], 30)
    table = hospital.table
    drg = words["drg"].all_of([row[0] for row in table])[stays.group[which]]
    diagnosis = words["diagnosis"].all_of([row[1] for row in table])[stays.group[which]]
    procedure = words["inpatient_procedure"].all_of([row[2] for row in table])[stays.group[which]]
    allowed = (hospital.price(stays)[which]) / pieces[which]
    claims = lines.new_claims(len(which))
    surgical = hospital.is_surgical[stays.group[which]]
    kind, via = stays.kind[which], stays.via_emergency[which] & (piece == 0)
    room = np.select(
        [kind == PSYCHIATRIC, kind == REHABILITATION, kind == DELIVERY],
        words["revenue"].all_of(["0124", "0118", "0122"]),
        default=words["revenue"]("0120"),
    )
    parts: list[tuple[Numbers, Any, float]] = [
        (np.ones(len(which), dtype=bool), room, 0.52), (kind != REHABILITATION, words["revenue"]("0250"), 0.16),
        (kind != REHABILITATION, words["revenue"]("0300"), 0.12), (kind == ACUTE, words["revenue"]("0320"), 0.07),
        (kind == ACUTE, words["revenue"]("0270"), 0.05), (surgical, words["revenue"]("0360"), 0.25),
        (via, words["revenue"]("0450"), 0.08), (kind == REHABILITATION, words["revenue"]("0420"), 0.30),
    ]  # fmt: skip
    total = sum(np.where(chosen, part, 0.0) for chosen, _, part in parts)
    number = np.zeros(len(which), dtype=np.int64)
    for chosen, revenue, part in parts:
        number = number + chosen
        at = np.flatnonzero(chosen)
        lines.add(
            who=stays.who[which][at], claim=claims[at], line=number[at], kind=INSTITUTIONAL, claim_starts=starts[at], claim_ends=ends[at],
            admitted=stays.admit[which][at], discharged=np.where(is_last, stays.discharge[which], 0)[at], bill=bill_type[at], drg=drg[at],
            disposition=words["disposition"].all_of([f"{n:02d}" for n in range(100)])[disposition[at]],
            diagnosis=diagnosis[at], inpatient_procedure=procedure[at], revenue=np.broadcast_to(revenue, len(which))[at],
            admit_source=words["admit_source"]("1"), admit_type=np.where(via, words["admit_type"]("1"), words["admit_type"]("3"))[at],
            units=np.maximum(1, (ends - starts)[at]).astype(float), allowed=(allowed * part / total)[at], facility=stays.facility[which][at],
            billing=stays.facility[which][at],
        )  # fmt: skip


def bill_physicians(lines: Lines, hospital: Hospital, stays: Stays) -> None:
    """Add professional claims during stays: first, following and last visit, the surgeon, the ambulance."""
    words, draw, members = lines.vocabulary, hospital.draw, hospital.members
    place = words["place"]("21")
    diagnosis = words["diagnosis"].all_of([row[1] for row in hospital.table])[stays.group]
    codes = words["procedure"].all_of(["99223", "99231", "99232", "99233", "99239"])
    lines.visits(
        stays.who,
        stays.admit,
        place=place,
        procedure=codes[0],
        diagnosis=diagnosis,
        allowed=185.0,
        rendering=any_provider(draw, members, "attending", len(stays.who)),
    )
    repeats = np.minimum(np.maximum(stays.days - 1, 0), 6)
    which = np.repeat(np.arange(len(stays.who)), repeats)
    day = stays.admit[which] + 1 + np.arange(len(which)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    level = np.searchsorted([0.25, 0.75], draw.random(len(which)))
    attending = any_provider(draw, members, "attending", len(stays.who))
    lines.visits(
        stays.who[which],
        day,
        place=place,
        procedure=codes[1 + level],
        diagnosis=diagnosis[which],
        allowed=np.array([55.0, 82.0, 118.0])[level],
        rendering=attending[which],
    )
    home = (stays.disposition != 30) & (stays.days > 0)
    lines.visits(
        stays.who[home],
        stays.discharge[home],
        place=place,
        procedure=codes[4],
        diagnosis=diagnosis[home],
        allowed=115.0,
        rendering=attending[home],
    )
    surgical = hospital.is_surgical[stays.group]
    who, day = stays.who[surgical], stays.admit[surgical] + (stays.days[surgical] > 1)
    lines.visits(
        who,
        day,
        place=place,
        procedure=words["procedure"]("44140"),
        diagnosis=diagnosis[surgical],
        allowed=draw.lognormal(7.2, 0.3, len(who)),
        rendering=any_provider(draw, members, "surgeon", len(who)),
    )
    carried = stays.via_emergency & (draw.random(len(stays.who)) < 0.3)
    lines.visits(stays.who[carried], stays.admit[carried], place=words["place"]("41"), procedure=words["procedure"]("A0429"), diagnosis=diagnosis[carried], allowed=float(population()["prices_usd"]["ambulance"]), billing=any_provider(draw, members, "ambulance", int(carried.sum())))  # fmt: skip


def bill_nursing(lines: Lines, hospital: Hospital, stays: Stays) -> None:
    """Add skilled nursing after a discharge there: a claim a month, three lines each, to the member's last day."""
    words, draw = lines.vocabulary, hospital.draw
    chosen = np.flatnonzero(stays.disposition == 3)
    days = np.exp(draw.normal(2.75, 0.6, len(chosen))).astype(np.int64).clip(2, 90)
    last = np.minimum(hospital.people.ends[stays.who[chosen]], hospital.period.ends)
    starts = stays.discharge[chosen]
    stop = np.minimum(starts + days, next_admission(stays)[chosen] - 1)
    ends = np.minimum(stop, last)
    open_ended = stop > last
    inside = ends > starts
    chosen, starts, ends, open_ended = chosen[inside], starts[inside], ends[inside], open_ended[inside]
    pieces = -(-(ends - starts) // INTERIM_DAYS)
    which = np.repeat(np.arange(len(chosen)), pieces)
    piece = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    is_last = piece == pieces[which] - 1
    first_day = starts[which] + piece * INTERIM_DAYS
    last_day = np.where(is_last, ends[which], first_day + INTERIM_DAYS - 1)
    bills = words["bill"].all_of(["211", "212", "213", "214"])
    bill_type = np.where(
        pieces[which] == 1, bills[0], np.where(piece == 0, bills[1], np.where(is_last, bills[3], bills[2]))
    )
    status = np.where(is_last & ~open_ended[which], words["disposition"]("01"), words["disposition"]("30"))
    facility = any_provider(draw, hospital.members, "nursing", len(chosen))[which]
    diagnosis = words["diagnosis"].all_of([row[1] for row in hospital.table])[stays.group[chosen]][which]
    claims = lines.new_claims(len(which))
    length = np.maximum(1, last_day - first_day).astype(float)
    price = length * population()["prices_usd"]["nursing_day"]
    for number, (revenue, part) in enumerate((("0120", 0.6), ("0420", 0.25), ("0250", 0.15)), start=1):
        lines.add(
            who=stays.who[chosen][which], claim=claims, line=number, kind=INSTITUTIONAL, claim_starts=first_day, claim_ends=last_day,
            admitted=starts[which], discharged=np.where(is_last & ~open_ended[which], last_day, 0), bill=bill_type, disposition=status,
            revenue=words["revenue"](revenue), diagnosis=diagnosis, units=length, allowed=price * part, facility=facility, billing=facility,
            admit_source=words["admit_source"]("4"), admit_type=words["admit_type"]("3"),
        )  # fmt: skip


def next_admission(stays: Stays) -> Numbers:
    """Return the day of each member's next admission, far away when there is none; the stays are in order."""
    following = np.full(len(stays.who), 10**6)
    same = stays.who[1:] == stays.who[:-1]
    following[:-1] = np.where(same, stays.admit[1:], 10**6)
    return following


def bill_home_health(lines: Lines, hospital: Hospital, stays: Stays) -> None:
    """Add home health after a discharge with it: a claim of thirty days with one line per visit."""
    words, draw = lines.vocabulary, hospital.draw
    chosen = np.flatnonzero(stays.disposition == 6)
    visits = draw.integers(3, 9, len(chosen))
    claims = lines.new_claims(len(chosen))
    which = np.repeat(np.arange(len(chosen)), visits)
    number = np.arange(len(which)) - np.repeat(np.cumsum(visits) - visits, visits)
    start = stays.discharge[chosen] + 1
    day = start[which] + (number * 28 // visits[which])
    agency = any_provider(draw, hospital.members, "home_health", len(chosen))[which]
    kind = draw.integers(0, 3, len(which))
    inside = hospital.people.enrolled(stays.who[chosen][which], day) & (day < next_admission(stays)[chosen][which])
    order = number + 1
    diagnosis = words["diagnosis"].all_of([row[1] for row in hospital.table])[stays.group[chosen]][which]
    last = np.minimum(start + 29, np.minimum(hospital.people.ends[stays.who[chosen]], hospital.period.ends))[which]
    at = np.flatnonzero(inside)
    lines.add(
        who=stays.who[chosen][which][at], claim=claims[which][at], line=order[at], kind=INSTITUTIONAL, claim_starts=start[which][at],
        claim_ends=last[at], starts=day[at], ends=day[at], bill=words["bill"]("329"),
        disposition=words["disposition"]("01"), revenue=words["revenue"].all_of(["0551", "0421", "0431"])[kind][at],
        procedure=words["procedure"].all_of(["G0299", "G0151", "G0152"])[kind][at], diagnosis=diagnosis[at],
        allowed=float(population()["prices_usd"]["home_visit"]), facility=agency[at], billing=agency[at],
    )  # fmt: skip
