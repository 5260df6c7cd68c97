"""A sheet of cases: every row gets its own due time or its own error; the worked examples of the law come out."""

import csv
import io
from pathlib import Path

import pytest

from openum.cli.clocks import _text
from openum.cli.main import main
from openum.clocks.rules import FactKind, Force, RuleBook
from openum.clocks.rules.sheet import ANSWER_COLUMNS, QUESTION_COLUMNS, Question, RowUnanswerable, answer
from tests.clocks.book import BOOK

LAW = RuleBook(row for row in BOOK if row.force is not Force.ACCREDITATION)
URAC = RuleBook(row for row in BOOK if not row.id.startswith("ncqa."))
EASTERN, PACIFIC = "America/New_York", "America/Los_Angeles"


def ask(business, request_type, received_at, events="", *, state="", zone=EASTERN):
    """Ask one row."""
    return answer(Question(business, request_type, state, received_at, events, zone), LAW)


@pytest.mark.parametrize(
    ("business", "request_type", "state", "received_at", "events", "zone", "due", "rule"),
    [
        # a holiday inside calendar days is ignored
        ("medicare_advantage", "standard_preservice_pa", "", "2026-01-16T20:10:00-05:00", "", EASTERN,
         "2026-01-23T23:59:59-05:00", "ma.decide.standard"),
        # 29 CFR 2560.503-1(f)(2)(i): 48 hours from the answer, which came before the time given had ended
        ("erisa_group", "expedited_preservice", "", "2026-05-06T13:00:00-04:00",
         "info_requested@2026-05-06T17:00:00-04:00(respond_by=2026-05-08T17:00:00-04:00);info_received@2026-05-07T09:00:00-04:00",
         EASTERN, "2026-05-09T09:00:00-04:00", "erisa.decide.urgent"),
        # (f)(4): a notice on the last day of the first period leaves fifteen days after the answer
        ("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00-04:00",
         "extension_taken@2026-05-16T12:00:00-04:00(days=15,reason=info); info_received@2026-06-20T09:00:00-04:00",
         EASTERN, "2026-07-05T23:59:59-04:00", "erisa.decide.preservice"),
        # California counts from the information it needed
        ("commercial_state", "standard_preservice", "CA", "2026-04-20T09:00:00-07:00",
         "info_requested@2026-04-21T09:00:00-07:00;info_received@2026-04-23T09:00:00-07:00",
         PACIFIC, "2026-04-30T23:59:59-07:00", "ca.decide.standard"),
        # a stamp in UTC falls on the day before in the plan's zone
        ("medicare_advantage", "standard_preservice_pa", "", "2026-05-02T02:00:00Z", "", EASTERN,
         "2026-05-08T23:59:59-04:00", "ma.decide.standard"),
        # wall-clock time without an offset is the plan's
        ("medicare_advantage", "expedited_preservice", "", "2026-10-31T10:00:00", "", EASTERN,
         "2026-11-03T09:00:00-05:00", "ma.decide.expedited"),
        # plain values, in each way they may be written
        ("medicaid_managed_care", "standard_preservice", "", "2026-03-02T10:00:00-05:00", "rating_period_start=2025-07-01",
         EASTERN, "2026-03-16T23:59:59-04:00", "medicaid.decide.standard"),
        ("medicaid_managed_care", "standard_preservice", "", "2026-03-02T10:00:00-05:00", "rating_period_start@2026-01-01",
         EASTERN, "2026-03-09T23:59:59-04:00", "medicaid.decide.standard"),
        ("erisa_group", "appeal_standard_preservice", "", "2026-03-02T10:00:00-05:00", "levels(2)", EASTERN,
         "2026-03-17T23:59:59-04:00", "erisa.appeal.preservice.two_levels"),
        ("medicaid_managed_care", "state_fair_hearing_filing", "", "2026-03-02", "state_window_days@2026-03-02(value=90)",
         EASTERN, "2026-05-31T23:59:59-04:00", "medicaid.file.fair_hearing"),
        ("medicaid_managed_care", "state_fair_hearing_filing", "", "2026-03-02", "state_window_days=120",
         EASTERN, "2026-06-30T23:59:59-04:00", "medicaid.file.fair_hearing"),
        ("medicaid_ffs", "state_fair_hearing_filing", "", "2026-03-02", "state_window_days=30",
         EASTERN, "2026-04-01T23:59:59-04:00", "medicaid_ffs.file.fair_hearing"),
        # the trigger is the receipt, or the event where the row tells it
        ("medicare_advantage", "denial_notice_to_enrollee", "", "2026-04-20T09:00:00-04:00", "", EASTERN,
         "2026-04-23T23:59:59-04:00", "ma.letter_after_oral"),
        ("medicare_advantage", "denial_notice_to_enrollee", "", "2026-04-20T09:00:00-04:00",
         "oral_notice@2026-04-21T09:00:00-04:00", EASTERN, "2026-04-24T23:59:59-04:00", "ma.letter_after_oral"),
        ("medicare_part_d", "ire_forward_untimely_standard", "", "2026-04-20T23:59:59-04:00", "", EASTERN,
         "2026-04-21T23:59:59-04:00", "part_d.forward.untimely"),
        ("medicare_advantage", "ire_forward_untimely_standard", "", "2026-04-20T23:59:59-04:00", "", EASTERN,
         "2026-04-20T23:59:59-04:00", "ma.forward.untimely_standard"),
        # refused to expedite: the standard time counts from the first receipt
        ("medicare_advantage", "expedited_preservice", "", "2026-04-20T09:00:00-04:00",
         "downgraded@2026-04-21T09:00:00-04:00", EASTERN, "2026-04-27T23:59:59-04:00", "ma.decide.standard"),
        # paused and unanswered: the day on which it is due if nobody ever answers
        ("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00-04:00",
         "extension_taken@2026-05-11T12:00:00-04:00(reason=info)", EASTERN,
         "2026-07-15T23:59:59-04:00", "erisa.decide.preservice"),
        # asked for by its own name: records of a provider without a contract
        ("medicare_advantage", "expedited_preservice_info_request", "", "2026-04-20T09:00:00-04:00", "", EASTERN,
         "2026-04-21T09:00:00-04:00", "ma.ask.expedited.noncontract"),
        # not expedited: the standard time is that of the state, of the rating period, of the levels
        ("commercial_state", "expedited_preservice", "NY", "2026-04-20T09:00:00-04:00",
         "downgraded@2026-04-21T09:00:00-04:00", EASTERN, "2026-04-23T23:59:59-04:00", "ny.decide.standard"),
        ("commercial_state", "expedited_preservice", "TX", "2026-04-20T09:00:00-05:00",
         "downgraded@2026-04-21T09:00:00-05:00", "America/Chicago", "2026-04-23T23:59:59-05:00", "tx.decide.standard"),
        ("medicaid_managed_care", "expedited_preservice", "", "2026-04-20T09:00:00-04:00",
         "rating_period_start=2025-07-01;downgraded@2026-04-21T09:00:00-04:00", EASTERN,
         "2026-05-04T23:59:59-04:00", "medicaid.decide.standard"),
        ("erisa_group", "appeal_expedited", "", "2026-04-20T09:00:00-04:00",
         "levels=2;downgraded@2026-04-21T09:00:00-04:00", EASTERN,
         "2026-05-05T23:59:59-04:00", "erisa.appeal.preservice.two_levels"),
        ("commercial_state", "appeal_expedited", "NY", "2026-04-20T09:00:00-04:00",
         "downgraded@2026-04-21T09:00:00-04:00", EASTERN, "2026-05-20T23:59:59-04:00", "insured.appeal.preservice"),
        # asked to be expedited later: the federal 72 hours, never beyond the time of the state that already runs
        ("commercial_state", "standard_preservice", "NY", "2026-04-20T09:00:00-04:00",
         "upgraded@2026-04-20T12:00:00-04:00", EASTERN, "2026-04-23T12:00:00-04:00", "insured.decide.urgent"),
        ("commercial_state", "standard_preservice", "TX", "2026-04-20T09:00:00-05:00",
         "upgraded@2026-04-22T12:00:00-05:00", "America/Chicago", "2026-04-23T23:59:59-05:00", "insured.decide.urgent"),
        # expedited later and then extended: both times move, the earlier one binds
        ("medicare_advantage", "standard_preservice_pa", "", "2026-11-02T09:00:00-05:00",
         "upgraded@2026-11-03T12:00:00-05:00;extension_taken@2026-11-05T12:00:00-05:00(days=14)", EASTERN,
         "2026-11-20T12:00:00-05:00", "ma.decide.expedited"),
        # refused first and asked for again: 72 hours, never beyond the standard time that runs from the first receipt
        ("medicare_advantage", "expedited_preservice", "", "2026-11-02T09:00:00-05:00",
         "downgraded@2026-11-03T09:00:00-05:00;upgraded@2026-11-08T12:00:00-05:00", EASTERN,
         "2026-11-09T23:59:59-05:00", "ma.decide.expedited"),
        ("medicare_part_d", "part_d_expedited", "", "2026-11-02T09:00:00-05:00",
         "downgraded@2026-11-02T12:00:00-05:00;upgraded@2026-11-04T12:00:00-05:00", EASTERN,
         "2026-11-05T09:00:00-05:00", "part_d.decide.expedited"),
        # (f)(4): at least 45 days to answer; the 60 days that the question gave are the claimant's
        ("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00-04:00",
         ("info_requested@2026-05-11T12:00:00-04:00(respond_by=2026-07-10T12:00:00-04:00);"
         "extension_taken@2026-05-11T12:00:00-04:00(reason=info);info_received@2026-07-01T09:00:00-04:00"), EASTERN,
         "2026-07-21T23:59:59-04:00", "erisa.decide.preservice"),
        # New York counts from the information itself, California from the information it asked for
        ("commercial_state", "standard_preservice", "NY", "2026-04-20T09:00:00-04:00",
         "info_received@2026-04-22T09:00:00-04:00", EASTERN, "2026-04-27T23:59:59-04:00", "ny.decide.standard"),
        ("commercial_state", "standard_preservice", "CA", "2026-04-20T09:00:00-07:00",
         "info_received@2026-04-22T09:00:00-07:00", PACIFIC, "2026-04-27T23:59:59-07:00", "ca.decide.standard"),
        ("commercial_state", "concurrent_urgent", "NY", "2026-04-24T09:00:00-04:00", "", EASTERN,
         "2026-04-27T23:59:59-04:00", "ny.decide.concurrent"),
        # a state's own time to answer a grievance, which cannot be longer than the federal one
        ("medicaid_managed_care", "grievance_standard", "", "2026-04-20T09:00:00-04:00", "state_window_days=30", EASTERN,
         "2026-05-20T23:59:59-04:00", "medicaid.grievance"),
        ("medicaid_managed_care", "grievance_standard", "", "2026-04-20T09:00:00-04:00", "state_window_days=120", EASTERN,
         "2026-07-19T23:59:59-04:00", "medicaid.grievance"),
        # a state's own time to decide under managed care: shorter counts, longer does not; an extension adds to it
        ("medicaid_managed_care", "standard_preservice", "", "2026-03-02T10:00:00-05:00", "state_window_days=5", EASTERN,
         "2026-03-07T23:59:59-05:00", "medicaid.decide.standard"),
        ("medicaid_managed_care", "standard_preservice", "", "2026-03-02T10:00:00-05:00", "state_window_days=10", EASTERN,
         "2026-03-09T23:59:59-04:00", "medicaid.decide.standard"),
        ("medicaid_managed_care", "standard_preservice", "", "2026-03-02T10:00:00-05:00",
         "state_window_days=5;extension_taken@2026-03-05T10:00:00-05:00(days=14)", EASTERN,
         "2026-03-21T23:59:59-04:00", "medicaid.decide.standard"),
        # four months that end on a Saturday, in New York as well
        ("commercial_state", "external_review_filing", "NY", "2026-11-20", "", EASTERN,
         "2027-03-22T23:59:59-04:00", "ny.file.external_appeal"),
        # a plain value under any name, and a day as it is written, whatever its offset
        ("erisa_group", "appeal_standard_preservice", "", "2026-03-02T10:00:00-05:00",
         "levels@2026-03-02T10:00:00-05:00(levels=2)", EASTERN, "2026-03-17T23:59:59-04:00",
         "erisa.appeal.preservice.two_levels"),
        ("medicaid_managed_care", "standard_preservice", "", "2026-03-02T10:00:00-05:00",
         "rating_period_start@2026-01-01T00:00:00Z", EASTERN, "2026-03-09T23:59:59-04:00", "medicaid.decide.standard"),
        # a statement that came with the request, or before it, is there when the time begins
        ("medicare_part_d", "part_d_exception_standard", "", "2026-11-16T10:00:00-05:00",
         "supporting_statement_received@2026-11-15T10:00:00-05:00", EASTERN,
         "2026-11-19T10:00:00-05:00", "part_d.decide.exception.standard"),
        # on the wall clock a day before the course ends, but 23 hours: the night has an hour less
        ("erisa_group", "concurrent_urgent", "", "2026-03-07T12:00:00", "course_ends@2026-03-08T12:00:00", EASTERN,
         "2026-03-10T13:00:00-04:00", "erisa.decide.urgent_course_late"),
        # offices closed by order of the President on this day; it is no holiday of the law
        ("commercial_state", "standard_preservice", "NY", "2025-12-23T09:00:00-05:00", "", EASTERN,
         "2025-12-29T23:59:59-05:00", "ny.decide.standard"),
    ],
)  # fmt: skip
def test_a_row_answers_with_its_own_due_time(business, request_type, state, received_at, events, zone, due, rule):
    found = ask(business, request_type, received_at, events, state=state, zone=zone)
    assert (found.due_at.isoformat(), found.reading.rule_id) == (due, rule)
    assert found.reading.citation


