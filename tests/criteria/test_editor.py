"""The editor's changes to a text: taken apart and put together, numbers, test patients."""

import pytest

from openum.criteria.editor.parts import (
    joined,
    numbers_of,
    parts_of,
    place_of,
    with_numbers,
    with_patient,
    words_to_mend,
)
from openum.criteria.editor.patients import code_hints, read_entry, written
from openum.criteria.editor.workshop import bench_of
from openum.criteria.faults import DocumentInvalid
from openum.vocabulary.terms import FindingValue
from tests.criteria.documents import LIBRARIES, POLICIES
from tests.criteria.faces.documents import ROUND, guideline

PACK = sorted((POLICIES / "guidelines").glob("*/*.md"))


@pytest.mark.parametrize("file", PACK, ids=lambda file: file.parent.name)
def test_every_document_of_the_pack_comes_together_again_to_the_letter(file):
    text = file.read_text("utf-8")
    assert joined((part.kind, part.text) for part in parts_of(text)) == text


@pytest.mark.parametrize(
    "text", ["", "no front matter", "---\nid: A", "---\n---\n```cql\nnever closed", "```\nx\n```\n", "---\n---"]
)
def test_a_text_of_any_shape_comes_together_again(text):
    assert joined((part.kind, part.text) for part in parts_of(text)) == text


def test_a_line_of_the_document_is_found_in_its_part():
    parts = parts_of(ROUND)
    lines = ROUND.split("\n")
    index, inside = place_of(parts, lines.index("context Patient") + 1)
    assert parts[index].kind == "cql"
    assert parts[index].text.split("\n")[inside - 1] == "context Patient"
    assert place_of(parts, 1) == (0, 1)


def test_numbers_stand_once_with_the_criteria_that_rest_on_them():
    numbers = numbers_of(guideline())
    assert [number.name for number in numbers] == [
        "Six Weeks Ago|0", "Enough Care|0", "Enough Care|1", "High Score|0", "High Score|1",
    ]  # fmt: skip
    assert numbers[0].criteria == ("1",)


def test_numbers_are_changed_where_they_stand_and_nowhere_else():
    values = {
        "Six Weeks Ago|0": "56",
        "Enough Care|0": "8",
        "Enough Care|1": "8",
        "High Score|0": "x",
        "High Score|1": "2.5",
    }
    text, changed = with_numbers(ROUND, guideline(), values)
    assert [number.name for number in changed] == ["Six Weeks Ago|0", "Enough Care|0", "Enough Care|1"]
    assert text == ROUND.replace("- 42 days", "- 56 days").replace("N >= 6", "N >= 8").replace("N < 6", "N < 8")
    assert ("1 question en", "Did it begin six weeks ago?") in words_to_mend(guideline(), changed)
    assert ("name", "Six Weeks Ago") in words_to_mend(guideline(), changed)


def test_a_patient_is_appended_to_the_last_block_or_opens_one():
    text = with_patient(ROUND, "- name: Second")
    assert text.endswith("4a: unknown}\n\n- name: Second\n```\n")
    bare = ROUND[: ROUND.index("```patients")]
    assert with_patient(bare, "- name: Only").endswith("```patients\n- name: Only\n```\n")


