"""Metrics by product, provider, service, age band and language; the list behind a number; how complete a month is."""

from collections import defaultdict
from datetime import date

import pytest

from openum.analytics.metrics.completion import completion_factors, completion_rows, maturity, triangle
from openum.cli.main import main
from tests.analytics.expected import rows_of
from tests.analytics.hand import emergency, fill, span, stay, visit, write

CUTS = ("product", "provider", "service", "age_band", "language")

SPANS = [
    span("A1", "2024-01-01", "2024-03-15", birth_date="1959-04-01", language="es", plan="PPO"),
    span("A1", "2024-03-16", "2024-12-31", birth_date="1959-04-01", language="es", plan="HMO"),
    span("A2", birth_date="2006-02-28", language="", plan=""), span("A3", birth_date="", payer="medicare", plan="MA"),
    span("A4", "2024-02-01", "2024-02-29", birth_date="2024-02-29", language="vi"),
]  # fmt: skip

MEDICAL = [
    stay("A1", "C1", "2024-03-01", "2024-03-05", facility_npi="F2"), stay("A1", "C2", "2024-03-25", "2024-03-26", drg_code="291"),
    visit("A1", "C3", "2024-04-01"), visit("A2", "C4", "2024-02-01", rendering_npi="D2"),
    emergency("A2", "C5", "2024-05-05", facility_npi="F2"), emergency("A2", "C6", "2024-05-05", facility_npi="F1"),
    visit("A3", "C7", "2024-06-01", hcpcs_code="70553", payer="medicare", plan="MA", paid_date="2024-09-02"), visit("A4", "C8", "2024-03-01"),
    visit("A3", "C9", "2024-07-01", payer="medicare"), visit("A3", "C9", "2024-07-01", payer="medicare", paid_amount="-100.00"),
]  # fmt: skip


@pytest.fixture(scope="module")
def claims(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cuts") / "claims"
    return write(folder, spans=SPANS, medical=MEDICAL, pharmacy=[fill("A1", "R1", "2024-05-01")])


@pytest.fixture(scope="module")
def results(claims):
    out = claims.parent / "out"
    wish = ["--by", ",".join(CUTS), "--completion", "--list", "acute_admits", "--where", "month=2024-03"]
    assert main(["metrics", "--claims", str(claims), "--out", str(out), *wish, "--where", "provider=F2"]) == 0
    return out


@pytest.fixture(scope="module")
def numbers(results):
    key = ("metric", "payer", "month", "cut", "group")
    return {tuple(row[name] for name in key): row for row in rows_of(results / "metrics_by_cut.csv")}


def said(row):
    return tuple(float(row[name]) if row[name] else None for name in ("numerator", "denominator", "value"))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        # the plan of the latest span in force in the month, and none in a month without enrolment
        (("acute_admits", "commercial", "2024-03", "product", "HMO"), (2, 1, 24000)),
        (("member_months", "commercial", "ALL", "product", "PPO"), (3, None, 3)),
        (("member_months", "commercial", "ALL", "product", "HMO"), (10, None, 10)),
        (("pcp_visits", "commercial", "2024-03", "product", "not enrolled"), (1, 0, None)),
        (("ed_visits_treat_and_release", "ALL", "2024-05", "product", "unknown"), (1, 1, 12000)),
        # the age on the first of the month: 65 on the birthday itself, 18 only after it, 0 in the month of birth
        (("pcp_visits", "ALL", "2024-04", "age_band", "65-74"), (1, 1, 12000)),
        (("acute_days", "ALL", "2024-03", "age_band", "45-64"), (5, 1, 60000)),
        (("specialist_visits", "ALL", "2024-02", "age_band", "0-17"), (1, 2, 6000)),
        (("ed_visits_treat_and_release", "ALL", "2024-05", "age_band", "18-44"), (1, 1, 12000)),
        (("imaging_mri", "medicare", "ALL", "age_band", "unknown"), (1, 12, 1000)),
        (("acute_admits", "ALL", "ALL", "language", "es"), (2, 12, 2000)),
        # by provider and service: all members of the payer below
        (("acute_alos", "ALL", "ALL", "provider", "F2"), (4, 1, 4)),
        (("acute_admits", "commercial", "ALL", "provider", "F1"), (1, 25, 480)),
        (("ed_visits_treat_and_release", "commercial", "2024-05", "provider", "F1"), (1, 2, 6000)),
        (("imaging_mri", "medicare", "2024-06", "service", "70553"), (1, 1, 12000)),
        (("medical_paid_enrolled", "commercial", "ALL", "service", "inpatient hospital"), (2000, 25, 80)),
        (("pharmacy_paid_enrolled", "commercial", "2024-05", "service", "pharmacy"), (10, 2, 5)),
        # readmission in the month of discharge
        (("readmit_simple_rate", "ALL", "2024-03", "provider", "F2"), (1, 1, 1)),
        (("readmit_simple_rate", "ALL", "2024-03", "service", "291"), (0, 1, 0)),
    ],
)  # fmt: skip
def test_a_number(numbers, number, expected):
    assert said(numbers[number]) == expected


def test_every_number_says_what_it_is(numbers):
    row = numbers["acute_admits", "commercial", "2024-03", "product", "HMO"]
    assert [row[name] for name in ("definition", "cut_definition", "unit", "data_until", "maturity")] == [
        "D3", "C1", "per 1,000 a year", "2024-12-01", "mature",
    ]  # fmt: skip
    assert all(row["definition"] and row["cut_definition"] and row["maturity"] for row in numbers.values())
    assert numbers["member_months", "ALL", "2024-07", "language", "es"]["maturity"] == "immature"


