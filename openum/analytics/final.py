"""Which claim lines are final: a reversed claim leaves no trace, a replaced one gives way to its replacement.

Sources say it in three ways, and all are read: a status (`claim_status`), the frequency digit of a claim (7 replaces, 8 voids;
third digit of the bill type or `claim_frequency_code`), and a line with the amounts of another one negated. Denied claims stay:
what was denied was still used. Pending ones do not: nothing is known of them yet.

Only the lines of members with such a sign (`contested`) are compared with each other; all others pass.
"""

from typing import Any

import ibis

from openum.analytics.codes import codes
from openum.analytics.engines import Engine, Table

CLAIM = ("data_source", "payer", "person_id", "claim_id")
"""What makes a claim one claim: ids collide between sources, payers and members."""

LINE = (*CLAIM, "claim_line_number")

SERVICE = (
    "data_source", "payer", "person_id", "service_day", "service", "facility_npi", "rendering_npi",
)  # fmt: skip
"""What a reversal under another claim number shares with the line that it takes back."""


def with_signs(lines: Table) -> Table:
    """Add what the final state is read from: `state`, `frequency`, `is_taken_back`, `service_day`, `service`."""
    names = lines.columns
    status = lines.claim_status.lower() if "claim_status" in names else ibis.null("string")
    lists = codes()["claim_status"]
    bill = "bill_type_code" in names
    given = lines.claim_frequency_code if "claim_frequency_code" in names else ibis.null("string")
    frequency = ibis.coalesce(given, lines.bill_type_code.substr(2, 1)) if bill else given
    day = (
        ibis.coalesce(lines.claim_line_start_date, lines.claim_start_date, lines.admission_date)
        if bill
        else lines.dispensing_date
    )
    state = ibis.cases(
        (status.isin(lists["reversed"]), "reversed"),
        (status.isin(lists["replaced"]), "replaced"),
        (status.isin(lists["pending"]), "pending"),
        else_="final",
    )
    negative = (lines.paid_amount < 0) | (lines.allowed_amount < 0) | (lines.charge_amount < 0)
    service = (
        ibis.coalesce(lines.hcpcs_code, lines.revenue_center_code, lines.bill_type_code) if bill else lines.ndc_code
    )
    return lines.mutate(
        state=state,
        frequency=frequency.fill_null(""),
        is_taken_back=negative.fill_null(False),
        service_day=day,
        service=service.fill_null(""),
        facility_npi=lines.facility_npi if bill else lines.dispensing_provider_npi,
        rendering_npi=lines.rendering_npi if bill else lines.prescribing_provider_npi,
    )


def contested(engine: Engine, kind: str, lines: Table) -> Table:
    """Return the members (`person_id`) whose lines must be compared: a sign of reversal, or two lines of one key.

    Keys are compared by a number made of them; that two keys share one only means that a member more is compared.
    """
    codes_ = [codes()["bill_void"], codes()["bill_replacement"]]
    is_signed = (
        lines.is_taken_back
        | (lines.state != "final")
        | lines.frequency.isin(codes_)
        | lines.original_claim_id.notnull()
    )
    key = ibis.struct({name: lines[name] for name in ("person_id", "claim_id", "claim_line_number")}).hash()
    keyed = lines.select("person_id", key=key, is_signed=is_signed.fill_null(False))
    keys = keyed.group_by("key").agg(n=keyed.count(), is_signed=keyed.is_signed.any())
    suspicious = engine.keep(f"{kind}_suspicious", keys.filter((keys.n > 1) | keys.is_signed).select("key"))
    return engine.keep(f"{kind}_contested", keyed.semi_join(suspicious, "key").select("person_id").distinct())


def final_lines(engine: Engine, kind: str, lines: Table) -> Table:
    """Return the lines that count, of all members; `kind` names what is kept on the way."""
    people = contested(engine, kind, lines)
    untouched = lines.anti_join(people, "person_id")
    compared = engine.keep(f"{kind}_compared", lines.semi_join(people, "person_id"))
    settled = engine.keep(f"{kind}_settled", newest(without_replaced(without_reversed(compared))))
    return ibis.union(untouched, settled.select(*untouched.columns))


