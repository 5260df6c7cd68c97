"""Loading claims into a store: mapping, quarantine and repair, several sources, re-loading, and every kind of bad file."""

import csv
import gzip
import json
import threading

import pytest

from openum.analytics.store.catalogue import Catalogue, StoreInUse, open_store
from openum.analytics.store.progress import watched
from openum.cli.main import main
from tests.analytics.expected import rows_of
from tests.analytics.hand import fill, span, stay, visit, write


def load(store, *paths, **options):
    more = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return main(["claims", "load", *map(str, paths), "--store", str(store), *more])


def metrics_of(claims, out):
    assert main(["metrics", "--claims", str(claims), "--out", str(out)]) == 0
    return {file.name: file.read_bytes() for file in out.iterdir()}


PEOPLE = ("A1", "A2", "007")


def good(folder):
    return write(
        folder,
        spans=[span(person) for person in PEOPLE],
        medical=[row for person in PEOPLE for row in (stay(person, f"S{person}", "2024-03-01", "2024-03-05"), visit(person, f"V{person}", "2024-04-01"))],
        pharmacy=[fill("A1", "R1", "2024-05-01")],
    )  # fmt: skip


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


def files_below(folder):
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def test_a_loaded_store_gives_the_metrics_of_its_files_and_loading_again_changes_nothing(tmp_path, store, capsys):
    claims = good(tmp_path / "claims")
    assert load(store, claims) == 0
    once = metrics_of(store, tmp_path / "once")
    assert once == metrics_of(claims, tmp_path / "direct")
    assert {"person_id": "007", "metric": "acute_admits", "value": "1"} in rows_of(
        tmp_path / "once" / "metrics_by_person.csv"
    )
    before = files_below(store)
    assert load(store, claims) == 0
    assert "was loaded before" in capsys.readouterr().out
    assert files_below(store) == before
    assert metrics_of(store, tmp_path / "twice") == once


def test_a_later_file_adds_what_is_new_takes_back_what_is_reversed_and_repeats_nothing(tmp_path, store, capsys):
    assert load(store, good(tmp_path / "claims")) == 0
    later = tmp_path / "medical_claim_may.csv"
    rows = rows_of(tmp_path / "claims" / "medical_claim.csv")
    rows[0] |= {"paid_amount": "-1000.00", "paid_date": "2024-06-01"}
    rows.append(rows[1] | {"claim_id": "NEW", "claim_line_start_date": "2024-05-05"})
    with later.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert load(store, later) == 0
    assert "2 of 7 rows taken, 5 already there" in capsys.readouterr().out
    metrics_of(store, tmp_path / "out")
    found = {
        (row["person_id"], row["metric"]): float(row["value"])
        for row in rows_of(tmp_path / "out" / "metrics_by_person.csv")
    }
    assert ("A1", "acute_admits") not in found
    assert found["A1", "pcp_visits"] == 2
    assert found["A2", "acute_admits"] == 1


def test_the_same_numbers_from_two_sources_are_two_claims(tmp_path, store):
    for source in ("east", "west"):
        write(
            tmp_path / source,
            spans=[span(source, data_source="")],
            medical=[visit(source, "C1", "2024-04-01", data_source="")],
        )
        assert load(store, tmp_path / source, source=source) == 0
    metrics_of(store, tmp_path / "out")
    assert [
        row["person_id"] for row in rows_of(tmp_path / "out" / "metrics_by_person.csv") if row["metric"] == "pcp_visits"
    ] == ["east", "west"]


def test_other_headers_are_mapped(tmp_path, store):
    write(tmp_path / "claims", spans=[span("A1")], medical=[visit("A1", "C1", "2024-04-01")])
    file = tmp_path / "claims" / "medical_claim.csv"
    file.write_text(file.read_text().replace("claim_id", "CLM NO").replace("hcpcs_code", "Proc"))
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("medical_claim:\n  claim_id: CLM NO\n  hcpcs_code: Proc\n")
    assert load(store, tmp_path / "claims") == 1
    assert load(store, tmp_path / "claims", mapping=mapping) == 0
    metrics_of(store, tmp_path / "out")
    assert "pcp_visits,commercial,2024-04,1" in (tmp_path / "out" / "metrics_by_month.csv").read_text()


