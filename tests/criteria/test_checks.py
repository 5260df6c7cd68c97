"""What a guideline document must be before it may be published, and what its test patients show."""

from pathlib import Path

import pytest

from openum.cli import criteria as command
from openum.cli.main import main
from openum.criteria.checks import check_and_run, check_document, definitions_used_by
from openum.criteria.document import assemble
from openum.criteria.pack import guideline_file, guideline_files
from openum.criteria.tree import Mode
from openum.criteria.trials import run_patients
from openum.vocabulary.terms import FindingValue
from tests.criteria.documents import LIBRARIES, POLICIES, SMALL

PUBLISHED = [found for found in guideline_files(POLICIES) if "\nstatus: published\n" in found.text]


def check(text, **options):
    return check_document(text, file="walk.md", libraries=LIBRARIES, **options)


def sentences(text, **options):
    return [str(fault) for fault in check(text, **options).faults]


@pytest.mark.parametrize("found", PUBLISHED, ids=lambda found: found.name)
def test_every_published_guideline_of_the_pack_is_in_order_and_fully_tested(found):
    checked, report = check_and_run(found.text, file=found.name, libraries=found.libraries, patients=found.patients)
    assert [str(fault) for fault in checked.faults] == []
    assert report.is_complete


def test_the_small_document_is_in_order():
    checked = check(SMALL)
    assert checked.is_in_order
    assert checked.unchecked_codes == 2
    assert run_patients(checked.program).is_complete


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('define "Fell"', 'define "Spare": true\ndefine "Fell"', "No criterion uses the definition “Spare”."),
        ("authority:\n  - {kind: plan-policy, reference: Committee, section: part 1, verified: yes}\n", "",
         "The front matter needs “authority”"),
        ('es: "¿Se cayó?"', 'es: "Did you fall?"', "stands in the same words in both languages; translate it."),
        ('"Did you fall?"', '"You fell."', "must be a question and end with “?”."),
        ('"Did you fall?"', '"Was there documentation of recurrent involuntary loss of postural stability?"',
         "“plain” (en) reads at grade"),
        ('  expect: {overall: met, "1": met, "2": unknown}', '  expect: {overall: met, "1": met}',
         "“expect” of the patient “Needs help” does not say 2."),
        ('  names: {"2": Condition.code}', '  names: {"1": Condition.code}',
         "names what is missing for 1; expect it unknown."),
        ("walk.fell: no}", "walk.felt: no}", "answers “walk.felt”, which no criterion asks."),
        ('{overall: unknown, "1": unknown, "2": not_met}', '{overall: unknown, "1": unknown, "2": unknown}',
         "Criterion 2: no test patient expects it not met; add one."),
        ("  - {kind: plan-policy, reference: Committee", "  - {kind: rumour, reference: Committee",
         "The kind “rumour” is none of: law, NCD, LCD, state, plan-policy, licensed-set."),
        ("  - {kind: plan-policy, reference: Committee", "  - {kind: LCD, reference: Committee",
         "holds in some states only; list them"),
        ("part 1, verified: yes}", "part 1}", "An authority needs “verified”"),
        ("- name: Needs help\n", "- name: Needs help\n  born: 2015-01-01\n", "The age of the patient “Needs help” is not in"),
        ("- name: Needs help\n", "- name: Needs help\n  service: HCPCS|E0105\n", "The service of the patient “Needs help”"),
        ("- name: Needs help\n", "- name: Needs help\n  line_of_business: erisa_group\n", "The line of business of the"),
        ("  ages: {from: 18}", "  places: [office]", "is no place-of-service code"),
        ("  ages: {from: 18}", "  service_value_sets: [Canes]", "“Canes” is no value set"),
    ],
)  # fmt: skip
def test_what_is_to_be_mended_is_told(old, new, sentence):
    assert old in SMALL
    found = sentences(SMALL.replace(old, new))
    assert any(sentence in fault for fault in found), found
    assert all(fault.startswith("walk.md:") for fault in found)


