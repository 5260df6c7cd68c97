"""What moves a due time, what does not, and who has the ball."""

import pytest

from openum.clocks.rules import BusinessDays, FactKind, compute
from tests.clocks.book import BOOK, EASTERN, date, eastern, fact, local, read, rule

RECEIVED = eastern("2026-11-02 09:00")


def erisa(*facts, **options):
    return read("erisa_group", "standard_preservice", RECEIVED, *facts, **options)


def medicare(*facts, request_type="standard_preservice_pa", **options):
    return read("medicare_advantage", request_type, RECEIVED, *facts, **options)


# -- extensions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "due"),
    [(None, "2026-11-23"), (14, "2026-11-23"), (3, "2026-11-12"), (0, "2026-11-09"), (40, "2026-11-23")],
)
def test_an_extension_counts_from_receipt_and_never_beyond_what_the_law_allows(days, due):
    taken = fact("extension_taken", eastern("2026-11-05 12:00"), days=days, reason="enrollee_asked")
    assert local(medicare(taken)) == f"{due} 23:59:59"


def test_an_extension_of_hours_ends_at_the_same_time_on_the_wall_clock():
    received = eastern("2026-10-30 18:00")  # daylight saving ends on 1 November
    taken = fact("extension_taken", eastern("2026-10-31 12:00"), days=14)
    reading = read("medicare_advantage", "expedited_preservice", received, taken)
    assert local(read("medicare_advantage", "expedited_preservice", received)) == "2026-11-02 17:00:00"
    assert local(reading) == "2026-11-16 17:00:00"


@pytest.mark.parametrize(
    ("sent", "due", "kind"),
    [("2026-11-09 23:59:59", "2026-11-23", "extended"), ("2026-11-10 00:00:00", "2026-11-09", "extension_void")],
)
def test_a_late_extension_is_void(sent, due, kind):
    reading = medicare(fact("extension_taken", eastern(sent), days=14))
    assert local(reading) == f"{due} 23:59:59"
    assert kind in [step.kind for step in reading.steps]


def test_only_one_extension_counts():
    reading = medicare(
        fact("extension_taken", eastern("2026-11-05 12:00"), days=3),
        fact("extension_taken", eastern("2026-11-06 12:00"), days=14),
    )
    assert local(reading) == "2026-11-12 23:59:59"
    assert reading.steps[-1].kind == "extension_used"


def test_a_law_without_extension_admits_none():
    reading = medicare(fact("extension_taken", eastern("2026-11-02 12:00")), request_type="part_b_drug_standard")
    assert local(reading) == "2026-11-05 09:00:00"
    assert reading.steps[-1].kind == "extension_not_allowed"


# -- missing information ------------------------------------------------------------------------------------------------


def test_asking_alone_pauses_no_erisa_clock():
    reading = erisa(fact("info_requested", eastern("2026-11-03 09:00")))
    assert (local(reading), reading.state) == ("2026-11-17 23:59:59", "running")


def test_a_paused_clock_has_no_due_time_but_says_the_latest():
    notice = fact("extension_taken", eastern("2026-11-03 09:00"), reason="info")
    reading = erisa(notice, as_known_at=eastern("2026-11-20 09:00"))
    assert (reading.due_at, reading.state, reading.ball) == (None, "tolled", "provider")
    assert reading.resumes_at == eastern("2026-12-18 23:59:59")
    assert reading.latest_due_at == eastern("2027-01-16 23:59:59")


def test_a_pause_ends_when_the_time_to_answer_is_over():
    notice = fact("extension_taken", eastern("2026-11-03 09:00"), reason="info")
    reading = erisa(notice, as_known_at=eastern("2026-12-19 00:00"))
    assert (local(reading), reading.state) == ("2027-01-16 23:59:59", "running")
    assert reading.steps[-1].kind == "resumed_unanswered"


def test_the_claimant_never_has_less_than_45_days():
    short = fact("extension_taken", eastern("2026-11-03 09:00"), reason="info", respond_by=eastern("2026-11-10 09:00"))
    longer = fact("extension_taken", eastern("2026-11-03 09:00"), reason="info", respond_by=eastern("2026-12-31 17:00"))
    assert erisa(short, as_known_at=eastern("2026-11-20 09:00")).resumes_at == eastern("2026-12-18 23:59:59")
    assert erisa(longer, as_known_at=eastern("2026-11-20 09:00")).resumes_at == eastern("2026-12-31 17:00")


def test_an_extension_for_another_reason_pauses_nothing():
    reading = erisa(fact("extension_taken", eastern("2026-11-03 09:00"), reason="beyond_control"))
    assert (local(reading), reading.state) == ("2026-12-02 23:59:59", "running")