@pytest.mark.parametrize(
    ("received_at", "due", "rule", "beside"),
    [
        ("2026-07-06T09:00:00-04:00", "2026-07-13T23:59:59-04:00", "ncqa.decide.preservice",
         "The law itself (29 CFR 2560.503-1(f)(2)(iii)(A)): due Tue Jul 21, 2026, 11:59:59 PM ET."),
        ("2026-06-30T09:00:00-04:00", "2026-07-15T23:59:59-04:00", "erisa.decide.preservice", "the"),
    ],
)  # fmt: skip
def test_the_overlay_answers_where_it_is_earlier_and_in_force(received_at, due, rule, beside):
    question = Question("erisa_group", "standard_preservice", "", received_at, "", EASTERN)
    found = answer(question, BOOK)
    assert (found.due_at.isoformat(), found.reading.rule_id) == (due, rule)
    assert beside in found.explanation
    law_alone = answer(question, LAW)
    assert law_alone.reading.rule_id == "erisa.decide.preservice"


@pytest.mark.parametrize(
    ("business", "request_type", "received_at", "due", "rule"),
    [
        # 60 days by law: the standard follows the law
        ("medicare_advantage", "payment_request", "2026-11-16T10:00:00", "2027-01-15T23:59:59-05:00", "ma.decide.payment"),
        # no time in law
        ("medicaid_managed_care", "post_service", "2026-11-16T10:00:00", "2026-12-16T23:59:59-05:00",
         "urac.decide.post_service"),
        ("medicaid_ffs", "standard_preservice", "2025-11-17T10:00:00", "2025-12-02T23:59:59-05:00",
         "urac.decide.preservice"),
        ("medicaid_ffs", "standard_preservice", "2026-01-01T10:00:00", "2026-01-08T23:59:59-05:00",
         "medicaid_ffs.decide.standard"),
        ("chip_ffs", "expedited_preservice", "2025-11-17T10:00:00", "2025-11-20T10:00:00-05:00", "urac.decide.urgent"),
    ],
)  # fmt: skip
def test_urac_has_a_time_only_where_no_law_has_one(business, request_type, received_at, due, rule):
    found = answer(Question(business, request_type, "", received_at, "", EASTERN), URAC)
    assert (found.due_at.isoformat(), found.reading.rule_id) == (due, rule)


