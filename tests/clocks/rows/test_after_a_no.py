"""Rows of what follows a no: filing, sending on, outside review, letters after it, and giving what was won."""

import re
from pathlib import Path

import pytest

from openum.clocks.rules import compute
from tests.clocks.book import BOOK, EASTERN, eastern, fact, local

MON = eastern("2026-11-16 10:00")  # a Monday; Thanksgiving is Thursday 2026-11-26
TESTS = Path(__file__).resolve().parents[2]

TABLE = [
    # the row, its law, what starts it, and when it is due if that was on Monday at 10
    ("chip.file.appeal", "Plan policy, time to ask for a review", "received", "2027-02-14 23:59:59"),
    ("chip.file.state_review", "Plan policy, time to ask for a review", "received", "2026-12-16 23:59:59"),
    ("plan.acknowledge.appeal.expedited", "Plan policy, acknowledgement", "received", "2026-11-17 10:00:00"),
    ("integrated.acknowledge.appeal.expedited", "42 CFR 422.629(g)", "received", "2026-11-17 10:00:00"),
    ("integrated.letter_appeal_expedite_refused", "42 CFR 422.633(e)(4)", "downgraded", "2026-11-18 23:59:59"),
    ("integrated.tell_provider.standard", "42 CFR 422.122(a)", "received", "2026-11-23 23:59:59"),
    ("integrated.tell_provider.expedited", "42 CFR 422.122(a)", "received", "2026-11-19 10:00:00"),
    ("part_d.letter_after_oral_appeal", "42 CFR 423.590(d)", "oral_notice", "2026-11-19 23:59:59"),
    ("ma.forward.payment_affirmed", "42 CFR 422.590(b)(2)", "received", "2027-01-15 23:59:59"),
    ("integrated.forward.part_b_drug_affirmed", "42 CFR 422.634(b)(1)", "received", "2026-11-23 23:59:59"),
    ("external_review.preliminary", "45 CFR 147.136(d)(2)(ii)", "received", "2026-11-23 23:59:59"),
    ("external_review.preliminary.expedited", "45 CFR 147.136(d)(3)", "received", "2026-11-17 10:00:00"),
    ("external_review.preliminary.insured.expedited", "45 CFR 147.136(d)(3)", "received", "2026-11-17 10:00:00"),
    (
        "external_review.preliminary_notice",
        "45 CFR 147.136(d)(2)(ii)",
        "preliminary_review_done",
        "2026-11-17 23:59:59",
    ),
    ("external_review.packet", "45 CFR 147.136(d)(2)(iii)", "assigned", "2026-11-23 23:59:59"),
    ("external_review.packet.expedited", "45 CFR 147.136(d)(3)", "assigned", "2026-11-17 10:00:00"),
    ("external_review.packet.insured.expedited", "45 CFR 147.136(d)(3)", "assigned", "2026-11-17 10:00:00"),
    ("external_review.decision", "45 CFR 147.136(d)(2)(iii)", "assigned", "2026-12-31 23:59:59"),
    ("external_review.decision.expedited", "45 CFR 147.136(d)(3)", "assigned", "2026-11-19 10:00:00"),
    ("external_review.decision.insured.expedited", "45 CFR 147.136(d)(3)", "assigned", "2026-11-19 10:00:00"),
    ("ma.effectuate.payment", "42 CFR 422.618(a)(2)", "received", "2027-01-15 23:59:59"),
    ("ma.effectuate.part_b_drug.expedited", "42 CFR 422.619(a)", "received", "2026-11-19 10:00:00"),
    ("part_d.effectuate", "42 CFR 423.636(a)(1)", "received", "2026-11-23 23:59:59"),
    ("part_d.effectuate.expedited", "42 CFR 423.638(a)", "received", "2026-11-19 10:00:00"),
    ("part_d.effectuate.payment", "42 CFR 423.636(a)(2)", "received", "2026-12-16 23:59:59"),
    ("part_d.effectuate.ire", "42 CFR 423.636(b)(1)", "overturned", "2026-11-19 10:00:00"),
    ("part_d.effectuate.ire.expedited", "42 CFR 423.638(b)", "overturned", "2026-11-17 10:00:00"),
    ("medicaid.effectuate", "42 CFR 438.424(a)", "overturned", "2026-11-19 10:00:00"),
    ("integrated.effectuate.payment", "42 CFR 422.634(d)", "overturned", "2027-01-15 23:59:59"),
]


@pytest.mark.parametrize(("name", "law", "starts", "due"), TABLE, ids=[row[0] for row in TABLE])
def test_each_row_starts_with_its_event_and_ends_by_its_law(name, law, starts, due):
    row = max((row for row in BOOK if row.id == name), key=lambda row: row.version)
    assert (row.law.startswith(law), row.starts) == (True, starts)
    facts = [fact("received", MON)]
    if starts != "received":
        assert local(compute(row, facts, EASTERN)) == "None"
        facts.append(fact(starts, MON, reason=row.starts_reason))
    assert local(compute(row, facts, EASTERN)) == due


def test_every_row_of_law_is_named_by_a_test():
    named = {word for path in TESTS.rglob("*.py") for word in re.findall(r'"([a-z_0-9.]+)"', path.read_text("utf-8"))}
    assert {row.id for row in BOOK} - named == set()