def without_reversed(lines: Table) -> Table:
    """Leave out reversals with the lines they take back, first within one claim number, then by the service itself."""
    signed = lines.mutate(is_back=lines.is_taken_back | (lines.state == "reversed"))
    left = unpaired(unpaired(signed, LINE), SERVICE)
    return left.filter((left.state != "reversed") & (left.state != "replaced") & (left.state != "pending"))


def unpaired(lines: Table, keys: tuple[str, ...]) -> Table:
    """Return the lines without pairs of a line and its reversal of the same size and key; each reversal takes one line.

    Lines of no amount have no reversal to be told by: they go when all others of their claim went.
    """
    sized = lines.mutate(size=size_of(lines))
    alike = [*keys, "size"]
    order = [sized.paid_date, sized.claim_id, sized.claim_line_number]
    numbered = sized.mutate(
        nth=ibis.row_number().over(ibis.window(group_by=[*alike, "is_back"], order_by=order)),
        reversals=sized.is_back.cast("int64").sum().over(ibis.window(group_by=alike)),
        services=(~sized.is_back).cast("int64").sum().over(ibis.window(group_by=alike)),
    )
    paired = numbered.mutate(is_paired=numbered.nth < ibis.least(numbered.reversals, numbered.services))
    claim = ibis.window(group_by=list(CLAIM))
    rest = paired.mutate(
        pairs=paired.is_paired.cast("int64").sum().over(claim),
        left=ibis.ifelse(paired.is_paired, 0, paired.size).sum().over(claim),
    )
    kept = rest.filter(~rest.is_paired & ((rest.pairs == 0) | (rest.left > 0)))
    return kept.select(*lines.columns)


def size_of(lines: Table) -> Any:
    """Return the first of paid, allowed and charged cents that is not zero, without its sign."""
    return ibis.coalesce(
        *(lines[name].abs().nullif(0) for name in ("paid_amount", "allowed_amount", "charge_amount")), 0
    ).cast("int64")


def without_replaced(lines: Table) -> Table:
    """Leave out claims that a later one replaces or voids, and the voids themselves.

    A later claim names the earlier one (`original_claim_id`); else it is the one before it of the same member, facility, bill
    and first day.
    """
    void, replacement = codes()["bill_void"], codes()["bill_replacement"]
    named = lines.filter(lines.original_claim_id.notnull() & (lines.original_claim_id != lines.claim_id))
    named = named.select("data_source", "payer", "person_id", claim_id=named.original_claim_id).distinct()
    lines = lines.anti_join(named, null_safe(lines, named))
    if "bill_type_code" not in lines.columns:
        return lines
    claims = lines.group_by(list(CLAIM)).agg(
        frequency=lines.frequency.max(),
        names_another=lines.original_claim_id.notnull().any(),
        facility_npi=lines.facility_npi.max(),
        rendering_npi=lines.rendering_npi.max(),
        bill=lines.bill_type_code.substr(0, 2).max(),
        first_day=ibis.coalesce(lines.admission_date, lines.claim_start_date, lines.service_day).min(),
        paid_on=lines.paid_date.max(),
    )
    chain = ibis.window(
        group_by=["data_source", "payer", "person_id", "facility_npi", "rendering_npi", "bill", "first_day"],
        order_by=[claims.paid_on, claims.claim_id],
    )
    after = claims.mutate(
        next_frequency=claims.frequency.lead().over(chain), next_names=claims.names_another.lead().over(chain)
    )
    gone = after.filter(
        (after.frequency == void)
        | (after.next_frequency.isin([void, replacement]) & ~after.next_names.fill_null(False))
    )
    return lines.anti_join(gone, null_safe(lines, gone))


def null_safe(left: Table, right: Table) -> list[Any]:
    """Return the conditions under which two rows belong to one claim; a claim without source or payer equals its like."""
    return [left[name].identical_to(right[name]) for name in CLAIM]


def newest(lines: Table) -> Table:
    """Return one line for each key: the one paid last, then the one of the larger amounts."""
    order = [
        ibis.desc(lines.paid_date.fill_null(ibis.date("1900-01-01"))), ibis.desc(lines.paid_amount.fill_null(0)),
        ibis.desc(lines.allowed_amount.fill_null(0)), ibis.desc(lines.service_day), lines.service,
    ]  # fmt: skip
    numbered = lines.mutate(nth=ibis.row_number().over(ibis.window(group_by=list(LINE), order_by=order)))
    return numbered.filter(numbered.nth == 0)