def test_the_command_takes_one_overlay_or_the_other(tmp_path):
    rows = [
        ("1", "erisa_group", "standard_preservice", "", "2026-11-16T10:00:00", "", EASTERN),
        ("2", "medicaid_managed_care", "post_service", "", "2026-11-16T10:00:00", "", EASTERN),
    ]
    found = {}
    for switch in ("", "--accreditation", "--accreditation-urac"):
        out = tmp_path / "out.csv"
        assert main(["clocks", "compute", str(sheet(tmp_path, rows)), str(out), *filter(None, [switch])]) == 0
        found[switch] = [row["rule_id"] for row in csv.DictReader(out.read_text("utf-8").splitlines())]
    assert found == {
        "": ["erisa.decide.preservice", ""],
        "--accreditation": ["ncqa.decide.preservice", "ncqa.decide.post_service"],
        "--accreditation-urac": ["erisa.decide.preservice", "urac.decide.post_service"],
    }


def test_a_notice_before_an_action_counts_back_and_says_so():
    found = ask(
        "medicaid_managed_care", "advance_notice_of_reduction", "2026-11-16T10:00:00", "effective_date@2026-12-10"
    )
    assert found.due_at.isoformat() == "2026-11-30T23:59:59-05:00"
    assert "10 calendar days before: due" in found.explanation


