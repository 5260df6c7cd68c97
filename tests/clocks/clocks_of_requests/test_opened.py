"""Clocks opened by a receipt: one for each obligation of the law, the request and the product."""

from datetime import timedelta

import pytest

from openum.cases.models import Request
from openum.clocks import queries, services
from openum.clocks.models import Clock
from openum.clocks.rules import FactKind
from tests.clocks.book import eastern
from tests.clocks.clocks_of_requests.steps import (
    RECEIVED,
    clock,
    decide,
    rules_of,
    send,
    start,
    types,
)
from tests.clocks.world import machine, person, request_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "urgency", "rule", "due"),
    [
        ("J1745", "standard", "ma.decide.part_b_drug.standard", "2026-11-27 16:40:00"),
        ("Q5117", "expedited", "ma.decide.part_b_drug.expedited", "2026-11-25 16:40:00"),
        ("Q4001", "standard", "ma.decide.standard", "2026-12-01 23:59:59"),
    ],
)
def test_a_first_request_for_a_part_b_drug_has_its_own_hours(code, urgency, rule, due):
    request = start(code=code, urgency=urgency)
    decide = Clock.objects.get(request=request, purpose="decide", force="law")
    assert (decide.rule, decide.due_at) == (rule, eastern(due))


def test_in_another_program_the_same_drug_is_a_request_like_others():
    assert "erisa.decide.preservice" in rules_of(start("erisa_group", code="J1745"))


def test_a_refused_expedite_of_a_drug_counts_72_hours_from_the_first_receipt():
    request = start(code="J1745", urgency="expedited")
    later = RECEIVED + timedelta(hours=2)
    services.record_facts(
        request_id=request.pk, facts=[services.NewFact(kind=FactKind.DOWNGRADED, at=later)], by=person(), at=later
    )
    decide = clock(request, "ma.decide.part_b_drug.expedited")
    assert (decide.governing_rule, decide.due_at) == ("ma.decide.part_b_drug.standard", eastern("2026-11-27 16:40"))


def test_a_medicare_request_opens_one_clock_for_each_obligation():
    request = start()
    assert rules_of(request) == {"ma.decide.standard", "ma.tell_provider.standard", "plan.clinical_target.standard"}
    deciding = clock(request, "ma.decide.standard")
    assert deciding.due_at == eastern("2026-12-01 23:59:59")
    assert (deciding.state, deciding.ball, deciding.rule_version, deciding.binds) == ("running", "payer", 2, True)
    assert deciding.citation == "42 CFR 422.568(b)(1)(ii)"
    assert types(request) == ["ClockStarted"]


def test_an_expedited_request_opens_the_fast_clocks():
    request = start("commercial_state", state="EX", urgency="expedited")
    assert rules_of(request) == {"insured.decide.urgent", "insured.ask.urgent", "plan.clinical_target.expedited"}
    assert clock(request, "insured.decide.urgent").due_at == RECEIVED + timedelta(hours=72)


def test_records_are_asked_of_providers_outside_the_network_only():
    assert "ma.ask.expedited.noncontract" not in rules_of(start(urgency="expedited"))
    assert "ma.ask.expedited.noncontract" in rules_of(start(urgency="expedited", network="out_of_network"))


def test_a_state_with_rows_of_its_own_runs_beside_the_federal_clock_and_the_earliest_binds():
    request = start("commercial_state", state="CA", time_zone="America/Los_Angeles")
    assert {"insured.decide.preservice", "ca.decide.standard"} <= rules_of(request)
    assert queries.binding_clock(request.case).rule == "ca.decide.standard"


def test_care_in_a_clinical_trial_is_answered_in_72_hours_beside_the_ordinary_time():
    request = start("medicaid_managed_care", code="S9990")
    trial = clock(request, "medicaid.decide.clinical_trial")
    assert trial.due_at == eastern("2026-11-27 16:40")
    assert queries.binding_clock(request.case).rule == "medicaid.decide.clinical_trial"
    assert "medicaid.decide.clinical_trial" not in rules_of(start("medicaid_managed_care"))
    assert "medicaid.decide.clinical_trial" not in rules_of(start("erisa_group", code="S9990"))


@pytest.mark.parametrize(
    "mark", [{"modifiers": ("Q0",)}, {"modifiers": ("RT", "Q1")}, {"diagnosis": "Z00.6"}, {"diagnosis": "Z006"}]
)
def test_a_modifier_or_a_diagnosis_names_care_in_a_clinical_trial_too(mark):
    """Social Security Act 1905(gg)(3)."""
    assert clock(start("medicaid_ffs", **mark), "medicaid.decide.clinical_trial").due_at == eastern("2026-11-27 16:40")
    assert "medicaid.decide.clinical_trial" not in rules_of(start("erisa_group", **mark))


NDC = "http://hl7.org/fhir/sid/ndc"


