"""`openum cql eval`."""

from __future__ import annotations

import json

import pytest

from openum.cli.main import main
from tests.cql.records import RECORD

NOW = ("--now", "2026-11-23T09:12:04+00:00")
LIBRARY = """library Form version '1'
using FHIR version '4.0.1'
include Shared
valueset "Leg Pain": 'urn:vs:leg-pain'
parameter "Least" Integer default 1
context Patient
define "Pain": [Condition: "Leg Pain"] C return C.id
define "Enough": Count("Pain") >= "Least" * Shared.One
define "Mass": (Last([Observation] O where O.code.coding[0].code = '39156-5' sort by effective).value as Quantity) > 30 'mmHg'
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "form.cql").write_text(LIBRARY)
    (tmp_path / "Shared.cql").write_text("library Shared\ndefine One: 1")
    (tmp_path / "bundle.json").write_text(
        json.dumps({"resourceType": "Bundle", "entry": [{"resource": r} for r in RECORD]})
    )
    (tmp_path / "sets.json").write_text(json.dumps({"Leg Pain": ["urn:own|leg-pain"]}))
    return tmp_path


def run(capsys, *arguments):
    code = main(["cql", "eval", *map(str, arguments)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_an_expression_prints_its_answer_with_its_type(capsys):
    assert run(capsys, "1 + 1") == (0, '{"Integer": 2}\n', "")
    assert run(capsys, "Today()", *NOW) == (0, '{"Date": "2026-11-23"}\n', "")
    assert run(capsys, "null = 1") == (0, "null\n", "")


def test_a_fault_is_one_sentence_and_a_non_zero_exit(capsys):
    code, out, err = run(capsys, "1 + 'a'")
    assert (code, out) == (1, "")
    assert err == "Line 1, column 3: The operator “add” is not defined for Integer, String.\n"
    assert run(capsys, "singleton from {1, 2}")[::2] == (1, "“singleton from” found 2 elements.\n")


def test_an_expression_over_a_bundle(capsys, folder):
    code, out, _ = run(capsys, "Count([Condition])", "--bundle", folder / "bundle.json", *NOW)
    assert (code, json.loads(out)) == (0, {"Result": {"Integer": 3}})


def test_a_library_with_parameters_value_sets_and_a_chosen_definition(capsys, folder):
    given = (folder / "form.cql", "--bundle", folder / "bundle.json", "--value-sets", folder / "sets.json", *NOW)
    code, out, _ = run(capsys, *given, "--define", "Enough", "--parameter", "Least=1 + 2")
    assert (code, json.loads(out)) == (0, {"Enough": {"Boolean": False}})
    code, out, _ = run(capsys, *given, "--define", "Pain")
    assert json.loads(out) == {"Pain": {"List": [{"String": "c1"}, {"String": "c2"}]}}


def test_explain_prints_evidence_what_is_missing_and_warnings(capsys, folder):
    given = (folder / "form.cql", "--bundle", folder / "bundle.json", "--value-sets", folder / "sets.json", *NOW)
    code, out, _ = run(capsys, *given, "--explain", "--define", "Mass", "--define", "Pain")
    found = json.loads(out)
    assert code == 0
    assert found["Pain"]["evidence"] == ["Condition/c1", "Condition/c2"]
    assert found["Mass"]["value"] is None
    assert "the unit 'mmHg' is not known to UCUM" in found["Mass"]["missing"]
    assert "Did you mean 'mm[Hg]'?" in found["warnings"][0]


def test_a_value_set_that_was_not_given_fails_in_one_sentence(capsys, folder):
    code, _, err = run(capsys, folder / "form.cql", "--bundle", folder / "bundle.json", "--define", "Pain", *NOW)
    assert (code, err) == (1, "Pain could not be evaluated: The value set “Leg Pain” was not supplied.\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere.cql",), "nowhere.cql cannot be read as text.\n"),
        (("1", "--now", "noon"), "“noon” is no time; write it as 2026-11-23T09:00:00-05:00.\n"),
        (("1", "--bundle", "nowhere.json"), "nowhere.json cannot be read as text.\n"),
    ],
)
def test_what_cannot_be_read_is_said(capsys, arguments, sentence):
    code, out, err = run(capsys, *arguments)
    assert (code, out, err) == (1, "", sentence)


def test_value_sets_may_be_fhir_value_sets(capsys, folder):
    value_set = {
        "resourceType": "ValueSet",
        "url": "urn:vs:leg-pain",
        "expansion": {"contains": [{"system": "urn:own", "code": "leg-pain"}]},
    }
    (folder / "set.json").write_text(json.dumps(value_set))
    given = (folder / "form.cql", "--bundle", folder / "bundle.json", "--value-sets", folder / "set.json", *NOW)
    assert json.loads(run(capsys, *given, "--define", "Enough")[1]) == {"Enough": {"Boolean": True}}
