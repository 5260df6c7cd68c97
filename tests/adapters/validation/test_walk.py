"""The rules of FHIR R4 itself, one by one."""

import pytest

from openum.adapters.fhir.validation import Severity, check
from openum.adapters.fhir.validation.validator import MOST_VIOLATIONS

PATIENT = {"resourceType": "Patient"}


def _rules(resource, **options):
    return {(one.path, one.rule) for one in check(resource, **options).violations}


@pytest.mark.parametrize(
    ("content", "path", "rule"),
    [
        ({"gender": "man"}, "Patient.gender", "binding"),
        ({"active": "true"}, "Patient.active", "format"),
        ({"active": None}, "Patient.active", "format"),
        ({"birthDate": "1970-13"}, "Patient.birthDate", "format"),
        ({"name": {"family": "A"}}, "Patient.name", "not-a-list"),
        ({"name": []}, "Patient.name", "empty"),
        ({"name": ["A"]}, "Patient.name[0]", "not-an-object"),
        ({"name": [{}]}, "Patient.name[0]", "empty"),
        ({"name": [{"id": "a"}]}, "Patient.name[0]", "empty"),
        ({"name": [{"given": [None]}]}, "Patient.name[0].given[0]", "empty"),
        ({"name": [{"given": [""]}]}, "Patient.name[0].given[0]", "format"),
        ({"name": [{"_given": [{"extensionn": 1}]}]}, "Patient.name[0].given[0].extensionn", "unknown-element"),
        ({"name": [{"_given": ["a"]}]}, "Patient.name[0].given[0]", "not-an-object"),
        ({"gender": ["male"]}, "Patient.gender", "a-list"),
        ({"_name": {}}, "Patient._name", "unknown-element"),
        ({"link": [{"type": "refer"}]}, "Patient.link[0].other", "min"),
        ({"multipleBirthBoolean": True, "multipleBirthInteger": 2}, "Patient.multipleBirth", "two-choices"),
        ({"multipleBirthString": "2"}, "Patient.multipleBirthString", "unknown-element"),
        ({"extension": [{"url": "http://a.example/x"}]}, "Patient.extension[0]", "ext-1"),
        (
            {"extension": [{"url": "http://a.example/x", "valueCode": "a", "extension": [{"url": "b", "valueCode": "c"}]}]},
            "Patient.extension[0]",
            "ext-1",
        ),
        ({"extension": [{"valueCode": "a"}]}, "Patient.extension[0].url", "min"),
        ({"id": "a_b"}, "Patient.id", "format"),
        ({"managingOrganization": {"reference": "Patient/1"}}, "Patient.managingOrganization.reference", "reference-type"),
        ({"managingOrganization": {"reference": "#a"}}, "Patient.managingOrganization.reference", "reference"),
        ({"contained": [{"resourceType": "Organization", "id": "a", "name": "A"}]}, "Patient", "dom-3"),
        ({"text": {"status": "generated", "div": "<div><script>1</script></div>"}}, "Patient.text.div", "txt-1"),
        ({"text": {"status": "generated", "div": "<div> </div>"}}, "Patient.text.div", "txt-2"),
        ({"telecom": [{"value": "1"}]}, "Patient.telecom[0]", "cpt-2"),
        ({"identifier": [{"period": {"start": "2026-02-01", "end": "2026-01-01"}}]}, "Patient.identifier[0].period", "per-1"),
        ({"photo": [{"data": "YQ=="}]}, "Patient.photo[0]", "att-1"),
        ({"photo": [{"data": "YQ=", "contentType": "a/b"}]}, "Patient.photo[0].data", "format"),
        ({"contact": [{"gender": "male"}]}, "Patient.contact[0]", "pat-1"),
    ],
)  # fmt: skip
def test_a_rule_of_r4_is_found_broken(content, path, rule):
    assert (path, rule) in _rules(PATIENT | content)


@pytest.mark.parametrize(
    "content",
    [
        {"birthDate": "1970"},
        {"_birthDate": {"extension": [{"url": "http://a.example/x", "valueCode": "a"}]}},
        {"_gender": {"id": "a"}},
        {"name": [{"given": [None, "B"], "_given": [{"extension": [{"url": "http://a.example/x", "valueCode": "a"}]}, None]}]},
        {"deceasedDateTime": "2026-01-31T09:30:00.5-05:00"},
        {"multipleBirthInteger": 2},
        {"contained": [{"resourceType": "Organization", "id": "a", "name": "A"}], "managingOrganization": {"reference": "#a"}},
        {"managingOrganization": {"reference": "Organization/1"}},
        {"managingOrganization": {"identifier": {"value": "1"}}},
        {"text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p class="a">A &amp; B</p></div>'}},
        {"identifier": [{"period": {"start": "2026-02-01", "end": "2026-02-01"}}]},
    ],
)  # fmt: skip
def test_what_r4_allows_is_not_called_wrong(content):
    assert check(PATIENT | content).violations == ()


@pytest.mark.parametrize("resource", [None, [], 7, "Patient", {}, {"resourceType": 7}, {"resourceType": "Element"}])
def test_what_is_no_resource_is_said_to_be_none(resource):
    assert {one.rule for one in check(resource).errors} == {"resource-type"}


def test_a_misspelt_element_gets_a_hint_and_a_foreign_name_is_cut():
    assert check(PATIENT | {"birthdate": "1970"}).errors[0].cure == "Did you mean “birthDate”?"
    found = check(PATIENT | {"x" * 500: 1}).errors[0]
    assert len(found.path) < 100


def test_a_message_that_is_deeper_or_larger_than_what_is_checked_is_told():
    extension = {"url": "http://a.example/x", "valueCode": "a"}
    for _ in range(100):
        extension = {"url": "http://a.example/x", "extension": [extension]}
    report = check(PATIENT | {"extension": [extension]})
    assert [(one.rule, one.severity) for one in report.violations] == [("too-large", Severity.WARNING)]


def test_the_list_of_findings_ends_somewhere():
    report = check(PATIENT | {"name": [{"x": 1}] * (MOST_VIOLATIONS * 2)})
    assert len(report.violations) == MOST_VIOLATIONS + 1
    assert report.violations[-1].rule == "too-many"


def test_references_of_a_bundle_are_followed_as_r4_says():
    def bundle(reference, url="https://a.example/fhir/Patient/1"):
        person = {"resourceType": "Patient", "id": "1"}
        subject = {
            "resourceType": "Flag",
            "id": "2",
            "status": "active",
            "code": {"text": "A"},
            "subject": {"reference": reference},
        }
        entries = [
            {"fullUrl": url, "resource": person},
            {"fullUrl": "https://a.example/fhir/Flag/2", "resource": subject},
        ]
        return {"resourceType": "Bundle", "type": "collection", "entry": entries}

    for found in ("Patient/1", "https://a.example/fhir/Patient/1", "Patient/1/_history/3"):
        assert check(bundle(found)).violations == ()
    assert check(bundle("urn:uuid:a", url="urn:uuid:a")).violations == ()
    assert _rules(bundle("urn:uuid:b")) == {("Bundle.entry[1].resource.subject.reference", "reference")}
    assert check(bundle("urn:uuid:b")).errors
    away = check(bundle("Patient/3"))
    assert [(one.rule, one.severity) for one in away.violations] == [("reference", Severity.WARNING)]
