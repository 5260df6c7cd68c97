"""Reference tables: taken whole or refused with file, row and cure, and used before those of the program."""

import json
from datetime import UTC, datetime

import pytest

from openum.analytics.tables.force import in_force, used
from openum.analytics.tables.held import taken
from openum.analytics.tables.take import Given, check
from openum.cli.main import main
from openum.vocabulary.errors import OpenUMError
from tests.analytics.expected import rows_of
from tests.analytics.hand import span, stay, visit, write

AT = datetime(2026, 3, 1, tzinfo=UTC)

WRONG = {
    "no column gmlos": ("ms-drg", "ms_drg,amlos\n470,2\n", "x", "line 1: there is no column"),
    "code of another shape": ("ms-drg", "drg,gmlos,amlos,weight\n470,1,2,3\n4X0,1,2,3\n", "FY2026", "row 2: code is “4X0”"),
    "negative days": ("ms-drg", "drg,gmlos,amlos\n470,-1,2\n", "FY2026", "row 1: gmlos is “-1”"),
    "two meanings": ("charlson-weights", "category,charlson1987,quan2011\nami,1,0\nami,2,0\n", "1", "row 2: ami stands there a second time"),
    "two years": ("ms-drg", "drg,fiscal_year\n470,2025\n471,2026\n", "", "several fiscal years (2025, 2026)"),
    "year and version differ": ("ms-drg", "drg,fiscal_year\n470,2025\n", "FY2026", "says fiscal year 2025"),
    "no version": ("icd-10-cm", "code\nA000\n", "", "does not say its fiscal year. Add --version"),
    "no rows": ("icd-10-cm", "code\n", "FY2026", "holds no rows"),
    "not licensed": ("ncci", "column1,column2,modifier_allowed\n93000,93005,0\n", "2026Q1", "Give your licensed copy"),
    "no such kind": ("weather", "code\n1\n", "1", "The kinds are ms-drg"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_table_that_cannot_be_used_is_refused_with_the_cure(tmp_path, name):
    kind, text, version, said = WRONG[name]
    file = tmp_path / "table.csv"
    file.write_text(text)
    if name == "no column gmlos":
        kind, text = "ed-classes", file.write_text("icd10,injury\nS000,1\n")
    with pytest.raises(OpenUMError, match=said.replace("(", r"\(").replace(")", r"\)")):
        check(Given(kind=kind, file=file, version=version), at=AT)


def test_loaded_tables_are_used_before_those_of_the_program_and_named(tmp_path, capsys):
    store, out = tmp_path / "store", tmp_path / "out"
    people = [f"P{number:02}" for number in range(12)]
    claims = write(
        tmp_path / "claims",
        spans=[span(person) for person in people],
        medical=[stay(person, f"S{person}", "2024-11-01", "2024-11-05", drg_code="470", diagnosis_code_1="Z9999") for person in people]
        + [visit("P00", "V1", "2024-06-03", hcpcs_code="11111", diagnosis_code_1="A000"), visit("P00", "V1", "2024-06-03", hcpcs_code="22222", diagnosis_code_1="A000", claim_line_number=2)],
        pharmacy=[],
    )  # fmt: skip
    assert main(["claims", "load", str(claims), "--store", str(store)]) == 0

    def take(kind, text, *options):
        file = tmp_path / f"{kind}.csv"
        file.write_text(text)
        return main(["reference", "load", kind, str(file), "--store", str(store), *options])

    assert in_force(store) is None
    assert take("ms-drg", "DRG;GMLOS;AMLOS;Weights\n470;1.5;2.0;1.9\n999;.;.;0\n", "--version", "FY2025") == 0
    assert take("ms-drg", "DRG,GMLOS,AMLOS\n470,9.5,9.9\n", "--version", "FY2026") == 0
    assert take("ms-drg", "DRG,GMLOS,AMLOS\n470,9.5,9.8\n", "--version", "FY2026") == 1
    assert take("charlson", "category,prefix\nami,Z99\n", "--version", "own") == 0
    assert take("ncci", "Column 1,Column 2,Modifier\n11111,22222,0\n", "--version", "2026Q1", "--licence", "ours") == 0
    assert take("icd-10-cm", "code\nZ9999\n", "--version", "FY2025") == 0
    assert take("icd-10-cm", "code\nZ9999\n", "--version", "FY2025") == 0
    assert {(row.kind, row.version) for row in taken(store)} == {
        ("ms-drg", "FY2025"), ("ms-drg", "FY2026"), ("charlson", "own"), ("ncci", "2026Q1"), ("icd-10-cm", "FY2025"),
    }  # fmt: skip
    assert main(["attention", "--claims", str(store), "--out", str(out)]) == 0
    [drg] = rows_of(out / "los_by_drg.csv")
    assert (drg["drg"], drg["gmlos"], drg["expected_days"], drg["gmlos_source"]) == ("470", "1.5", "1.5", "FY2025")
    assert {row["category"] for row in rows_of(out / "comorbidity.csv") if row["system"] == "charlson"} == {"ami"}
    assert any(
        name.startswith("ms-drg FY2025") for name in json.loads((out / "run.json").read_text())["reference_tables"]
    )

    assert main(["metrics", "--claims", str(store), "--out", str(out)]) == 0
    assert {row["kind"] for row in json.loads((out / "reference_tables.json").read_text())} == {"ms-drg"}
    capsys.readouterr()
    assert main(["claims", "quality", "--store", str(store)]) == 0
    scores = {line.split()[1]: line.split()[2] for line in capsys.readouterr().out.splitlines()}
    assert (scores["unknown-diagnosis"], scores["unknown-drg"]) == ("2", "0")
    assert main(["claims", "leads", "--store", str(store), "--out", str(out / "leads.csv")]) == 0
    assert "Looked up in ncci 2026Q1" in capsys.readouterr().out
    assert any(row["procedure"] == "22222" for row in rows_of(out / "leads.csv"))
    for kind, version in (("ms-drg", "FY2025"), ("ms-drg", "FY2026"), ("charlson", "own")):
        assert main(["reference", "remove", kind, version, "--store", str(store)]) == 0
    assert used(store) == []
    assert in_force(store) is None
