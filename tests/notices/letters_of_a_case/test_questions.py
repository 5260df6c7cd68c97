"""Letters that ask for something, with the time to answer."""

from datetime import UTC, datetime, timedelta

import pytest

from openum.cases.services import ItemAsked
from openum.jobs import run_due
from openum.review.services import ask_for_information
from tests.notices.letters_of_a_case.case import letters_about, line_of

pytestmark = pytest.mark.django_db


def test_a_question_lists_items_and_carries_the_extension(world, at):
    row = line_of(world, at, of=world.erisa_member)
    item = ItemAsked(
        line=row,
        text="The report of a standing X-ray of this knee from the last twelve months, with its grade.",
        leaf="2",
    )
    question = ask_for_information(case=row.case, request=row.request, items=[item], by=world.nurse, at=at)
    run_due(at + timedelta(seconds=1), 100)
    found = letters_about(question)
    assert [(each.kind, each.audience) for each in found] == [
        ("information-request", "member"),
        ("information-request", "provider"),
    ]
    provider = found[1]
    assert provider.information_request == question
    assert "standing X-ray" in provider.html
    assert "Does a recent standing X-ray show severe wear of your knee?" in provider.html
    assert "We need more time" in provider.html
    assert "December 31, 2026" in provider.html  # 45 days to answer
    assert "extension" not in {each.kind for each in found}


def test_45_days_to_answer_are_whole_days_across_the_end_of_daylight_saving(world):
    asked = datetime(2026, 10, 28, 4, 22, tzinfo=UTC)  # 00:22 in New York; 45 times 24 hours later it is 23:22
    row = line_of(world, asked, of=world.erisa_member)
    item = ItemAsked(line=row, text="X-ray report", leaf="2")
    question = ask_for_information(case=row.case, request=row.request, items=[item], by=world.nurse, at=asked)
    run_due(asked + timedelta(seconds=1), 100)
    assert "You have until December 12, 2026 to answer." in letters_about(question)[0].html


def test_medicare_takes_no_extension_for_a_question(world, at):
    row = line_of(world, at, of=world.member)
    item = ItemAsked(line=row, text="X-ray report", leaf="2")
    question = ask_for_information(case=row.case, request=row.request, items=[item], by=world.nurse, at=at)
    run_due(at + timedelta(seconds=1), 100)
    assert len(letters_about(question)) == 2
    assert all("We need more time" not in each.html for each in letters_about(question))
