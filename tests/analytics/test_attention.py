"""Who needs attention: scores worked by hand, models that beat their baseline or are refused, and nobody denied by them."""

import ast
import csv
import json
from pathlib import Path

import numpy as np
import pytest

import openum
from openum.analytics.attention import amounts, models
from openum.analytics.attention.models import Feature, Question, Rows, drivers, train
from openum.analytics.attention.regression import auc, calibration, logistic, recall_at
from openum.cli.main import main
from tests.analytics import hand

QUESTION = Question("test", "An outcome.", (Feature("x", "{n} stays"), Feature("y", "{n} visits")), "a coin")


def rows_of(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hand")
    born = {"birth_date": "1950-06-01", "gender": "female"}
    claims = hand.write(
        folder / "claims",
        spans=[
            hand.span("A", "2023-01-01", payer="medicare", **born),
            hand.span("B", "2024-01-01", payer="medicare", **born),
        ],
        medical=[
            # A: heart failure and complicated diabetes (with the plain one), two visits to an emergency room, a stay before
            hand.visit("A", "a1", "2024-01-10", diagnosis_code_1="I50.9", diagnosis_code_2="E11.9", diagnosis_code_3="E11.21"),
            hand.emergency("A", "a2", "2024-03-01"),
            hand.emergency("A", "a3", "2024-05-01"),
            hand.stay("A", "a4", "2024-02-01", "2024-02-03", admit_type_code="3"),
            hand.stay("A", "a5", "2024-06-01", "2024-06-09", admit_type_code="1"),
            hand.stay("A", "a6", "2024-06-20", "2024-06-21", admit_type_code="3", procedure_code_1="0DTJ4ZZ"),
            hand.stay("B", "b1", "2024-02-01", "2024-02-05", paid_amount="60000.00"),
        ],
    )  # fmt: skip
    out = folder / "out"
    assert main(["attention", "--claims", str(claims), "--out", str(out)]) == 0
    return out


def test_lace_and_hospital_as_worked_by_hand(results):
    rows = {(row["person_id"], row["admit"]): row for row in rows_of(results / "discharge_scores.csv")}
    long = rows["A", "2024-06-01"]
    # LACE: 8 days 5, emergency 3, heart failure 2 + complicated diabetes 2 = 4 points -> 5, two visits 2
    assert [long[f"lace_{part}"] for part in "lace"] == ["5", "3", "5", "2"]
    assert (long["lace"], long["lace_most"], long["lace_is_partial"]) == ("15", "15", "false")
    # HOSPITAL: urgent 1, one admission 0, 5 days or more 2; laboratory and service unknown: up to 4 more
    assert (long["hospital"], long["hospital_most"], long["hospital_is_partial"]) == ("3", "7", "true")
    assert long["missing"] == "hemoglobin;sodium;oncology service"
    short = rows["A", "2024-06-20"]
    # one day 1, elective 0, 5, 2; procedure 1, two admissions 2
    assert (short["lace"], short["hospital"], short["hospital_most"]) == ("8", "3", "7")
    new = rows["B", "2024-02-01"]
    # four days 4; the admission may be urgent (3), and illness (5) and visits (4) are not known before
    assert (new["lace"], new["lace_most"], new["lace_is_partial"]) == ("4", "16", "true")
    assert new["missing"] == "admission type;12 months of history;hemoglobin;sodium;oncology service"


def test_comorbidity_names_its_evidence_and_drops_the_milder_of_a_pair(results):
    charlson = {row["category"]: row for row in rows_of(results / "comorbidity.csv") if row["system"] == "charlson"}
    assert set(charlson) == {"chf", "diabwc"}
    assert (charlson["chf"]["evidence_claim"], charlson["diabwc"]["evidence_code"]) == ("hand|a1", "E1121")
    [score] = [row for row in rows_of(results / "comorbidity_scores.csv") if row["person_id"] == "A"]
    assert (float(score["charlson_1987"]), float(score["charlson_2011"])) == (3, 3)
    # 74 on 1 February 2025: F70_74 0.395; HCC 226 0.36 and HCC 37 0.166; two HCCs add nothing
    assert float(score["hcc_v28"]) == pytest.approx(0.395 + 0.36 + 0.166)
    assert "interactions" in score["hcc_partial"]


def test_lists_and_small_numbers(results):
    first = rows_of(results / "high_cost.csv")[0]
    assert (first["person_id"], first["threshold"], first["paid_12m"]) == ("B", "50000", "60000.00")
    [drg] = rows_of(results / "los_by_drg.csv")
    assert (drg["drg"], drg["stays"], drg["in_bed_after_3"]) == ("194", "", "")
    assert float(drg["gmlos"]) > 0


def test_too_few_people_make_no_model(results):
    found = json.loads((results / "run.json").read_text())
    assert all("needed" in model["refused"] for model in found["models"])
    assert rows_of(results / "scores.csv") == []


def test_ranking_and_calibration_of_known_numbers():
    outcome = np.array([0.0, 0, 1, 1])
    assert auc(np.array([1.0, 2, 2, 3]), outcome) == pytest.approx(3.5 / 4)
    assert auc(outcome, np.ones(4)) is None
    assert recall_at(np.array([1.0, 4, 2, 3]), outcome, 2) == 0.5
    group = np.repeat([0.0, 1.0], 100)
    happened = np.concatenate([np.arange(100) < 20, np.arange(100) < 60]).astype(float)
    fit = logistic(group[:, None], happened, ridge=0)
    assert fit.probability(np.array([[0.0], [1.0]])) == pytest.approx([0.2, 0.6])
    told = calibration(fit.probability(group[:, None]), happened)
    assert (told["slope"], told["intercept"]) == (1, 0)
    assert told["brier"] == pytest.approx((0.2 * 0.8 + 0.6 * 0.4) / 2)


def made(seed, *, is_told):
    draw = np.random.default_rng(seed)
    features = draw.poisson(2, (600, 2)).astype(float)
    chance = 1 / (1 + np.exp(2 - features[:, 0])) if is_told else np.full(600, 0.3)
    outcome = (draw.random(600) < chance).astype(float)
    baseline = draw.random(600) if is_told else outcome
    return Rows([str(n) for n in range(600)], features, outcome, baseline, {"sex": ["f"] * 590 + ["m"] * 10})


def test_a_model_is_used_only_when_it_beats_its_baseline():
    good = train(QUESTION, made(1, is_told=True), made(2, is_told=True), {"train_period": "1", "test_period": "2"})
    assert good.refused == ""
    assert good.version == train(QUESTION, made(1, is_told=True), made(2, is_told=True), {}).version
    assert good.card["groups"][1]["rows"] == "fewer than 50"
    assert drivers(good, np.array([[6.0, 0.0], [0.0, 0.0]])) == ["6 stays", ""]
    assert "**May be used:** yes" in models.card_text(good.card)
    poor = train(QUESTION, made(1, is_told=False), made(2, is_told=False), {"train_period": "1", "test_period": "2"})
    assert "no better than that of a coin" in poor.refused


def test_dollars_are_told_when_two_simple_guesses_are_beaten():
    draw = np.random.default_rng(3)

    def people(*, is_told):
        illness = draw.poisson(2, 800).astype(float)
        before = 1000 * np.exp(0.5 * draw.normal(size=800))
        paid = np.exp(6 + 0.5 * illness) * draw.gamma(4, 0.25, 800) if is_told else before
        sexes = {"age": ["65+"] * 800, "sex": ["f"] * 790 + ["m"] * 10}
        return amounts.Costs(
            [str(n) for n in range(800)], np.column_stack([np.log1p(before), illness]), paid, before, sexes
        )

    asked = Question("dollars", "An amount.", QUESTION.features, "two guesses")
    period = {"train_period": "1", "test_period": "2"}
    good = amounts.train(asked, people(is_told=True), people(is_told=True), period)
    assert good.refused == ""
    assert good.fit is not None
    assert good.fit.weights[1] / good.fit.spread[1] == pytest.approx(0.5, abs=0.05)
    tenths = good.card["tenths"]
    assert all(0.8 < row["ratio"] < 1.2 for row in tenths)
    assert tenths[0]["expected"] < tenths[9]["expected"]
    assert good.card["groups"][-1]["people"] == "fewer than 50"
    assert good.expected(np.array([[0.0, 500.0]])) == [amounts.CAP]
    assert "| mean of age and sex |" in amounts.card_text(good.card)
    same = amounts.train(asked, people(is_told=False), people(is_told=False), period)
    assert "cost before explains 1.0" in same.refused
    assert "to judge by" in amounts.train(asked, amounts.Costs([], np.zeros((0, 2)), np.zeros(0), np.zeros(0), {}), people(is_told=True), period).refused  # fmt: skip


def test_nothing_that_decides_reads_who_needs_attention():
    root = Path(openum.__file__).parent
    for folder in ("determination", "criteria", "clocks", "submission", "intake", "review", "appeals", "needs"):
        for path in (root / folder).rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
            names += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
            assert not [name for name in names if "attention" in name], path
