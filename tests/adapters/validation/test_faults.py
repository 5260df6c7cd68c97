"""Single faults planted in a good message: each is found where it was planted, with its rule and a cure."""

import copy

import pytest

from openum.adapters.fhir.validation import STU2, check
from tests.adapters.kit import message, resource

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/"
REQUEST = PAS + "profile-pas-request-bundle"
CLAIM = "Bundle.entry[0].resource"


def _good():
    return message("referral-urn")


def _claim(bundle):
    return resource(bundle, "Claim")


def _item_extension(bundle, name):
    return next(one for one in _claim(bundle)["item"][0]["extension"] if one["url"] == PAS + name)


def element_removed(bundle):
    del _claim(bundle)["insurer"]


def unknown_element(bundle):
    _claim(bundle)["priorty"] = _claim(bundle)["priority"]


def number_as_text(bundle):
    _claim(bundle)["item"][0]["sequence"] = "1"


def day_that_does_not_exist(bundle):
    resource(bundle, "Patient")["birthDate"] = "1970-02-30"


def code_outside_its_value_set(bundle):
    _claim(bundle)["status"] = "activ"


def other_than_the_fixed_code(bundle):
    _claim(bundle)["use"] = "claim"


def reference_to_a_missing_entry(bundle):
    _claim(bundle)["insurance"][0]["coverage"]["reference"] = "urn:uuid:0198c0de-0000-7000-8000-0000000000ff"


def reference_to_another_type(bundle):
    _claim(bundle)["patient"] = copy.deepcopy(_claim(bundle)["insurer"])


def extension_value_of_another_type(bundle):
    held = _item_extension(bundle, "extension-certificationType")
    del held["valueCodeableConcept"]
    held["valueString"] = "I"


def required_slice_removed(bundle):
    del _claim(bundle)["careTeam"][0]["extension"]


def slice_twice(bundle):
    extensions = _claim(bundle)["item"][0]["extension"]
    extensions.append(copy.deepcopy(_item_extension(bundle, "extension-certificationType")))


def invariant_broken(bundle):
    _claim(bundle)["item"][0]["servicedPeriod"] = {"start": "2026-12-31", "end": "2026-12-01"}
    _claim(bundle)["item"][0].pop("servicedDate", None)


def type_that_the_profile_excludes(bundle):
    diagnosis = _claim(bundle)["diagnosis"][0]
    del diagnosis["diagnosisCodeableConcept"]
    diagnosis["diagnosisReference"] = {"reference": "Condition/1"}


def target_that_breaks_its_profile(bundle):
    del resource(bundle, "Patient")["identifier"]


def one_value_instead_of_a_list(bundle):
    _claim(bundle)["item"] = _claim(bundle)["item"][0]


FAULTS = [
    (element_removed, f"{CLAIM}.insurer", "profile-min"),
    (unknown_element, f"{CLAIM}.priorty", "unknown-element"),
    (number_as_text, f"{CLAIM}.item[0].sequence", "format"),
    (day_that_does_not_exist, "Bundle.entry[4].resource.birthDate", "format"),
    (code_outside_its_value_set, f"{CLAIM}.status", "binding"),
    (other_than_the_fixed_code, f"{CLAIM}.use", "pattern"),
    (reference_to_a_missing_entry, f"{CLAIM}.insurance[0].coverage.reference", "reference"),
    (reference_to_another_type, f"{CLAIM}.patient.reference", "reference-type"),
    (extension_value_of_another_type, f"{CLAIM}.item[0].extension[2].value", "profile-choice"),
    (required_slice_removed, f"{CLAIM}.careTeam[0].extension", "slice-min"),
    (slice_twice, f"{CLAIM}.item[0].extension", "slice-max"),
    (invariant_broken, f"{CLAIM}.item[0].serviced", "per-1"),
    (type_that_the_profile_excludes, f"{CLAIM}.diagnosis[0].diagnosis", "profile-choice"),
    (target_that_breaks_its_profile, "Bundle.entry[4].resource.identifier", "profile-min"),
    (one_value_instead_of_a_list, f"{CLAIM}.item", "not-a-list"),
]


def test_the_message_itself_is_good():
    assert check(_good(), profiles=[REQUEST], edition=STU2).errors == ()


@pytest.mark.parametrize(("plant", "path", "rule"), FAULTS, ids=[one[0].__name__ for one in FAULTS])
def test_a_planted_fault_is_found(plant, path, rule):
    bundle = _good()
    plant(bundle)
    found = {(one.path, one.rule): one for one in check(bundle, profiles=[REQUEST], edition=STU2).errors}
    assert (path, rule) in found
    violation = found[path, rule]
    assert violation.text.endswith(".")
    assert violation.cure.endswith((".", "?"))


def test_a_sentence_holds_no_value_of_the_message():
    bundle = _good()
    patient = resource(bundle, "Patient")
    patient["birthDate"], patient["name"] = "Aloysius-1970", [{"family": ["Aloysius"], "given": "Aloysius"}]
    patient["telecom"] = [{"value": 8005550199}]
    for violation in check(bundle, profiles=[REQUEST], edition=STU2).violations:
        assert "Aloysius" not in violation.text + violation.cure + violation.path
        assert "8005550199" not in violation.text + violation.cure + violation.path