def test_a_unit_that_no_table_has_is_a_warning_with_its_line():
    text = SMALL.replace('exists ([Condition: "Falls"])', "exists ([Condition: \"Falls\"]) or 2 'mgs' > 1 'mgs'")
    checked = check(text)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "'mgs'" in row)
    assert checked.faults == ()
    assert {(w.file, w.line) for w in checked.warnings} == {("walk.md", line)}
    assert str(checked.warnings[0]).startswith(f"walk.md:{line}: The unit 'mgs' is not known")


def test_a_warning_in_shared_logic_names_the_library():
    shared = LIBRARIES["Record"] + "\ndefine function Heavy(): 2 'kgs' > 1 'kgs'\n"
    checked = check_document(SMALL, file="walk.md", libraries=LIBRARIES | {"Record": shared})
    assert {(w.file, w.line) for w in checked.warnings} == {("Record.cql", shared.count("\n"))}
    carried = assemble(SMALL, libraries=LIBRARIES | {"Record": shared}, file="walk.md")
    line = next(n for n, row in enumerate(carried.splitlines(), 1) if "'kgs'" in row)
    checked = check_document(carried, file="walk.md", libraries={})
    assert {(w.file, w.line) for w in checked.warnings} == {("walk.md", line)}


@pytest.mark.parametrize(("first_day", "is_fault"), [("2026-12-31", False), ("2027-01-01", True)])
def test_a_wrong_check_digit_is_a_fault_of_what_is_not_published_yet(first_day, is_fault):
    text = SMALL.replace("2030-01-01", first_day, 1).replace(
        "    - ICD10|R29.6", "    - ICD10|R29.6\n    - SNOMED|164728006"
    )
    checked = check(text)
    told = ["SNOMED 164728006 of Falls has a wrong check digit; look the code up again."]
    assert [fault.text for fault in checked.faults] == (told if is_fault else [])
    assert [warning.text for warning in checked.warnings] == ([] if is_fault else told)


def test_a_document_without_patients_is_not_in_order():
    assert sentences(SMALL[: SMALL.index("## Test patients")]) == [
        "walk.md:1: There are no test patients. Add a ```patients block; see the README of guidelines."
    ]


def test_a_definition_may_be_said_to_be_unused():
    text = SMALL.replace('define "Fell"', '// unused: for the next version\ndefine "Spare": true\ndefine "Fell"')
    assert check(text).is_in_order


def test_used_definitions_are_found_outside_comments_and_strings():
    used = definitions_used_by(
        'define A: B // C\ndefine "B": \'C\'\ndefine C: "B" and A\ndefine function F(x Integer): x'
    )
    assert used == {"A": {"B"}, "B": frozenset(), "C": {"A", "B"}, "F": frozenset()}


def test_codes_are_checked_on_the_first_day_where_a_dated_list_is_loaded():
    def is_valid(system, code, day):
        return None if system == "HCPCS" else code != "R29.6" or day.year < 2030

    checked = check(SMALL, is_valid=is_valid)
    assert [str(fault) for fault in checked.faults] == [
        "walk.md:28: ICD10 R29.6 of Falls does not hold on 2030-01-01; take a code that does."
    ]
    assert checked.unchecked_codes == 1


def test_editions_of_value_sets_and_services_by_value_set_are_read():
    text = SMALL.replace(
        "  Falls:\n    - ICD10|R29.6",
        "  Falls:\n    version: '2030-10'\n    source: a list\n    codes: [ICD10|R29.6]\n  Canes: [HCPCS|E0100 E0105]",
    ).replace("services: [HCPCS|E0100]", "service_value_sets: [Canes]")
    checked = check(text)
    assert checked.faults == ()
    guideline = checked.program.guideline
    assert guideline.scope.services == (("HCPCS", "E0100"), ("HCPCS", "E0105"))
    assert (guideline.code_lists["Falls"].version, guideline.code_lists["Falls"].source) == ("2030-10", "a list")
    assert guideline.code_lists["Canes"].version == "v1"


# ---- Running


