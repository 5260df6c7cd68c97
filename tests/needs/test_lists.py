"""Lists are data: their faults are told by line, a publication is seen at once, and the index is built once."""

from datetime import date
from pathlib import Path

import pytest

from openum.cli.main import main
from openum.needs import queries
from openum.needs.checking import check_list
from openum.needs.queries import Question, assess
from openum.needs.reading import RequirementsInvalid, read_requirements
from openum.needs.rules import Authorization
from openum.needs.services import publish_requirements

HEAD = """key: test
version: 1
effective_from: 2026-01-01
source: test
source_verified: false
"""
SHIPPED = sorted((Path(__file__).resolve().parents[2] / "policies" / "requirements").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_lists_have_no_fault(path):
    assert check_list(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEAD + "rows: [\n", 7, "This is not YAML"),
        (HEAD + "effective_to: 2026-02-30\n", 1, "A value cannot be read"),
        ("- a list\n", 1, "a YAML mapping with a key"),
        (HEAD.replace("source: test\n", ""), 1, "“source” is missing"),
        (HEAD + "effective_to: 2025-01-01\n", 6, "ends before it starts"),
        (HEAD.replace("2026-01-01", '"2026-01-01"'), 3, "a date like 2026-01-01, without quotation marks"),
        (HEAD + "rowz: []\n", 6, "nothing is called rowz"),
        (HEAD + "rows: {a: b}\n", 6, "“rows” must be a list"),
        (HEAD + "value_sets:\n  Good: [CPT|1]\n  Bad: CPT|1\n", 8, "its codes must be a list: write [CPT|1]"),
        (HEAD + "value_sets: {Bad: [XYZ|1]}\n", 6, "must read SYSTEM|code"),
        (HEAD + "rows:\n  - {key: a, reason: x}\n  - {key: b}\n", 8, "row b: “reason” is missing"),
        (HEAD + "rows:\n  - {reason: x}\n", 7, "row number 1: “key” is missing"),
        (HEAD + "rows:\n  - just words\n", 7, "row number 1: “key” is missing"),
        (HEAD + "rows:\n  - {key: a, reason: x, services: CPT|1}\n", 7, "“services” must be a list: write [CPT|1]"),
        (HEAD + "rows:\n  - {key: a, reason: x, ages: {from: young}}\n", 7, "row a, ages: “from” must be a whole number"),
        (HEAD + "rows:\n  - {key: a, reason: x, effective: {from: soon}}\n", 7, "row a, effective: “from” must be a date"),
        (HEAD + "rows:\n  - {key: a, reason: x, valid_days: -1}\n", 7, "“valid_days” must be a whole number"),
        (HEAD + "rows:\n  - {key: a, reason: x, details: [{code: c}]}\n", 7, "“value” of a detail is missing"),
        (HEAD + "rows:\n  - {key: a, reason: x, details: [{code: c, value: 1, category: x}]}\n", 7, "“x” is none of: cat-"),
        (HEAD + "rows:\n  - {key: a, reason: x, references: [{label: l, url: 'ftp://x'}]}\n", 7, "must begin with https://"),
        (HEAD + "rows:\n  - {key: a, reason: x, alternatives: [{lable: l}]}\n", 7, "row a, alternatives: nothing is called lable"),
        (HEAD + "rows:\n  - {key: a, reason: x, documents: {kind: all}}\n", 7, "the kind of documents"),
        (HEAD + "rows:\n  - {key: a, reason: x, depends_on: [None known]}\n", 7, "no value set called None known"),
        (HEAD + "exemptions:\n  - {npi: '123', reason: x}\n", 7, "exemption-1: 123 is no provider number"),
        (HEAD + "never_excluded:\n  - {reason: x}\n", 7, "“citation” is missing"),
        (HEAD + "formal_determination:\n  - {text: x}\n", 7, "“citation” is missing"),
        (HEAD + "never_reviewed:\n  - {key: k, circumstances: [inpatient_stay], reason: x, citation: y}\n", 7, "for named diagnoses only"),
        (HEAD + "never_reviewed:\n  - {key: k, reason: x, citation: y}\n", 7, "name a circumstance"),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_line_and_cure(text, line, words):
    (fault,) = check_list(text)
    assert (fault.line, fault.is_doubt) == (line, False)
    assert words in fault.text


def test_all_faults_are_told_at_once_in_the_order_of_lines():
    rows = "rows:\n  - {key: a}\n  - {key: b, reason: x, covered: perhaps}\n  - {key: c, reason: x}\n  - {key: c, reason: y}\n"
    assert [one.line for one in check_list(HEAD + rows)] == [7, 8, 10]
    with pytest.raises(RequirementsInvalid, match="row a"):
        read_requirements(HEAD + rows)


@pytest.mark.parametrize(
    ("other", "doubts"),
    [
        ("{key: b, services: [CPT|1], reason: y}", 1),
        ("{key: b, services: [CPT|1], reason: y, places: ['11']}", 0),
        ("{key: b, services: [CPT|2], reason: y}", 0),
        ("{key: b, services: [CPT|1], reason: y, effective: {to: 2026-02-01}}", 0),
        ("{key: b, services: [CPT|1], reason: y, effective: {from: 2026-03-01}}", 1),
    ],
)
def test_rows_of_which_neither_is_narrower_are_doubted(other, doubts):
    rows = f"rows:\n  - {{key: a, services: [CPT|1], reason: x, effective: {{from: 2026-02-01}}}}\n  - {other}\n"
    found = check_list(HEAD + rows)
    assert [one.is_doubt for one in found] == [True] * doubts


@pytest.mark.parametrize(("body", "code", "words"), [
    (HEAD, 0, "list.yaml: no fault"),
    (HEAD + "rowz: []\n", 1, "list.yaml:6: test: nothing is called rowz"),
    (HEAD + "rows:\n  - {key: a, services: [CPT|1], reason: x}\n  - {key: b, services: [CPT|1], reason: x}\n", 0, "list.yaml:8: (doubt) row b"),
    (b"\xff\xfe", 1, "cannot be read"),
])  # fmt: skip
def test_the_command_checks_files(tmp_path, capsys, body, code, words):
    file = tmp_path / "list.yaml"
    file.write_bytes(body if isinstance(body, bytes) else body.encode())
    assert main(["needs", "--check", str(file)]) == code
    said = capsys.readouterr()
    assert words in said.out + said.err


def test_the_command_asks_for_what_it_needs(tmp_path, capsys):
    assert main(["needs", "--check", str(tmp_path / "none.yaml")]) == 1
    assert main(["needs", "--code", "72148"]) == 1
    assert "Give --code and --product" in capsys.readouterr().err


def big_list(version, authorization):
    row = "  - {{key: r{n}, services: [CPT|{n}], reason: R., authorization: {a}}}\n"
    return HEAD.replace("version: 1", f"version: {version}") + "rows:\n" + "".join(
        row.format(n=n, a=authorization) for n in range(30000, 35000)
    )  # fmt: skip


def test_five_thousand_rows_are_compiled_once_and_again_only_when_published_anew(world, at, tmp_path, monkeypatch):
    compiled = []
    real = queries.compile_index
    monkeypatch.setattr(queries, "compile_index", lambda lists: compiled.append(1) or real(lists))
    question = Question(plan=world.plan, product=world.medicare, services=(("CPT", "32345"),), on=date(2026, 11, 20))

    def publish(version, authorization):
        file = tmp_path / f"{version}.yaml"
        file.write_text(big_list(version, authorization))
        publish_requirements(path=file, by=world.engine, at=at)

    def answer():
        return assess(question).need

    publish(1, "auth-needed")
    assert [answer().authorization for _ in range(3)] == [Authorization.NEEDED] * 3
    assert len(compiled) == 1
    publish(2, "no-auth")
    need = answer()
    assert (need.authorization, need.rests_on[0].version) == (Authorization.NONE, "2")
    answer()
    assert len(compiled) == 2


def test_a_list_that_is_not_in_force_yet_says_nothing(world, at, tmp_path):
    file = tmp_path / "later.yaml"
    file.write_text(
        HEAD.replace("2026-01-01", "2027-01-01") + "rows:\n  - {key: a, services: [CPT|32345], reason: x}\n"
    )
    publish_requirements(path=file, by=world.engine, at=at)

    def answer(on):
        return assess(Question(plan=world.plan, product=world.medicare, services=(("CPT", "32345"),), on=on)).need.row

    assert [answer(date(2026, 12, 31)), answer(date(2027, 1, 1))] == ["", "a"]
