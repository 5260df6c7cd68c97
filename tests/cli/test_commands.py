import json
from datetime import timedelta

import pytest

from openum.cli.clock import span
from openum.cli.main import main, parser
from openum.cli.submit import lines_of

COMMANDS = [
    "demo",
    "policies publish",
    "serve",
    "worker",
    "live",
    "migrate",
    "submit",
    "case",
    "audit verify",
    "clock set",
    "clock advance",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([*command.split(), "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: openum {command} ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["clock", "advance", "soon"], "'soon' is not a span of time. Write it like 3d, 36h, 1d12h or 90m."),
        (["clock", "set", "noon"], "'noon' is not an instant. Write it like 2026-11-16T14:02:00-05:00."),
        (
            ["clock", "set", "2026-11-16T14:02"],
            "'2026-11-16T14:02' has no time zone. Add -05:00, Z or another one at the end.",
        ),
        (
            ["migrate", "--data", "missing"],
            "There is no directory missing. Run openum demo first, or give another --data DIR.",
        ),
        (
            ["case", "C-26-1", "--data", "missing"],
            "There is no directory missing. Run openum demo first, or give another --data DIR.",
        ),
        (["submit", "missing.json"], "missing.json cannot be read: No such file or directory."),
        (["demo", "--port", "99999"], "99999 is not a port. Give one between 1 and 65535 with --port."),
    ],
)
def test_a_failure_is_one_sentence_and_a_non_zero_exit(arguments, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    assert capsys.readouterr().err == sentence + "\n"


def test_a_directory_with_other_files_is_not_taken_for_a_demo(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    assert main(["demo", "--data", str(tmp_path), "--port", "18799", "--reset"]) == 1
    assert "holds other files and was not made by openum demo" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3d", timedelta(days=3)),
        ("1d12h", timedelta(hours=36)),
        ("90m", timedelta(minutes=90)),
        ("45 s", timedelta(seconds=45)),
    ],
)
def test_spans_are_read(text, expected):
    assert span(text) == expected


def test_an_answer_is_told_in_a_few_lines():
    action = {
        "url": "http://example.org/StructureDefinition/extension-reviewAction",
        "extension": [
            {"url": "number", "valueString": "A-26-0000001"},
            {
                "url": "http://example.org/StructureDefinition/extension-reviewActionCode",
                "valueCodeableConcept": {"coding": [{"code": "A1", "display": "Certified in total"}]},
            },
        ],
    }
    response = {
        "resourceType": "ClaimResponse",
        "outcome": "complete",
        "disposition": "Decided",
        "item": [{"itemSequence": 1, "adjudication": [{"extension": [action]}]}],
        "processNote": [{"text": "All criteria are met."}],
    }
    assert lines_of({"resourceType": "Bundle", "entry": [{"resource": response}]}) == [
        "complete: Decided",
        "  line 1: A1 Certified in total A-26-0000001",
        "  note: All criteria are met.",
    ]
    refusal = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "diagnostics": "No Claim."}]}
    assert lines_of(json.loads(json.dumps(refusal))) == ["error: No Claim."]
