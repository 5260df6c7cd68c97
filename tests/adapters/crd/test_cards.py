"""Cards: each kind with its actions, each switched off by its option, nothing proposed that is there already."""

from datetime import date

import pytest

from openum.adapters.fhir.crd.discovery import HOOKS, OPTIONS, services
from openum.adapters.fhir.crd.versions import V2_0, V2_2
from openum.directory.models import Coverage
from openum.needs.services import publish_requirements
from tests.adapters.crd import kit
from tests.world import npi

TIER_ONE = npi(900000888)
LIST = f"""
key: extra
version: 1
effective_from: 2026-01-01
source: test
source_verified: false
rows:
  - key: brand
    services: [RXNORM|1000001]
    authorization: auth-needed
    reason: The brand needs authorization.
    alternatives: [{{label: The generic costs less, service: RXNORM|1000002, display: Generic, required: true}}]
  - key: device
    services: [HCPCS|E9001]
    authorization: auth-needed
    reason: The device needs authorization.
    documents: {{kind: clinical, guideline: LBP-MRI}}
    alternatives: [{{label: A supplier of the first tier, npi: "{TIER_ONE}", display: Quay Supplies}}]
    companions:
      - {{label: The mask belongs with it, service: HCPCS|A9001, display: Mask}}
      - {{label: Teach its use, service: CPT|98960, display: Teaching}}
      - {{label: The gel belongs with it, service: RXNORM|1000003, display: Gel}}
    instructions: Send the sleep test.
    references: [{{label: Rule, url: /policies/}}]
  - key: stay
    services: [REVENUE|0901]
    authorization: auth-needed
    reason: The stay needs authorization.
    depends_on: [CPT|95999]
  - {{key: operation, services: [CPT|95999], reason: Nothing is needed.}}
"""


@pytest.fixture
def lists(world, at, tmp_path):
    file = tmp_path / "extra.yaml"
    file.write_text(LIST)
    publish_requirements(path=file, by=world.engine, at=at, plan=world.plan)


def device(name="d1", **facts):
    return {
        "resourceType": "DeviceRequest", "id": name, "status": "draft", "intent": "original-order",
        "codeCodeableConcept": {"coding": [{"system": "HCPCS", "code": "E9001"}]},
        "subject": {"reference": "Patient/p1"}, **facts,
    }  # fmt: skip


def drug(code="1000001", name="m1", **facts):
    return {
        "resourceType": "MedicationRequest", "id": name, "status": "draft", "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": code}]},
        "subject": {"reference": "Patient/p1"}, **facts,
    }  # fmt: skip


def with_topic(answer, topic):
    return [card for card in answer["cards"] if card["source"]["topic"]["code"] == topic]


def resources(cards):
    return [
        action["resource"]
        for card in cards
        for one in card["suggestions"]
        for action in one["actions"]
        if "resource" in action
    ]