def test_a_filled_form_becomes_a_patient_that_reads_as_meant():
    posted = {
        "p.name": "Falls", "p.date": "2030-03-01", "p.born": "1950-02-03", "p.sex": "male", "p.side": "left",
        "p.kind.1": "condition", "p.code.1": "ICD10|R29.6", "p.from.1": "2030-01-04",
        "p.kind.2": "observation", "p.code.2": "LOINC|39156-5", "p.from.2": "2030-02-01", "p.value.2": "31.5", "p.unit.2": "kg/m2",
        "p.kind.3": "medication", "p.code.3": "RXNORM|5640", "p.from.3": "2030-01-01", "p.to.3": "2030-02-01",
        "p.kind.4": "procedure", "p.code.4": "CPT|97110", "p.from.4": "2030-02-05",
        "p.answer.round.fell": "yes", "p.answer.round.began": "2029-12-01", "p.answer.round.weeks": "7",
        "p.answer.round.score": "2.5", "p.answer.round.step": "none", "p.answer.round.words": "some words",
        "p.expect.overall": "unknown", **{f"p.expect.{leaf.key}": "unknown" for leaf in guideline().leaves},
    }  # fmt: skip
    given = written(guideline(), posted)
    assert given.faults == ()
    patient = read_entry(guideline(), given.entry)
    assert (patient.name, patient.sex, patient.side) == ("Falls", "male", "left")
    assert patient.answers == {
        "round.fell": True, "round.began": patient.answers["round.began"], "round.weeks": 7, "round.score": 2.5,
        "round.step": "none", "round.words": {"words": "some words"},
    }  # fmt: skip
    assert patient.overall is FindingValue.UNKNOWN
    by_type = {resource["resourceType"]: resource for resource in patient.resources}
    assert by_type["Condition"]["onsetDateTime"] == "2030-01-04"
    assert by_type["Observation"]["valueQuantity"]["value"] == pytest.approx(31.5)
    assert "Procedure" in by_type


def test_what_is_missing_in_the_form_is_told_in_words():
    faults = written(guideline(), {"p.date": "1 March", "p.kind.1": "condition", "p.answer.round.weeks": "many"}).faults
    assert [fault.partition(" ")[0] for fault in faults] == ["Give", "Write", "Fact", "“Weeks", "Say"]


def test_a_patient_like_another_takes_what_the_other_has():
    given = written(
        guideline(),
        {"p.name": "Like", "p.like": "Everything is there", "p.answer.round.step": "none", "p.expect.3b": "not_met"},
    )
    assert given.faults == ()
    patient = read_entry(guideline(), given.entry)
    assert patient.answers["round.fell"] is True
    assert patient.expected["3b"] is FindingValue.NOT_MET


def test_an_answer_of_the_other_patient_can_be_taken_away():
    posted = {
        "p.name": "Without",
        "p.like": "Everything is there",
        "p.answer.round.fell": "~",
        "p.expect.2b": "unknown",
    }
    given = written(guideline(), posted)
    assert given.faults == ()
    assert "round.fell" not in read_entry(guideline(), given.entry).answers


def test_an_entry_that_cannot_be_read_is_refused():
    with pytest.raises(DocumentInvalid):
        read_entry(guideline(), "- name: Everything is there\n  request_date: 2030-03-01\n  expect: {overall: unknown}")


def test_codes_of_the_lists_are_offered_with_the_name_of_the_list():
    assert code_hints(guideline()) == [("ICD10|R29.6", "Falls"), ("ICD10|W19.XXXA", "Falls")]


def test_the_bench_shows_faults_coverage_and_results_with_the_failing_first():
    bench = bench_of(ROUND.replace("2b: met", "2b: not_met"), file="ROUND/v1.md", libraries=LIBRARIES)
    assert bench.patients[0].is_wrong
    assert bench.patients[0].cells[2].expected == "not_met"
    assert bench.coverage == (10, 31)
    assert "1: not met" in bench.open_answers
    assert [each.misses for each in bench.failing] == [("2b: not_met → met",)]
    assert bench.count == len(bench.mistakes) + 1
    broken = bench_of(ROUND.replace("N > 2.5", "N > 'x'"), file="ROUND/v1.md", libraries=LIBRARIES)
    assert broken.guideline is None
    assert broken.mistakes[0].place == "Logic (CQL), 37"
    assert (broken.numbers, broken.keys, broken.patients, broken.coverage) == ([], (), (), (0, 0))


def test_patients_that_take_after_a_failing_one_are_counted_with_it():
    more = "\n- name: Second\n  like: Everything is there\n\n- name: Third\n  like: Second\n  expect: {3c: unknown}"
    bench = bench_of(with_patient(ROUND.replace("2b: met", "2b: not_met"), more), file="r", libraries=LIBRARIES)
    assert [(each.name, each.followers) for each in bench.failing] == [("Everything is there", 2)]
    assert bench.fields[bench.failing[0].field].kind == "patients"
    assert bench.failing[0].line == 1