@pytest.mark.parametrize(
    ("asked", "given", "came", "due"),
    [
        ("2026-11-02 20:00", None, None, "2026-11-06 20:00:00"),  # 48 hours to answer, 48 to decide
        ("2026-11-02 20:00", "2026-11-03 20:00", None, "2026-11-06 20:00:00"),  # less than 48 hours is not lawful
        ("2026-11-02 20:00", "2026-11-05 20:00", None, "2026-11-07 20:00:00"),
        ("2026-11-02 20:00", None, "2026-11-03 08:00", "2026-11-05 08:00:00"),
        ("2026-11-02 20:00", None, "2026-11-05 08:00", "2026-11-06 20:00:00"),  # the end of the time came first
        ("2026-11-03 09:00", None, "2026-11-03 10:00", "2026-11-05 10:00:00"),
        ("2026-11-03 09:01", None, "2026-11-03 10:00", "2026-11-05 09:00:00"),  # asked too late: 72 hours stand
    ],
)
def test_an_incomplete_urgent_claim(asked, given, came, due):
    facts = [fact("info_requested", eastern(asked), respond_by=eastern(given) if given else None)]
    facts += [fact("info_received", eastern(came))] if came else []
    assert local(read("erisa_group", "expedited_preservice", RECEIVED, *facts)) == due


def test_a_californian_clock_waits_for_the_information():
    reading = read(
        "commercial_state",
        "standard_preservice",
        RECEIVED,
        fact("info_requested", eastern("2026-11-03 09:00")),
        state="CA",
    )
    assert (reading.due_at, reading.state, reading.ball) == (None, "tolled", "provider")


# -- faster and slower --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "due"),
    [("2026-11-03 12:00", "2026-11-06 12:00:00"), ("2026-11-08 12:00", "2026-11-09 23:59:59")],
)
def test_an_upgrade_counts_from_its_request_but_never_beyond_the_standard_time(asked, due):
    assert local(medicare(fact("upgraded", eastern(asked)))) == due


def test_a_part_b_drug_upgrade_has_24_hours():
    assert (
        local(medicare(fact("upgraded", eastern("2026-11-03 12:00")), request_type="part_b_drug_standard"))
        == "2026-11-04 12:00:00"
    )


@pytest.mark.parametrize(
    ("business", "request_type", "due"),
    [
        ("medicare_advantage", "expedited_preservice", "2026-11-09 23:59:59"),
        ("medicare_advantage", "expedited_preservice_no_pa", "2026-11-16 23:59:59"),
        ("medicare_advantage", "part_b_drug_expedited", "2026-11-05 09:00:00"),
        ("medicare_advantage", "appeal_expedited", "2026-12-02 23:59:59"),
        ("medicare_part_d", "part_d_expedited", "2026-11-05 09:00:00"),
        ("medicare_part_d", "appeal_part_d_expedited", "2026-11-09 23:59:59"),
        ("medicaid_managed_care", "appeal_expedited", "2026-12-02 23:59:59"),
        ("erisa_group", "expedited_preservice", "2026-11-17 23:59:59"),
    ],
)
def test_a_refused_expedite_counts_the_standard_time_from_the_first_receipt(business, request_type, due):
    assert local(read(business, request_type, RECEIVED, fact("downgraded", eastern("2026-11-03 12:00")))) == due


def test_a_duty_that_only_urgent_requests_have_ends_with_a_downgrade():
    row = BOOK.rule("erisa.ask.urgent", 1)
    facts = [fact("received", RECEIVED), fact("downgraded", eastern("2026-11-02 12:00"))]
    assert compute(row, facts, EASTERN).state == "void"


def test_a_later_refusal_undoes_an_upgrade():
    reading = medicare(fact("upgraded", eastern("2026-11-03 12:00")), fact("downgraded", eastern("2026-11-03 15:00")))
    assert local(reading) == "2026-11-09 23:59:59"


# -- stopping -----------------------------------------------------------------------------------------------------------


def test_signing_stops_nothing_but_the_ball_is_on_its_way():
    reading = medicare(fact("decided", eastern("2026-11-03 12:00")), as_known_at=eastern("2026-11-03 14:00"))
    assert (reading.state, reading.ball) == ("running", "transit")
    assert str(reading.split.transit) == "2:00:00"


def test_a_notice_to_somebody_else_stops_nothing():
    reading = medicare(fact("notice_sent", eastern("2026-11-03 12:00"), recipient="provider"))
    assert reading.state == "running"


