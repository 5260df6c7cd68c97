"""Identifiers carry their check digits and reveal nothing."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum.vocabulary.identifiers import (
    authorization_number,
    case_number,
    new_uuid7,
    npi_check_digit,
    npi_is_valid,
    snomed_is_valid,
)
from openum.vocabulary.money import cents_of, dollars
from openum.vocabulary.periods import Period


@pytest.mark.parametrize(
    ("npi", "is_valid"),
    [
        ("1234567893", True),  # the worked example of the NPI check digit in the CMS specification
        ("1234567890", False),
        ("123456789", False),
        ("12345678931", False),
        ("12345678a3", False),
        ("", False),
    ],
)
def test_an_npi_is_ten_digits_that_pass_the_check_digit(npi, is_valid):
    assert npi_is_valid(npi) is is_valid


@given(st.integers(min_value=100_000_000, max_value=999_999_999), st.integers(min_value=0, max_value=9))
def test_one_changed_digit_is_always_noticed(first_nine, other):
    good = f"{first_nine}{npi_check_digit(str(first_nine))}"
    assert npi_is_valid(good)
    changed = good[:4] + str(other) + good[5:]
    assert npi_is_valid(changed) is (changed == good)


def test_public_ids_are_version_seven_and_differ():
    ids = [new_uuid7() for _ in range(500)]
    assert len(set(ids)) == 500
    assert {item.version for item in ids} == {7}
    assert {item.variant for item in ids} == {"specified in RFC 4122"}


def test_numbers_for_people():
    assert case_number(year=2026, sequence=12041) == "C-26-0012041"
    assert authorization_number(year=2027, sequence=1) == "A-27-0000001"


def test_a_period_is_half_open_inside_and_inclusive_at_the_edge():
    period = Period.from_inclusive(date(2026, 11, 23), date(2027, 2, 21))
    assert period.end == date(2027, 2, 22)
    assert period.last_day == date(2027, 2, 21)
    assert period.holds(date(2027, 2, 21))
    assert not period.holds(date(2027, 2, 22))
    with pytest.raises(ValueError, match="cannot end before"):
        Period(date(2026, 1, 2), date(2026, 1, 1))


@given(st.dates(), st.integers(0, 50), st.dates(), st.integers(0, 50))
def test_overlap_is_symmetric_and_means_a_shared_day(start, days, other_start, other_days):
    from datetime import timedelta

    if start > date(9990, 1, 1) or other_start > date(9990, 1, 1):
        return
    one = Period(start, start + timedelta(days=days))
    two = Period(other_start, other_start + timedelta(days=other_days))
    shared = {one.start + timedelta(n) for n in range(days)} & {two.start + timedelta(n) for n in range(other_days)}
    if days and other_days:
        assert one.overlaps(two) == bool(shared)
    assert one.overlaps(two) == two.overlaps(one)


def test_money_is_cents():
    assert cents_of(Decimal("1110.005")) == 111001
    assert dollars(-111000) == "-$1,110.00"


@pytest.mark.parametrize("identifier", ["73211009", "23056005", "91251008", "900000000000207008"])
def test_a_snomed_identifier_passes_its_check_digit_and_no_slip_of_a_digit_does(identifier):
    assert snomed_is_valid(identifier)
    for place, digit in enumerate(identifier):
        for other in "0123456789".replace(digit, ""):
            assert not snomed_is_valid(identifier[:place] + other + identifier[place + 1 :])


@pytest.mark.parametrize("text", ["", "12345", "7321100x", "73211009 ", "٧٣٢١١٠٠٩", "1" * 19])
def test_what_has_no_form_of_a_snomed_identifier_is_not_one(text):
    assert not snomed_is_valid(text)
