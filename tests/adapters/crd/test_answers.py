"""What the services say: coverage information by version, several orders, cards, options, and where facts come from."""

import orjson
import pytest

from openum.audit.models import EventRow
from openum.cases.models import ServiceLine
from openum.determination.services import approve_line
from tests.adapters.crd import kit
from tests.world import knee_request, npi, send

BASES = ["2.0", "2.2"]


def only(answer):
    """Return the parts of the one coverage information of an answer."""
    (action,) = answer["systemActions"]
    (parts,) = kit.information(action["resource"])
    return parts


@pytest.mark.parametrize("base", BASES)
def test_a_listed_order_is_told_what_it_needs_and_comes_back_whole(crd, base):
    sent = kit.order()
    answer = crd.ask(kit.call(sent), base=base)
    parts = only(answer)
    assert (parts["covered"], parts["pa-needed"], parts["doc-needed"], parts["doc-purpose"]) == (
        ["covered"], ["auth-needed"], ["clinical"], ["withpa"],
    )  # fmt: skip
    assert parts["coverage"] == [{"reference": "Coverage/c1"}]
    assert parts["billingCode"] == [{"system": kit.CPT, "code": "72148"}]
    assert parts["questionnaire"][0].endswith("/policies/LBP-MRI/fhir/Questionnaire|v2026.2")
    assert parts["date"] == ["2026-11-16"]
    assert ("expiry-date" in parts) is (base == "2.2")
    assert kit.without_information(answer["systemActions"][0]["resource"]) == sent


def test_the_form_that_is_named_is_the_form_that_is_served(crd, client):
    canonical = only(crd.ask(kit.call(kit.order())))["questionnaire"][0]
    path = canonical.partition("|")[0].split("/", 3)[3]
    served = orjson.loads(client.get(f"/{path}", follow=True).content)
    assert f"{served['url']}|{served['version']}" == canonical


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(
    ("code", "covered", "needed"),
    [("17380", "not-covered", None), ("95806", "covered", "no-auth"), ("97110", "covered", "conditional")],
)
def test_each_kind_of_need_keeps_the_invariants(crd, base, code, covered, needed):
    parts = only(crd.ask(kit.call(kit.order(code)), base=base))
    assert (parts["covered"][0], parts.get("pa-needed", [None])[0]) == (covered, needed)


def test_not_covered_says_how_to_ask_for_a_determination(crd):
    answer = crd.ask(kit.call(kit.order("17380")), base="2.2")
    parts = only(answer)
    assert any("organization determination" in one["text"] for one in parts["reason"])
    assert any("organization determination" in card.get("detail", "") for card in answer["cards"])
    assert parts["detail"]


@pytest.mark.parametrize(
    ("prefetch", "code"),
    [
        ({"coverage": kit.coverage("X-9"), "patient": kit.patient()}, "no-member-found"),
        ({"coverage": kit.coverage(), "patient": kit.patient(born="1961-01-01")}, "no-member-found"),
        ({"coverage": None, "patient": None}, "coverage-not-found"),
        ({}, "coverage-not-found"),
        (None, ""),
        ({"anything": kit.bundle(kit.patient(), kit.coverage())}, ""),
        ({"coverage": kit.coverage(), "patient": 7, "more": ["x"], "none": None}, ""),
    ],
)
def test_prefetch_of_every_form_is_read_and_what_is_missing_is_told(crd, prefetch, code):
    body = kit.call(kit.order(), prefetch=prefetch)
    new = only(crd.ask(body, base="2.2"))
    old = only(crd.ask(body, base="2.0"))
    if code:
        assert new["covered"] == new["pa-needed"] == ["indeterminate"]
        assert new["reason"][0]["coding"][0]["code"] == code
        assert (old["covered"], old["pa-needed"], old["info-needed"]) == (["conditional"], ["conditional"], ["OTH"])
    else:
        assert new["pa-needed"] == old["pa-needed"] == ["auth-needed"]


def test_prefetch_may_be_left_out_altogether(crd):
    body = kit.call(kit.order())
    del body["prefetch"]
    assert only(crd.ask(body, base="2.2"))["covered"] == ["indeterminate"]


def test_a_listed_server_of_the_client_is_asked_with_its_token(crd, settings, monkeypatch):
    settings.OPENUM_CLIENT_FHIR_SERVERS = frozenset({"https://ehr.test/fhir"})
    asked = []

    def get(url, token, seconds):
        asked.append((url, token))
        held = kit.patient() if "Patient/" in url else kit.bundle(kit.coverage())
        return orjson.dumps(held)

    monkeypatch.setattr("openum.adapters.fhir.crd.remote.get", get)
    body = kit.call(
        kit.order(), prefetch={}, fhirServer="https://ehr.test/fhir/",
        fhirAuthorization={"access_token": "t", "token_type": "Bearer"},
    )  # fmt: skip
    assert only(crd.ask(body))["pa-needed"] == ["auth-needed"]
    assert asked == [
        ("https://ehr.test/fhir/Coverage?patient=p1&status=active", "t"), ("https://ehr.test/fhir/Patient/p1", "t"),
    ]  # fmt: skip