BAD_ROWS = [
    (visit("", "B1", "2024-04-01"), "There is no person_id."), (visit("A1", "", "2024-04-01"), "There is no claim_id."),
    (visit("A1", "B3", "2024-04-01") | {"claim_start_date": "31.12.2024"}, "The value of claim_start_date cannot be read."),
    (visit("A1", "B4", "1812-04-01"), "before 1900"), (stay("A1", "B5", "2024-04-09", "2024-04-01"), "The discharge is before the admission."),
    (visit("A1", "B6", "2024-04-01", paid_amount="twelve"), "The value of paid_amount cannot be read."),
]  # fmt: skip


def test_bad_rows_are_set_aside_with_reason_repaired_and_admitted(tmp_path, store, capsys):
    write(
        tmp_path / "claims",
        spans=[span("A1")],
        medical=[visit("A1", "G1", "2024-04-01"), *(row for row, _ in BAD_ROWS)],
    )
    assert load(store, tmp_path / "claims") == 0
    assert "1 of 7 rows taken, 6 set aside in quarantine/medical_claim-" in capsys.readouterr().out
    (aside,) = (store / "quarantine").iterdir()
    rows = rows_of(aside)
    assert [
        (row["set_aside_row"], reason in row["set_aside_because"])
        for row, (_, reason) in zip(rows, BAD_ROWS, strict=True)
    ] == [(str(number), True) for number in range(2, 8)]
    rows[0]["person_id"] = "A1"
    with aside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows[:2])
    assert main(["claims", "admit", str(aside), "--store", str(store)]) == 0
    assert "1 of 2 rows taken, 1 set aside" in capsys.readouterr().out
    assert main(["claims", "list", "--store", str(store)]) == 0
    assert capsys.readouterr().out.count("set aside in") == 1
    metrics_of(store, tmp_path / "out")
    assert "medical_paid_all,commercial,2024-04,200.00" in (tmp_path / "out" / "metrics_by_month.csv").read_text()


def test_only_rows_that_were_set_aside_are_admitted(tmp_path, store, capsys):
    file = good(tmp_path / "claims") / "medical_claim.csv"
    assert main(["claims", "admit", str(file), "--store", str(store)]) == 1
    assert "set no rows aside as medical_claim.csv" in capsys.readouterr().err


def truncated_parquet(folder):
    file = folder / "medical_claim.parquet"
    file.write_bytes(b"PAR1" + bytes(200))
    return file, "is no complete Parquet file"


def missing_column(folder):
    file = folder / "medical_claim.csv"
    file.write_text("claim_id,person_id\nC1,A1\n")
    return file, "has no column claim_line_number"


def ragged(folder):
    file = folder / "pharmacy_claim.csv"
    file.write_text("claim_id,claim_line_number,person_id,dispensing_date\nR1,1,A1,2024-01-01\nR2,1,A1\n")
    return file, "line 3"


def mixed_encodings(folder):
    file = folder / "eligibility.csv"
    head = b"person_id,enrollment_start_date,enrollment_end_date,payer,last_name\n"
    file.write_bytes(
        head + "A1,2024-01-01,2024-12-31,p,Peña\n".encode() + "A2,2024-01-01,2024-12-31,p,Peña\n".encode("cp1252")
    )
    return file, "line 3: the text is not UTF-8 throughout"


def empty(folder):
    file = folder / "eligibility.csv"
    file.write_bytes(b"")
    return file, "is empty"


def broken_archive(folder):
    file = folder / "eligibility.csv.gz"
    file.write_bytes(gzip.compress(b"person_id\n" * 900)[:-12])
    return file, "cannot be read to its end"


def nameless(folder):
    file = folder / "claims_2024.csv"
    file.write_text("claim_id\nC1\n")
    return file, "it is not known which table it holds"


def test_bad_files_are_refused_whole_with_name_and_cure_and_the_others_are_loaded(tmp_path, store, capsys):
    claims = good(tmp_path / "claims")
    bad = []
    for make in (truncated_parquet, missing_column, ragged, mixed_encodings, empty, broken_archive, nameless):
        folder = tmp_path / make.__name__
        folder.mkdir()
        bad.append(make(folder))
    assert load(store, *(file for file, _ in bad), claims) == 1
    *said, last = capsys.readouterr().err.splitlines()
    for line, (file, sentence) in zip(said, bad, strict=True):
        assert line.startswith(str(file))
        assert sentence in line
    assert last.startswith("7 of 11 files were refused")
    names = [row.file for row in Catalogue(store).loaded]
    assert names == ["eligibility.csv", "medical_claim.csv", "pharmacy_claim.csv", "provider.csv"]


