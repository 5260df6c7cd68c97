"""Every published DTR example gets the outcome that its table states: as an operation, as content, or as a valid answer."""

import copy
import re

import orjson
import pytest

from openum.forms.services import store_form
from openum.forms.uploads import read_upload
from samples.places import publish_sandbox_forms
from tests.adapters.dtr.conftest import answers, dtr, of_kind, split
from tests.conformance import tables

__all__ = ["dtr"]
EXAMPLES = tables.SHARED / "examples"
pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the published examples are not beside this checkout")
_ROW = re.compile(
    r"^\| `(?P<file>dtr/[^`]+)` \|[^|]*\| POST (?P<operation>Questionnaire/\$[\w-]+) \| (?P<outcome>[^|]*) \|$"
)
DINNER = "dtr/2.0.1/content/dinner-adaptive"


def _requests():
    if not EXAMPLES.is_dir():
        return []
    lines = (EXAMPLES / "README.md").read_text(encoding="utf-8").splitlines()
    return [(m["file"], m["operation"], m["outcome"]) for line in lines if (m := _ROW.match(line))]


def read(file):
    return orjson.loads((EXAMPLES / file).read_bytes())


def load(world, at, *files, plan=None):
    upload = read_upload([read(file) for file in files])
    return store_form(
        upload=upload, plan=plan or world.sandbox, source="test", effective_from=at.date(), by=world.engine, at=at
    )


def renamed(body):
    """Return a call with other ids, other codes and another form."""
    changed = orjson.dumps(body).replace(b"24338-6", b"99998-1").replace(b"examplepatient", b"somebody")
    changed = changed.replace(b"CoverageExample", b"cov-7").replace(b"dinner-order-adaptive", b"another-form")
    return orjson.loads(changed)


@pytest.mark.parametrize("change", [copy.deepcopy, renamed])
@pytest.mark.parametrize(("file", "operation", "outcome"), _requests())
def test_an_example_call_gets_its_outcome(dtr, world, at, settings, file, operation, outcome, change):
    publish_sandbox_forms(settings.OPENUM_POLICIES, world.sandbox, world.engine, at=at)
    base = "2.2" if "/2.2" in file else "2.0"
    response = dtr.post(operation, change(read(file)), base=base, token="sandbox-token")
    assert response.status_code == 200, response.content
    answer = response.json()
    if "package" in operation:
        bundles, _issues = split(answer)
        assert bundles[0]["entry"][0]["resource"]["resourceType"] == "Questionnaire"
    if "contained Questionnaire" in outcome:
        assert answer["resourceType"] == "QuestionnaireResponse"
        assert answer["contained"][0]["item"]
        assert answer["status"] == "in-progress"


def test_a_plan_that_is_no_sandbox_invents_no_form(dtr, world, at, settings):
    publish_sandbox_forms(settings.OPENUM_POLICIES, world.sandbox, world.engine, at=at)
    body = read("dtr/2.0.1/next-question-initial-input-params-conformant.json")
    assert dtr.post("Questionnaire/$next-question", body).status_code == 404


def test_the_loaded_adaptive_dinner_asks_stage_by_stage(dtr, world, at):
    load(
        world, at, f"{DINNER}/questionnaire-dinner-order-adaptive.json",
        f"{DINNER}/dinner-order-adaptive-next-question-hamburger.json",
        f"{DINNER}/dinner-order-adaptive-next-question-initial.json",
    )  # fmt: skip
    body = read("dtr/2.0.1/next-question-initial-input-params-conformant.json")
    response = dtr.next(body, token="sandbox-token")
    first = read(f"{DINNER}/dinner-order-adaptive-next-question-initial.json")
    assert response["contained"][0]["item"] == first["item"]
    assert (
        response["contained"][0]["derivedFrom"] == first["derivedFrom"]
        or "|" in response["contained"][0]["derivedFrom"][0]
    )
    again = dtr.next(response, token="sandbox-token")
    assert again["contained"][0]["item"] == first["item"]
    assert again["status"] == "in-progress"
    for link, value in (("PBD.1", "A"), ("PBD.2", "B"), ("LOC.1", "C")):
        _answer(response, link, {"valueString": value})
    _answer(response, "3.1", {"valueCoding": {"code": "Hamburger"}})
    response = dtr.next(response, token="sandbox-token")
    second = read(f"{DINNER}/dinner-order-adaptive-next-question-hamburger.json")
    assert response["contained"][0]["item"] == second["item"]
    assert answers(response)["3.1"][0] == {"code": "Hamburger"}
    response = dtr.next(response, token="sandbox-token")
    assert response["status"] == "completed"
    assert dtr.next(response, token="sandbox-token") == response


def _answer(response, link, value):
    waiting = list(response["item"])
    while waiting:
        node = waiting.pop()
        if node["linkId"] == link:
            node["answer"] = [value]
            return
        waiting += node.get("item", [])
    raise AssertionError(link)


def test_the_loaded_static_dinner_is_packed_with_its_library_and_filled(dtr, world, at):
    load(world, at, "dtr/2.0.1/content/dinner-static/questionnaire-dinner-order-static.json")
    person = {
        "resourceType": "Patient", "id": "p9", "name": [{"use": "official", "family": "Oster", "given": ["William"]}],
    }  # fmt: skip
    body = {"resourceType": "Parameters", "parameter": [
        {"name": "coverage", "resource": {"resourceType": "Coverage", "id": "c9", "beneficiary": {"reference": "Patient/p9"}}},
        {"name": "referenced", "resource": person},
        {"name": "questionnaire", "valueCanonical": "urn:inferno:dtr-test-kit:dinner-order-static"},
    ]}  # fmt: skip
    bundles, _issues = dtr.bundles(body, token="sandbox-token")
    assert [one["url"] for one in of_kind(bundles[0], "Library")] == ["https://madie.cms.gov/Library/DTRTest"]
    made = answers(of_kind(bundles[0], "QuestionnaireResponse")[0])
    assert made == {"PBD.1": ("Oster", "auto"), "PBD.2": ("William", "auto")}
    assert dtr.post("Questionnaire/$questionnaire-package", body).status_code == 422