@pytest.mark.usefixtures("lists")
class TestSuggestions:
    def test_a_cheaper_drug_takes_the_place_of_the_ordered_one(self, crd):
        sent = drug(note=[{"text": "at night"}])
        (card,) = with_topic(crd.ask(kit.call(sent)), "therapy-alternatives-req")
        remove, create = card["suggestions"][0]["actions"]
        assert remove["resourceId"] == "MedicationRequest/m1"
        made = create["resource"]
        assert made["medicationCodeableConcept"]["coding"][0]["code"] == "1000002"
        assert (made["note"], "id" in made) == (sent["note"], False)

    def test_a_drug_by_reference_is_replaced_whole(self, crd):
        sent = drug(contained=[{"resourceType": "Medication", "id": "x", "code": drug()["medicationCodeableConcept"]}],
                    medicationReference={"reference": "#x"})  # fmt: skip
        del sent["medicationCodeableConcept"]
        (made,) = resources(with_topic(crd.ask(kit.call(sent)), "therapy-alternatives-req"))
        assert "medicationReference" not in made
        assert made["medicationCodeableConcept"]["text"] == "Generic"

    def test_a_provider_of_the_first_tier_is_proposed_until_it_is_chosen(self, crd):
        (made,) = resources(with_topic(crd.ask(kit.call(device())), "network"))
        assert made["performer"] == {"identifier": {"system": kit.NPI, "value": TIER_ONE}, "display": "Quay Supplies"}
        assert made["id"] == "d1"
        assert with_topic(crd.ask(kit.call(made)), "network") == []

    def test_what_belongs_with_an_order_is_proposed_until_it_is_ordered(self, crd):
        sent = device(requester={"reference": "Practitioner/d9"}, encounter={"reference": "Encounter/e9"})
        made = resources(with_topic(crd.ask(kit.call(sent)), "clinical-reminder"))
        assert [one["resourceType"] for one in made] == ["DeviceRequest", "ServiceRequest", "MedicationRequest"]
        for one in made:
            assert (one["status"], one["intent"], one["authoredOn"]) == ("draft", "original-order", "2026-11-16")
            assert (one["subject"], one["requester"], one["encounter"]) == (
                sent["subject"], sent["requester"], sent["encounter"],
            )  # fmt: skip
        mask = {**device("d2"), "codeCodeableConcept": {"coding": [{"system": "HCPCS", "code": "A9001"}]}}
        left = resources(with_topic(crd.ask(kit.call(sent, mask)), "clinical-reminder"))
        assert [one["resourceType"] for one in left] == ["ServiceRequest", "MedicationRequest"]

    def test_who_is_named_inside_an_order_comes_along_and_nobody_else(self, crd):
        """FHIR R4, ref-1 and dom-3: what a reference names inside is inside, and nothing else is."""
        who = {"resourceType": "Practitioner", "id": "who", "name": [{"family": "Reed"}]}
        shop = {"resourceType": "Organization", "id": "shop", "name": "Old Supplies"}
        sent = device(contained=[who, shop], requester={"reference": "#who"}, performer={"reference": "#shop"})
        answer = crd.ask(kit.call(sent))
        made = resources(with_topic(answer, "clinical-reminder"))
        assert [one["contained"] for one in made] == [[who]] * 3
        (changed,) = resources(with_topic(answer, "network"))
        assert changed["contained"] == [who]

    @pytest.mark.parametrize("base", ["2.0", "2.2"])
    def test_a_form_is_a_task_and_a_launch_with_the_assertion_as_context(self, crd, settings, base):
        settings.OPENUM_FORM_APP = "https://forms.test/launch"
        answer = crd.ask(kit.call(device()), base=base)
        (parts,) = kit.information(answer["systemActions"][0]["resource"])
        (card,) = [one for one in with_topic(answer, "claim") if "suggestions" in one]
        assert card["links"] == [{
            "label": "Fill the form", "url": "https://forms.test/launch", "type": "smart",
            "appContext": parts["coverage-assertion-id"][0],
        }]  # fmt: skip
        (task,) = resources([card])
        assert (task["status"], task["intent"], task["authoredOn"]) == ("ready", "order", "2026-11-16")
        assert task["contained"][0]["name"] == "Harbor Plan"
        assert task["requester"] == {"reference": f"#{task['contained'][0]['id']}"}
        kinds = [one["type"]["coding"][0]["code"] for one in task["input"]]
        assert kinds == (["questionnaire", "after-completion-action"] if base == "2.0" else ["questionnaire"])
        assert [task["input"][0]["valueCanonical"]] == parts["questionnaire"]

    @pytest.mark.parametrize("code", [option.code for option in OPTIONS])
    def test_each_option_switches_its_cards_off_and_no_other(self, crd, code):
        world_of_cards = kit.call(
            device(), drug(), kit.order("17380", "o2"), kit.order("95810", "o3"), prefetch=DIFFERENT
        )
        before = crd.ask(world_of_cards)
        after = crd.ask({**world_of_cards, "extension": {"davinci-crd.configuration": {code: False, "max-cards": 50}}})
        assert with_topic(after, code) == []
        assert bool(after["systemActions"]) is (code != "coverage-info")
        assert {card["source"]["topic"]["code"] for card in after["cards"]} == (
            {option.code for option in OPTIONS} - {code, "coverage-info"}
        )
        assert len(before["cards"]) == 10

    def test_an_answer_names_the_orders_it_depends_on(self, crd):
        code = {"coding": [{"system": "https://www.nubc.org/CodeSystem/RevenueCodes", "code": "0901"}]}
        stay = {**kit.order(name="stay"), "code": code}
        answer = crd.ask(kit.call(stay, kit.order("95999", "op")))
        found = {one["resource"]["id"]: kit.information(one["resource"])[0] for one in answer["systemActions"]}
        assert found["stay"]["dependency"] == [{"reference": "ServiceRequest/op"}]
        assert "dependency" not in found["op"]
        alone = crd.ask(kit.call(stay))["systemActions"][0]["resource"]
        assert "dependency" not in kit.information(alone)[0]


