"""$next-question: what is asked one after the other leads to the outcome of the whole form."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openum.adapters.fhir.dtr.adaptive import Asked, advanced, findings_of
from openum.adapters.fhir.dtr.shelf import GuidelineVolume, shelf_for
from openum.adapters.fhir.dtr.versions import V2_0
from openum.criteria.facts import response_of
from openum.criteria.tree import value_of
from tests.adapters.dtr.conftest import order, package_input

DAY = date(2026, 11, 16)
BASE = "http://testserver/fhir/2.0"
SITE = "http://testserver"


def some_answer(answer):
    """Return what somebody may say to a question, silence included."""
    values = {
        "yes-no": st.booleans(),
        "date": st.dates(date(2025, 1, 1), DAY).map(lambda one: one),
        "number": st.integers(0, 60),
        "text": st.just({"words": "words"}),
        "choice": st.sampled_from([code for code, _ in answer.options] or ["none"]),
    }
    return st.none() | values[answer.kind]


@pytest.fixture
def shelf(world):
    return shelf_for(world.plan, site=SITE, day=DAY)


def outcome(volume, said):
    response = response_of({link: value for link, value in said.items() if value is not None})
    return value_of(volume.guideline.root, findings_of(volume, response, DAY))


@pytest.mark.parametrize("guideline", ["LBP-MRI", "KNEE-ARTH", "HOME-OXYGEN", "CPAP"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_asking_one_by_one_ends_where_the_whole_form_ends(shelf, guideline, data):
    found = shelf.find("Questionnaire", f"{SITE}/policies/{guideline}/fhir/Questionnaire/adaptive")
    volume = found.volume
    assert isinstance(volume, GuidelineVolume)
    said = {link: data.draw(some_answer(answer), label=link) for link, answer in volume.guideline.answers.items()}
    response = {
        "resourceType": "QuestionnaireResponse", "status": "in-progress", "questionnaire": "#f",
        "contained": [{"resourceType": "Questionnaire", "id": "f", "derivedFrom": [found.label.canonical]}],
    }  # fmt: skip
    asked = set()
    for _round in range(80):
        contained = response["contained"][0]
        one = Asked(response=response, contained=contained, canonical=found.label.canonical, is_wrapped=False)
        response = advanced(one, found, version=V2_0, base_url=BASE, today=DAY)
        if response["status"] == "completed":
            break
        now_asked = set(_questions(response["contained"][0]["item"]))
        assert now_asked > asked
        asked = now_asked
        given_now = {link: said[link] for link in asked if said[link] is not None}
        response["item"] = response_of(given_now)["item"]
    assert response["status"] == "completed"
    assert outcome(volume, {link: said[link] for link in asked}) is outcome(volume, said)


def _questions(items):
    for item in items:
        if item["type"] not in {"group", "display"}:
            yield item["linkId"]
        yield from _questions(item.get("item", []))


def test_only_what_can_change_the_outcome_first_is_asked_first(dtr, shelf):
    address = f"{SITE}/policies/LBP-MRI/fhir/Questionnaire/adaptive"
    bundles, _ = dtr.bundles(package_input(order("T1019"), questionnaire=address))
    form = bundles[0]["entry"][0]["resource"]
    response = dtr.next({
        "resourceType": "QuestionnaireResponse", "status": "in-progress", "questionnaire": "#f",
        "contained": [form | {"id": "f"}],
    })  # fmt: skip
    first = list(_questions(response["contained"][0]["item"]))
    assert 0 < len(first) < len(shelf.find("Questionnaire", address).volume.guideline.answers)
