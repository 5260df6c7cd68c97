"""Everything that DTR sends is valid by our own validator: packages, rounds of adaptive forms, drafts, expansions."""

import pytest

from openum.adapters.fhir.validation import check
from openum.adapters.fhir.validation.profiles import STU2, STU2_2
from openum.adapters.fhir.validation.violations import Severity
from tests.adapters.dtr.conftest import dtr, of_kind, order, package_input, parameters, split
from tests.conformance.test_dtr_structure import GUIDELINES, canonical

__all__ = ["dtr"]
# que-7 asks `answer is Boolean`; our FHIRPath tells a FHIR boolean from a System Boolean, as its specification has it.
EDITIONS = {"2.0": STU2, "2.2": STU2_2}


def errors(resource, base):
    """Return the errors of a resource; references to what the client holds are its own."""
    found = [one for one in check(resource, edition=EDITIONS[base]).violations if one.severity is Severity.ERROR]
    return [str(one) for one in found if one.rule != "que-7" and "reference" not in str(one).lower()]


@pytest.mark.parametrize("base", EDITIONS)
@pytest.mark.parametrize("guideline", GUIDELINES)
def test_a_package_is_valid(dtr, guideline, base):
    body = package_input(order("T1019"), questionnaire=canonical(guideline))
    bundles, _ = split(dtr.package(body, base=base))
    assert errors(bundles[0], base) == []


@pytest.mark.parametrize("base", EDITIONS)
def test_every_round_of_an_adaptive_form_is_valid(dtr, base):
    body = package_input(order("T1019"), questionnaire=canonical("LBP-MRI", "/adaptive"))
    bundles, _ = split(dtr.package(body, base=base))
    assert errors(bundles[0], base) == []
    response = of_kind(bundles[0], "QuestionnaireResponse")[0]
    response |= {"contained": [bundles[0]["entry"][0]["resource"] | {"id": "f"}], "questionnaire": "#f"}
    while response["status"] != "completed":
        response = dtr.next(response, base=base)
        assert errors(response, base) == []


@pytest.mark.parametrize("base", EDITIONS)
def test_expansions_and_outcomes_are_valid(dtr, base):
    body = package_input(order("T1019"), questionnaire=canonical("LBP-MRI"))
    bundles, _ = split(dtr.package(body, base=base))
    for one in of_kind(bundles[0], "ValueSet"):
        answer = dtr.post("ValueSet/$expand", parameters(("url", one["url"]), ("count", "2")), base=base).json()
        assert errors(answer, base) == []
    found = dtr.get("ValueSet?_count=5", base=base).json()
    assert errors(found, base) == []
