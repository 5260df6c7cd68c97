"""Whatever an author or a sender writes, the answer is a sentence with a place, or unknown; never a crash, never “no”."""

import pytest

from openum.criteria.checks import check_and_run, check_document
from tests.criteria.documents import LIBRARIES, SMALL

FELL = 'define "Fell": Record.Judge(exists ([Condition: "Falls"]), not Record.Said(\'walk.fell\'))'


def faults(text, libraries=LIBRARIES):
    return [str(fault) for fault in check_document(text, file="walk.md", libraries=libraries).faults]


def line_of(text, part):
    return text[: text.index(part)].count("\n") + 1


def with_logic(body):
    assert FELL in SMALL
    return SMALL.replace(FELL, f"define \"Fell\": Record.Said('walk.fell') and ({body})")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("exists ([Condition] C where C.onsetDay = @2030-01-01)", "onsetDay"),
        ("[Condition] + 1 = 2", "does not compile"),
        ('exists ([Condition: "Nowhere"])', "Nowhere"),
        ("@2026-02-30 = Today()", "does not compile"),
        ("1 'furlongs' > 2 'm'", "does not compile"),
        ('"Fell"', "needs its own value"),
        ('"Needs Help', "does not compile"),
        ("Record.Nothing()", "Nothing"),
        ("(" * 2000 + "true" + ")" * 2000, "does not compile"),
    ],
)
def test_faulty_logic_is_told_with_the_line_of_the_document(body, sentence):
    text = with_logic(body)
    found = faults(text)
    if not found:  # units that no conversion knows are unknown at run time, with a diagnostic
        assert "furlongs" in body
        return
    line = line_of(text, 'define "Fell"')
    assert sentence in found[0]
    assert found[0].startswith(f"walk.md:{line}:")


def test_libraries_that_include_each_other_are_told():
    libraries = {
        "Record": LIBRARIES["Record"].replace(
            "include FHIRHelpers", "include Other version '1' called Other\ninclude FHIRHelpers"
        ),
        "Other": "library Other version '1'\ninclude Record version '1' called Record\ndefine A: true",
    }
    assert any("does not compile" in fault for fault in faults(SMALL, libraries))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{from: 2030-01-01, to: 2031-01-01}", "{from: 2026-02-30}"),
        ("request_date: 2030-05-01\n  answers: {walk.needs-help: yes}", "request_date: 2026-02-30"),
        ("any:\n  - key", "any: &tree\n  - *tree\n  - key"),
        ("owner: Committee", "owner: [" * 3000),
        ("owner: Committee", "owner: \x00"),
        ("owner: Committee", "owner: !!python/object/apply:os.system [ls]"),
        ("- {id: fall, condition: ICD10|R29.6", "- {id: [1], condition: {a: b}"),
        ("answers: {walk.needs-help: yes}", "answers: {walk.needs-help: {value: {deep: [1]}}}"),
        ("expect: {overall: met", "expect: {overall: [met]"),
    ],
)
def test_a_faulty_document_is_told_with_its_line(old, new):
    assert old in SMALL
    found = faults(SMALL.replace(old, new, 1))
    assert found
    assert all(fault.startswith("walk.md:") for fault in found)


def test_a_document_of_a_megabyte_is_read():
    text = SMALL.replace("For people who fall.", "For people who fall. " * 50_000)
    assert len(text) > 1_000_000
    assert faults(text) == []


def test_a_tree_that_is_too_deep_is_told():
    deep = "not:\n" + "".join(f"{'  ' * (n + 1)}key: k{n}\n{'  ' * (n + 1)}not:\n" for n in range(12))
    text = SMALL[: SMALL.index("any:\n")] + deep + "```\n"
    assert any("nested more than eight deep" in fault for fault in faults(text))


@pytest.mark.parametrize(
    "wrong",
    [
        "{resourceType: Condition, code: R29.6}",
        "{resourceType: Condition, code: {coding: [{system: 7, code: [R29.6]}]}}",
        "{resourceType: Condition, code: {coding: nothing}}",
        "{resourceType: Condition, code: {coding: [7, ~, text]}, onsetDateTime: [2030]}",
        "{resourceType: Unheard, code: {coding: []}}",
    ],
)
def test_a_resource_of_the_wrong_shape_is_unknown_and_never_no(wrong):
    text = SMALL.replace(
        "    - {id: fall, condition: ICD10|R29.6, onset: 2030-04-01, status: active}", f"    - {{resource: {wrong}}}"
    ).replace("answers: {walk.needs-help: no}", "answers: {}")
    _, report = check_and_run(text, file="walk.md", libraries=LIBRARIES)
    trial = next(trial for trial in report.trials if trial.patient.name == "Fell")
    assert {answer.value.value for answer in trial.result.answers} == {"unknown"}
