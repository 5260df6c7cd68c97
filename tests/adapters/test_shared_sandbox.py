"""A sandbox that many testers share: the same made-up numbers for people of their own, and nobody sees the others'."""

import orjson
import pytest

from openum.accounts.services import register_client
from openum.adapters.fhir import codes
from openum.cases.models import Case
from openum.directory.models import Member
from openum.submission.rules import INVENTED_NUMBER
from tests.adapters.conftest import actions, claim_response
from tests.adapters.crd import kit
from tests.adapters.kit import message, resource
from tests.adapters.test_updates import update_of


@pytest.fixture
def other(door):
    """The token of a second tester."""
    register_client(name="second tester", plan=door.world.sandbox, token="second-token", enrols_unknown=True)
    return "second-token"


def _of(name, given="Otto", born="1971-02-03", *, what="home-care"):
    data = message(what)
    resource(data, "Patient").update(name=[{"family": name, "given": [given]}], birthDate=born)
    return data


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_two_testers_use_one_member_number_for_two_people(door, other, base):
    door.arm("approve")
    assert actions(door.submit(message("home-care"), base=base)) == {1: "A1", 2: "A1"}
    assert actions(door.submit(_of("Newcomer"), token=other, base=base)) == {1: "A4", 2: "A4"}
    first, second = Case.objects.order_by("pk")
    assert (second.member.family_name, second.member.given_name) == ("Newcomer", "Otto")
    assert second.member.member_number == f"{first.member.member_number} (2)"
    (mine,) = door.inquire(_of("Newcomer", what="inquiry"), token=other, base=base)
    assert actions(mine) == {1: "A4", 2: "A4"}
    (theirs,) = door.inquire(message("inquiry"), base=base)
    assert actions(theirs) == {1: "A1", 2: "A1"}
    again = update_of(_of("Newcomer"), 2)
    assert actions(door.submit(again, token=other, base=base)) == {1: "A4", 2: "A4"}
    assert Case.objects.count() == 2
    assert Member.objects.filter(family_name="Newcomer").count() == 1


def test_a_third_person_under_the_number_is_a_third_row(door, other):
    for name in ("Ash", "Birch", "Cedar"):
        door.submit(_of(name), token=other)
    numbers = list(Case.objects.order_by("pk").values_list("member__member_number", flat=True))
    assert numbers == [numbers[0], f"{numbers[0]} (2)", f"{numbers[0]} (3)"]


def test_the_same_person_of_two_testers_shows_each_their_own(door, other):
    door.arm("approve")
    door.submit(message("home-care"))
    assert door.inquire(message("inquiry"), token=other, base="2.2") == []
    door.submit(message("home-care"), token=other)
    assert Member.objects.filter(plan=door.world.sandbox).count() == 1
    (mine,) = door.inquire(message("inquiry"), token=other, base="2.2")
    assert actions(mine) == {1: "A4", 2: "A4"}


def test_a_patient_without_a_name_is_the_first_with_the_number(door, other):
    door.submit(_of("Ash"))
    door.submit(_of("Birch"))
    nameless = message("home-care")
    for name in ("name", "birthDate"):
        del resource(nameless, "Patient")[name]
    assert "error" not in claim_response(door.submit(nameless))
    assert Case.objects.latest("pk").member.family_name == "Ash"


def test_a_plan_still_refuses_another_name_under_a_number(door):
    data = message("home-care")
    resource(data, "Patient")["identifier"][0]["value"] = door.world.member.member_number
    for entry in data["entry"]:
        if entry["resource"]["resourceType"] == "Coverage":
            entry["resource"]["subscriberId"] = door.world.member.member_number
    response = claim_response(door.submit(data, token="plan-token"))
    assert response["error"][0]["code"]["coding"][0]["code"] == "65"


def _ask(door, token, **facts):
    """Return what order-sign says about the home care of the sandbox member."""
    data = message("home-care")
    patient = resource(data, "Patient")
    coverage = {
        "resourceType": "Coverage", "id": "c1", "status": "active", "beneficiary": {"reference": "Patient/p1"},
        "subscriberId": patient["identifier"][0]["value"], "payor": [{"display": "Sandbox"}],
    }  # fmt: skip
    order = kit.order(occurrenceDateTime="2026-12-05", **facts)
    order["code"] = resource(data, "Claim")["item"][0]["productOrService"]
    prefetch = {"patient": {**patient, "id": "p1"}, "coverage": coverage}
    body = kit.call(order, prefetch=prefetch)
    answer = door.http.post(
        "/crd/2.2/cds-services/order-sign", orjson.dumps(body), content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    (action,) = orjson.loads(answer.content)["systemActions"]
    (parts,) = kit.information(action["resource"])
    return parts["pa-needed"]


def test_an_order_is_satisfied_by_ones_own_authorization_alone(door, other):
    door.arm("approve")
    door.submit(message("home-care"))
    assert _ask(door, "sandbox-token") == ["satisfied"]
    assert _ask(door, other) != ["satisfied"]


@pytest.mark.parametrize(
    ("quantity", "is_satisfied"),
    [
        ({"value": 1}, True),
        ({"value": 10_000}, False),
        ({"value": 10_000, "unit": "visits"}, False),
        ({"value": 10_000, "code": "d"}, True),
        ({"value": 10_000, "unit": "mg"}, True),
        ({"value": "many"}, True),
    ],
)
def test_an_order_for_more_units_than_are_left_is_not_satisfied(door, quantity, is_satisfied):
    door.arm("approve")
    door.submit(message("home-care"))
    assert (_ask(door, "sandbox-token", quantityQuantity=quantity) == ["satisfied"]) is is_satisfied


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_an_invented_provider_number_is_a_note_in_a_sandbox_and_an_error_of_a_plan(door, base):
    data = message("home-care")
    for entry in data["entry"]:
        for one in entry["resource"].get("identifier", []):
            if one.get("system") == codes.NPI:
                one["value"] = "1234567890"
    response = claim_response(door.submit(data, base=base))
    assert response["outcome"] != "error"
    notes = [one["text"] for one in response["processNote"] if INVENTED_NUMBER in one["text"]]
    assert notes
    assert all(one.startswith("Warning. Bundle.entry[") for one in notes)
    refused = claim_response(door.submit(data, base=base, token="plan-token"))
    assert refused["error"][0]["code"]["coding"][0]["code"] == "43"
