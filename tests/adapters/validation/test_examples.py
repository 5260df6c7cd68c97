"""The guides' own examples are good, but for faults of their own; the shipped table is that of the guides at hand."""

import json
import tarfile

import pytest

from openum.adapters.fhir.validation import STU2, STU2_2, check
from openum.adapters.fhir.validation.table import table
from tests.conformance.tables import SHARED
from tools.generate_fhir_definitions import digest_of

GUIDES = {
    "pas-2.0.1": STU2, "crd-2.0.1": STU2, "dtr-2.0.1": STU2, "pas-2.2.1": STU2_2, "compiled/crd-2.2.1-compiled": STU2_2,
    "compiled/dtr-2.2.0-compiled": STU2_2, "compiled/subscriptions-backport-r4-1.1.0-compiled": STU2_2,
}  # fmt: skip
FAULTS_OF_THE_EXAMPLES = {
    "dtr/2.0.1/content/dinner-adaptive/questionnaire-dinner-order-adaptive.json": {"min", "bdl-3", "bdl-4"},
    "dtr/2.0.1/content/dinner-static/questionnaire-response-dinner-order-static.json": {
        "format", "slice-min", "dtrx-1",
    },
    "dtr/2.0.1/validation/dinner-questionnaire-response-conformant.json": {"dtrx-1"},
    "dtr/2.0.1/validation/questionnaire-package-output-params-conformant.json": {"format"},
    "dtr/2.0.1/validation/questionnaire-response-conformant.json": {"format"},
    "pas/2.0.1/inferno-ri/submit-approval-or-denial.json": {"slice-min"},
    "pas/2.0.1/inferno-ri/submit-pended.json": {"slice-min"},
    "pas/2.2.1/inferno-sample-responses/denial.json": {"profile-min"},
    "pas/2.2.1/inferno-sample-responses/pended.json": {"profile-min"},
}  # fmt: skip
"""What is wrong in files of test kits, looked at one by one: no type, an asterisk for a date, an override without
author, an underscore in an id, a code that starts with a space, coverage information about a person without the
medical record number that CRD asks for, no Bundle.identifier and no request."""

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the guides are not beside this checkout")


@pytest.mark.parametrize("guide", GUIDES)
def test_no_example_of_a_guide_is_called_wrong(guide):
    seen = 0
    with tarfile.open(SHARED / "ig" / f"{guide}.tgz") as archive:
        for member in archive:
            if "/example/" not in member.name or not member.name.endswith(".json"):
                continue
            resource = json.load(archive.extractfile(member))
            if "resourceType" not in resource:
                continue  # an index, or a CDS Hooks message
            seen += 1
            assert check(resource, edition=GUIDES[guide]).errors == (), member.name
    assert seen > 10


def _files():
    return [
        str(path.relative_to(SHARED / "examples"))
        for path in sorted((SHARED / "examples").rglob("*.json"))
        if "legacy" not in path.parts and "resourceType" in json.loads(path.read_bytes())
    ]


@pytest.mark.parametrize("file", _files())
def test_a_shared_example_has_no_fault_but_its_own(file):
    edition = STU2_2 if "2.2." in file else STU2
    found = check(json.loads((SHARED / "examples" / file).read_bytes()), edition=edition)
    assert {one.rule for one in found.errors} == FAULTS_OF_THE_EXAMPLES.get(file, set())


def test_the_table_is_made_from_the_guides_at_hand():
    assert table().head["digest"] == digest_of(SHARED / "ig"), (
        "run python -m tools.generate_fhir_definitions ../shared/ig"
    )
