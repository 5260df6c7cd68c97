"""Claims of the demo world: each person of the claims becomes another member of the same payer and sex, the young the young."""

from datetime import date

from samples.history import paired


def test_people_are_paired_within_payer_and_sex_in_order_of_age():
    drawn = [
        ("medicare", "female", date(1950, 1, 1), "P1"), ("medicare", "female", date(1930, 1, 1), "P2"),
        ("medicare", "male", date(1940, 1, 1), "P3"), ("medicaid", "male", date(2000, 1, 1), "P4"),
    ]  # fmt: skip
    members = [
        ("medicare", "female", date(1955, 1, 1), "M1"), ("medicare", "female", date(1931, 1, 1), "M2"),
        ("medicare", "female", date(1941, 1, 1), "M3"), ("medicare", "female", date(1961, 1, 1), "M4"),
        ("medicare", "male", date(1900, 1, 1), "M5"),
    ]  # fmt: skip
    found = paired(drawn, members)
    assert found == {"P2": ("M2", date(1931, 1, 1)), "P1": ("M1", date(1955, 1, 1)), "P3": ("M5", date(1900, 1, 1))}
