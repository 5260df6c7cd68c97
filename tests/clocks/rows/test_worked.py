"""Worked examples of single rows: holidays, pauses, extensions, versions, windows."""

import pytest

from tests.clocks.book import BOOK, CENTRAL, EASTERN, PACIFIC, date, eastern, fact, local, read

MON = eastern("2026-11-16 10:00")  # a Monday; Thanksgiving is Thursday 2026-11-26


def test_a_medicare_standard_request_ignores_the_holiday():
    reading = read("medicare_advantage", "standard_preservice_pa", eastern("2026-01-16 20:10"))
    assert local(reading) == "2026-01-23 23:59:59"


def test_an_incomplete_urgent_claim_is_due_48_hours_after_the_records():
    reading = read(
        "erisa_group",
        "expedited_preservice",
        eastern("2026-11-18 13:00"),
        fact("info_requested", eastern("2026-11-18 17:00"), respond_by=eastern("2026-11-20 17:00")),
        fact("info_received", eastern("2026-11-19 09:00")),
    )
    assert local(reading) == "2026-11-21 09:00:00"


def test_an_erisa_pause_moves_the_due_day_by_its_days():
    reading = read(
        "erisa_group",
        "standard_preservice",
        eastern("2026-05-01 09:00"),
        fact("extension_taken", eastern("2026-05-16 15:00"), days=15, reason="info"),
        fact("info_received", eastern("2026-06-20 11:00")),
    )
    assert local(reading) == "2026-07-05 23:59:59"


def test_california_counts_business_days_from_the_information():
    at = lambda text: eastern(text).replace(tzinfo=PACIFIC)
    reading = read(
        "commercial_state",
        "standard_preservice",
        at("2026-04-20 09:00"),
        fact("info_requested", at("2026-04-21 09:00")),
        fact("info_received", at("2026-04-23 16:00")),
        state="CA",
        zone=PACIFIC,
    )
    assert local(reading) == "2026-04-30 23:59:59"
    assert reading.due_at.tzinfo is PACIFIC


def test_d1_is_due_in_seven_days():
    assert (
        local(read("medicare_advantage", "standard_preservice_pa", eastern("2026-11-23 09:13:20")))
        == "2026-11-30 23:59:59"
    )


def test_d2_is_due_after_the_extension_and_the_pause():
    reading = read(
        "commercial_state",
        "standard_preservice",
        eastern("2026-11-24 16:40"),
        fact("info_requested", eastern("2026-11-24 16:41")),
        fact("extension_taken", eastern("2026-11-24 16:41"), reason="info"),
        fact("info_received", eastern("2026-11-30 10:05")),
        fact("decided", eastern("2026-12-02 14:20")),
        fact("notice_sent", eastern("2026-12-02 14:20"), recipient="enrollee"),
        state="EX",
    )
    assert local(reading) == "2026-12-30 23:59:59"
    assert str(reading.split.payer) == "2 days, 4:16:00"
    assert str(reading.split.provider) == "5 days, 17:24:00"
    assert reading.state == "met"


def test_d2_under_medicare_advantage_is_not_moved_by_the_question():
    reading = read(
        "medicare_advantage",
        "standard_preservice_pa",
        eastern("2026-11-24 16:40"),
        fact("info_requested", eastern("2026-11-24 16:41")),
        as_known_at=eastern("2026-11-25 08:00"),
    )
    assert local(reading) == "2026-12-01 23:59:59"
    assert (reading.state, reading.ball) == ("running", "provider")
    assert "Under this law the clock keeps running." in reading.explanation


# -- rows that look at more than the receipt ----------------------------------------------------------------------------


def test_the_rating_period_chooses_the_medicaid_row():
    before = fact("rating_period_start", MON, value=date(2025, 7, 1))
    after = fact("rating_period_start", MON, value=date(2026, 7, 1))
    assert local(read("medicaid_managed_care", "standard_preservice", MON, before)) == "2026-11-30 23:59:59"
    assert local(read("medicaid_managed_care", "standard_preservice", MON, after)) == "2026-11-23 23:59:59"


def test_the_version_in_force_on_receipt_answers():
    assert (
        local(read("medicare_advantage", "standard_preservice_pa", eastern("2025-12-31 23:59")))
        == "2026-01-14 23:59:59"
    )
    assert (
        local(read("medicare_advantage", "standard_preservice_pa", eastern("2026-01-01 00:00")))
        == "2026-01-08 23:59:59"
    )


@pytest.mark.parametrize(
    ("ends", "due"), [("2026-11-17 10:00", "2026-11-17 10:00:00"), ("2026-11-17 09:59", "2026-11-19 10:00:00")]
)
def test_an_urgent_course_has_24_hours_only_when_asked_24_hours_ahead(ends, due):
    assert local(read("erisa_group", "concurrent_urgent", MON, fact("course_ends", eastern(ends)))) == due


@pytest.mark.parametrize(("levels", "due"), [(1, "2026-12-16 23:59:59"), (2, "2026-12-01 23:59:59")])
def test_two_levels_of_appeal_have_half_the_time_each(levels, due):
    assert local(read("erisa_group", "appeal_standard", MON, fact("levels", MON, value=levels))) == due