DIFFERENT = {"patient": kit.patient(), "coverage": kit.coverage(period={"start": "2024-01-01", "end": "2026-12-31"})}


def test_topics_are_of_the_system_of_each_guide(crd):
    systems = {
        base: {card["source"]["topic"]["system"] for card in crd.ask(kit.call(kit.order()), base=base)["cards"]}
        for base in ("2.0", "2.2")
    }
    assert systems == {"2.0": {V2_0.topics}, "2.2": {V2_2.topics}}


def insurance(crd, **prefetch):
    cards = with_topic(crd.ask(kit.call(kit.order(), prefetch=prefetch)), "insurance")
    return [(card, card["suggestions"][0]["actions"][0]) for card in cards]


@pytest.mark.parametrize(
    ("facts", "element", "value"),
    [
        ({"period": {"start": "2023-05-05", "end": "2026-12-31"}}, "period", {"start": "2024-01-01"}),
        ({"class": [{"type": {"coding": [{"code": "group"}]}, "value": "G-0"}]}, "class", None),
        ({"identifier": [{"value": "M-1"}], "subscriberId": "OLD"}, None, None),
    ],
)
def test_a_coverage_that_our_file_knows_otherwise_is_mended(crd, world, facts, element, value):
    Coverage.objects.filter(member=world.member).update(group_number="G-7")
    found = insurance(crd, patient=kit.patient(), coverage=kit.coverage(**facts))
    if element is None:
        assert found == []
        return
    ((card, action),) = found
    assert (action["type"], action["resource"]["id"]) == ("update", "c1")
    made = action["resource"]
    assert made["beneficiary"] == {"reference": "Patient/p1"}
    if value is not None:
        assert made[element] == value
    else:
        assert [one["value"] for one in made["class"]] == ["G-7"]
    assert card["extension"]["davinci-crd.associated-resource"] == [{"reference": "Coverage/c1"}]


def test_a_coverage_that_has_ended_is_told_with_its_last_day(crd, world):
    Coverage.objects.filter(member=world.member).update(valid_to=date(2026, 10, 1))
    ((_card, action),) = insurance(crd, patient=kit.patient(), coverage=kit.coverage())
    assert (action["resource"]["status"], action["resource"]["period"]["end"]) == ("cancelled", "2026-09-30")


def test_a_person_known_by_a_number_gets_a_coverage_made(crd):
    patient = {**kit.patient(), "identifier": [{"value": "M-1"}]}
    ((_card, action),) = insurance(crd, patient=patient)
    assert (action["type"], action["resource"]["subscriberId"]) == ("create", "M-1")
    assert action["resource"]["payor"] == [{"display": "Harbor Plan"}]
    assert "Patient/p1" in action["extension"]["davinci-crd.if-none-exist"]


def test_without_a_fitting_birth_date_nothing_of_our_file_is_told(crd):
    patient = {key: value for key, value in kit.patient().items() if key != "birthDate"}
    assert insurance(crd, patient=patient, coverage=DIFFERENT["coverage"]) == []
    assert insurance(crd, patient=kit.patient(), coverage=kit.coverage()) == []


@pytest.mark.parametrize("version", [V2_0, V2_2])
def test_discovery_has_an_option_for_each_kind_of_card(version):
    told = services(version)["services"]
    assert [one["id"] for one in told] == list(HOOKS)
    for one in told:
        codes = [option["code"] for option in one["extension"]["davinci-crd.configuration-options"]]
        what_if = ["unsolicited-determ"] if version is V2_2 else []
        assert codes == [*(option.code for option in OPTIONS), "max-cards", *what_if]