def test_cells_are_written_as_the_library_writes_them():
    rows = [["a", "", 'b"c', "d,e"], ["f\ng", " j ", "k;l", "ü"]]
    expected = io.StringIO(newline="")
    csv.writer(expected, lineterminator="\n").writerows(rows)
    assert _text(rows) == expected.getvalue()
    assert list(csv.reader(io.StringIO(_text([["h\ri", "j"]]), newline=""))) == [["h\ri", "j"]]


def test_a_clock_that_waits_for_information_has_no_due_time_and_says_so():
    found = ask("commercial_state", "standard_preservice", "2026-04-20T09:00:00-07:00",
                "info_requested@2026-04-21T09:00:00-07:00", state="CA", zone=PACIFIC)  # fmt: skip
    assert found.due_at is None
    assert found.reading.explanation.endswith("Information was asked for on Tue Apr 21, 2026, 9:00 AM PT.")


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (("medicare", "standard_preservice", "", "2026-05-01T09:00:00Z", "", EASTERN), "The line of business “medicare”"),
        (("erisa_group", "surprise", "", "2026-05-01T09:00:00Z", "", EASTERN), "The request type “surprise”"),
        (("erisa_group", "standard_preservice", "Cal", "2026-05-01T09:00:00Z", "", EASTERN), "“Cal” is no state"),
        (("erisa_group", "standard_preservice", "", "2026-02-30T09:00:00Z", "", EASTERN), "is no instant"),
        (("erisa_group", "standard_preservice", "", "", "", EASTERN), "received_at is empty"),
        (("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00Z", "", "Mars/Olympus"), "is no time zone"),
        (("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00Z", "", "../etc"), "is no time zone"),
        (("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00", "", ""), "needs time_zone"),
        (("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00Z", "sneezed@2026-05-01", EASTERN), "“sneezed”"),
        (("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00Z", "info_received", EASTERN), "needs an instant"),
        (("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00Z", "info_received@soon", EASTERN), "“soon”"),
        (("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00Z", "((", EASTERN), "is not readable"),
        (("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00Z", "levels=two", EASTERN), "no whole number"),
        (("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00Z",
          "extension_taken@2026-05-02T09:00:00Z(weeks=2)", EASTERN), "“weeks”"),
        (("erisa_group", "external_review_filing", "", "9999-12-31T09:00:00Z", "", EASTERN), "outside the years"),
        (("commercial_state", "standard_preservice", "", "2026-05-01T09:00:00Z", "", EASTERN), "needs its state"),
        (("erisa_group", "standard_preservice", "", "2026-05-01T09:00:00Z",
          "extension_taken@2026-04-30T09:00:00Z(days=15)", EASTERN), "before the receipt"),
        (("medicaid_managed_care", "standard_preservice", "", "2026-05-01T09:00:00Z", "rating_period_start=July", EASTERN),
         "is no day"),
        # 42 CFR 438.408(f)(2): 90 to 120 days, for integrated plans as well (422.634(b)(2)); 431.221(d): at most 90
        (("medicaid_managed_care", "state_fair_hearing_filing", "", "2026-03-02", "state_window_days=89", EASTERN),
         "at least 90, at most 120"),
        (("medicaid_managed_care", "state_fair_hearing_filing", "", "2026-03-02", "state_window_days=121", EASTERN),
         "at least 90, at most 120"),
        (("integrated_dual", "state_fair_hearing_filing", "", "2026-03-02", "state_window_days=60", EASTERN),
         "at least 90, at most 120"),
        (("medicaid_ffs", "state_fair_hearing_filing", "", "2026-03-02", "state_window_days=91", EASTERN),
         "at least 1, at most 90"),
        (("medicaid_ffs", "standard_preservice", "", "2019-05-01T09:00:00Z", "", EASTERN), "was in force on 2019-05-01"),
    ],
)  # fmt: skip
def test_an_impossible_row_says_what_to_change(cells, sentence):
    business, request_type, state, received_at, events, zone = cells
    with pytest.raises(RowUnanswerable, match=sentence):
        ask(business, request_type, received_at, events, state=state, zone=zone)


