"""The public figures by hand: every request here was counted on paper."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from openum.clocks.rules.reading import Split
from openum.programme.book import book
from openum.programme.rules.asked import Asked, AskedLine, Result
from openum.programme.rules.delegates import faults_of
from openum.programme.rules.measuring import mean, median, percent, percentile, rounded
from openum.programme.rules.operations import BEHIND, operations
from openum.programme.rules.public_metrics import COLUMNS, figures, file_rows
from openum.programme.rules.workings import AppealSeen, Cause, appeals_by_level, causes, load
from openum.vocabulary.terms import LineStatus, ReasonClass, Urgency

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
STANDARD, EXPEDITED = Urgency.STANDARD, Urgency.EXPEDITED


def line(outcome="approved", hours=24.0, **facts):
    decided = START + timedelta(hours=hours) if outcome else None
    given = {"status": outcome or "received", "outcome": outcome, "decided_at": decided, "told_at": decided}
    return AskedLine(**(given | facts))


def asked(*lines, urgency=STANDARD, came=None, extended=False, law="medicare_advantage"):
    return Asked(
        line_of_business=law, urgency=urgency, asked_urgency=came or urgency, received_at=START,
        extended_at=START + timedelta(days=5) if extended else None, lines=lines or (line(),),
    )  # fmt: skip


def made(*rows):
    return figures(rows, book().elements)


def element(kept, number, reading=""):
    rows = [row for row in kept["elements"] if row["number"] == number and reading in row["reading"]]
    assert len(rows) == 1
    return rows[0]["numerator"], rows[0]["denominator"], rows[0]["percent"]


def test_shares_means_and_medians_are_exact():
    assert percent(1, 3) == "33.33"
    assert percent(2, 3) == "66.67"
    assert percent(1, 800) == "0.13"  # 0.125: halves go away from zero
    assert percent(0, 0) is None
    assert median([Fraction(9), Fraction(1), Fraction(2), Fraction(4)]) == 3
    assert median([Fraction(9), Fraction(1), Fraction(2)]) == 2
    assert (median([]), mean([]), percentile([], 90)) == (None, None, None)
    assert percentile([Fraction(n) for n in range(1, 11)], 90) == 9
    assert percentile([Fraction(5)], 90) == 5
    assert rounded(Fraction(2, 3)) == "0.67"


@pytest.mark.parametrize(
    ("lines", "result"),
    [
        ((line(), line()), Result.APPROVED),
        ((line("denied"), line("denied")), Result.DENIED),
        ((line(), line("denied")), Result.PARTLY),
        ((line("partially_approved"),), Result.PARTLY),
        ((line(), line("")), Result.UNDECIDED),
        ((line("", status=LineStatus.WITHDRAWN),), Result.WITHDRAWN),
        ((line("", status=LineStatus.CANCELLED),), Result.WITHDRAWN),
        ((line("", status=LineStatus.DISMISSED),), Result.DISMISSED),
        ((line("", status=LineStatus.NOT_REQUIRED),), Result.NOT_REQUIRED),
        ((line("denied", reason_class=ReasonClass.DUPLICATE),), Result.DUPLICATE),
        ((line(is_drug=True),), Result.DRUG),
        ((line(is_drug=True), line("denied")), Result.DENIED),
        ((line(), line("", status=LineStatus.WITHDRAWN)), Result.APPROVED),
        ((), Result.UNDECIDED),
    ],
)
def test_what_became_of_a_request(lines, result):
    assert replace(asked(), lines=lines).result == result


def test_every_element_of_a_year():
    won = line("denied", appeals=1, overturned=True)
    kept = made(
        asked(line(hours=24)),
        asked(line(hours=48), extended=True),
        asked(line(hours=96), line("denied", hours=120)),
        asked(replace(won, decided_at=START + timedelta(hours=72), told_at=START + timedelta(hours=72))),
        asked(line("denied", hours=240, appeals=2), extended=True),
        asked(line("", status="received")),
        asked(line(is_drug=True)),
        asked(line(hours=3), urgency=EXPEDITED),
        asked(line(hours=4.5), urgency=EXPEDITED, extended=True),
        asked(line("denied", hours=70), urgency=EXPEDITED, came=STANDARD),
    )
    assert element(kept, "2") == (2, 5, "40.00")
    assert element(kept, "3") == (3, 5, "60.00")
    assert element(kept, "4", "appeals decided") == (1, 3, "33.33")
    assert element(kept, "4", "all standard") == (1, 5, "20.00")
    assert element(kept, "5") == (2, 8, "25.00")
    assert element(kept, "6") == (2, 3, "66.67")
    assert element(kept, "7") == (1, 3, "33.33")
    days, hours = kept["times"]
    assert (days["unit"], days["mean"], days["median"], days["requests"]) == ("days", "4.20", "3.00", 5)
    assert (hours["unit"], hours["mean"], hours["median"], hours["requests"]) == ("hours", "25.83", "4.50", 3)
    standard = kept["classes"]["standard"]
    assert standard["approved"] + standard["denied"] == standard["requests"]
    assert (standard["denied_in_part"], standard["denied_after_appeal"], standard["approved_after_extension"]) == (
        1,
        1,
        1,
    )
    assert kept["undecided"] == 1
    assert kept["left_out"]["drug"] == 1
    assert kept["speed_changed"] == 1
    assert kept["received"] == {"standard": 8, "expedited": 2, "all": 10}


def test_a_request_is_won_on_appeal_only_when_everything_refused_was():
    half = asked(line("denied", appeals=1, overturned=True), line("denied", appeals=1))
    assert not half.won_on_appeal
    assert not asked().won_on_appeal
    assert element(made(half), "4", "appeals decided") == (0, 2, "0.00")


def test_time_runs_to_the_letter_and_to_the_last_service():
    late = line(hours=10, told_at=START + timedelta(hours=30))
    unsent = line(hours=40, told_at=None)
    assert asked(late).took == 30 * 3600
    assert asked(late, unsent).took == 40 * 3600
    assert made(asked(late, unsent))["without_letter"] == 1
    with pytest.raises(ValueError, match="decided"):
        asked(line("")).took  # noqa: B018


def test_an_empty_year_has_no_shares():
    kept = made()
    assert {row["percent"] for row in kept["elements"]} == {None}
    assert [row["mean"] for row in kept["times"]] == [None, None]


def written(rows):
    return "\r\n".join(",".join(row) for row in rows).encode()


def test_our_own_file_passes_the_check_of_delegates():
    rows = file_rows(made(asked(), asked(line("denied")), asked(urgency=EXPEDITED)))
    assert rows[0] == COLUMNS
    assert faults_of(written(rows), book().elements) == []
    assert faults_of(written(file_rows(made())), book().elements) == []


@pytest.mark.parametrize(
    ("column", "number", "value", "words"),
    [
        ("percent", "2", "51.00", "is 50.00"),
        ("numerator", "2", "9", "larger than the denominator"),
        ("numerator", "2", "1,000", "cells"),
        ("numerator", "2", "one", "whole numbers"),
        ("class", "2", "expedited", "belongs to the class"),
        ("number", "2", "12", "no element 12"),
        ("number", "3", "2", "stands twice"),
        ("unit", "8", "hours", "told in days"),
        ("mean", "8", "1.5", "two decimals"),
        ("median", "8", "-1.00", "not below zero"),
        ("mean", "8", "soon", "two decimals"),
    ],
)
def test_a_delegates_fault_is_named_by_row(column, number, value, words):
    rows = [list(row) for row in file_rows(made(asked(), asked(line("denied"))))]
    at = next(i for i, row in enumerate(rows) if row[0] == number)
    rows[at][COLUMNS.index(column)] = value
    faults = faults_of(written(rows), book().elements)
    assert any(words in fault.words and fault.row == at + 1 for fault in faults)


def test_files_that_are_no_figures_are_refused():
    rows = file_rows(made(asked(), asked(line("denied"))))
    assert "UTF-8" in faults_of(b"\xff\xfe\x00", book().elements)[0].words
    assert faults_of(b"", book().elements)[0].row == 1
    assert "first row" in faults_of(b"a,b\r\n1,2", book().elements)[0].words
    assert "missing" in faults_of(written(rows[:-1]), book().elements)[0].words
    assert "rows" in faults_of(written([rows[0], *[rows[1]] * 300]), book().elements)[0].words
    uneven = [list(row) for row in rows]
    uneven[2][4:7] = ["0", "2", "0.00"]
    assert any("add up" in fault.words for fault in faults_of(written(uneven), book().elements))


def test_how_the_work_goes_by_line_of_business_and_speed():
    rows = operations([
        asked(line(hours=10, by_machine=True)),
        asked(line(hours=20), line(hours=30)),
        asked(line("denied", hours=50, appeals=1, overturned=True, was_asked=True)),
        asked(line("", was_asked=True)),
        asked(line(hours=2), urgency=EXPEDITED, law="erisa_group"),
    ])  # fmt: skip
    assert [(row["line_of_business"], row["urgency"]) for row in rows] == [
        ("erisa_group", "expedited"), ("medicare_advantage", "standard"),
    ]  # fmt: skip
    medicare = rows[1]
    assert (medicare["received"], medicare["decided"]) == (4, 3)
    assert (medicare["approval"], medicare["denial"], medicare["automatic"]) == ("66.67", "33.33", "33.33")
    assert (medicare["pended"], medicare["appealed"], medicare["overturned"]) == ("50.00", 1, "100.00")
    assert medicare["hours"] == {"mean": "30.00", "median": "30.00", "p90": "50.00"}


def test_the_parts_of_the_time_and_the_requests_behind_a_figure():
    rows = [
        replace(asked(line(hours=10, by_machine=True)), split=Split(timedelta(hours=10))),
        replace(asked(line("denied", hours=50, overturned=True, was_asked=True)), split=Split(timedelta(hours=5), timedelta(hours=44), timedelta(hours=1))),
        asked(line("")),
    ]  # fmt: skip
    assert operations(rows)[0]["split"] == {"payer": "7.50", "provider": "22.00", "transit": "0.50"}
    assert operations(rows[2:])[0]["split"] == {"payer": None, "provider": None, "transit": None}
    behind = {name: [rows.index(row) for row in rows if is_behind(row)] for name, is_behind in BEHIND.items()}
    assert behind == {
        "received": [0, 1, 2], "decided": [0, 1], "approved": [0], "partly": [], "denied": [1], "automatic": [0],
        "pended": [1], "overturned": [1],
    }  # fmt: skip


def test_appeals_by_level_causes_and_load():
    law = "medicare_advantage"
    seen = [
        *(AppealSeen(law, 1, "plan", outcome, False) for outcome in ("upheld", "overturned", "partly")),
        AppealSeen(law, 1, "plan", "overturned", True), AppealSeen(law, 2, "review_entity", "upheld", False),
    ]  # fmt: skip
    first, second = appeals_by_level(seen)
    assert (first.level, first.decided, first.early, first.share) == (1, 3, 1, "66.67")
    assert (second.body, second.decided, second.share) == ("review_entity", 1, "0.00")
    assert appeals_by_level(seen[3:4])[0].share is None
    node, fact = Cause("appeal", "node", "knee", "a"), Cause("appeal", "fact", "", "")
    assert causes([fact, node, node]) == [(node, 2), (fact, 1)]
    crews = {"nurse": {"ReviewEnded": 30}, "appeals": {"AppealDecided": 45}}
    nurse, appeals = load({"ReviewEnded": 28, "Other": 9}, {"nurse": 2}, crews, days=14)
    assert (nurse.acts, nurse.people, nurse.hours, nurse.hours_a_week, nurse.hours_a_week_each) == (
        28,
        2,
        "14.00",
        "7.00",
        "3.50",
    )
    assert (appeals.hours, appeals.hours_a_week_each) == ("0.00", None)
