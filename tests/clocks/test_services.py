"""Clocks in the database: opened by a receipt, moved by facts, stopped by proof of sending."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from openum import audit
from openum.audit.queries import events_of
from openum.cases.events import (
    ContactAttempted,
    InformationReceived,
    InformationRequested,
    LineStatusChanged,
    ReceiptCorrected,
)
from openum.cases.models import Case, ContactAttempt, InformationRequest, Request, ServiceLine
from openum.clocks import queries, services
from openum.clocks.models import BusinessDayOverride, Clock, ClockFact
from openum.clocks.rules import FactKind
from openum.determination.events import LineDecided
from openum.notices.events import NoticeSent
from openum.vocabulary.identifiers import new_uuid7
from tests.clocks.book import eastern
from tests.clocks.world import machine, person, question, request_of

pytestmark = pytest.mark.django_db

RECEIVED = eastern("2026-11-24 16:40")


def start(business="medicare_advantage", **values):
    request = request_of(business, RECEIVED, **values)
    services.start_request(request_id=request.pk, by=machine(), at=RECEIVED)
    return request


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


def clock(request, rule) -> Clock:
    return Clock.objects.get(request=request, rule=rule)


def rules_of(request) -> set[str]:
    return set(Clock.objects.filter(request=request).values_list("rule", flat=True))


def types(request) -> list[str]:
    return [row.type for row in events_of(request.case.public_id)]


def lines_of(request):
    return tuple(ServiceLine.objects.filter(request=request).order_by("sequence").values_list("public_id", flat=True))


def ask(request, at):
    asked = question(request, at)
    event = InformationRequested(
        case_id=request.case.public_id,
        line_ids=lines_of(request),
        information_request_id=asked.public_id,
        request_id=request.public_id,
    )
    services.pause_if_the_law_allows(event, _recorded(at))
    return asked


def answer(request, asked, at):
    InformationRequest.objects.filter(pk=asked.pk).update(closed_at=at)
    event = InformationReceived(
        case_id=request.case.public_id,
        information_request_id=asked.public_id,
        request_id=request.public_id,
        is_complete=True,
    )
    services.resume(event, _recorded(at))


def decide(request, at, *, lines=None, status="approved"):
    lines = lines or lines_of(request)
    ServiceLine.objects.filter(public_id__in=lines).update(status=status)
    event = LineDecided(
        case_id=request.case.public_id,
        line_ids=lines,
        determination_id=new_uuid7(),
        outcome=status,
        is_adverse=status == "denied",
    )
    services.note_decision(event, _recorded(at))


def send(request, at, *, audience="member", lines=None, kind="approval"):
    event = NoticeSent(
        case_id=request.case.public_id, line_ids=lines or lines_of(request), cause=kind, notice_id=new_uuid7(), audience=audience,
        channel="portal", is_adverse=kind == "denial",
    )  # fmt: skip
    services.stop_on_notice(event, _recorded(at))


def _recorded(at):
    return audit.Recorded(event_id=new_uuid7(), by=person(), at=at)


# -- opening ------------------------------------------------------------------------------------------------------------


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


def test_opening_costs_three_writes_whatever_the_number_of_obligations(django_assert_max_num_queries):
    request = request_of("commercial_state", RECEIVED, state="CA")
    by = machine()
    with django_assert_max_num_queries(12):  # a savepoint, reads, two inserts, and the event
        services.start_request(request_id=request.pk, by=by, at=RECEIVED)


def test_the_rating_period_of_the_product_chooses_the_medicaid_row():
    from datetime import date

    old = start("medicaid_managed_care", rating_period_start=date(2025, 7, 1))
    assert clock(old, "medicaid.decide.standard").due_at == eastern("2026-12-08 23:59:59")


# -- D2 and its Medicare variant ----------------------------------------------------------------------------------------


def test_d2_is_paused_by_the_question_and_resumed_by_the_answer():
    request = start("commercial_state", state="EX")
    asked = ask(request, eastern("2026-11-24 16:41"))
    paused = clock(request, "insured.decide.preservice")
    assert (paused.state, paused.ball, paused.due_at) == ("tolled", "provider", None)
    assert queries.binding_clock(request.case).state == "tolled"
    answer(request, asked, eastern("2026-11-30 10:05"))
    running = clock(request, "insured.decide.preservice")
    assert (running.state, running.ball, running.due_at) == ("running", "payer", eastern("2026-12-30 23:59:59"))
    assert types(request) == ["ClockStarted", "ClockExtended", "ClockTolled", "ClockResumed"]
    decide(request, eastern("2026-12-02 14:20"), status="denied")
    assert clock(request, "insured.decide.preservice").ball == "transit"
    send(request, eastern("2026-12-02 14:26"), kind="denial")
    stopped = clock(request, "insured.decide.preservice")
    assert (stopped.state, stopped.stopped_at) == ("met", eastern("2026-12-02 14:26"))
    split = queries.reading_of(stopped, eastern("2026-12-05 09:00")).split
    assert (str(split.payer), str(split.provider)) == ("2 days, 4:16:00", "5 days, 17:24:00")


def test_d2_under_medicare_advantage_runs_on_whatever_is_asked():
    request = start()
    ask(request, eastern("2026-11-24 16:41"))
    deciding = clock(request, "ma.decide.standard")
    assert (deciding.state, deciding.ball, deciding.due_at) == ("running", "provider", eastern("2026-12-01 23:59:59"))
    assert not ClockFact.objects.filter(request=request, kind=FactKind.EXTENSION_TAKEN).exists()


def test_a_second_question_takes_no_second_extension():
    request = start("erisa_group")
    answer(request, ask(request, eastern("2026-11-25 09:00")), eastern("2026-11-27 09:00"))
    due = clock(request, "erisa.decide.preservice").due_at
    ask(request, eastern("2026-11-30 09:00"))
    again = clock(request, "erisa.decide.preservice")
    assert (again.state, again.due_at, again.ball) == ("running", due, "provider")


def test_the_clock_stays_paused_while_another_question_is_open():
    request = start("erisa_group")
    first = ask(request, eastern("2026-11-25 09:00"))
    second = ask(request, eastern("2026-11-25 10:00"))
    answer(request, first, eastern("2026-11-27 09:00"))
    assert clock(request, "erisa.decide.preservice").state == "tolled"
    answer(request, second, eastern("2026-11-30 09:00"))
    assert clock(request, "erisa.decide.preservice").state == "running"


# -- stopping -----------------------------------------------------------------------------------------------------------


def test_an_electronic_answer_stops_the_provider_clock_and_signing_stops_no_letter():
    request = start(channel="fhir")
    decide(request, RECEIVED + timedelta(seconds=1))
    assert clock(request, "ma.tell_provider.standard").stopped_at == RECEIVED + timedelta(seconds=1)
    assert clock(request, "ma.decide.standard").stopped_at is None
    send(request, RECEIVED + timedelta(seconds=9))
    assert clock(request, "ma.decide.standard").stopped_at == RECEIVED + timedelta(seconds=9)


def test_a_sandbox_answer_is_all_there_is():
    request = request_of("medicare_advantage", RECEIVED, channel="fhir")
    Case.objects.filter(pk=request.case_id).update(is_sandbox=True)
    services.start_request(request_id=request.pk, by=machine(), at=RECEIVED)
    decide(request, RECEIVED + timedelta(seconds=1))
    assert set(Clock.objects.filter(request=request).values_list("state", flat=True)) == {"met"}


def test_a_request_by_mail_waits_for_the_letter_to_its_provider():
    request = start(channel="mail")
    decide(request, eastern("2026-11-25 09:00"))
    assert clock(request, "ma.tell_provider.standard").stopped_at is None
    send(request, eastern("2026-11-25 15:00"), audience="provider")
    assert clock(request, "ma.tell_provider.standard").state == "met"
    assert clock(request, "ma.decide.standard").state == "running"


def test_a_request_for_information_is_no_decision_letter():
    request = start()
    send(request, eastern("2026-11-25 09:00"), kind="information-request")
    assert clock(request, "ma.decide.standard").state == "running"


def test_lines_are_told_on_different_days():
    request = start(lines=2)
    first, second = lines_of(request)
    decide(request, eastern("2026-11-25 09:00"), lines=(first,))
    send(request, eastern("2026-11-25 10:00"), lines=(first,))
    open_one = clock(request, "ma.decide.standard")
    assert (open_one.state, open_one.ball) == ("running", "payer")
    decide(request, eastern("2026-11-30 09:00"), lines=(second,))
    send(request, eastern("2026-11-30 10:00"), lines=(second,))
    assert clock(request, "ma.decide.standard").stopped_at == eastern("2026-11-30 10:00")


def test_a_withdrawn_request_owes_nothing():
    request = start()
    event = LineStatusChanged(
        case_id=request.case.public_id, line_ids=lines_of(request), before="received", after="withdrawn"
    )
    services.end_with_line(event, _recorded(eastern("2026-11-25 09:00")))
    assert set(Clock.objects.filter(request=request).values_list("state", flat=True)) == {"void"}
    assert queries.binding_clock(request.case) is None


def test_an_oral_denial_stops_the_fast_clock_and_starts_its_letter():
    request = start(urgency="expedited", channel="phone")
    decide(request, eastern("2026-11-25 09:00"), status="denied")
    attempt = ContactAttempt.objects.create(
        case=request.case,
        purpose="oral notice",
        channel="phone",
        outcome="reached",
        at=eastern("2026-11-25 09:30"),
        recorded_by=person(),
    )
    event = ContactAttempted(
        case_id=request.case.public_id, attempt_id=attempt.public_id, purpose="oral notice", outcome="reached"
    )
    services.note_contact(event, _recorded(eastern("2026-11-25 09:40")))
    assert clock(request, "ma.decide.expedited").stopped_at == eastern("2026-11-25 09:30")
    letter = clock(request, "ma.letter_after_oral")
    assert (letter.due_at, letter.state) == (eastern("2026-11-28 23:59:59"), "running")
    send(request, eastern("2026-11-27 09:00"), kind="denial")
    assert clock(request, "ma.letter_after_oral").state == "met"


def test_a_late_answer_records_the_lapse_even_before_the_sweep():
    request = start()
    decide(request, eastern("2026-12-02 09:00"))
    send(request, eastern("2026-12-02 10:00"))
    late = clock(request, "ma.decide.standard")
    assert (late.state, late.lapsed_at, late.stopped_at) == (
        "late",
        eastern("2026-12-02 10:00"),
        eastern("2026-12-02 10:00"),
    )
    assert types(request).count("ClockLapsed") >= 1


# -- faster, slower, longer ---------------------------------------------------------------------------------------------


def test_an_upgrade_moves_the_clock_and_opens_what_only_fast_requests_have():
    request = start("erisa_group")
    services.upgrade(request=request, asked_at=eastern("2026-11-25 09:00"), by=person(), at=eastern("2026-11-25 09:05"))
    deciding = clock(request, "erisa.decide.preservice")
    assert (deciding.due_at, deciding.governing_rule) == (eastern("2026-11-28 09:00"), "erisa.decide.urgent")
    assert clock(request, "erisa.ask.urgent").due_at == eastern("2026-11-26 09:00")
    assert "erisa.decide.urgent" not in rules_of(request)


def test_a_refused_expedite_returns_to_the_standard_time_and_owes_a_letter():
    request = start(urgency="expedited")
    services.refuse_expedite(request=request, by=person(), at=eastern("2026-11-25 09:00"))
    assert clock(request, "ma.decide.expedited").due_at == eastern("2026-12-01 23:59:59")
    assert clock(request, "ma.letter_expedite_refused").due_at == eastern("2026-11-28 23:59:59")


def test_no_extension_waits_for_a_contracted_provider():
    request = start()
    with pytest.raises(services.ExtensionNotAllowed, match="this provider is contracted"):
        services.take_extension(
            request=request, reason="noncontract_evidence", by=person(), at=eastern("2026-11-25 09:00")
        )
    with pytest.raises(services.ExtensionNotAllowed, match="does not admit this reason"):
        services.take_extension(request=request, reason="info", by=person(), at=eastern("2026-11-25 09:00"))


def test_an_extension_is_taken_once_in_time_and_recorded():
    request = start()
    services.take_extension(
        request=request, reason="enrollee_asked", days=5, by=person(), at=eastern("2026-11-25 09:00")
    )
    assert clock(request, "ma.decide.standard").due_at == eastern("2026-12-06 23:59:59")
    assert "ClockExtended" in types(request)
    with pytest.raises(services.ExtensionUsed):
        services.take_extension(request=request, reason="enrollee_asked", by=person(), at=eastern("2026-11-26 09:00"))


def test_an_extension_after_the_time_is_refused():
    request = start()
    with pytest.raises(services.ExtensionTooLate):
        services.take_extension(request=request, reason="enrollee_asked", by=person(), at=eastern("2026-12-02 00:00"))


def test_a_corrected_receipt_moves_every_clock_and_the_past_stays():
    request = start()
    Request.objects.filter(pk=request.pk).update(received_at=eastern("2026-11-20 11:00"))
    event = ReceiptCorrected(case_id=request.case.public_id, request_id=request.public_id, second_person=new_uuid7())
    services.follow_corrected_receipt(event, _recorded(eastern("2026-11-25 09:00")))
    assert clock(request, "ma.decide.standard").due_at == eastern("2026-11-27 23:59:59")
    then = {stored.rule: reading for stored, reading in queries.replay(request.case, eastern("2026-11-24 18:00"))}
    assert then["ma.decide.standard"].due_at == eastern("2026-12-01 23:59:59")


def test_a_fact_is_told_once_by_one_event_and_never_ahead_of_time():
    request = start()
    recorded = _recorded(eastern("2026-11-25 09:00"))
    event = LineDecided(
        case_id=request.case.public_id,
        line_ids=lines_of(request),
        determination_id=new_uuid7(),
        outcome="approved",
        is_adverse=False,
    )
    services.note_decision(event, recorded)
    services.note_decision(event, recorded)
    assert ClockFact.objects.filter(request=request, kind=FactKind.DECIDED).count() == 1
    with pytest.raises(services.FactInTheFuture):
        services.upgrade(
            request=request, asked_at=eastern("2026-11-26 09:00"), by=person(), at=eastern("2026-11-25 09:05")
        )


def test_a_day_the_plan_is_closed_moves_business_days():
    request = request_of("commercial_state", RECEIVED, state="NY")
    BusinessDayOverride.objects.create(
        product=request.case.product,
        day=eastern("2026-11-27 00:00").date(),
        is_business_day=False,
        reason="closed",
        source="plan",
    )
    services.start_request(request_id=request.pk, by=machine(), at=RECEIVED)
    assert clock(request, "ny.decide.standard").due_at == eastern("2026-12-01 23:59:59")


# -- replay and lists ---------------------------------------------------------------------------------------------------


def test_replay_shows_the_clock_as_it_was_known():
    request = start("commercial_state", state="EX")
    answer(request, ask(request, eastern("2026-11-24 16:41")), eastern("2026-11-30 10:05"))

    def state(text):
        readings = {stored.rule: reading for stored, reading in queries.replay(request.case, eastern(text))}
        return readings["insured.decide.preservice"].state if readings else None

    assert [state(text) for text in ("2026-11-24 16:39", "2026-11-24 16:40", "2026-11-25 09:00", "2026-12-01 09:00")] == [
        None, "running", "tolled", "running",
    ]  # fmt: skip


def test_binding_clocks_of_a_list_cost_one_query(django_assert_num_queries):
    requests = [start(), start("commercial_state", state="EX"), start("erisa_group", urgency="expedited")]
    cases = [request.case_id for request in requests]
    with django_assert_num_queries(1):
        binding = queries.binding_clocks(cases)
    assert [binding[case].rule for case in cases] == [
        "ma.decide.standard",
        "insured.decide.preservice",
        "erisa.decide.urgent",
    ]
    chip = binding[cases[0]].chip(eastern("2026-11-30 09:00"))
    assert (chip.state, chip.words, chip.ball_words) == ("comfortable", "1 day 14 h left", "with the plan")


def test_a_provisional_deadline_is_the_earliest_of_the_plan():
    request = request_of("erisa_group", RECEIVED)
    request_of("medicare_advantage", RECEIVED)
    found = queries.provisional_deadline(plan=request.case.plan, urgency="standard", received_at=RECEIVED)
    assert (found.due_at, found.rule_id) == (eastern("2026-12-01 23:59:59"), "ma.decide.standard")


def test_the_overlay_runs_only_for_a_plan_that_publishes_it():
    request = request_of("erisa_group", RECEIVED)
    plan = request.case.plan
    services.publish_deadlines(by=machine(), at=RECEIVED)
    services.start_request(request_id=request.pk, by=machine(), at=RECEIVED)
    assert "ncqa.decide.preservice" not in rules_of(request)
    services.publish_deadlines(by=machine(), at=RECEIVED, packs=["accreditation"], plan=plan)
    other = start("erisa_group")
    assert "ncqa.decide.preservice" in rules_of(other)
    assert queries.binding_clock(other.case).rule == "ncqa.decide.preservice"
    assert clock(other, "erisa.decide.preservice").policy.key == "erisa.decide.preservice"


def test_a_corrected_version_holds_for_new_requests_and_the_old_one_for_its_own_clocks(tmp_path):
    row = """
