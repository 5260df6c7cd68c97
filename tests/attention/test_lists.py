"""Lists of who may want help: joined by person, kept for members of the plan, seen by those who offer help, answered once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from openum.accounts.permitting import OutOfReach
from openum.accounts.rules import PermissionRefused
from openum.accounts.services import register_person
from openum.attention import queries, services
from openum.attention.models import Listed, ModelRun
from openum.attention.queries import Wanted
from openum.attention.rules.lists import ListKind, ListsState, listed
from openum.attention.rules.scores import Answered
from openum.attention.services import FollowUp, SuggestionIsAnswered, WordsMissing
from openum.audit.models import EventRow
from openum.db import clock
from openum.vocabulary.terms import Role
from openum.work.models import Task
from tests.attention.test_suggestions import card, scores

YEAR = {"charlson_1987": "3", "charlson_2011": "3", "elixhauser_count": "2", "hccs": "1", "hcc_v28": "1.25", "hcc_partial": "interactions"}  # fmt: skip
STAY = {"lace": "9", "lace_most": "12", "hospital": "4", "hospital_most": "8", "missing": "admission type;sodium"}


def entries(person="A"):
    return listed(
        high_cost=[{"rank": "1", "person_id": person, "threshold": "50000", "paid_12m": "61000.50"}],
        rising=[{"person_id": person, "paid_last_6m": "50000.00", "paid_6m_before": "11000.50"}],
        discharges=[
            {"person_id": person, "disch": "2026-10-20", **STAY},
            {"person_id": person, "disch": "2026-10-01", **STAY, "lace": "1"},
            {"person_id": "old", "disch": "2026-09-01", **STAY},
        ],
        scores=[
            {"person_id": person, "year": "2026", **YEAR}, {"person_id": person, "year": "2025", **YEAR, "charlson_1987": "1"},
            {"person_id": "mild", "year": "2026", **YEAR, "charlson_1987": "1", "hcc_v28": "", "hccs": "0"},
            {"person_id": "past", "year": "2023", **YEAR},
        ],
        conditions=[
            {"person_id": person, "year": "2026", "system": "charlson", "category": "chf"},
            {"person_id": person, "year": "2025", "system": "charlson", "category": "ami"},
        ],
        expected=[{"person_id": person, "expected_dollars": "20000.00", "months": "6", "drivers": "two stays; age 81"}],
        most=200,
    )  # fmt: skip


def test_everybody_on_a_list_stands_once_with_all_that_is_known():
    (one,) = entries()
    assert (one.is_high_cost, one.is_rising, one.is_discharged, one.is_ill, one.is_hcc, one.is_expected) == (True,) * 6
    assert (one.expected, one.expected_months, one.drivers) == (2_000_000, 6, ["two stays", "age 81"])
    assert (one.rank, one.threshold, one.paid_12m, one.paid_6m_before) == (1, 50_000, 6_100_050, 1_100_050)
    assert (one.lace, one.lace_most, one.missing) == (9, 12, ["admission type", "sodium"])
    assert (one.charlson, one.hcc, one.year, one.conditions) == (3, Decimal("1.250"), 2026, ["charlson:chf"])


@pytest.mark.django_db
def test_the_lists_from_the_job_to_the_answer(world, at):
    director = register_person(
        email="dora@example.test", name="Dora", password=None, roles=[(Role.DIRECTOR, world.plan, None)]
    )
    number = world.member.member_number
    made = services.begin_lists(plan=world.plan, at=at)
    assert queries.unmade_lists(director) == made
    services.keep_lists(
        lists=made, entries=[*entries(number), *entries("nobody")], cards=[card(), card(model="other", refused="Too few.")],
        scores=scores(f"{number},2026-11-01,0.41,three hospital stays"), digests={"high_cost.csv": "0" * 64}, sources=["1"], at=at,
    )  # fmt: skip
    assert (made.state, made.unknown, [each["refused"] for each in made.cards]) == (
        ListsState.READY,
        1,
        ["", "Too few."],
    )
    assert ModelRun.objects.get().taken_in_by.is_machine
    (one,) = queries.people_on(world.nurse, Wanted(kind=ListKind.RISING))
    assert not queries.people_on(director, Wanted()).exists()
    assert not queries.people_on(world.nurse, Wanted(least_dollars=100_000)).exists()

    clock.set_demo_clock(at)
    nurse, keeper, stranger = Client(), Client(), Client()
    nurse.force_login(world.nurse)
    keeper.force_login(director)
    stranger.force_login(world.provider)
    page, file = reverse("attention:lists"), reverse("attention:lists_file")
    for kind in ListKind:
        assert number in nurse.get(page, {"list": kind.value}).content.decode()
    shown = keeper.get(page).content.decode()
    assert (number in shown, "Too few." in shown) == (False, True)
    assert "61000.50" in nurse.get(file).content.decode()
    address = reverse("attention:listed", args=[one.public_id])
    refusals = [stranger.get(page), stranger.get(file), stranger.get(address), keeper.get(file), keeper.get(address)]
    assert [answer.status_code for answer in refusals] == [403] * 5
    assert "heart failure" in nurse.get(address).content.decode()

    with pytest.raises(WordsMissing):
        services.answer_listed(listed=one, did=Answered.DECLINED, words=" ", by=world.nurse, at=at)
    with pytest.raises((PermissionRefused, OutOfReach)):
        services.answer_listed(listed=one, did=Answered.DECLINED, words="No.", by=world.provider, at=at)
    given = {"did": "help_offered", "words": "A nurse calls weekly.", "owner": str(world.nurse.public_id)}
    assert nurse.post(address, given).status_code == 422
    due = (at + timedelta(days=3)).date().isoformat()
    assert nurse.post(address, {**given, "due_on": due}).status_code == 302
    task = Task.objects.get()
    assert (task.owner, task.plan, task.detail) == (world.nurse, world.plan, "A nurse calls weekly.")
    follow_up = FollowUp(owner=world.nurse, due_at=at + timedelta(days=1))
    with pytest.raises(SuggestionIsAnswered):
        services.answer_listed(
            listed=one, did=Answered.HELP_OFFERED, words="Again.", follow_up=follow_up, by=world.nurse, at=at
        )
    assert "A nurse calls weekly." in nurse.get(address).content.decode()
    assert not queries.people_on(world.nurse, Wanted()).exists()
    assert Listed.objects.get().task == task
    assert set(EventRow.objects.filter(type__contains="List").values_list("type", flat=True)) >= {
        "AttentionListsMade", "ListedRead", "ListedAnswered",
    }  # fmt: skip