def test_one_bad_order_never_spoils_the_rest(crd, monkeypatch):
    good, broken = kit.order(name="good"), kit.order(name="broken")
    odd = {"resourceType": "ServiceRequest", "status": "draft"}
    body = kit.call(broken, odd, {"resourceType": "Basket", "id": "1"}, good)
    body["context"]["draftOrders"]["entry"].append({"resource": "not a resource"})
    from openum.adapters.fhir.crd import answer as module

    real = module.read_order

    def read(resource, call):
        if resource.get("id") == "broken":
            raise ZeroDivisionError
        return real(resource, call)

    monkeypatch.setattr(module, "read_order", read)
    answer = crd.ask(body)
    assert [action["resource"]["id"] for action in answer["systemActions"]] == ["good"]
    assert sum(card["indicator"] == "warning" for card in answer["cards"]) == 4


@pytest.mark.parametrize(
    "element",
    [{"code": 5}, {"code": {"coding": "x"}}, {"performer": {"reference": 4}}, {"locationCode": [4]}, {"insurance": {}},
     {"occurrencePeriod": "soon"}, {"contained": 3, "performer": [{"reference": "#x"}]}, {"extension": "none"}],
)  # fmt: skip
def test_an_order_of_wrong_shape_still_gets_an_answer(crd, element):
    answer = crd.ask(kit.call(kit.order(**element)))
    assert len(answer["systemActions"]) == 1


def test_orders_of_one_call_each_get_their_own_answer(crd):
    answer = crd.ask(kit.call(kit.order("72148", "a"), kit.order("95806", "b"), kit.order("17380", "c")))
    found = {one["resource"]["id"]: kit.information(one["resource"])[0] for one in answer["systemActions"]}
    assert {name: parts["covered"][0] for name, parts in found.items()} == {
        "a": "covered", "b": "covered", "c": "not-covered",
    }  # fmt: skip
    assert len({parts["coverage-assertion-id"][0] for parts in found.values()}) == 3


def test_what_was_said_is_not_said_again_until_it_changes(crd):
    first = crd.ask(kit.call(kit.order()))["systemActions"][0]["resource"]
    assert crd.ask(kit.call(first))["systemActions"] == []
    moved = {**first, "code": {"coding": [{"system": kit.CPT, "code": "95806"}]}}
    again = crd.ask(kit.call(moved))["systemActions"][0]["resource"]
    (parts,) = kit.information(again)
    assert parts["pa-needed"] == ["no-auth"]
    assert parts["coverage-assertion-id"] != kit.information(first)[0]["coverage-assertion-id"]


def test_an_authorization_in_force_satisfies_and_is_noted_as_read(crd, world, at):
    send(world, knee_request(world, of=world.member, at=at), at=at)
    line = ServiceLine.objects.get()
    approve_line(line=line, by=world.orthopaedist, at=at, rationale="It is so.", cited_authority="plan page 1")
    parts = only(crd.ask(kit.call(kit.order("27447")), base="2.2"))
    number = line.authorizations.get().number
    assert (parts["pa-needed"], parts["satisfied-pa-id"]) == (["satisfied"], [number])
    assert EventRow.objects.filter(type="CasesRead", data__contains="order-sign").count() == 1
    assert EventRow.objects.filter(type="NeedsAsked").count() == 1


def test_emergency_care_is_never_reviewed(crd):
    encounter = {"resourceType": "Encounter", "id": "e1", "class": {"code": "EMER"}}
    prefetch = {"patient": kit.patient(), "coverage": kit.coverage(), "encounter": encounter}
    parts = only(crd.ask(kit.call(kit.order(), prefetch=prefetch, context={"encounterId": "e1"})))
    assert parts["pa-needed"] == ["no-auth"]


@pytest.mark.parametrize("is_known", [True, False])
def test_the_performer_that_a_dispatch_chooses_decides_about_the_network(crd, world, is_known):
    number = world.surgeon_npi if is_known else npi(900000777)
    prefetch = {
        "patient": kit.patient(), "coverage": kit.coverage(), "order": kit.order("97110"),
        "user": kit.practitioner(number),
    }  # fmt: skip
    body = kit.call(hook="order-dispatch", prefetch=prefetch)
    body["context"] |= {"order": "ServiceRequest/o1", "performer": "Practitioner/d1"}
    assert only(crd.ask(body))["pa-needed"] == ["no-auth" if is_known else "auth-needed"]
    many = kit.call(hook="order-dispatch", prefetch=prefetch)
    many["context"] |= {
        "dispatchedOrders": ["ServiceRequest/o1", "ServiceRequest/gone"],
        "performer": "Practitioner/d1",
    }
    answer = crd.ask(many, base="2.2")
    assert only(answer)["pa-needed"] == ["no-auth" if is_known else "auth-needed"]
    assert sum(card["indicator"] == "warning" for card in answer["cards"]) == 1