@pytest.mark.parametrize("business", ["medicaid_managed_care", "integrated_dual"])
def test_benefits_go_on_until_the_later_day(business):
    effective = fact("effective_date", eastern("2026-12-10 00:00"))
    assert local(read(business, "benefit_continuation_request", MON, effective)) == "2026-12-10 23:59:59"


def test_an_integrated_plan_decides_in_14_days_before_2026_and_extends_by_14():
    """42 CFR 422.631(d)(2)(i)(B), (ii)."""
    before = eastern("2025-11-17 10:00")
    assert local(read("integrated_dual", "standard_preservice_pa", before)) == "2025-12-01 23:59:59"
    taken = fact("extension_taken", eastern("2026-11-20 10:00"), reason="info")
    assert local(read("integrated_dual", "standard_preservice_pa", MON, taken)) == "2026-12-07 23:59:59"


@pytest.mark.parametrize(
    ("kind", "facts", "only", "never"),
    [
        ("appeal_expedited", {}, "integrated.forward.untimely_expedited", ""),
        ("appeal_expedited", {"medicaid_only": 1}, "", "integrated.forward"),
        ("appeal_standard", {"medicaid_only": 1, "affirmed": 1}, "", "integrated.forward"),
        ("external_review_standard", {}, "integrated.ire.decision", "integrated.fair_hearing"),
        ("external_review_standard", {"fair_hearing": 1}, "integrated.fair_hearing.decision", "integrated.ire"),
        ("external_review_expedited", {"fair_hearing": 1}, "integrated.fair_hearing.decision.expedited", "integrated.ire"),
    ],
)  # fmt: skip
def test_what_only_medicaid_covers_has_the_states_times(kind, facts, only, never):
    """42 CFR 422.634(b): Medicare's reviewer hears of what Medicare may cover, the state of the rest."""
    rows = BOOK.obligations(
        line_of_business="integrated_dual", request_type=kind, state="", received_on=MON.date(), received_at=MON,
        facts=[fact(name, MON, value=value) for name, value in facts.items()],
    )  # fmt: skip
    names = {row.id for row in rows}
    assert not only or only in names
    assert not never or not any(name.startswith(never) for name in names)


def test_a_state_sets_its_own_hearing_window():
    window = fact("state_window_days", MON, value=90)
    assert local(read("medicaid_managed_care", "state_fair_hearing_filing", MON, window)) == "2027-02-14 23:59:59"


def test_a_proved_receipt_of_the_notice_replaces_the_presumed_one():
    received = fact("notice_received", eastern("2026-11-30 12:00"))
    assert local(read("medicare_advantage", "appeal_filing_window", MON, received)) == "2027-01-29 23:59:59"


@pytest.mark.parametrize(
    ("statement", "due"),
    [("2026-11-18 08:00", "2026-11-21 08:00:00"), ("2026-12-05 08:00", "2026-12-03 23:59:59")],
)
def test_a_drug_exception_counts_from_the_statement_but_not_beyond_14_days(statement, due):
    reading = read(
        "medicare_part_d", "part_d_exception_standard", MON, fact("supporting_statement_received", eastern(statement))
    )
    assert local(reading) == due


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-10-31 12:00", "2027-03-01 23:59:59"),  # no 31 February: first day of the fifth month
        ("2026-11-16 12:00", "2027-03-16 23:59:59"),
        ("2026-11-20 12:00", "2027-03-22 23:59:59"),  # a Saturday moves to Monday
        ("2026-09-25 12:00", "2027-01-25 23:59:59"),
        ("2026-09-18 12:00", "2027-01-19 23:59:59"),  # Monday 18 January is a holiday
    ],
)
def test_the_four_month_window_ends_on_a_business_day(received, due):
    assert local(read("erisa_group", "external_review_filing", eastern(received))) == due


def test_texas_working_days_skip_only_the_six_named_holidays():
    at = eastern("2026-11-10 09:00").replace(tzinfo=CENTRAL)
    reading = read("commercial_state", "adverse_notice_not_hospitalized", at, state="TX", zone=CENTRAL)
    assert local(reading) == "2026-11-13 23:59:59"  # Veterans Day is a working day in Texas


@pytest.mark.parametrize(
    ("received", "due", "rule"),
    [
        ("2026-11-19 10:00", "2026-11-20 23:59:59", "ny.decide.home_care_after_discharge"),
        ("2026-11-20 10:00", "2026-11-23 10:00:00", "ny.decide.home_care_after_discharge.weekend"),
        ("2026-11-25 10:00", "2026-11-28 10:00:00", "ny.decide.home_care_after_discharge.weekend"),  # Thanksgiving next
        ("2026-11-22 10:00", "2026-11-23 23:59:59", "ny.decide.home_care_after_discharge"),  # Sunday, Monday counts
    ],
)
def test_home_care_after_a_stay_has_72_hours_before_a_day_off(received, due, rule):
    reading = read("commercial_state", "home_care_after_discharge", eastern(received), state="NY")
    assert (local(reading), reading.rule_id) == (due, rule)


def test_federal_business_days_skip_the_observed_holiday():
    at = eastern("2026-07-01 09:00")  # 4 July 2026 is a Saturday, observed on Friday 3 July
    assert local(read("commercial_state", "standard_preservice", at, state="NY")) == "2026-07-07 23:59:59"
    assert EASTERN