@pytest.mark.parametrize("mark", [{"code_system": NDC}, {"code_system": "NDC"}, {"benefit": "pharmacy"}])
@pytest.mark.parametrize(
    ("urgency", "rule", "hours"),
    [("standard", "ca.decide.drug.standard", 72), ("expedited", "ca.decide.drug.expedited", 24)],
)
def test_a_pharmacy_drug_in_california_has_its_own_hours_beside_the_ordinary_time(mark, urgency, rule, hours):
    """Cal. Health & Safety Code 1367.241(b)."""
    place = {"state": "CA", "time_zone": "America/Los_Angeles", "urgency": urgency}
    request = start("commercial_state", **place, **mark)
    assert clock(request, rule).due_at == RECEIVED + timedelta(hours=hours)
    assert rules_of(start("commercial_state", **place)) == rules_of(request) - {rule}


@pytest.mark.parametrize(("business", "state"), [("commercial_state", "NY"), ("erisa_group", "CA"), ("qhp_ffe", "CA")])
def test_a_pharmacy_drug_elsewhere_has_no_such_hours(business, state):
    assert not any("drug" in rule for rule in rules_of(start(business, state=state, code_system=NDC)))


def test_a_drug_request_that_becomes_urgent_in_california_is_answered_in_24_hours_from_then():
    request = start("commercial_state", state="CA", time_zone="America/Los_Angeles", code_system=NDC)
    asked = RECEIVED + timedelta(hours=10)
    fact = services.NewFact(kind=FactKind.UPGRADED, at=asked)
    services.record_facts(request_id=request.pk, facts=[fact], by=person(), at=asked)
    drug = clock(request, "ca.decide.drug.standard")
    assert (drug.governing_rule, drug.due_at) == ("ca.decide.drug.expedited", asked + timedelta(hours=24))


def test_care_after_stabilization_has_one_hour_from_the_receipt_once_it_is_known():
    """42 CFR 422.113(c)(2), 438.114(e)."""
    for business, rule in (("medicare_advantage", "ma"), ("medicaid_managed_care", "medicaid")):
        request = start(business, urgency="expedited")
        assert f"{rule}.decide.poststabilization" not in rules_of(request)
        known = services.NewFact(kind=FactKind.AFTER_STABILIZATION, at=RECEIVED, value=1)
        services.record_facts(request_id=request.pk, facts=[known], by=person(), at=RECEIVED + timedelta(minutes=5))
        assert clock(request, f"{rule}.decide.poststabilization").due_at == RECEIVED + timedelta(hours=1)
        assert queries.binding_clock(request.case).rule == f"{rule}.decide.poststabilization"
        wrong = services.NewFact(kind=FactKind.NOT_AFTER_STABILIZATION, at=RECEIVED + timedelta(minutes=9))
        services.record_facts(request_id=request.pk, facts=[wrong], by=person(), at=RECEIVED + timedelta(minutes=9))
        assert clock(request, f"{rule}.decide.poststabilization").state == "void"


def test_other_modifiers_and_diagnoses_name_no_trial():
    assert "medicaid.decide.clinical_trial" not in rules_of(
        start("medicaid_ffs", modifiers=("RT",), diagnosis="Z00.00")
    )


def test_a_texas_denial_owes_its_letter_from_the_decision_on_and_an_approval_owes_none():
    request = start("commercial_state", state="TX")
    letter = "tx.letter_adverse.not_hospitalized"
    assert letter not in rules_of(request)
    decide(request, eastern("2026-11-25 12:00"), status="denied")
    assert clock(request, letter).due_at == eastern("2026-12-01 23:59:59")  # Thanksgiving and the weekend do not count
    send(request, eastern("2026-11-27 09:00"), kind="denial")
    assert clock(request, letter).state == "met"
    approved = start("commercial_state", state="TX")
    decide(approved, eastern("2026-11-25 12:00"))
    assert letter not in rules_of(approved)


def test_a_notification_has_no_clock():
    request = request_of("medicare_advantage", RECEIVED)
    Request.objects.filter(pk=request.pk).update(kind="notification_only")
    request = Request.objects.select_related("case__product").get(pk=request.pk)
    assert services.start_request(request_id=request.pk, by=machine(), at=RECEIVED) == []
    assert types(request) == []


@pytest.mark.parametrize(("state", "most"), [("NY", 12), ("CA", 13)])
def test_opening_costs_three_writes_whatever_the_number_of_obligations(django_assert_max_num_queries, state, most):
    """California has hours of its own for a drug, so there the services are read as well."""
    request = request_of("commercial_state", RECEIVED, state=state)
    by = machine()
    with django_assert_max_num_queries(most):  # a savepoint, reads, two inserts, and the event
        services.start_request(request_id=request.pk, by=by, at=RECEIVED)


def test_the_rating_period_of_the_product_chooses_the_medicaid_row():
    from datetime import date

    old = start("medicaid_managed_care", rating_period_start=date(2025, 7, 1))
    assert clock(old, "medicaid.decide.standard").due_at == eastern("2026-12-08 23:59:59")
