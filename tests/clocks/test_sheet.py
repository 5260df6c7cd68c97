"""A sheet of cases: every row gets its own due time or its own error; the worked examples of the law come out."""

import csv
import io
from pathlib import Path

import pytest

from openum.cli.main import main
from openum.clocks.rules import FactKind
from openum.clocks.rules.sheet import ANSWER_COLUMNS, QUESTION_COLUMNS, Question, RowUnanswerable, answer
from tests.clocks.book import BOOK

EASTERN, PACIFIC = "America/New_York", "America/Los_Angeles"


def ask(business, request_type, received_at, events="", *, state="", zone=EASTERN):
    """Ask one row."""
    return answer(Question(business, request_type, state, received_at, events, zone), BOOK)


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
    ],
)  # fmt: skip
def test_a_row_answers_with_its_own_due_time(business, request_type, state, received_at, events, zone, due, rule):
    found = ask(business, request_type, received_at, events, state=state, zone=zone)
    assert (found.due_at.isoformat(), found.reading.rule_id) == (due, rule)
    assert found.reading.citation


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


def test_a_missing_file_is_one_sentence(tmp_path, capsys):
    assert main(["clocks", "compute", str(tmp_path / "none.csv"), "-"]) == 1
    assert "cannot be read" in capsys.readouterr().err
