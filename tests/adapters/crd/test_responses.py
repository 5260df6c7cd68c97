"""Forms that are answered before the order is signed, and what an order would need if nothing were approved."""

import pytest

from openum.cases.models import ServiceLine
from openum.determination.services import approve_line
from tests.adapters.crd import kit
from tests.world import knee_request, send

CONTEXT = "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/qr-context"


def said(answer):
    (action,) = answer["systemActions"]
    (parts,) = kit.information(action["resource"])
    return parts


@pytest.fixture
def form(crd):
    return said(crd.ask(kit.call(kit.order())))["questionnaire"][0]


def filled(form, name="r1", **facts):
    return {
        "resourceType": "QuestionnaireResponse", "id": name, "questionnaire": form, "status": "completed",
        "subject": {"reference": "Patient/p1"}, "authored": "2026-11-15T10:00:00Z", **facts,
    }  # fmt: skip


def ask(crd, *responses, base="2.0", **order):
    prefetch = {"patient": kit.patient(), "coverage": kit.bundle(kit.coverage()), "forms": kit.bundle(*responses)}
    return crd.ask(kit.call(kit.order(**order), prefetch=prefetch), base=base)


def offers_form(answer):
    return any("Fill the form" in card["summary"] for card in answer["cards"])


NAMED = {"supportingInfo": [{"reference": "QuestionnaireResponse/r1"}]}
LINKED = {"basedOn": [{"reference": "ServiceRequest/o1"}]}
IN_CONTEXT = {"extension": [{"url": CONTEXT, "valueReference": {"reference": "https://ehr.test/ServiceRequest/o1"}}]}


@pytest.mark.parametrize(("order", "response"), [(NAMED, {}), ({}, LINKED), ({}, IN_CONTEXT), (NAMED, LINKED)])
def test_an_answered_form_is_named_and_not_offered_again(crd, form, order, response):
    answer = ask(crd, filled(form, **response), **order)
    assert said(answer)["response"] == [{"reference": "QuestionnaireResponse/r1"}]
    assert said(answer)["questionnaire"] == [form]
    assert not offers_form(answer)


def test_a_form_answered_within_the_order_is_named_there(crd, form):
    inside = {"contained": [filled(form)], "supportingInfo": [{"reference": "#r1"}]}
    assert said(ask(crd, **inside))["response"] == [{"reference": "#r1"}]


def test_version_2_2_has_no_response_and_does_not_offer_the_form_again(crd, form):
    answer = ask(crd, filled(form), base="2.2", **NAMED)
    assert "response" not in said(answer)
    assert not offers_form(answer)


def test_the_newest_answer_counts(crd, form):
    older = filled(form, name="r2", authored="2026-11-01T10:00:00Z", **LINKED)
    assert said(ask(crd, filled(form, **LINKED), older))["response"] == [{"reference": "QuestionnaireResponse/r1"}]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "in-progress"},
        {"subject": {"reference": "Patient/p2"}},
        {"questionnaire": "https://elsewhere.test/Questionnaire/x|1"},
        {"questionnaire": None},
        {"basedOn": [{"reference": "ServiceRequest/other"}]},
        {"basedOn": "ServiceRequest/o1"},
        {"extension": [{"url": CONTEXT, "valueString": "ServiceRequest/o1"}], "basedOn": []},
    ],
)
def test_what_is_no_answer_to_the_form_is_not_named(crd, form, change):
    answer = ask(crd, filled(form) | LINKED | change)
    assert "response" not in said(answer)
    assert offers_form(answer)


def test_an_answer_to_another_version_of_the_form_is_none(crd, form):
    address, _bar, _version = form.partition("|")
    assert "response" not in said(ask(crd, filled(f"{address}|1990.1"), **NAMED))
    assert "response" in said(ask(crd, filled(address), **NAMED))


def test_an_order_that_names_something_else_gets_its_form(crd, form):
    support = {"supportingInfo": [{"reference": "Observation/x"}, {"reference": "QuestionnaireResponse/gone"}, {}]}
    answer = ask(crd, **support)
    assert "response" not in said(answer)
    assert offers_form(answer)


def test_answering_the_form_makes_a_new_assertion(crd, form):
    name = "coverage-assertion-id"
    assert said(ask(crd))[name] != said(ask(crd, filled(form), **NAMED))[name]


@pytest.mark.parametrize(
    ("base", "option", "needed"),
    [
        ("2.2", False, "auth-needed"),
        ("2.2", True, "satisfied"),
        ("2.2", "no", "satisfied"),
        ("2.0", False, "satisfied"),
    ],
)
def test_what_if_asks_as_though_nothing_had_been_approved(crd, world, at, base, option, needed):
    send(world, knee_request(world, of=world.member, at=at), at=at)
    line = ServiceLine.objects.get()
    approve_line(line=line, by=world.orthopaedist, at=at, rationale="It is so.", cited_authority="plan page 1")
    body = kit.call(kit.order("27447"), extension={"davinci-crd.configuration": {"unsolicited-determ": option}})
    assert said(crd.ask(body, base=base))["pa-needed"] == [needed]
