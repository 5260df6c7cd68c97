"""Profiles: which one is meant, slices by each kind of discriminator, targets, and that several are tried."""

import pytest

from openum.adapters.fhir.validation import STU2, STU2_2, Severity, check, is_known
from openum.adapters.fhir.validation.profiles import Slicing, definition
from openum.adapters.fhir.validation.slices import Sorter, Undecided, matches_pattern

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"


def _rules(resource, **options):
    return {(one.path, one.rule) for one in check(resource, **options).errors}


def test_a_name_without_a_version_means_the_edition():
    assert definition(CORE + "us-core-patient", STU2).canonical.endswith("|3.1.1")
    assert definition(CORE + "us-core-patient", STU2_2).canonical.endswith("|7.0.0")
    assert definition(CORE + "us-core-patient|6.1.0", STU2).canonical.endswith("|6.1.0")
    assert definition(PAS + "profile-claim", STU2).canonical.endswith("|2.0.1")
    assert not is_known("http://a.example/profile")


def test_a_claimed_profile_is_checked_and_an_unknown_one_is_told():
    person = {"resourceType": "Patient", "meta": {"profile": [CORE + "us-core-patient", "http://a.example/p"]}}
    report = check(person)
    assert {(one.path, one.rule) for one in report.errors} >= {
        ("Patient.identifier", "profile-min"),
        ("Patient.name", "profile-min"),
    }
    assert [one.severity for one in report.violations if one.rule == "profile-unknown"] == [Severity.INFORMATION]
    assert check(person, claimed=False).violations == ()


def test_a_profile_of_another_type_is_told():
    assert _rules({"resourceType": "Patient"}, profiles=[PAS + "profile-claim"]) == {("Patient", "profile-type")}


def test_an_extension_that_is_known_is_checked_wherever_it_is():
    told = {"url": PAS + "extension-certificationType", "valueString": "I"}
    assert ("Basic.extension[0].value", "profile-choice") in _rules(
        {"resourceType": "Basic", "code": {"text": "A"}, "extension": [told]}
    )


def _sorter(*, conforms=False, target=None):
    return Sorter(lambda canonical: definition(canonical, STU2_2), lambda *_: conforms, lambda _: target, {})


def _slicing(kind, path, **slices):
    return Slicing({"d": [[kind, path]], "r": "open", "s": slices})


@pytest.mark.parametrize(
    ("slicing", "value", "type_name", "expected"),
    [
        (_slicing("value", "code", a={"e": {"code": {"fx": "x"}}}, b={"e": {"code": {"fx": "y"}}}), {"code": "y"}, "Coding", "b"),
        (_slicing("value", "code", a={"e": {"code": {"fx": "x"}}}), {"code": "z"}, "Coding", ""),
        (_slicing("pattern", "$this", a={"pt": {"system": "s"}}), {"system": "s", "value": "1"}, "Identifier", "a"),
        (
            _slicing("value", "coding.code", a={"pt": {"coding": [{"code": "x"}]}}),
            {"coding": [{"code": "w"}, {"code": "x"}]}, "CodeableConcept", "a",
        ),
        (_slicing("value", "code", a={"e": {"code": {"b": "administrative-gender"}}}), {"code": "male"}, "Coding", "a"),
        (_slicing("exists", "value", a={"e": {"value": {"min": 1}}}, b={"e": {"value": {"max": 0}}}), {}, "Identifier", "b"),
        (_slicing("type", "$this", a={"t": {"date": {}}}, b={"t": {"Period": {}}}), {"start": "2026"}, "Period", "b"),
        (
            _slicing("type", "resource", a={"e": {"resource": {"t": {"Claim": {}}}}}),
            {"resource": {"resourceType": "Claim"}}, "Bundle.entry", "a",
        ),
        (_slicing("value", "url", a={"e": {"url": {"fx": "u"}}}), {"url": "u"}, "Extension", "a"),
        (_slicing("value", "url", a={"e": {"url": {"fx": "u"}}}), {"url": ["u"]}, "Extension", ""),
    ],
)  # fmt: skip
def test_a_value_is_put_into_its_slice(slicing, value, type_name, expected):
    assert _sorter().slice_of(value, type_name, slicing) == expected


def test_slices_told_apart_by_the_target_of_a_reference():
    by_type = _slicing("type", "resolve()", a={"t": {"Reference": {"g": ["Patient"]}}})
    assert _sorter(target={"resourceType": "Patient"}).slice_of({"reference": "#1"}, "Reference", by_type) == "a"
    by_profile = _slicing(
        "profile", "actor.resolve()", a={"e": {"actor": {"t": {"Reference": {"g": [CORE + "us-core-patient"]}}}}}
    )
    value = {"actor": {"reference": "#1"}}
    assert (
        _sorter(target={"resourceType": "Patient"}, conforms=True).slice_of(value, "BackboneElement", by_profile) == "a"
    )
    with pytest.raises(Undecided):
        _sorter().slice_of(value, "BackboneElement", by_profile)


def test_what_the_definitions_do_not_tell_is_left_open():
    with pytest.raises(Undecided):
        _sorter().slice_of({"code": "x"}, "Coding", _slicing("value", "code", a={}))


def test_a_pattern_needs_what_it_has_and_no_more():
    assert matches_pattern({"a": [{"b": 1, "c": 2}], "d": 3}, {"a": [{"b": 1}]})
    assert not matches_pattern({"a": [{"b": 2}]}, {"a": [{"b": 1}]})
    assert not matches_pattern(True, 1)
    assert not matches_pattern("a", {"a": 1})
