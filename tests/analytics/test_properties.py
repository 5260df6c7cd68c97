"""Properties of the metrics, over some hundred members with drawn claims: what is added, repeated or taken back."""

from collections import Counter
from random import Random

import pytest

from openum.cli.main import main
from tests.analytics.expected import rows_of
from tests.analytics.hand import emergency, fill, span, stay, visit, write

PEOPLE = [f"Q{number:04d}" for number in range(150)]

MONEY = ("paid", "allowed")


def day(draw):
    return f"2024-{draw.randint(1, 11):02d}-{draw.randint(1, 28):02d}"


def drawn_claim(draw, person, number):
    on = day(draw)
    kind = draw.choice([visit, emergency, stay])
    amount = {"paid_amount": f"{draw.randint(0, 99999) / 100:.2f}", "paid_date": on}
    if kind is stay:
        return stay(person, f"C{number}", on, f"{on[:8]}{min(28, int(on[8:]) + draw.randint(0, 9)):02d}", draw.choice(["01", "02", "06", "30"]), facility_npi=draw.choice(["F1", "F2"]), **amount)  # fmt: skip
    if kind is visit:
        return visit(person, f"C{number}", on, rendering_npi=draw.choice(["D1", "D2"]), place_of_service_code=draw.choice(["11", "02", "20", "24"]), hcpcs_code=draw.choice(["99213", "70553", "74177"]), **amount)  # fmt: skip
    return emergency(person, f"C{number}", on, **amount)


def base(draw):
    medical = [drawn_claim(draw, person, number) for person in PEOPLE for number in range(draw.randint(0, 6))]
    pharmacy = [fill(person, f"R{number}", day(draw)) for person in PEOPLE for number in range(draw.randint(0, 3))]
    return medical, pharmacy


def people_of(folder, medical, pharmacy):
    write(folder / "claims", spans=[span(person) for person in PEOPLE], medical=medical, pharmacy=pharmacy)
    assert main(["metrics", "--claims", str(folder / "claims"), "--out", str(folder / "out")]) == 0
    return {
        (row["person_id"], row["metric"]): float(row["value"])
        for row in rows_of(folder / "out" / "metrics_by_person.csv")
    }


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    medical, pharmacy = base(Random(11))
    return medical, pharmacy, people_of(tmp_path_factory.mktemp("base"), medical, pharmacy)


def test_adding_a_visit_or_the_stay_of_another_month_never_lowers_a_count(drawn, tmp_path):
    """A claim inside another stay may join it or turn an emergency visit into a part of it: that is no loss, and no case here."""
    medical, pharmacy, before = drawn
    draw = Random(12)
    added = [visit(person, "NEW1", day(draw)) for person in PEOPLE]
    added += [stay(person, "NEW2", "2024-12-10", "2024-12-14") for person in PEOPLE]
    after = people_of(tmp_path, medical + added, [*pharmacy, *(fill(person, "NEW3", day(draw)) for person in PEOPLE)])
    assert {key: (value, after.get(key)) for key, value in before.items() if after.get(key, 0) < value} == {}
    assert sum(after.values()) > sum(before.values())


def reversal(row, number):
    """Take a claim back: under its own number, or under another one."""
    negated = {name: f"-{row[name]}" for name in ("paid_amount", "allowed_amount", "charge_amount") if float(row[name])}
    return (
        row
        | negated
        | {"claim_id": row["claim_id"] if number % 2 else f"{row['claim_id']}-R", "paid_date": "2024-12-30"}
    )


def test_a_claim_and_its_reversal_leave_no_trace(drawn, tmp_path):
    medical, pharmacy, before = drawn
    draw = Random(13)
    added = [drawn_claim(draw, person, 90 + number) for person in PEOPLE for number in range(2)]
    fills = [fill(person, "R90", day(draw)) for person in PEOPLE]
    added += [reversal(row, number) for number, row in enumerate(added)]
    fills += [reversal(row | {"charge_amount": "0"}, number) for number, row in enumerate(fills)]
    draw.shuffle(added)
    assert people_of(tmp_path, medical + added, pharmacy + fills) == before


def test_repeated_rows_and_another_order_change_nothing(drawn, tmp_path):
    medical, pharmacy, before = drawn
    mixed = [*medical, *medical[::3]]
    Random(14).shuffle(mixed)
    assert people_of(tmp_path, mixed, [*pharmacy, *pharmacy]) == before


def test_members_are_counted_apart(drawn, tmp_path):
    """What one member's metrics are does not depend on the others."""
    medical, pharmacy, before = drawn
    some = set(PEOPLE[::2])
    kept = [[row for row in rows if row["person_id"] in some] for rows in (medical, pharmacy)]
    after = people_of(tmp_path, *kept)
    assert {key: value for key, value in after.items() if key[0] in some} == {
        key: value for key, value in before.items() if key[0] in some
    }
    assert Counter(person in some for person, _ in after)[True] > len(some)
