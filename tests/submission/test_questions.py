"""The request form asks only what can still change the outcome."""

from datetime import timedelta

import pytest
from django.urls import reverse

from openum.submission import drafts
from openum.submission.composing import CPT
from openum.submission.questions import open_criteria, questions_for
from tests.conftest import NOON

pytestmark = pytest.mark.django_db

DAY = NOON.date()


def ago(days):
    return (DAY - timedelta(days=days)).isoformat()


def draft_of(world, **answers):
    draft = drafts.start(plan=world.plan, organization=world.practice, by=world.provider, at=NOON)
    fields = {"line1-code_system": CPT, "line1-code": "72148", "diagnosis1": "M54.16"}
    for link, (kind, value) in answers.items():
        name = link.replace("__", ".").replace("_", "-")
        fields |= {f"answer.{name}": value, f"kind.{name}": kind}
    return drafts.save_fields(draft=draft, fields=fields, by=world.provider, at=NOON)


def spared(draft):
    return {question.link for question in questions_for(draft, on=NOON) if not question.matters}


def test_at_first_every_question_matters_and_stands_once(world):
    questions = questions_for(draft_of(world), on=NOON)
    links = [question.link for question in questions]
    assert links[:2] == ["lbp.pain-radiates", "lbp.pain-onset"]
    assert len(links) == len(set(links)) == 11
    assert all(question.matters for question in questions)


def test_a_warning_sign_makes_the_questions_about_care_unnecessary(world):
    draft = draft_of(world, lbp__red_flag=("yes-no", "yes"))
    assert spared(draft) == {"lbp.care-weeks", "lbp.care-start", "lbp.care-end"}


def test_no_earlier_study_makes_the_question_what_changed_unnecessary(world):
    draft = draft_of(world, lbp__mri_last_12_months=("yes-no", "no"))
    assert spared(draft) == {"lbp.changed-since-mri"}


def test_once_a_requirement_fails_nothing_more_is_asked(world):
    draft = draft_of(world, lbp__exam_date=("date", ago(200)))
    assert len(spared(draft)) == 10
    assert [(point.leaf, point.value) for point in open_criteria(draft, on=NOON)] == [("3", "not_met")]


def test_what_was_answered_stays_on_the_page(world):
    draft = draft_of(world, lbp__exam_date=("date", ago(200)), lbp__care_weeks=("number", "4"))
    assert "lbp.care-weeks" not in spared(draft)


def test_the_page_folds_away_what_is_not_needed(world, client):
    client.force_login(world.provider)
    draft = draft_of(world, lbp__red_flag=("yes-no", "yes"))
    page = client.get(reverse("submission:step", args=[draft.public_id, "questions"]))
    assert "3 questions that your answers made unnecessary" in page.content.decode()
