"""Clocks as they were known, on lists, by the rows in force, and what the database refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from openum.cases.models import Case
from openum.clocks import queries, services
from openum.clocks.models import Clock
from openum.vocabulary.identifiers import new_uuid7
from tests.clocks.book import eastern
from tests.clocks.clocks_of_requests.steps import (
    RECEIVED,
    answer,
    ask,
    clock,
    rules_of,
    start,
)
from tests.clocks.world import machine, request_of

pytestmark = pytest.mark.django_db


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
