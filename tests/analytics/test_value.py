"""Coordinated people beside people alike: known effects are found, none is none, and what cannot be compared is refused."""

import csv
import json

import numpy as np
import pytest
from pypdf import PdfReader

from openum.analytics.value.cohort import read_cohort
from openum.analytics.value.effects import Estimate, Sets, e_value, e_value_of_end, effects, ratios
from openum.analytics.value.matching import Moments, match, spread_of, standardised
from openum.analytics.value.plan import ChoiceInvalid, Choices, CohortInvalid
from openum.cli.main import main
from tests.analytics import hand

PEOPLE, ALIKE, STRANGERS = 40, 120, 80
MONTHS = [f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13)]
START = "2024-01-01"


@pytest.mark.parametrize(("ratio", "expected"), [(1, 1), (2, 3.4142), (0.5, 3.4142), (3.9, 7.2630), (0, float("inf"))])
def test_an_e_value_is_that_of_the_formula(ratio, expected):
    assert e_value(ratio) == pytest.approx(expected, abs=1e-4)


def test_an_interval_that_holds_one_needs_nothing_unmeasured():
    assert e_value_of_end(Estimate(0.8, 0.6, 1.1)) == 1
    assert e_value_of_end(Estimate(0.5, 0.4, 0.8)) == pytest.approx(e_value(0.8))


def sets_of(changes, others, months):
    before = np.full((len(changes), 1), 10.0)
    return Sets(
        before,
        before + np.array(changes)[:, None],
        before,
        before + np.array(others)[:, None],
        np.array(months, dtype=float),
    )


def test_a_difference_is_the_change_less_that_of_people_alike_by_months():
    sets = sets_of([-5, -5, 1], [-2, -2, 1], [12, 6, 6])
    (found,) = effects(sets, draws=400, seed=3)
    assert found.value == pytest.approx((-3 * 12 - 3 * 6 + 0 * 6) / 24)
    assert found.low <= found.value <= found.high
    assert effects(sets, draws=400, seed=3) == [found]
    (ratio,) = ratios(sets, draws=400, seed=3)
    assert ratio.value == pytest.approx((5 * 18 + 11 * 6) / (8 * 18 + 11 * 6))


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    random = np.random.default_rng(5)
    held = 0
    for seed in range(120):
        change = random.normal(2.0, 4.0, 60)
        (found,) = effects(sets_of(change, np.zeros(60), np.full(60, 12)), draws=400, seed=seed)
        held += found.low <= 2.0 <= found.high
    assert 0.88 <= held / 120 <= 0.99


def test_matching_takes_the_nearest_alike_within_the_caliper_and_nobody_twice():
    #        coordinated | alike                          | other stratum
    values = np.array([[0.0], [10.0], [50.0], [0.4], [0.1], [10.2], [9.0], [0.0]])
    stratum = np.array([0, 0, 0, 0, 0, 0, 0, 1])
    free = np.array([False, False, False, True, True, True, True, True])
    found = match(
        stratum=stratum, values=values, coordinated=np.array([0, 1, 2]), free=free, neighbours=2, caliper=0.1,
        random=np.random.default_rng(1),
    )  # fmt: skip
    assert found.rows.tolist() == [[4, 3], [5, 6], [-1, -1]]
    assert found.has_like.tolist() == [True, True, True]
    assert free.tolist() == [False] * 7 + [True]


