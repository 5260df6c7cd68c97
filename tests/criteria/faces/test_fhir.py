"""The FHIR faces: valid R4, the DTR rules, and logic that answers as the document does."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openum import cql
from openum.cql import elm
from openum.criteria.faces.fhir import library as libraries
from openum.criteria.faces.fhir.bundle import Package
from openum.criteria.faces.fhir.questionnaire import PROFILE, questionnaire, settling_of
from openum.criteria.tree import Group, Mode, leaves_of, value_of
from openum.vocabulary.terms import FindingValue
from tests.criteria.faces import r4
from tests.criteria.faces.documents import guideline, program

NOON = datetime(2030, 3, 1, 12, tzinfo=UTC)
FALL = {
    "resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"}, "onsetDateTime": "2030-01-04",
    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "R29.6"}]},
}  # fmt: skip


@pytest.fixture(scope="module")
def package():
    return Package(program(), base="https://example.org/")


@pytest.fixture(scope="module")
def form(package):
    return package.resource("Questionnaire")


def items_of(item):
    """All items of a form, in reading order."""
    for each in item.get("item", []):
        yield each
        yield from items_of(each)


def item(form, link):
    """One item of a form."""
    return next(each for each in items_of(form) if each["linkId"] == link)


@pytest.mark.skipif(not r4.PACKAGE.exists(), reason="needs the R4 package beside the checkout")
def test_every_face_is_valid_r4(package):
    for kind, name in package.names():
        assert r4.faults(package.resource(kind, name)) == [], (kind, name)
    assert r4.faults(package.bundle()) == []


@pytest.mark.skipif(not r4.PACKAGE.exists(), reason="needs the R4 package beside the checkout")
def test_the_check_itself_finds_what_is_wrong():
    assert r4.faults({"resourceType": "Questionnaire", "item": [{"type": "group"}], "colour": "red", "url": 3}) == [
        "Questionnaire.item.linkId: missing", "Questionnaire.colour: unknown", "Questionnaire.url: 3 is no uri",
        "Questionnaire.status: missing",
    ]  # fmt: skip


def test_the_form_keeps_the_invariants_of_questionnaires(form):
    found = list(items_of(form))
    links = [each["linkId"] for each in found]
    assert len(links) == len(set(links))
    for each in found:
        assert ("item" in each) == (each["type"] == "group")
        assert not (each["type"] == "display" and ("required" in each or "repeats" in each))
        assert len(each.get("enableWhen", [])) < 2 or "enableBehavior" in each
        for condition in each.get("enableWhen", []):
            assert condition["question"] in links
            assert condition["operator"] != "exists" or isinstance(condition["answerBoolean"], bool)


def test_the_form_carries_what_documentation_templates_need(form):
    assert form["meta"]["profile"] == [PROFILE]
    assert (form["url"], form["version"]) == ("https://example.org/policies/ROUND/fhir/Questionnaire", "v1")
    assert form["subjectType"] == ["Patient"]
    assert form["effectivePeriod"] == {"start": "2030-01-01", "end": "2030-12-31"}
    assert "<li>2a. Was there care?</li>" in form["text"]["div"]
    by_url = {each["url"].rpartition("/")[2]: each for each in form["extension"]}
    assert by_url["cqf-library"]["valueCanonical"] == "https://example.org/policies/ROUND/fhir/Library/ROUND_Faces|v1"
    assert "sdc-questionnaire-launchContext" in by_url


def test_questions_have_their_type_unit_answers_and_spanish(form):
    kinds = {link: item(form, link)["type"] for link in guideline().answers}
    assert kinds == {
        "round.fell": "boolean", "round.began": "date", "round.weeks": "quantity", "round.score": "decimal",
        "round.step": "choice", "round.words": "text",
    }  # fmt: skip
    weeks = item(form, "round.weeks")
    unit = next(each["valueCoding"] for each in weeks["extension"] if each["url"].endswith("unitOption"))
    assert unit == {"system": "http://unitsofmeasure.org", "code": "wk", "display": "weeks"}
    spanish = weeks["_text"]["extension"][0]["extension"]
    assert spanish == [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": "Semanas de tratamiento"}]
    answers = "https://example.org/policies/ROUND/fhir/ValueSet/answers-round.step|v1"
    assert item(form, "round.step")["answerValueSet"] == answers


def test_an_alternative_that_settles_the_matter_is_asked_first_and_hides_the_others(form):
    assert settling_of(program()) == {"2b": ("round.fell", True)}
    group = item(form, "group-2")
    assert [each["linkId"] for each in group["item"]] == ["group-2-rule", "criterion-2b", "criterion-2a"]
    assert group["item"][2]["enableWhen"] == [
        {"question": "round.fell", "operator": "exists", "answerBoolean": False},
        {"question": "round.fell", "operator": "=", "answerBoolean": False},
    ]
    assert item(form, "group-3-rule")["text"] == "At least 2 of these are needed."


def test_without_a_settling_answer_everything_is_always_asked(package):
    bare = questionnaire(package.places, {})
    assert [each["linkId"] for each in item(bare, "group-2")["item"]] == [
        "group-2-rule",
        "criterion-2a",
        "criterion-2b",
    ]
    assert not any("enableWhen" in each for each in items_of(bare))


def test_a_question_that_two_criteria_share_is_asked_once(form):
    assert [each["linkId"] for each in items_of(form)].count("round.fell") == 1


def compiled(package):
    """The generated library, compiled by the engine from what the package hands out."""
    texts = {name: _cql(package.resource("Library", name)) for name in package.sources()}
    faces = package.places.faces
    return cql.compile_library(texts[faces], includes={name: text for name, text in texts.items() if name != faces})


def _cql(resource):
    return base64.b64decode(resource["content"][0]["data"]).decode()


def evaluated(package, *resources):
    """What the generated library answers on a record."""
    patient = {"resourceType": "Patient", "id": "p"}
    answers = compiled(package).evaluate(
        cql.CaseData.from_resources([patient, *resources]),
        now=NOON,
        value_sets={"https://example.org/policies/ROUND/fhir/ValueSet/falls": {("http://hl7.org/fhir/sid/icd-10-cm", "R29.6")}},
    )  # fmt: skip
    return {name: answer.value for name, answer in answers.items()}


def test_the_record_fills_the_form_and_every_expression_names_a_definition(package, form):
    found = evaluated(package, FALL)
    assert str(found["Fill_round_began"]) == "Date('2030-01-04')"
    assert (str(found["Fill_round_weeks"].value), found["Fill_round_weeks"].unit) in {("8", "wk"), ("8.0", "wk")}
    assert found["Fill_round_step"].code == "operation"
    assert found["Criterion_2b"] is True
    for each in items_of(form):
        for extension in each.get("extension", []):
            if "valueExpression" in extension:
                named, _point, definition = extension["valueExpression"]["expression"].partition(".")
                assert named == '"ROUND_Faces"'
                assert definition in found


def test_an_empty_record_fills_nothing_and_answers_nothing(package):
    found = evaluated(package)
    assert {found[name] for name in found if name.startswith("Fill_")} == {None}
    assert found["CriteriaMet"] is None


VALUES = {True: FindingValue.MET, False: FindingValue.NOT_MET, None: FindingValue.UNKNOWN}
TREES = {
    "all": Group("g", Mode.ALL, guideline().leaves[:3]),
    "any": Group("g", Mode.ANY, guideline().leaves[:3]),
    "two": Group("g", Mode.AT_LEAST, guideline().leaves[:3], None, 2),
    "not": Group("g", Mode.NOT, guideline().leaves[:1]),
}


@given(tree=st.sampled_from(sorted(TREES)), said=st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=3))
def test_groups_in_cql_answer_as_the_tree_does(tree, said):
    group = TREES[tree]
    names = [libraries.criterion_name(leaf.key) for leaf in leaves_of(group)]
    words = {True: "true", False: "false", None: "null as Boolean"}
    defines = "\n".join(f'define "{name}": {words[value]}' for name, value in zip(names, said, strict=False))
    text = f'library T\n{defines}\ndefine "{libraries.MET}": {libraries._joined(group)}'
    answer = cql.compile_library(text).evaluate(cql.CaseData.from_resources([]), now=NOON)[libraries.MET].value
    findings = {leaf.key: VALUES[value] for leaf, value in zip(leaves_of(group), said, strict=False)}
    assert VALUES[answer] is value_of(group, findings)


def test_code_lists_are_expanded_versioned_and_bare(package):
    found = package.resource("ValueSet", "falls")
    assert found["url"] == "https://example.org/policies/ROUND/fhir/ValueSet/falls"
    assert found["version"] == "v1"
    assert found["description"] == "Edition 2029-10. A public list"
    system = "http://hl7.org/fhir/sid/icd-10-cm"
    assert found["expansion"]["contains"] == [
        {"system": system, "code": "R29.6"},
        {"system": system, "code": "W19.XXXA"},
    ]
    answers = package.resource("ValueSet", "answers-round.step")
    assert [each["display"] for each in answers["expansion"]["contains"]] == ["Operation", "None"]
    codes = package.resource("CodeSystem", "round.step")
    assert codes["concept"][0]["designation"] == [{"language": "es", "value": "Operación"}]


def test_libraries_name_what_they_depend_on_with_versions(package):
    logic = package.resource("Library", "ROUND")
    assert [each["resource"] for each in logic["relatedArtifact"]] == [
        "http://fhir.org/guides/cqf/common/Library/FHIRHelpers|4.0.1",
        "https://example.org/policies/ROUND/fhir/Library/Record|v1",
    ]
    chosen = [filtered for each in logic["dataRequirement"] for filtered in each.get("codeFilter", [])]
    assert [each["valueSet"] for each in chosen] == ["https://example.org/policies/ROUND/fhir/ValueSet/falls|v1"]
    assert not [each for each in logic["relatedArtifact"] if not each["display"] or not each["url"]]
    text = _cql(logic)
    assert "library ROUND version 'v1'" in text
    assert "include Record version 'v1' called Record" in text
    assert "urn:openum" not in text
    assert 'parameter "Request Date" Date default Today()' in text


def test_every_library_carries_its_elm_beside_its_cql(package):
    for kind, name in package.names():
        if kind == "Library":
            content = package.resource(kind, name)["content"]
            assert [each["contentType"] for each in content] == ["text/cql", "application/elm+json"], name
            assert json.loads(base64.b64decode(content[1]["data"]))["library"]["identifier"]["id"] == name


def test_where_elm_has_no_form_the_cql_stands_alone(package, monkeypatch):
    def refuse(*_texts):
        raise elm.ElmError("no form")

    monkeypatch.setattr(elm, "elm_of", refuse)
    assert [each["contentType"] for each in package.resource("Library", "ROUND")["content"]] == ["text/cql"]


def test_the_tree_is_one_nested_action_with_a_condition_at_each_node(package):
    found = package.resource("PlanDefinition")
    root = found["action"][0]
    assert [each["prefix"] for each in root["action"]] == ["1", "2", "3", "4"]
    assert root["action"][2]["textEquivalent"] == "At least 2 of these are needed."
    assert root["action"][1]["selectionBehavior"] == "one-or-more"
    names = set(evaluated(package))

    def walk(action):
        yield action["condition"][0]["expression"]["expression"].partition(".")[2]
        for inner in action.get("action", []):
            yield from walk(inner)

    assert set(walk(root)) <= names
    assert found["relatedArtifact"][0]["citation"] == "A source, part 1 (source_verified: no)"


def test_the_bundle_begins_with_the_form_and_gives_each_face_its_address(package):
    bundle = package.bundle()
    assert bundle["entry"][0]["fullUrl"] == "https://example.org/policies/ROUND/v1/fhir/Questionnaire"
    assert len(bundle["entry"]) == len(package.names()) == 3 + 4 + 2 + 1


def test_a_face_that_the_guideline_does_not_have_is_none(package):
    assert package.resource("ValueSet", "others") is None
    assert package.resource("Patient") is None
