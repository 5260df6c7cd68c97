"""Whom models suggest to offer help: files read whole or not at all, answered once, seen by those who offer it."""

import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from openum.accounts.permitting import OutOfReach
from openum.accounts.rules import PermissionRefused
from openum.accounts.services import register_person
from openum.attention import queries, services
from openum.attention.models import ModelRun, Suggestion
from openum.attention.rules.scores import Answered, ScoresUnreadable, read
from openum.attention.services import ScoresKnown, SuggestionIsAnswered, WordsMissing
from openum.audit.models import EventRow
from openum.db import clock
from openum.vocabulary.terms import Role

HEAD = "model,version,person_id,as_of,probability,drivers\n"
CARD = {
    "model": "readmission_30", "digest": "abcdef012345" * 5, "refused": "", "use": "To offer help.", "auc": 0.72,
    "baseline_auc": 0.62, "baseline": "LACE", "capacity": 200, "recall_at_capacity": 0.67, "baseline_recall_at_capacity": 0.6,
}  # fmt: skip


def card(**changes):
    return json.dumps(CARD | changes).encode()


def scores(*rows):
    return (HEAD + "".join(f"readmission_30,abcdef012345,{row}\n" for row in rows)).encode()


def test_the_latest_score_of_each_person_counts_and_the_likeliest_comes_first():
    found = read(card(), scores('A,2026-10-01,0.9,"x"', 'A,2026-11-01,0.2,"one stay; two visits"', "B,2026-11-01,0.5,"))
    assert [(one.person_id, one.probability, one.drivers) for one in found.scores] == [
        ("B", Decimal("0.5"), ()), ("A", Decimal("0.2"), ("one stay", "two visits")),
    ]  # fmt: skip
    assert found.version == "abcdef012345"


@pytest.mark.parametrize(
    ("given_card", "given_scores", "sentence"),
    [
        (b"no json", scores("A,2026-11-01,0.5,"), "no JSON"),
        (b"[]", scores("A,2026-11-01,0.5,"), "names no model"),
        (card(refused="It is no better."), scores("A,2026-11-01,0.5,"), "may not be used. It is no better."),
        (card(model="other"), scores("A,2026-11-01,0.5,"), "no score of this model"),
        (card(digest="0" * 60), scores("A,2026-11-01,0.5,"), "Row 2 is of version"),
        (card(), b"model,version\n", "person_id is missing"),
        (card(), b"\xff\xfe", "no UTF-8"),
        (card(), scores("A,2026-11-01,1.5,"), "Row 2: the probability is not between"),
        (card(), scores("A,2026-11-01,x,"), "Row 2: the probability is no number"),
        (card(), scores("A,2026-11-01,0.5,", "B,soon,0.5,"), "Row 3: as_of is no day"),
        (card(), scores(",2026-11-01,0.5,"), "Row 2: nobody is named"),
    ],
)
def test_what_cannot_be_read_is_named(given_card, given_scores, sentence):
    with pytest.raises(ScoresUnreadable, match=sentence):
        read(given_card, given_scores)


@pytest.fixture
def director(world):
    return register_person(
        email="dora@example.test", name="Dora", password=None, roles=[(Role.DIRECTOR, world.plan, None)]
    )


@pytest.fixture
def run(world, director, at):
    given = scores(f"{world.member.member_number},2026-11-01,0.41,three hospital stays", "nobody,2026-11-01,0.9,")
    return services.take_in(plan=world.plan, card=card(), scores=given, by=director, at=at)


@pytest.mark.django_db
def test_scores_are_taken_in_once_and_answered_once(world, director, run, at):
    assert (run.unknown, run.version) == (1, "abcdef012345")
    one = Suggestion.objects.get()
    assert (one.member, one.drivers) == (world.member, ["three hospital stays"])
    same = scores(f"{world.member.member_number},2026-11-01,0.41,three hospital stays", "nobody,2026-11-01,0.9,")
    with pytest.raises(ScoresKnown):
        services.take_in(plan=world.plan, card=card(), scores=same, by=director, at=at)
    with pytest.raises(PermissionRefused):
        services.take_in(plan=world.plan, card=card(), scores=same, by=world.nurse, at=at)
    with pytest.raises(OutOfReach):
        services.take_in(plan=world.sandbox, card=card(), scores=same, by=director, at=at)
    given = {
        "suggestion": one,
        "did": Answered.HELP_OFFERED,
        "words": "A nurse calls weekly.",
        "by": world.nurse,
        "at": at,
    }
    for wrong in ({"words": " "}, {"did": Answered.OPEN}):
        with pytest.raises(WordsMissing):
            services.answer(**given | wrong)
    with pytest.raises(PermissionRefused):
        services.answer(**given | {"by": world.provider})
    services.answer(**given)
    with pytest.raises(SuggestionIsAnswered):
        services.answer(**given)
    (shown,) = queries.runs_of([world.plan])
    assert (shown.people, shown.done, shown.offered) == (1, 1, 1)


@pytest.mark.django_db
def test_a_newer_run_overtakes_the_open_ones_of_an_older(world, director, run, at):
    newer = scores(f"{world.member.member_number},2026-12-01,0.10,")
    services.take_in(plan=world.plan, card=card(), scores=newer, by=director, at=at)
    (waiting,) = queries.waiting_for(world.nurse)
    assert waiting.probability == Decimal("0.1000")
    assert Suggestion.objects.count() == 2


@pytest.mark.django_db
def test_the_pages(world, director, run, at):
    clock.set_demo_clock(at)
    keeper, nurse = Client(), Client()
    keeper.force_login(director)
    nurse.force_login(world.nurse)
    page = reverse("attention:people")
    assert keeper.get(page).status_code == 200
    files = {
        "card": SimpleUploadedFile("model.json", card(refused="Too few.")),
        "scores": SimpleUploadedFile("s.csv", scores()),
    }
    refused = keeper.post(page, {"plan": str(world.plan.public_id), **files})
    assert (refused.status_code, "Too few." in refused.content.decode()) == (422, True)
    fresh = {
        "card": SimpleUploadedFile("model.json", card()),
        "scores": SimpleUploadedFile("s.csv", scores(f"{world.member.member_number},2026-11-20,0.33,two visits")),
    }
    assert keeper.post(page, {"plan": str(world.plan.public_id), **fresh}).status_code == 302
    assert ModelRun.objects.count() == 2
    shown = nurse.get(page).content.decode()
    assert "two visits" in shown
    assert "33 %" in shown
    one = queries.waiting_for(world.nurse).get()
    address = reverse("attention:person", args=[one.public_id])
    assert "AUC 0.72" in nurse.get(address).content.decode()
    assert nurse.post(address, {"did": "help_offered"}).status_code == 422
    assert nurse.post(address, {"did": "declined", "words": "She has help at home."}).status_code == 302
    assert nurse.post(address, {"did": "declined", "words": "Again."}).status_code == 409
    assert "She has help at home." in nurse.get(address).content.decode()
    assert "Nobody waits." in nurse.get(page).content.decode()
    stranger = Client()
    stranger.force_login(world.provider)
    assert stranger.get(page).status_code == 403
    assert set(EventRow.objects.filter(type__contains="Suggestion").values_list("type", flat=True)) == {
        "SuggestionsRead", "SuggestionAnswered",
    }  # fmt: skip