def test_every_event_of_the_law_can_be_written():
    numbers = {"levels", "state_window_days", "contracted"}
    for kind in FactKind:
        text = f"{kind}=1" if kind in numbers else f"{kind}@2026-05-02T09:00:00Z"
        assert ask("erisa_group", "standard_preservice", "2026-05-01T09:00:00Z", text).reading.rule_id


def sheet(tmp_path: Path, rows, columns=QUESTION_COLUMNS) -> Path:
    file = tmp_path / "cases.csv"
    with file.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows([columns, *rows])
    return file


def test_the_command_answers_every_row_in_order_and_goes_on_after_an_error(tmp_path, capsys):
    good = ["medicare_advantage", "standard_preservice_pa", "", "2026-01-16T20:10:00-05:00", "", EASTERN]
    rows = [[f"case-{number}", *good] for number in range(4)]
    rows[1][4] = "2026-02-30"
    rows[2].append("a cell too many")
    out = tmp_path / "out.csv"
    assert main(["clocks", "compute", str(sheet(tmp_path, rows)), str(out)]) == 0
    found = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert list(found[0]) == list(ANSWER_COLUMNS)
    assert [row["case_id"] for row in found] == ["case-0", "case-1", "case-2", "case-3"]
    assert [row["due_at"] for row in found] == [
        "2026-01-23T23:59:59-05:00",
        "error",
        "error",
        "2026-01-23T23:59:59-05:00",
    ]
    assert found[0]["citation"] == "42 CFR 422.568(b)(1)(ii)"
    assert "2026-02-30" in found[1]["explanation"]
    assert "4 rows answered, 2 of them with an error." in capsys.readouterr().err


