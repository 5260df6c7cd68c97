"""`openum fhir validate`: what it prints and how it ends."""

import io
import json

import pytest

from openum.cli.main import main
from tests.adapters.kit import MESSAGES


def _write(folder, content):
    file = folder / "message.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(file)


def test_a_good_message_ends_with_zero(capsys):
    file = str(MESSAGES / "home-care.json")
    assert main(["fhir", "validate", file, "--version", "2.0", "--profile", "profile-pas-request-bundle"]) == 0
    assert capsys.readouterr().out == f"{file}: valid\n"


def test_faults_are_told_with_place_rule_and_cure(tmp_path, capsys):
    file = _write(tmp_path, {"resourceType": "Patient", "birthDate": "1970-02-30", "gender": "man"})
    assert main(["fhir", "validate", file, "--profile", "us-core-patient"]) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"{file}: 4 errors\n")
    assert "  error: Patient.birthDate [format] The value is no date of FHIR. A date is a day of the calendar" in said
    assert "      asked by http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|7.0.0" in said
    assert main(["fhir", "validate", file, "--base", "--json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)
    assert not told["valid"]
    assert [(one["path"], one["rule"]) for one in told["issues"]] == [
        ("Patient.birthDate", "format"),
        ("Patient.gender", "binding"),
    ]


def test_a_cds_hooks_call_is_checked_resource_by_resource(monkeypatch, capsys):
    call = {"hook": "order-sign", "context": {"draftOrders": {"resourceType": "Bundle", "type": "collection"}},
            "prefetch": {"patient": {"resourceType": "Patient", "gender": "man"}}}  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(call).encode())))
    assert main(["fhir", "validate", "-"]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert lines == ["- context.draftOrders: valid", "- prefetch.patient: 1 error"]


@pytest.mark.parametrize("content", ["{", "\ufeff[", "[" * 100_000])
def test_a_file_that_is_no_json_ends_with_two(tmp_path, capsys, content):
    assert main(["fhir", "validate", _write(tmp_path, content)]) == 2
    assert "message.json is" in capsys.readouterr().err


def test_other_unusable_arguments_end_with_two(tmp_path, capsys):
    assert main(["fhir", "validate", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    (tmp_path / "latin.json").write_bytes(b'{"a":"\xe4"}')
    assert main(["fhir", "validate", str(tmp_path / "latin.json")]) == 2
    assert "not written in UTF-8" in capsys.readouterr().err
    assert main(["fhir", "validate", _write(tmp_path, {}), "--profile", "nothing"]) == 2
    assert "not known in version 2.2" in capsys.readouterr().err
    assert main(["fhir", "validate", _write(tmp_path, [])]) == 1