rules:
  - {id: house.decide, version: VERSION, title: Decide, law: House rule, source: none, source_verified: false,
     effective_from: 2020-01-01, line_of_business: [erisa_group], request_type: [standard_preservice], purpose: decide,
     recipient: enrollee, limit: {amount: DAYS, unit: calendar_days}, stops: [notice_sent], missed: {effect: no_effect}}
"""
    due = {}
    for version, days in (("1", "9"), ("2", "5")):
        (tmp_path / "house.yaml").write_text(row.replace("VERSION", version).replace("DAYS", days))
        services.publish_deadlines(by=machine(), at=RECEIVED, directory=tmp_path)
        request = start("erisa_group")
        due[version] = clock(request, "house.decide")
    assert [(each.rule_version, each.due_at) for each in due.values()] == [
        (1, eastern("2026-12-03 23:59:59")), (2, eastern("2026-11-29 23:59:59"))
    ]  # fmt: skip
    first = due["1"].request
    services.recompute(request_id=first.pk, by=machine(), at=RECEIVED + timedelta(hours=1))
    assert clock(first, "house.decide").due_at == eastern("2026-12-03 23:59:59")


def test_publishing_twice_changes_nothing():
    first = services.publish_deadlines(by=machine(), at=RECEIVED)
    again = services.publish_deadlines(by=machine(), at=RECEIVED)
    assert [row.pk for row in first] == [row.pk for row in again]


def test_the_database_refuses_a_second_clock_for_an_obligation_and_a_pause_with_a_due_time():
    request = start()
    stored = clock(request, "ma.decide.standard")
    with pytest.raises(IntegrityError, match="running_clock_has_a_due_time|CHECK"), transaction.atomic():
        Clock.objects.filter(pk=stored.pk).update(due_at=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.filter(pk=stored.pk).update(state="tolled")
    stored.pk, stored.public_id = None, new_uuid7()
    with pytest.raises(IntegrityError), transaction.atomic():
        stored.save()
    assert Case.objects.count() == 1
