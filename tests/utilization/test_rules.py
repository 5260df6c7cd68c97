"""From the rows of cuts to the figures of a statement."""

import pytest

from openum.utilization.rules import figures, sums_of, valued, year_of

MONTHS = [f"2024-{number:02}" for number in range(1, 13)] + ["2025-01", "2025-02"]


def row(metric, month, group, numerator, denominator="", unit="per 1,000 a year", *, cut="product", payer="medicare"):
    maturity = "immature" if month == "2025-02" else "mature"
    return {
        "metric": metric, "definition": "D3", "payer": payer, "month": month, "cut": cut, "group": group,
        "numerator": str(numerator), "denominator": str(denominator), "unit": unit, "maturity": maturity,
    }  # fmt: skip


ROWS = [
    *(row("member_months", month, group, count, unit="member months") for month in MONTHS for group, count in (("A", 100), ("B", 50))),
    row("acute_admits", "2024-01", "A", 9, 100), row("acute_admits", "2024-03", "A", 2, 100),
    row("acute_admits", "2024-03", "B", 1, 50), row("acute_admits", "2025-02", "A", 7, 100),
    row("acute_alos", "2024-03", "A", 8, 2, "days"), row("acute_alos", "2024-03", "B", 7, 1, "days"),
    row("acute_admits", "2024-03", "30", 2, 150, cut="service"), row("acute_admits", "ALL", "A", 99, 1400),
]  # fmt: skip


def found(**place):
    wanted = {"payer": "medicare", "month": "", "cut": "", "group": "", **place}
    rows = [
        each for each in figures(sums_of(ROWS)) if all(getattr(each, name) == value for name, value in wanted.items())
    ]
    return rows[0] if rows else None


def test_the_year_is_of_the_mature_months_and_every_member_counts_below():
    """Nobody of product B was admitted in most months; its members still stand in the denominator."""
    assert year_of(sums_of(ROWS).months) == (*MONTHS[1:12], "2025-01")
    whole = found(metric="acute_admits")
    assert (whole.numerator, whole.denominator, whole.value) == (3, 12 * 150, pytest.approx(20.0))
    of_b = found(metric="acute_admits", cut="product", group="B")
    assert (of_b.numerator, of_b.denominator) == (1, 12 * 50)
    of_service = found(metric="acute_admits", cut="service", group="30")
    assert (of_service.numerator, of_service.denominator) == (2, 12 * 150)


def test_a_quotient_has_its_own_denominator():
    stays = found(metric="acute_alos")
    assert (stays.numerator, stays.denominator, stays.value) == (15, 3, 5.0)


def test_a_month_without_any_is_a_figure_too():
    none = found(metric="acute_admits", month="2024-07")
    assert (none.numerator, none.denominator, none.value, none.maturity) == (0, 150, 0, "mature")
    young = found(metric="acute_admits", month="2025-02")
    assert (young.numerator, young.maturity) == (7, "immature")
    assert found(metric="acute_alos", month="2024-07") is None
    assert found(metric="acute_admits", month="ALL") is None


@pytest.mark.parametrize(
    ("unit", "above", "below", "value"),
    [
        ("per 1,000 a year", 3, 300, 120.0), ("dollars per member month", 900, 300, 3.0), ("days", 12, 4, 3.0),
        ("share", 1, 4, 0.25), ("member months", 300, None, 300), ("days", 1, 0, None),
    ],
)  # fmt: skip
def test_each_unit_has_its_own_value(unit, above, below, value):
    assert valued(unit, above, below) == value