@pytest.mark.parametrize(("sent", "state"), [("2026-11-09 23:59:59", "met"), ("2026-11-10 00:00:00", "late")])
def test_a_notice_after_the_due_time_is_late_and_stops_the_clock(sent, state):
    reading = medicare(fact("notice_sent", eastern(sent), recipient="enrollee"))
    assert (reading.state, reading.stopped_at) == (state, eastern(sent))


def test_an_oral_notice_stops_only_where_the_law_admits_it():
    told = fact("oral_notice", eastern("2026-11-03 12:00"), recipient="enrollee")
    assert medicare(told).state == "running"
    assert medicare(told, request_type="expedited_preservice").state == "met"


def test_the_letter_after_an_oral_denial_has_three_days():
    row = BOOK.rule("ma.letter_after_oral", 1)
    told = fact("oral_notice", eastern("2026-11-03 12:00"), reason="adverse")
    assert local(compute(row, [told], EASTERN)) == "2026-11-06 23:59:59"
    assert (
        compute(row, [fact("oral_notice", eastern("2026-11-03 12:00"), reason="favourable")], EASTERN).state
        == "waiting"
    )


def test_a_clock_stops_when_its_last_line_was_told():
    lines = frozenset({"a", "b"})
    first = fact("notice_sent", eastern("2026-11-03 12:00"), lines=frozenset({"a"}))
    second = fact("notice_sent", eastern("2026-11-05 12:00"), lines=frozenset({"b"}))
    assert medicare(first, lines=lines).state == "running"
    assert medicare(first, second, lines=lines).stopped_at == eastern("2026-11-05 12:00")


def test_a_withdrawn_line_need_not_be_told():
    lines = frozenset({"a", "b"})
    told = fact("notice_sent", eastern("2026-11-03 12:00"), lines=frozenset({"a"}))
    gone = fact("withdrawn", eastern("2026-11-05 12:00"), lines=frozenset({"b"}))
    assert medicare(told, gone, lines=lines).state == "met"
    everything = fact("withdrawn", eastern("2026-11-05 12:00"))
    reading = medicare(everything, lines=lines)
    assert (reading.state, reading.due_at, reading.stopped_at) == ("void", None, eastern("2026-11-05 12:00"))


def test_an_extension_of_the_standard_time_does_not_lengthen_the_expedited_one():
    reading = medicare(
        fact("extension_taken", eastern("2026-11-03 12:00"), reason="enrollee_asked"),
        fact("upgraded", eastern("2026-11-04 12:00")),
    )
    assert local(reading) == "2026-11-07 12:00:00"


def test_a_decision_before_its_notice_is_told_where_the_notice_ends_the_time():
    decided, sent = fact("decided", eastern("2026-11-05 12:00")), fact("notice_sent", eastern("2026-11-06 12:00"))
    assert [step.kind for step in medicare(decided, sent).steps][-2:] == ["decided", "stopped"]
    row = next(each for each in BOOK if each.stops == {FactKind.DECIDED} and each.starts is FactKind.RECEIVED)
    received = fact("received", eastern("2026-11-05 09:00"))
    assert [step.kind for step in compute(row, [received, decided, sent], EASTERN).steps][-2:] == ["due", "stopped"]


def test_each_movement_names_its_cause():
    steps = medicare(fact("extension_taken", eastern("2026-11-03 12:00"), reason="enrollee_asked")).steps
    assert [step.cause for step in steps] == ["received", "due", "extension_taken"]


def test_an_unasked_answer_before_a_question_does_not_start_the_time():
    """N.Y. Ins. Law 4903: the time runs from the receipt of the necessary information."""
    story = [
        fact("info_received", eastern("2026-11-03 12:00")),
        fact("info_requested", eastern("2026-11-04 12:00")),
        fact("info_received", eastern("2026-11-09 12:00")),
    ]
    assert local(read("commercial_state", "standard_preservice", RECEIVED, *story, state="NY")) == "2026-11-13 23:59:59"
    assert (
        local(read("commercial_state", "standard_preservice", RECEIVED, *story[:1], state="NY"))
        == "2026-11-06 23:59:59"
    )


def test_facts_of_other_lines_do_not_touch_a_clock():
    row = BOOK.rule("plan.peer_to_peer_window", 3)
    facts = [
        fact("peer_to_peer_offered", eastern("2026-11-03 12:00"), lines=frozenset({"a"})),
        fact("peer_to_peer_offered", eastern("2026-11-10 12:00"), lines=frozenset({"b"})),
    ]
    assert local(compute(row, facts, EASTERN, lines=frozenset({"b"}))) == "2026-11-24 23:59:59"