def test_another_encoding_can_be_named(tmp_path, store):
    file, _ = mixed_encodings(tmp_path)
    file.write_bytes(file.read_bytes().replace("ñ".encode(), "ñ".encode("cp1252")))
    assert load(store, file, encoding="cp1252") == 0
    assert Catalogue(store).loaded[0].taken == 2


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [("- a\n", "is no mapping"), ("medical_claim:\n  nothing: X\n", "names nothing, which the table does not have"),
     ("medical_claim:\n  claim_id: X\n", "names the header X, which"), ("a: {b", "cannot be read as YAML")],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_is_refused(tmp_path, store, capsys, mapping, sentence):
    file = tmp_path / "mapping.yaml"
    file.write_text(mapping)
    assert load(store, good(tmp_path / "claims") / "medical_claim.csv", mapping=file) == 1
    assert sentence in capsys.readouterr().err


def test_nothing_to_load_is_said(tmp_path, store, capsys):
    assert load(store, tmp_path / "absent") == 1
    assert "There is no file or folder" in capsys.readouterr().err
    (tmp_path / "bare").mkdir()
    assert load(store, tmp_path / "bare") == 1
    assert "holds no .parquet, .csv or .csv.gz file" in capsys.readouterr().err


def test_a_load_that_broke_off_leaves_nothing_behind(tmp_path, store):
    claims = good(tmp_path / "claims")
    assert load(store, claims) == 0
    orphan = store / "medical_claim" / "0123456789abcdef.parquet"
    orphan.write_bytes((store / Catalogue(store).loaded[1].part).read_bytes())
    assert load(store, claims) == 0
    assert not orphan.exists()


def test_two_loads_do_not_write_at_once(store):
    with open_store(store), pytest.raises(StoreInUse, match="Another load is writing"), open_store(store):
        pass


def test_a_damaged_catalogue_is_said(tmp_path, store, capsys):
    store.mkdir()
    (store / "catalogue.json").write_text(json.dumps({"files": [{"file": "x"}]}))
    assert load(store, good(tmp_path / "claims")) == 1
    assert "is no catalogue of claims" in capsys.readouterr().err


def test_the_scorecard_counts_what_is_not_as_claims_should_be(tmp_path, store, capsys):
    spans = [span("A1", gender="female"), span("A1", gender="male"), span("A2", death_date="2024-03-01")]
    medical = [
        stay("A1", "C1", "2024-03-01", "2024-03-05"), stay("A1", "C1", "2024-03-01", "2024-03-05", number=2, bill_type_code="131"),
        visit("A2", "C2", "2024-04-01", diagnosis_code_1="ZZZ", paid_amount="500.00"), visit("A9", "C3", "2024-04-01"),
        visit("A9", "C3", "2024-04-01", paid_amount="90.00"),
    ]  # fmt: skip
    assert load(store, write(tmp_path / "claims", spans=spans, medical=medical)) == 0
    capsys.readouterr()
    assert main(["claims", "quality", "--store", str(store)]) == 0
    found = {line.split()[1]: line.split()[2] for line in capsys.readouterr().out.splitlines()}
    for check, count in {
        "medical-paid-above-allowed": "3", "medical-key-twice": "1", "unknown-diagnosis": "1", "several-bill-types": "1",
        "several-genders": "1", "nobody-enrolled": "2", "after-death": "1", "medical-negative": "0",
    }.items():  # fmt: skip
        assert found[check] == count, check


def test_how_far_long_work_is_is_told_once_a_number_and_short_work_says_nothing():
    seen, enough = [], threading.Event()
    answers = iter([-1.0, 0.0, 12.7, 12.9, 8.0, 55.0, 100.0])

    def went(percent):
        seen.append(percent)
        if percent == 99:
            enough.set()

    with watched(lambda: next(answers, 100.0), went, every=0.001):
        assert enough.wait(20)
    assert seen == [12, 55, 99]
    with watched(lambda: 1 / 0, went, every=60):
        pass
    with watched(lambda: 1 / 0, None):
        pass
    assert seen == [12, 55, 99]
