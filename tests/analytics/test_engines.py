"""The same answers from every engine, kept scripts, and engines that cannot be opened."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec

import pytest

from openum.analytics import script
from openum.cli.main import main
from tests.analytics.expected import SAMPLE, needs_sample
from tests.analytics.hand import emergency, fill, span, stay, visit, write


def metrics_of(claims, out, *options):
    assert main(["metrics", "--claims", str(claims), "--out", str(out), *options]) == 0
    return {file.name: file.read_bytes() for file in out.iterdir()}


@pytest.fixture
def claims(tmp_path):
    medical = [
        stay("A1", "C1", "2024-03-01", "2024-03-05"), stay("A1", "C2", "2024-03-20", "2024-03-22", procedure_code_1="0SR9019"),
        visit("A1", "C3", "2024-04-01"), visit("A2", "C4", "2024-04-02"), visit("A2", "C4", "2024-04-02", paid_amount="-100.00"),
        emergency("007", "C5", "2024-05-05"),
    ]  # fmt: skip
    spans = [span("A1"), span("A2", "2024-02-29", "2024-02-29"), span("007", "2024-03-01", "")]
    return write(tmp_path / "claims", spans=spans, medical=medical, pharmacy=[fill("A1", "R1", "2024-05-01")])


@pytest.fixture
def no_scripts(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "openum" / "metrics"


def test_a_connection_string_opens_an_engine_that_answers_the_same(claims, tmp_path):
    assert metrics_of(claims, tmp_path / "there", "--engine", "duckdb://") == metrics_of(claims, tmp_path / "here")


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        ("nosuch", "There is no engine nosuch."),
        ("nosuch://host", "There is no engine nosuch."),
        ("mysql://host/base", "The engine mysql cannot be opened"),
        ("postgres://127.0.0.1:1/base", "The engine postgres cannot be opened"),
    ],
)
def test_an_engine_that_cannot_be_opened_is_named(engine, said, claims, tmp_path, capsys):
    assert main(["metrics", "--claims", str(claims), "--out", str(tmp_path / "out"), "--engine", engine]) != 0
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("lacks", "said"), [("pyspark", "the extra “spark”"), ("java", "needs Java 17")])
def test_spark_says_what_it_lacks(lacks, said, claims, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("openum.analytics.spark.find_spec", lambda _: None if lacks == "pyspark" else object())
    monkeypatch.setattr("openum.analytics.spark.shutil.which", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert main(["metrics", "--claims", str(claims), "--out", str(tmp_path / "out"), "--engine", "spark"]) != 0
    assert said in capsys.readouterr().err


def test_a_kept_script_serves_other_rows_of_the_same_columns(claims, no_scripts, tmp_path):
    first = metrics_of(claims, tmp_path / "first")
    assert len(list(no_scripts.iterdir())) == 1
    assert metrics_of(claims, tmp_path / "again") == first
    others = write(tmp_path / "others", spans=[span("B1")], medical=[visit("B1", "C1", "2024-04-01", procedure_code_1=""), stay("B1", "C2", "2024-05-01", "2024-05-03")], pharmacy=[fill("B1", "R1", "2024-05-01")])  # fmt: skip
    assert b"B1,pcp_visits,1" in metrics_of(others, tmp_path / "out")["metrics_by_person.csv"]
    assert len(list(no_scripts.iterdir())) == 1
    shutil.rmtree(no_scripts)
    assert metrics_of(claims, tmp_path / "anew") == first


def test_other_columns_have_another_script(claims, no_scripts, tmp_path):
    metrics_of(claims, tmp_path / "first")
    (claims / "provider.csv").unlink()
    found = metrics_of(claims, tmp_path / "second")
    assert b"A1,specialist_visits,1" in found["metrics_by_person.csv"]
    assert len(list(no_scripts.iterdir())) == 2


@pytest.mark.parametrize("damage", ["", "{", "[1]", json.dumps([{"kind": "table"}])])
def test_a_damaged_script_is_made_anew(damage, claims, no_scripts, tmp_path):
    first = metrics_of(claims, tmp_path / "first")
    (kept,) = no_scripts.iterdir()
    kept.write_text(damage, "utf-8")
    assert metrics_of(claims, tmp_path / "second") == first
    assert json.loads(kept.read_text("utf-8"))


def test_a_folder_that_takes_no_scripts_is_no_hindrance(claims, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert metrics_of(claims, tmp_path / "out")
    assert script.kept("any") is None


def cut_off(claims):
    (claims / "medical_claim.csv").unlink()
    (claims / "medical_claim.parquet").write_bytes(b"PAR1 and no more")


def of_another_encoding(claims):
    with (claims / "provider.csv").open("ab") as stream:
        stream.write("Müller,x,0\n".encode("cp1252"))


def uneven(claims):
    with (claims / "medical_claim.csv").open("a", encoding="utf-8") as stream:
        stream.write("a,b\n")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut_off, "medical_claim.parquet is no complete Parquet file. Fetch it again"),
        (of_another_encoding, "provider.csv, line 7: the text is not UTF-8 throughout."),
        (uneven, "medical_claim.csv, line 8: the row has not the columns of the header."),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_line_and_cure(damage, said, claims, tmp_path, capsys):
    damage(claims)
    assert main(["metrics", "--claims", str(claims), "--out", str(tmp_path / "out")]) == 1
    assert said in capsys.readouterr().err


def test_a_limit_too_small_to_work_in_is_said(claims, tmp_path, capsys):
    assert main(["metrics", "--claims", str(claims), "--out", str(tmp_path / "out"), "--memory", "1MB"]) == 1
    assert "does not fit into 1MB" in capsys.readouterr().err


@needs_sample
@pytest.mark.skipif(find_spec("pyspark") is None, reason="PySpark is not installed: make spark")
@pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed: make spark")
def test_spark_answers_as_duckdb_does_on_the_sample(tmp_path):
    """Takes minutes: Spark starts, and plans each query for longer than it runs."""
    command = [sys.executable, "-m", "openum.cli.main", "metrics", "--claims", str(SAMPLE), "--engine", "spark"]
    subprocess.run([*command, "--out", str(tmp_path / "spark")], check=True, capture_output=True)
    here = metrics_of(SAMPLE, tmp_path / "duckdb")
    there = {file.name: file.read_bytes() for file in (tmp_path / "spark").iterdir()}
    assert {name for name in here if here[name] != there.get(name)} == set()