def test_balance_is_measured_with_the_spread_before_matching():
    ours, everybody = (Moments.of(np.array(rows)[:, None], np.ones(4)) for rows in ([3.0, 5, 3, 5], [0.0, 2, 0, 2]))
    spread = spread_of(ours, everybody)
    assert spread.tolist() == [1.0]
    assert standardised(ours, everybody, spread).tolist() == [3.0]
    assert standardised(ours, Moments.of(np.array([[4.0]]), np.ones(1)), spread).tolist() == [0.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("person_id\nP1\n", "no column start_date"),
        ("person_id,start_date\n", "names nobody"),
        (
            "person_id,start_date\nP1,2024-01-01\nP2,soon\n,2024-01-01\n",
            "rows 3, 4 without a person_id or a start_date",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_cure(tmp_path, text, said):
    file = tmp_path / "people.csv"
    file.write_text(text)
    with pytest.raises(CohortInvalid, match=said):
        read_cohort(file)


def test_each_person_counts_once_with_the_earliest_start(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("Person_ID,start_date,programme\n007,03/15/2024,late\n007,20240101,early\n")
    found = read_cohort(file)
    assert [(each.person, each.programme, each.month, each.first_after) for each in found.people] == [
        ("007", "early", 24288, 24288)
    ]
    assert found.repeated == 1


def test_choices_that_make_no_comparison_are_refused():
    with pytest.raises(ChoiceInvalid, match="--caliper is 0"):
        Choices(caliper=0)
    with pytest.raises(ChoiceInvalid, match="--most-follow-up is 2. Give a number from 3 to 60"):
        Choices(most_follow_up=2)


@pytest.fixture(scope="module")
def claims(tmp_path_factory):
    """People with a visit each month: the coordinated and those alike at 200 dollars, which falls to 150 and 180; others at 20."""
    random = np.random.default_rng(11)
    spans, lines = [], []
    groups = [("A", PEOPLE, 200, 150), ("B", ALIKE, 200, 180), ("C", STRANGERS, 20, 20)]
    for name, count, before, after in groups:
        for nth in range(count):
            person = f"{name}{nth:03d}"
            spans += [
                hand.span(person, "2023-01-01", "2023-06-30", gender="female", birth_date="1970-05-01"),
                hand.span(person, "2023-07-01", "2024-12-31", gender="female", birth_date="1970-05-01"),
            ]  # fmt: skip
            base = random.normal(0, 5)
            for month in MONTHS:
                paid = (before if month < START[:7] else after) + base + random.normal(0, 10)
                lines.append(
                    hand.visit(
                        person, f"{person}-{month}", f"{month}-10", paid_amount=f"{paid:.2f}", diagnosis_code_1="I10"
                    )
                )
    lines.append(hand.stay("A000", "reversed", "2024-03-01", "2024-03-05", paid_amount="900000.00"))
    lines.append(hand.stay("A000", "reversed", "2024-03-01", "2024-03-05", paid_amount="-900000.00"))
    return hand.write(tmp_path_factory.mktemp("value"), spans=spans, medical=lines)


def people_file(folder, people, start=START, **more):
    file = folder / "coordinated.csv"
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["person_id", "start_date", *more])
        writer.writerows([person, start, *more.values()] for person in people)
    return file


def compared(claims, file, out, *more):
    arguments = [
        "value",
        "--claims",
        str(claims),
        "--coordinated",
        str(file),
        "--out",
        str(out),
        "--draws",
        "500",
        *more,
    ]
    return main(arguments)


COORDINATED = [f"A{nth:03d}" for nth in range(PEOPLE)]


def test_a_known_effect_is_found_and_people_become_alike(claims, tmp_path, capsys):
    file = people_file(tmp_path, COORDINATED, data_source="hand", programme="heart")
    assert compared(claims, file, tmp_path / "out", "--programme-cost", "10") == 0
    answer = json.loads((tmp_path / "out" / "value.json").read_text())
    paid = answer["results"][0]
    assert paid["outcome"] == "paid"
    assert paid["low"] <= -30 <= paid["high"]
    assert paid["difference"] == pytest.approx(-30, abs=3)
    assert paid["before_after_alone"] == pytest.approx(-50, abs=3)
    assert answer["people"] | {"unmatched": []} == {
        "listed": PEOPLE, "listed_again": 0, "left_out": {}, "followed": PEOPLE, "matched": PEOPLE,
        "compared_with": answer["people"]["compared_with"], "member_months": PEOPLE * 12, "unmatched": [],
    }  # fmt: skip
    assert PEOPLE < answer["people"]["compared_with"] <= ALIKE
    cost = next(row for row in answer["balance"] if row["variable"] == "log_paid")
    assert cost["difference_before"] > 0.3
    assert abs(cost["difference_after"]) < 0.1
    assert answer["is_conclusive"]
    assert [warning["id"] for warning in answer["warnings"]] == ["regression-to-the-mean", "immature"]
    assert answer["net"]["net"]["value"] == pytest.approx(-paid["difference"] - 10, abs=1e-5)
    assert answer["net"]["saved_together"]["value"] == pytest.approx(-paid["difference"] * PEOPLE * 12, abs=0.01)
    text = (tmp_path / "out" / "METHOD.md").read_text()
    assert "dollars a month less than people alike would have" in text
    assert "Nobody drew lots" in text
    assert not any(person in text + json.dumps(answer) for person in COORDINATED)
    assert compared(claims, file, tmp_path / "again", "--programme-cost", "10", "--pdf") == 0
    pages = PdfReader(tmp_path / "again" / "report.pdf").pages
    assert "Coordinated and uncoordinated care, compared" in pages[0].extract_text()
    for name in ("value.json", "value.csv", "balance.csv", "METHOD.md"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_programmes_stand_apart_and_without_an_effect_the_interval_holds_zero(claims, tmp_path):
    file = tmp_path / "coordinated.csv"
    idle = [f"B{nth:03d}" for nth in range(0, ALIKE, 3)]
    rows = [f"{person},2024-01-01,heart" for person in COORDINATED] + [f"{person},2024-01-15,idle" for person in idle]
    file.write_text("\n".join(["person_id,start_date,programme", *rows]) + "\n")
    assert compared(claims, file, tmp_path / "out", "--neighbours", "1") == 0
    answer = json.loads((tmp_path / "out" / "value.json").read_text())
    paid = {row["programme"]: row for row in answer["results"] if row["outcome"] == "paid"}
    assert list(paid) == ["ALL", "heart", "idle"]
    assert paid["heart"]["high"] < 0
    assert paid["idle"]["low"] <= 0 <= paid["idle"]["high"]
    assert paid["idle"]["member_months"] == 11 * paid["idle"]["coordinated"]
    assert answer["net"] is None


@pytest.mark.parametrize(
    ("people", "start", "said"),
    [
        (COORDINATED[:10], START, "Only 10 coordinated people"),
        ([*COORDINATED, "Z1", "Z2"], START, "rows 42, 43 with a person_id that no enrolment has"),
        (COORDINATED, "2024-11-01", "Nobody of the file was enrolled"),
        (COORDINATED, "2023-06-01", "Nobody of the file was enrolled"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_cure(claims, tmp_path, capsys, people, start, said):
    assert compared(claims, people_file(tmp_path, people, start=start), tmp_path / "out") == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