def test_a_visit_has_no_service_and_enrolment_no_provider(numbers):
    assert not [key for key in numbers if key[3] == "service" and key[0].endswith("_visits")]
    assert not [key for key in numbers if key[3] in {"provider", "service"} and key[0] == "member_months"]


def test_each_cut_sums_to_the_month(results, numbers):
    sums = defaultdict(float)
    for (metric, payer, month, cut, _), row in numbers.items():
        sums[cut, metric, payer, month] += float(row["numerator"])
    months = rows_of(results / "metrics_by_month.csv")
    for row in months:
        for cut in ("product", "age_band", "language"):
            assert sums[cut, row["metric"], row["payer"], row["month"]] == pytest.approx(float(row["value"]))
    assert len(months) > 40


def test_the_list_behind_a_number(results):
    (row,) = rows_of(results / "list.csv")
    assert [row[name] for name in ("person_id", "day", "provider", "service", "value", "product")] == [
        "A1", "2024-03-01", "F2", "194", "1", "HMO",
    ]  # fmt: skip


def test_a_list_sums_to_the_number_and_changes_no_other_file(claims, results, tmp_path):
    assert main(["metrics", "--claims", str(claims), "--out", str(tmp_path), "--list", "medical_paid_all"]) == 0
    months = [row for row in rows_of(tmp_path / "metrics_by_month.csv") if row["metric"] == "medical_paid_all"]
    listed = rows_of(tmp_path / "list.csv")
    assert sum(float(row["value"]) for row in listed) == sum(float(row["value"]) for row in months) == 2600
    assert {file.name for file in results.iterdir()} - {file.name for file in tmp_path.iterdir()} == {"metrics_by_cut.csv", "completion.csv"}  # fmt: skip
    for name in ("metrics_by_month.csv", "stays.csv", "readmissions.csv", "metrics_summary.csv"):
        assert (tmp_path / name).read_bytes() == (results / name).read_bytes()


@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        (["--by", "colour"], "There is no cut by colour. Choose of product, provider"),
        (["--list", "visits"], "There is no list of visits. Choose of member_months"),
        (["--list", "pcp_visits", "--where", "month=March"], "“March” is no month. Write it as 2024-03."),
        (["--list", "pcp_visits", "--where", "colour=red"], "“colour=red” narrows nothing."),
        (["--list", "pcp_visits", "--where", "payer"], "“payer” narrows nothing."),
        (["--where", "payer=medicare"], "Name its metric with --list."),
    ],
)
def test_a_wish_that_means_nothing_is_said(wish, answer, claims, tmp_path, capsys):
    assert main(["metrics", "--claims", str(claims), "--out", str(tmp_path / "out"), *wish]) == 1
    assert answer in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_completion_is_written_for_each_payer_and_month(results):
    rows = {(row["payer"], row["month"]): row for row in rows_of(results / "completion.csv")}
    assert rows["commercial", "2024-03"]["paid"] == "2100.00"
    june = rows["medicare", "2024-06"]
    assert [june[name] for name in ("months_of_payment", "paid", "factor", "maturity")] == ["4", "100.00", "1.000000", "immature"]  # fmt: skip
    assert ("medicare", "2024-07") not in rows


def paid(month, *amounts):
    """Make the sums of one month of service: cents paid in it, in the month after, and so on."""
    return [
        {"payer": "p", "month": date(2024, month, 1), "paid_month": date(2024, month + late, 1), "paid": cents}
        for late, cents in enumerate(amounts)
        if cents
    ]


def test_factors_by_chain_ladder():
    """Steps by hand: (150 + 110) / (100 + 100 ) after one month, 180 / 150 after two."""
    sums = [*paid(1, 100, 50, 30), *paid(2, 100, 10), *paid(3, 80)]
    found = triangle(sums, 2024 * 12 + 2)
    assert sorted(found.values()) == [[80], [100, 110], [100, 150, 180]]
    assert completion_factors(found) == pytest.approx([1 / (1.3 * 1.2), 1 / 1.2, 1])
    rows = {row[:2]: row for row in completion_rows(sums, [{"day": None, "paid_on": date(2024, 3, 31)}])}
    assert rows["ALL", "2024-03"][3:7] == (1, "0.80", "0.641026", "1.25")
    assert rows["p", "2024-01"][3:7] == (3, "1.80", "1.000000", "1.80")


@pytest.mark.parametrize(
    ("sums", "factors"),
    [
        ([], []),
        (paid(3, 50), [1.0]),
        (paid(1, 0, 0, 70), [1.0, 1.0, 1.0]),
        ([{"payer": "p", "month": date(2024, 3, 1), "paid_month": None, "paid": 5}], [1.0]),
        ([{"payer": "p", "month": date(2024, 3, 1), "paid_month": date(2024, 1, 1), "paid": 5}], [1.0]),
    ],
)
def test_a_step_without_money_is_taken_as_complete(sums, factors):
    assert completion_factors(triangle(sums, 2024 * 12 + 2)) == factors


def test_without_dates_of_payment_nothing_is_said_of_completion():
    assert list(completion_rows(paid(1, 100), [{"day": date(2024, 1, 31), "paid_on": None}])) == []


@pytest.mark.parametrize(
    ("first", "paid_on", "expected"),
    [
        (date(2024, 2, 1), date(2024, 5, 28), "immature"),
        (date(2024, 2, 1), date(2024, 5, 29), "mature"),
        (date(2023, 2, 1), date(2023, 5, 29), "mature"),
        (date(2024, 12, 1), date(2025, 3, 30), "immature"),
        (date(2024, 12, 1), date(2025, 3, 31), "mature"),
    ],
)
def test_a_month_is_mature_ninety_days_after_its_last_day(first, paid_on, expected):
    assert maturity(first, paid_on) == expected
