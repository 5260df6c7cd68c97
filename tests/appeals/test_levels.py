"""Two looks by the plan where its law has them: a voluntary one of ERISA, two required ones, and none in Medicaid."""

import pytest
import yaml

from openum.appeals.models import Appeal
from openum.appeals.queries import LEVELS
from openum.appeals.rules.filing import NothingToAppeal
from openum.appeals.rules.law import Body
from openum.appeals.rules.reviewers import ReviewerNotIndependent
from openum.appeals.services import (
    ask_outside_review,
    ask_second_level,
    assign_reviewer,
    decide_appeal,
    publish_appeal_law,
)
from openum.appeals.services.outside import NotExhausted
from openum.appeals.services.publishing import InvalidAppealLaw
from openum.directory.models import Policy
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineOfBusiness
from tests.appeals import story
from tests.appeals.story import DAY, clock, letters, work
from tests.appeals.test_rules import FILE

pytestmark = pytest.mark.django_db


def upheld(world, line, at, desk, reviewer):
    appeal = story.assigned(world, line, at, reviewer, desk)
    decide_appeal(appeal=appeal, verdict=story.no(line), by=reviewer, at=at + DAY)
    work(at + DAY)
    appeal.refresh_from_db()
    return appeal


def test_erisa_offers_a_second_look_that_nobody_has_to_take(world, at, desk, reviewer):
    line = story.denied(world, at, of=world.erisa_member)
    first = upheld(world, line, at + DAY, desk, reviewer)
    (letter,) = letters(line, "appeal-upheld")
    assert "you can also appeal to us a second time" in letter.html
    assert "by doctors who do not work for us" in letter.html
    second = ask_second_level(appeal=first, asked=story.asked(at + 5 * DAY), by=world.intake, at=at + 5 * DAY)
    work(at + 5 * DAY)
    assert (second.level, second.body, second.follows) == (2, Body.PLAN, first)
    assert clock(second, "erisa.appeal.preservice").state == "running"
    assert "Second appeal to the plan" in letters(line, "appeal-acknowledgement")[-1].html
    with pytest.raises(ReviewerNotIndependent, match="Took part"):
        assign_reviewer(appeal=second, reviewer=reviewer, by=desk, at=at + 5 * DAY)
    outside = ask_outside_review(appeal=second, asked=story.asked(at + 6 * DAY), by=world.intake, at=at + 6 * DAY)
    assert (outside.level, outside.body) == (3, Body.EXTERNAL)


def test_erisa_may_go_outside_without_the_second_look(world, at, desk, reviewer):
    line = story.denied(world, at, of=world.erisa_member)
    first = upheld(world, line, at + DAY, desk, reviewer)
    outside = ask_outside_review(appeal=first, asked=story.asked(at + 5 * DAY), by=world.intake, at=at + 5 * DAY)
    assert (outside.level, outside.body) == (3, Body.EXTERNAL)
    with pytest.raises(NothingToAppeal, match="runs already"):
        ask_second_level(appeal=first, asked=story.asked(at + 6 * DAY), by=world.intake, at=at + 6 * DAY)


@pytest.fixture
def two_required(world, at, tmp_path):
    """The plan's own file: two required levels for insured coverage, the time shared between them."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    document["version"] = "2026.2-two"
    (row,) = [row for row in document["rows"] if row["key"] == "insured"]
    row["levels"].insert(1, {"level": 2, "body": "plan", "name": "Second appeal", "law": "29 CFR 2560.503-1(c)(2)"})
    row["levels"][2]["level"] = 3
    path = tmp_path / "levels.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return publish_appeal_law(path=path, by=world.engine, at=at, plan=world.plan)


def test_two_required_levels_share_the_time_and_come_before_anybody_outside(world, at, desk, reviewer, two_required):
    line = story.denied(world, at)
    first = story.assigned(world, line, at + DAY, reviewer, desk)
    decide = clock(first, "insured.appeal.preservice.two_levels")
    assert 15 <= (decide.due_at - (at + DAY)).days + 1 <= 16
    decide_appeal(appeal=first, verdict=story.no(line), by=reviewer, at=at + 2 * DAY)
    work(at + 2 * DAY)
    (letter,) = letters(line, "appeal-upheld")
    assert "You must appeal to us a second time" in letter.html
    assert "you can also appeal" not in letter.html
    first.refresh_from_db()
    with pytest.raises(NotExhausted, match="twice before anybody outside"):
        ask_outside_review(appeal=first, asked=story.asked(at + 5 * DAY), by=world.intake, at=at + 5 * DAY)
    second = ask_second_level(appeal=first, asked=story.asked(at + 5 * DAY), by=world.intake, at=at + 5 * DAY)
    assert clock(second, "insured.appeal.preservice.two_levels").state == "running"
    other = story.surgeon(world)
    assign_reviewer(appeal=second, reviewer=other, by=desk, at=at + 5 * DAY)
    story.open_all(line, other, at + 5 * DAY)
    decide_appeal(appeal=second, verdict=story.no(line), by=other, at=at + 6 * DAY)
    work(at + 6 * DAY)
    assert "by doctors who do not work for us" in letters(line, "appeal-upheld")[-1].html
    outside = ask_outside_review(appeal=second, asked=story.asked(at + 9 * DAY), by=world.intake, at=at + 9 * DAY)
    assert (outside.level, outside.body, outside.follows) == (3, Body.EXTERNAL, second)


def test_medicaid_and_medicare_have_no_second_look(world, at, desk, reviewer):
    line = story.denied_under(world, at, LineOfBusiness.MEDICAID_MANAGED_CARE)
    appeal = upheld(world, line, at + DAY, desk, reviewer)
    with pytest.raises(NothingToAppeal, match="once"):
        ask_second_level(appeal=appeal, asked=story.asked(at + 5 * DAY), by=world.intake, at=at + 5 * DAY)


def test_a_second_look_waits_for_the_first_answer(world, at, desk, reviewer):
    line = story.denied(world, at, of=world.erisa_member)
    appeal = story.file(world, line, at + DAY)
    with pytest.raises(NothingToAppeal, match="no answer yet"):
        ask_second_level(appeal=appeal, asked=story.asked(at + 2 * DAY), by=world.intake, at=at + 2 * DAY)
    with pytest.raises(Invalid, match="future"):
        ask_second_level(appeal=appeal, asked=story.asked(at + 3 * DAY), by=world.intake, at=at + 2 * DAY)
    assert Appeal.objects.count() == 1


def test_a_file_with_two_levels_for_medicaid_is_not_published(world, at, tmp_path):
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    (row,) = [row for row in document["rows"] if row["key"] == "medicaid"]
    row["levels"] = [
        {"level": 1, "body": "plan", "name": "First", "law": "x"},
        {"level": 2, "body": "plan", "name": "Second", "law": "x"},
    ]
    path = tmp_path / "levels.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    count = Policy.objects.filter(kind=LEVELS).count()
    with pytest.raises(InvalidAppealLaw, match="438.402"):
        publish_appeal_law(path=path, by=world.engine, at=at, plan=world.plan)
    assert Policy.objects.filter(kind=LEVELS).count() == count
