"""References: every form that PAS allows, and what is no Bundle at all."""

import pytest

from openum.adapters.fhir.bundle import Bundle, Entry, references_in
from openum.adapters.fhir.outcome import MessageRefused


def _bundle(*entries):
    return Bundle(
        {
            "resourceType": "Bundle",
            "entry": [
                {"fullUrl": url, "resource": resource} if url else {"resource": resource} for url, resource in entries
            ],
        }
    )


CLAIM = {"resourceType": "Claim", "id": "c"}
PATIENT = {"resourceType": "Patient", "id": "p", "identifier": [{"system": "urn:x", "value": "7"}]}


@pytest.mark.parametrize(
    ("claim_url", "patient_url", "reference"),
    [
        ("https://a.example/fhir/Claim/c", "https://a.example/fhir/Patient/p", {"reference": "Patient/p"}),
        ("https://a.example/fhir/Claim/c", "https://a.example/fhir/Patient/p", {"reference": "Patient/p/_history/3"}),
        ("https://a.example:8443/r4/Claim/c", "https://a.example:8443/r4/Patient/p", {"reference": "Patient/p"}),
        (
            "https://a.example/fhir/Claim/c",
            "https://b.example/x/Patient/p",
            {"reference": "https://b.example/x/Patient/p"},
        ),
        ("urn:uuid:1", "urn:uuid:2", {"reference": "urn:uuid:2"}),
        ("urn:uuid:1", "urn:uuid:2", {"reference": "Patient/p"}),
        ("", "", {"reference": "Patient/p"}),
        ("https://a.example/fhir/Claim/c", "urn:uuid:2", {"reference": "Patient/p"}),
        ("urn:uuid:1", "urn:uuid:2", {"identifier": {"system": "urn:x", "value": "7"}}),
        ("urn:uuid:1", "urn:uuid:2", {"type": "Patient", "identifier": {"system": "urn:x", "value": "7"}}),
    ],
)
def test_a_reference_finds_its_entry(claim_url, patient_url, reference):
    bundle = _bundle((claim_url, CLAIM), (patient_url, PATIENT))
    found = bundle.resolve(reference, within=bundle.entries[0])
    assert found is not None
    assert found.resource is PATIENT


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Patient/q"},
        {"reference": "https://b.example/fhir/Patient/p"},
        {"reference": "urn:uuid:9"},
        {"reference": "#p"},
        {"reference": ""},
        {"reference": 7},
        {"identifier": {"system": "urn:y", "value": "7"}},
        {"type": "Organization", "identifier": {"system": "urn:x", "value": "7"}},
        {},
        None,
        "Patient/p",
        ["Patient/p"],
    ],
)
def test_a_reference_that_leads_nowhere_finds_nothing(reference):
    bundle = _bundle(("https://a.example/fhir/Claim/c", CLAIM), ("https://a.example/fhir/Patient/p", PATIENT))
    assert bundle.resolve(reference, within=bundle.entries[0]) is None


def test_a_relative_reference_prefers_the_base_of_its_own_entry():
    other = {"resourceType": "Patient", "id": "p"}
    bundle = _bundle(
        ("https://b.example/fhir/Patient/p", other),
        ("https://a.example/fhir/Claim/c", CLAIM),
        ("https://a.example/fhir/Patient/p", PATIENT),
    )
    assert bundle.resolve({"reference": "Patient/p"}, within=bundle.entries[1]).resource is PATIENT


def test_the_last_resort_never_picks_one_of_two():
    bundle = _bundle(
        ("urn:uuid:1", CLAIM),
        ("https://a.example/fhir/Patient/p", PATIENT),
        ("https://b.example/fhir/Patient/p", PATIENT),
    )
    assert bundle.resolve({"reference": "Patient/p"}, within=bundle.entries[0]) is None


def test_a_contained_resource_is_found_and_refers_on_through_its_holder():
    holder = {
        "resourceType": "Claim",
        "id": "c",
        "contained": [{"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "#d"}},
                      {"resourceType": "Practitioner", "id": "d"}],
    }  # fmt: skip
    bundle = _bundle(("https://a.example/fhir/Claim/c", holder), ("https://a.example/fhir/Patient/p", PATIENT))
    role = bundle.resolve({"reference": "#r"}, within=bundle.entries[0])
    assert role == Entry(-1, "https://a.example/fhir/Claim/c#r", holder["contained"][0], bundle.entries[0])
    assert bundle.resolve(role.resource["practitioner"], within=role).resource == {
        "resourceType": "Practitioner",
        "id": "d",
    }
    assert bundle.resolve({"reference": "Patient/p"}, within=role).resource is PATIENT


def test_everything_reached_is_listed_once_even_in_a_circle():
    one = {"resourceType": "Organization", "id": "1", "partOf": {"reference": "Organization/2"}}
    two = {"resourceType": "Organization", "id": "2", "partOf": {"reference": "Organization/1"}}
    bundle = _bundle(("https://a.example/Organization/1", one), ("https://a.example/Organization/2", two))
    assert [entry.resource["id"] for entry in bundle.reached_from(bundle.entries[0])] == ["2"]


def test_references_are_found_at_any_depth_without_recursion():
    node = {"reference": "Patient/deep"}
    for _ in range(5000):
        node = {"extension": [node]}
    assert [one["reference"] for one in references_in(node)] == ["Patient/deep"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (None, "Bundle"),
        ([], "Bundle"),
        ("Bundle", "Bundle"),
        ({}, "Bundle"),
        ({"resourceType": "Parameters"}, "Parameters.parameter"),
        ({"resourceType": "Parameters", "parameter": {}}, "Parameters.parameter"),
        (
            {"resourceType": "Parameters", "parameter": [7, {"name": "other", "resource": CLAIM}]},
            "Parameters.parameter",
        ),
        (
            {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": CLAIM}] * 2},
            "Parameters.parameter",
        ),
        ({"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": CLAIM}]}, "Bundle"),
        ({"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": None}]}, "Bundle"),
        ({"resourceType": "Bundle"}, "Bundle.entry"),
        ({"resourceType": "Bundle", "entry": []}, "Bundle.entry"),
        ({"resourceType": "Bundle", "entry": {}}, "Bundle.entry"),
        ({"resourceType": "Bundle", "entry": [7]}, "Bundle.entry[0].resource"),
        ({"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1"}]}, "Bundle.entry[0].resource"),
        ({"resourceType": "Bundle", "entry": [{"resource": {"id": "x"}}]}, "Bundle.entry[0].resource"),
        ({"resourceType": "Bundle", "entry": [{"resource": CLAIM}, {"resource": None}]}, "Bundle.entry[1].resource"),
    ],
)
def test_what_is_no_bundle_is_refused_with_its_path_and_a_cure(body, path):
    with pytest.raises(MessageRefused) as refused:
        Bundle(body)
    assert refused.value.http_status == 400
    assert refused.value.issue.path == path
    assert refused.value.issue.cure
