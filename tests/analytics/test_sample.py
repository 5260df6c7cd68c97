"""The shared sample of 10,000 members: every result file equals what was computed by other hands."""

import json

import pytest

from openum.cli.main import main
from tests.analytics.expected import SAMPLE, needs_sample, rows_of

pytestmark = needs_sample


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("metrics")
    assert main(["metrics", "--claims", str(SAMPLE), "--out", str(folder)]) == 0
    return folder


def cells(file, *keys):
    return {tuple(row[key] for key in keys): float(row["value"]) for row in rows_of(file)}


def test_every_month_of_every_payer_is_as_expected(results):
    ours = cells(results / "metrics_by_month.csv", "metric", "payer", "month")
    theirs = cells(SAMPLE / "expected" / "expected_by_month.csv", "metric", "payer", "month")
    assert ours.keys() == theirs.keys()
    assert {key: ours[key] for key in ours if abs(ours[key] - theirs[key]) > 0.02} == {}


def test_members_add_up_to_the_months(results):
    months, people = {}, {}
    for (metric, *_), value in cells(results / "metrics_by_month.csv", "metric", "payer", "month").items():
        months[metric] = months.get(metric, 0) + value
    for (metric, _), value in cells(results / "metrics_by_person.csv", "metric", "person_id").items():
        assert value != 0
        people[metric] = people.get(metric, 0) + value
    assert {metric: round(value) for metric, value in months.items()} == {
        metric: round(value) for metric, value in people.items()
    }


@pytest.mark.parametrize(
    ("ours", "theirs", "money"),
    [("stays.csv", "expected_stays.csv", "facility_paid"), ("readmissions.csv", "expected_readmissions_hwr.csv", None)],
)
def test_every_stay_and_readmission_is_as_expected(results, ours, theirs, money):
    found, expected = ([dict(row) for row in rows_of(file)] for file in (results / ours, SAMPLE / "expected" / theirs))
    for row in (*found, *expected):
        if money:
            row[money] = round(float(row[money]), 2)
    order = lambda row: (row["person_id"], row["admit"], row["disch"], str(sorted(row.items())))
    assert sorted(found, key=order) == sorted(expected, key=order)


def test_the_published_numbers_are_as_expected_and_carry_their_definitions(results):
    expected = json.loads((SAMPLE / "expected" / "expected_summary.json").read_text("utf-8"))
    spread = expected.pop("cost_concentration_last_12_months")
    ours = {(row["payer"], row["metric"]): row for row in rows_of(results / "metrics_summary.csv")}
    for payer, numbers in expected.items():
        for metric, value in numbers.items():
            found = float(ours[payer, metric]["value"]) if (payer, metric) in ours else 0.0
            assert found == pytest.approx(value, abs=0.006), (payer, metric)
    for metric in (
        "top1_share",
        "top5_share",
        "top10_share",
        "bottom50_share",
        "members_ge_50000",
        "members_ge_100000",
    ):
        assert float(ours["ALL", metric]["value"]) == pytest.approx(spread[metric], abs=0.00001), metric
    assert {row["definition"] for row in ours.values()} >= {f"D{n}" for n in (1, 3, 4, 5, *range(7, 19))}
    assert {row["data_until"] for row in ours.values()} == {"2024-12-31"}


def test_the_members_of_high_cost_are_as_expected(results):
    ours, theirs = rows_of(results / "high_cost.csv"), rows_of(SAMPLE / "expected" / "high_cost_top200.csv")
    assert [(row["person_id"], float(row["paid_12m"]), row["rank"]) for row in ours] == [
        (row["person_id"], float(row["paid_12m"]), row["rank"]) for row in theirs
    ]