def test_order_select_judges_what_is_selected_and_names_no_documents(crd):
    body = kit.call(kit.order(name="a"), kit.order(name="b"), hook="order-select")
    body["context"]["selections"] = ["ServiceRequest/b"]
    answer = crd.ask(body)
    parts = only(answer)
    assert answer["systemActions"][0]["resource"]["id"] == "b"
    assert "doc-needed" not in parts
    assert "questionnaire" not in parts


def test_an_appointment_is_judged_by_the_order_behind_it(crd):
    appointment = {
        "resourceType": "Appointment", "id": "a1", "status": "proposed", "start": "2026-12-01T10:00:00Z",
        "basedOn": [{"reference": "ServiceRequest/o1"}], "participant": [{"actor": {"reference": "Patient/p1"}}],
    }  # fmt: skip
    prefetch = {"patient": kit.patient(), "coverage": kit.coverage(), "serviceRequests": kit.bundle(kit.order())}
    answer = crd.ask(kit.call(appointment, hook="appointment-book", prefetch=prefetch))
    assert only(answer)["pa-needed"] == ["auth-needed"]


@pytest.mark.parametrize("hook", ["encounter-start", "encounter-discharge"])
def test_an_encounter_without_a_rule_gets_an_empty_answer(crd, hook):
    encounter = {"resourceType": "Encounter", "id": "e1", "status": "planned", "class": {"code": "AMB"}}
    prefetch = {"patient": kit.patient(), "coverage": kit.coverage(), "encounter": encounter}
    answer = crd.ask(kit.call(hook=hook, prefetch=prefetch, context={"encounterId": "e1"}))
    assert answer == {"cards": []}


def test_an_alternative_can_be_taken_with_one_click(crd):
    answer = crd.ask(kit.call(kit.order("95810")))
    (card,) = (one for one in answer["cards"] if one["source"]["topic"]["code"] == "therapy-alternatives-opt")
    remove, create = card["suggestions"][0]["actions"]
    assert remove == {"type": "delete", "description": "Remove the order", "resourceId": "ServiceRequest/o1"}
    assert create["resource"]["code"]["coding"][0]["code"] == "95806"


def test_a_form_can_be_put_on_the_list_of_tasks(crd):
    answer = crd.ask(kit.call(kit.order()))
    tasks = [
        action["resource"] for card in answer["cards"] for one in card.get("suggestions", [])
        for action in one["actions"] if action["resource"]["resourceType"] == "Task"
    ]  # fmt: skip
    assert [one["input"][0]["valueCanonical"] for one in tasks] == only(answer)["questionnaire"]


@pytest.mark.parametrize(
    ("options", "cards", "actions"),
    [
        ({"coverage-info": False}, None, 0),
        ({"guideline": False, "claim": False}, 0, 1),
        ({"max-cards": 1}, 1, 1),
        ({"max-cards": 0}, 0, 1),
        ({"max-cards": "many", "unheard-of": 4}, None, 1),
    ],
)
def test_options_are_honoured_and_unknown_ones_ignored(crd, options, cards, actions):
    answer = crd.ask(kit.call(kit.order(), extension={"davinci-crd.configuration": options}))
    assert len(answer["systemActions"]) == actions
    assert cards is None or len(answer["cards"]) == cards


def test_another_payor_is_refused_where_the_guide_says_so(crd, world):
    world.plan.npi = npi(900000100)
    world.plan.save()
    payor = {"resourceType": "Organization", "id": "x", "identifier": [{"system": kit.NPI, "value": npi(900000101)}]}
    held = kit.coverage(contained=[payor], payor=[{"reference": "#x"}])
    body = kit.call(kit.order(), prefetch={"patient": kit.patient(), "coverage": held})
    refused = crd.post(body, base="2.2")
    assert (refused.status_code, orjson.loads(refused.content)["issue"][0]["expression"]) == (400, ["Coverage.payor"])
    assert crd.post(body, base="2.0").status_code == 200


def test_one_order_of_another_payor_does_not_spoil_the_rest(crd, world):
    world.plan.npi = npi(900000100)
    world.plan.save()
    payor = {"resourceType": "Organization", "id": "x", "identifier": [{"system": kit.NPI, "value": npi(900000101)}]}
    theirs = kit.coverage(id="theirs", contained=[payor], payor=[{"reference": "#x"}])
    entries = [{"resource": one} for one in (kit.coverage(), theirs)]
    both = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    first = kit.order(insurance=[{"reference": f"Coverage/{kit.coverage()['id']}"}])
    second = kit.order(id="second", insurance=[{"reference": "Coverage/theirs"}])
    body = kit.call(first, second, prefetch={"patient": kit.patient(), "coverage": both})
    answer = orjson.loads(crd.post(body, base="2.2").content)
    assert [one["resource"]["id"] for one in answer["systemActions"]] == [first["id"]]
    assert any("could not be judged" in card["summary"] for card in answer["cards"])


def test_nothing_of_a_person_reaches_the_log(crd, caplog, capsys, monkeypatch):
    monkeypatch.setattr("openum.adapters.fhir.crd.answer.read_order", lambda *_facts: 1 / 0)
    crd.ask(kit.call(kit.order()))
    said = caplog.text + capsys.readouterr().out
    assert "Osgood" not in said
    assert "M-1" not in said