def test_a_long_sheet_goes_through_several_processes_and_stays_in_order(tmp_path):
    good = ["erisa_group", "post_service", "", "2026-05-01T09:00:00-04:00", "", EASTERN]
    file, out = sheet(tmp_path, [[str(number), *good] for number in range(9_000)]), tmp_path / "out.csv"
    assert main(["clocks", "compute", str(file), str(out), "--processes", "2"]) == 0
    with out.open(newline="", encoding="utf-8") as source:
        found = list(csv.reader(source))[1:]
    assert [row[0] for row in found] == [str(number) for number in range(9_000)]
    assert {row[1] for row in found} == {"2026-05-31T23:59:59-04:00"}


def test_columns_may_stand_in_any_order_and_empty_ones_may_be_absent(tmp_path):
    file, out = (
        sheet(
            tmp_path,
            [["2026-05-01T09:00:00-04:00", "post_service", "erisa_group", "a"]],
            columns=("received_at", "request_type", "line_of_business", "case_id"),
        ),
        tmp_path / "out.csv",
    )
    assert main(["clocks", "compute", str(file), str(out)]) == 0
    assert out.read_text("utf-8").splitlines()[1].startswith("a,2026-05-31T23:59:59-04:00,erisa.decide.post_service,")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("case_id,received_at\n1,2026-05-01\n", "has no column line_of_business, request_type"),
        ("", "has no column case_id"),
    ],
)
def test_a_sheet_without_its_columns_is_refused_in_one_sentence(tmp_path, capsys, text, sentence):
    file = tmp_path / "cases.csv"
    file.write_text(text, encoding="utf-8")
    assert main(["clocks", "compute", str(file), str(tmp_path / "out.csv")]) == 1
    assert sentence in capsys.readouterr().err


