"""Readmissions in three variants, and what the command says when it cannot compute."""

import pytest

from openum.analytics.codes import definitions
from openum.analytics.metrics.report import definition_of
from openum.cli.main import main
from tests.analytics.expected import needs_sample, rows_of
from tests.analytics.hand import span, stay, visit, write
from tools import analytics_reference

A, B = {"facility_npi": "F1"}, {"facility_npi": "F2"}

CASES = {
    # name: (stays, simple: index and readmitted, chained: index and readmitted, HWR-like: rows, index and readmitted)
    "30 days after": ([("2024-03-01", "2024-03-05", "01", A), ("2024-04-04", "2024-04-06", "01", A)], (2, 1), (2, 1), (2, 2, 1)),
    "31 days after": ([("2024-03-01", "2024-03-05", "01", A), ("2024-04-05", "2024-04-06", "01", A)], (2, 0), (2, 0), (2, 2, 0)),
    "the same day": ([("2024-03-01", "2024-03-05", "01", A), ("2024-03-05", "2024-03-08", "01", B)], (2, 1), (1, 0), (0, 0, 0)),
    "transfer the next day": ([("2024-03-01", "2024-03-05", "02", A), ("2024-03-06", "2024-03-08", "01", B)], (1, 0), (1, 0), (2, 1, 0)),
    "transfer, then home, then back": (
        [("2024-03-01", "2024-03-05", "02", A), ("2024-03-05", "2024-03-08", "01", B), ("2024-03-20", "2024-03-22", "01", A)],
        (2, 1), (2, 1), (1, 1, 0)),
    "over the leap day": ([("2024-01-25", "2024-01-30", "01", A), ("2024-02-29", "2024-03-02", "01", A)], (2, 1), (2, 1), (2, 2, 1)),
    "died": ([("2024-03-01", "2024-03-05", "20", A)], (0, 0), (0, 0), (1, 0, 0)),
    "against advice": ([("2024-03-01", "2024-03-05", "07", A), ("2024-03-10", "2024-03-12", "01", A)], (1, 0), (1, 0), (2, 1, 0)),
    "too near the end of the data": ([("2024-12-20", "2024-12-24", "01", A)], (1, 0), (1, 0), (1, 0, 0)),
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readmissions")
    medical = [
        stay(name, f"C{number}", admit, discharge, status, payer=name, **place)
        for name, (found, *_) in CASES.items()
        for number, (admit, discharge, status, place) in enumerate(found)
    ]
    medical.append(stay("last", "C1", "2024-12-28", "2024-12-31", payer="last"))
    write(folder / "claims", spans=[span(name, payer=name) for name in CASES], medical=medical)
    assert main(["metrics", "--claims", str(folder / "claims"), "--out", str(folder / "out")]) == 0
    return folder / "out"


@pytest.mark.parametrize("name", CASES)
def test_readmissions(results, name):
    ours = {
        row["metric"]: int(float(row["value"]))
        for row in rows_of(results / "metrics_summary.csv")
        if row["payer"] == name
    }
    _, simple, chained, (rows, *like) = CASES[name]
    assert (ours["readmit_simple_index"], ours["readmit_simple_30"]) == simple
    assert (ours["readmit_chained_index"], ours["readmit_chained_30"]) == chained
    measured = [row for row in rows_of(results / "readmissions.csv") if row["person_id"] == name]
    assert len(measured) == rows
    index = [row for row in measured if row["index_admission"] == "true"]
    assert [len(index), sum(row["readmit_30"] == "true" for row in index)] == like


def test_every_metric_has_a_definition(results):
    for metric in {row["metric"] for row in rows_of(results / "metrics_by_month.csv")}:
        assert definition_of(metric) in definitions()
    with pytest.raises(KeyError):
        definition_of("an invention")


def test_a_folder_without_claims_is_said(tmp_path, capsys):
    assert main(["metrics", "--claims", str(tmp_path / "absent"), "--out", str(tmp_path / "out")]) == 1
    assert "There is no folder" in capsys.readouterr().err
    assert main(["metrics", "--claims", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "holds no eligibility file" in capsys.readouterr().err


def test_a_missing_column_or_reference_table_is_said(tmp_path, capsys):
    claims = write(tmp_path / "claims", spans=[span("A")], medical=[visit("A", "C", "2024-01-01")])
    assert main(["metrics", "--claims", str(claims), "--out", str(tmp_path / "out"), "--reference", str(tmp_path)]) == 1
    assert "holds no drgs.parquet" in capsys.readouterr().err
    (claims / "medical_claim.csv").write_text("claim_id\nC\n")
    assert main(["metrics", "--claims", str(claims), "--out", str(tmp_path / "out")]) == 1
    assert "has no column claim_line_number, person_id" in capsys.readouterr().err


def test_members_alone_have_member_months(tmp_path):
    (tmp_path / "eligibility.csv").write_text(
        "person_id,enrollment_start_date,enrollment_end_date,payer\n01,2024-02-01,2024-03-31,p\n"
    )
    assert main(["metrics", "--claims", str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    assert rows_of(tmp_path / "out" / "metrics_by_person.csv") == [
        {"person_id": "01", "metric": "member_months", "value": "2"}
    ]


@needs_sample
def test_the_reference_tables_are_those_of_the_public_sources(tmp_path):
    analytics_reference.main(tmp_path)
    for file in analytics_reference.TARGET.glob("*.parquet"):
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name