def test_a_patient_that_comes_out_otherwise_is_a_fault_with_evidence():
    text = SMALL.replace('expect: {overall: met, "1": not_met, "2": met}', 'expect: {overall: met, "1": met, "2": met}')
    checked, report = check_and_run(text, file="walk.md", libraries=LIBRARIES)
    assert [trial.patient.name for trial in report.failures] == ["Fell"]
    (miss,) = report.failures[0].misses
    assert (miss.leaf, miss.expected, miss.found) == ("1", "met", "not_met")
    assert miss.evidence == ("QuestionnaireResponse/form",)
    assert any("The patient “Fell” came out otherwise. 1: expected met" in str(fault) for fault in checked.faults)


def test_the_missing_element_must_be_named():
    text = SMALL.replace('names: {"2": Condition.code}', 'names: {"2": Condition.onset}')
    _, report = check_and_run(text, file="walk.md", libraries=LIBRARIES)
    assert str(report.failures[0].misses[0]) == ("2: expected Condition.onset named as missing, found Condition.code")


def test_coverage_counts_what_came_out_and_who_decided_alone():
    report = run_patients(check(SMALL).program)
    assert dict(report.leaves)["1"] == {FindingValue.MET: 1, FindingValue.NOT_MET: 1, FindingValue.UNKNOWN: 2}
    assert [(branch.mode, branch.child, branch.is_covered) for branch in report.branches] == [
        (Mode.ANY, "1", True), (Mode.ANY, "2", True),
    ]  # fmt: skip
    fewer = run_patients(check(SMALL).program, check(SMALL).program.guideline.patients[:1])
    assert [branch.child for branch in fewer.uncovered_branches] == ["2"]
    assert ("2", FindingValue.MET) in fewer.uncovered_leaves


# ---- The command


def written(tmp_path, text):
    folder = tmp_path / "guidelines/WALK"
    folder.mkdir(parents=True)
    (folder / "v1.md").write_text(text, "utf-8")
    (tmp_path / "guidelines/libraries").mkdir()
    for name, source in LIBRARIES.items():
        (tmp_path / f"guidelines/libraries/{name}.cql").write_text(source, "utf-8")
    return folder / "v1.md"


def test_the_command_ends_with_nothing_when_all_is_in_order(tmp_path, capsys):
    file = written(tmp_path, SMALL)
    assert main(["criteria", "check", str(file)]) == 0
    assert main(["criteria", "test", "--policies", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "guidelines/WALK/v1.md: 4 of 4 patients as expected" in out
    assert "2 of 2 branches decided alone by some patient" in out


def test_the_command_prints_warnings_and_ends_with_nothing(capsys):
    assert main(["criteria", "check", str(POLICIES / "guidelines/LBP-MRI/v2026.2.md")]) == 0
    out = capsys.readouterr().out
    assert out.count("has a wrong check digit; look the code up again. (warning)") == 3
    assert "v2026.2.md: in order" in out


def test_the_command_ends_with_one_when_something_is_to_be_mended(tmp_path, capsys):
    file = written(tmp_path, SMALL.replace('"1": not_met, "2": met', '"1": met, "2": met'))
    assert main(["criteria", "test", str(file)]) == 1
    out = capsys.readouterr().out
    assert "3 of 4 patients as expected" in out
    assert "1: expected met, found not_met; evidence: QuestionnaireResponse/form" in out
    file.write_text(SMALL.replace("id: WALK", "idd: WALK"), "utf-8")
    assert main(["criteria", "check", str(file)]) == 1
    assert main(["criteria", "test", str(file)]) == 1
    assert "has no “idd”" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_one_sentence(tmp_path, capsys):
    assert main(["criteria", "check", str(tmp_path / "none.md")]) == 1
    assert capsys.readouterr().err.startswith("The file ")
    assert main(["criteria", "check", "--policies", str(tmp_path)]) == 1
    assert "There is no guideline below" in capsys.readouterr().err


def test_the_pack_beside_the_package_is_the_default():
    assert Path(POLICIES).resolve() == command.POLICIES
    beside = guideline_file(POLICIES / "guidelines/LBP-MRI/v2026.2.md", root=POLICIES)
    assert "Record" in beside.libraries