GOOD = b"medicare_advantage,standard_preservice_pa,,2026-01-16T20:10:00-05:00,,America/New_York"
HEADER = b",".join(column.encode() for column in QUESTION_COLUMNS)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (b"\xef\xbb\xbf" + HEADER + b"\n1," + GOOD + b"\n2," + GOOD + b"\n", {}),
        (HEADER + b"\r\n1," + GOOD + b"\r\n\r\n2," + GOOD + b"\r\n", {}),
        (HEADER + b'\n"1",' + GOOD.replace(b",,", b',"",') + b'\n2,"' + GOOD.replace(b",", b'","') + b'"\n', {}),
        (HEADER + b"\n1," + GOOD + b"\n1," + GOOD + b"\n2," + GOOD + b"\n", {}),
        (HEADER + b"\n1," + GOOD + b"\n2\xe9," + GOOD + b"\n", {1: "case_id: letters that are not UTF-8"}),
        (HEADER + b"\n1," + GOOD + b"\n2," + GOOD.replace(b",,A", b",levels=\xb2,A") + b"\n", {1: "events: letters"}),
        (HEADER + b"\n1," + GOOD + b"\n,,,,,,\n2," + GOOD + b"\n", {1: "The line of business “” is none of"}),
        (HEADER + b"\n1," + GOOD + b"\n2,medicare_advantage\n", {1: "needs time_zone"}),
    ],
)  # fmt: skip
def test_a_row_that_is_spoilt_names_its_cell_and_the_others_go_on(tmp_path, text, wrong):
    file, out = tmp_path / "cases.csv", tmp_path / "out.csv"
    file.write_bytes(text)
    assert main(["clocks", "compute", str(file), str(out)]) == 0
    found = list(csv.DictReader(io.StringIO(out.read_text("utf-8"), newline="")))
    assert {number for number, row in enumerate(found) if row["due_at"] == "error"} == set(wrong)
    for number, sentence in wrong.items():
        assert sentence in found[number]["explanation"]
    assert found[0]["due_at"] == "2026-01-23T23:59:59-05:00"


def test_a_quote_that_is_never_closed_names_the_line(tmp_path, capsys):
    file = tmp_path / "cases.csv"
    file.write_bytes(HEADER + b"\n1," + GOOD + b'\n"2,' + GOOD + b"\n" + b"x" * 140_000 + b"\n")
    assert main(["clocks", "compute", str(file), str(tmp_path / "out.csv")]) == 1
    assert "after line" in capsys.readouterr().err


def test_a_missing_file_is_one_sentence(tmp_path, capsys):
    assert main(["clocks", "compute", str(tmp_path / "none.csv"), "-"]) == 1
    assert "cannot be read" in capsys.readouterr().err