def test_a_window_that_passes_is_closed_not_late():
    row = BOOK.rule("plan.peer_to_peer_window", 3)
    offered = fact("peer_to_peer_offered", eastern("2026-11-03 12:00"))
    reading = compute(row, [offered], EASTERN, as_known_at=eastern("2026-11-18 00:00"))
    assert (reading.state, reading.steps[-1].kind) == ("void", "window_closed")


def test_a_passed_due_time_is_late_and_the_duty_stays_open():
    reading = medicare(as_known_at=eastern("2026-11-10 00:00"))
    assert (reading.state, reading.stopped_at) == ("late", None)
    assert reading.steps[-1].text == "The due time passed on Mon Nov 9, 2026, 11:59 PM ET. The duty stays open."
    assert reading.steps[-1].law == "42 CFR 422.568(f)"


# -- days, zones, words -------------------------------------------------------------------------------------------------


def test_a_utc_receipt_counts_from_the_local_day():
    from tests.clocks.book import UTC

    received = eastern("2026-11-02 21:00").astimezone(UTC)  # already 3 November in UTC
    assert local(read("medicare_advantage", "standard_preservice_pa", received)) == "2026-11-09 23:59:59"


def test_a_plan_may_override_single_business_days():
    row = rule("commercial_state", "standard_preservice", RECEIVED, state="NY")
    received = [fact("received", eastern("2026-11-09 09:00"))]
    assert local(compute(row, received, EASTERN)) == "2026-11-13 23:59:59"
    days = BusinessDays({date(2026, 11, 11): True, date(2026, 11, 10): False})
    assert local(compute(row, received, EASTERN, days=days)) == "2026-11-13 23:59:59"
    assert (
        local(compute(row, received, EASTERN, days=BusinessDays({date(2026, 11, 11): True}))) == "2026-11-12 23:59:59"
    )


def test_thanksgiving_is_a_fact_on_the_axis_and_no_stop():
    assert BusinessDays().holidays_between(date(2026, 11, 24), date(2026, 12, 30)) == [
        (date(2026, 11, 26), "Thanksgiving Day"),
        (date(2026, 12, 25), "Christmas Day"),
    ]


def test_the_explanation_is_sentences_with_law():
    reading = erisa(
        fact("extension_taken", eastern("2026-11-03 09:00"), reason="info"),
        fact("info_received", eastern("2026-11-10 10:00")),
    )
    assert [step.text for step in reading.steps] == [
        "Started by receipt of the request on Mon Nov 2, 2026, 9:00 AM ET. That day is day 0.",
        "15 calendar days: due Tue Nov 17, 2026, 11:59:59 PM ET.",
        "Extended by 15 calendar days, by a notice of Tue Nov 3, 2026, 9:00 AM ET, in time: due Wed Dec 2, 2026, 11:59:59 PM ET.",
        "Paused from Tue Nov 3, 2026, 9:00 AM ET until the claimant answers, or until Fri Dec 18, 2026, 11:59 PM ET when the time to answer ends.",
        "The answer arrived on Tue Nov 10, 2026, 10:00 AM ET. The pause took 7 calendar days; due Wed Dec 9, 2026, 11:59:59 PM ET.",
    ]
    assert [step.law for step in reading.steps][-1] == "29 CFR 2560.503-1(f)(4)"


# -- replay -------------------------------------------------------------------------------------------------------------


def test_replay_knows_only_what_was_recorded_then():
    late_entry = fact("info_received", eastern("2026-11-10 10:00"), known_at=eastern("2026-11-12 10:00"))
    notice = fact("extension_taken", eastern("2026-11-03 09:00"), reason="info")
    assert erisa(notice, late_entry, as_known_at=eastern("2026-11-11 10:00")).state == "tolled"
    assert local(erisa(notice, late_entry, as_known_at=eastern("2026-11-12 10:00"))) == "2026-12-09 23:59:59"


def test_a_corrected_receipt_counts_from_when_it_was_corrected():
    row = rule("medicare_advantage", "standard_preservice_pa", RECEIVED)
    facts = [
        fact("received", RECEIVED, key="1"),
        fact("received", eastern("2026-10-30 17:00"), key="2", replaces="1", known_at=eastern("2026-11-04 09:00")),
    ]
    assert local(compute(row, facts, EASTERN, as_known_at=eastern("2026-11-03 09:00"))) == "2026-11-09 23:59:59"
    assert local(compute(row, facts, EASTERN, as_known_at=eastern("2026-11-05 09:00"))) == "2026-11-06 23:59:59"
