"""A round from the question to what is read again, on a real database and through its pages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from openum.accounts.permitting import OutOfReach
from openum.accounts.rules import PermissionRefused
from openum.accounts.services import register_person
from openum.agreement import queries, services
from openum.agreement.models import Rating, Round
from openum.agreement.services import AnswersMissing, NotAReader, ReadingIsOver, RoundIsClosed, RoundNotPossible
from openum.audit.models import EventRow
from openum.db import clock
from openum.vocabulary.terms import Role

pytestmark = pytest.mark.django_db


def person(world, name, role, plan=None):
    return register_person(
        email=f"{name}@example.test", name=name.title(), password=None, roles=[(role, plan or world.plan, None)]
    )


@pytest.fixture
def director(world):
    return person(world, "dora", Role.DIRECTOR)


@pytest.fixture
def nurses(world):
    return [person(world, name, Role.NURSE) for name in ("nina", "noor", "nele")]


@pytest.fixture
def one(world, director, nurses, at):
    """Two patients of the first guideline with three readers."""
    guideline = queries.guidelines_to_read(world.plan, at=at)[0]
    names = [patient.name for patient in queries.guideline_of(guideline).patients][:2]
    return services.open_round(
        plan=world.plan, guideline=guideline, vignettes=names, readers=nurses, due_on=at.date(), by=director, at=at
    )


def answered(one, user, at, *, wrong=()):
    """A reader answers all as the author expects, but for some criteria."""
    leaves = queries.guideline_of(one.guideline).leaves
    for patient in queries.vignettes_of(one):
        answers = {leaf.key: queries.expected_of(patient, leaf.key) or "unknown" for leaf in leaves}
        other = {"met": "not_met", "not_met": "met", "unknown": "met"}
        answers |= {key: other[answers[key]] for key in wrong}
        services.save_rating(
            one=one, vignette=patient.name, answers=answers, recommendation=queries.expected_of(patient, "recommendation"),
            by=user, at=at,
        )  # fmt: skip


def test_what_a_round_needs(world, director, nurses, at, one):
    given = {
        "plan": world.plan, "guideline": one.guideline, "vignettes": one.vignettes, "readers": nurses, "due_on": at.date(),
        "by": director, "at": at,
    }  # fmt: skip
    for wrong in (
        {"readers": nurses[:1]}, {"readers": [*nurses, world.provider]}, {"vignettes": []}, {"vignettes": ["nobody"]},
        {"due_on": at.date() - timedelta(days=1)},
    ):  # fmt: skip
        with pytest.raises(RoundNotPossible):
            services.open_round(**given | wrong)
    with pytest.raises(PermissionRefused):
        services.open_round(**given | {"by": nurses[0]})
    with pytest.raises(OutOfReach):
        services.open_round(**given | {"by": person(world, "otto", Role.DIRECTOR, world.sandbox)})


def test_a_reader_answers_alone_and_once(one, director, nurses, at):
    nina, noor, _nele = nurses
    name = one.vignettes[0]
    given = {"one": one, "vignette": name, "answers": {}, "recommendation": "", "by": nina, "at": at}
    services.save_rating(**given)
    for wrong in ({"answers": {"no such": "met"}}, {"recommendation": "deny"}, {"vignette": "nobody"}):
        with pytest.raises(AnswersMissing):
            services.save_rating(**given | wrong)
    with pytest.raises(PermissionRefused):
        services.save_rating(**given | {"by": director})
    with pytest.raises(AnswersMissing, match="patient 1, 2"):
        services.hand_in(one=one, by=nina, at=at)
    answered(one, nina, at)
    services.hand_in(one=one, by=nina, at=at)
    for late in (lambda: services.save_rating(**given), lambda: services.hand_in(one=one, by=nina, at=at)):
        with pytest.raises(ReadingIsOver):
            late()
    outcome = queries.outcome_of(one)
    assert (outcome.readers, outcome.asked, outcome.verdict) == (1, 3, "nothing_to_say")
    services.close_round(one=one, by=director, at=at)
    with pytest.raises(RoundIsClosed):
        services.close_round(one=one, by=director, at=at)
    with pytest.raises(ReadingIsOver):
        services.save_rating(**given | {"by": noor})


def test_who_is_not_asked_finds_no_round(world, one, at):
    stranger = person(world, "nora", Role.NURSE)
    with pytest.raises(NotAReader):
        services.hand_in(one=one, by=stranger, at=at)
    browser = Client()
    browser.force_login(stranger)
    assert browser.get(reverse("agreement:read", args=[one.public_id, 1])).status_code == 404
    assert browser.get(reverse("agreement:round", args=[one.public_id])).status_code == 403


def test_from_the_question_to_what_is_read_again(world, director, nurses, at):
    clock.set_demo_clock(at)
    keeper, readers = Client(), []
    keeper.force_login(director)
    guideline = queries.guidelines_to_read(world.plan, at=at)[0]
    form = {"guideline": str(guideline.public_id), "how_many": "5", "due_on": f"{at:%Y-%m-%d}"}
    assert keeper.post(reverse("agreement:new"), form).status_code == 422
    chosen = form | {"readers": [str(user.public_id) for user in nurses]}
    assert keeper.post(reverse("agreement:new"), chosen).status_code == 302
    one = Round.objects.get()
    weak = queries.guideline_of(guideline).leaves[0].key
    for user in nurses:
        browser = Client()
        browser.force_login(user)
        readers.append(browser)
        page = browser.get(reverse("agreement:read", args=[one.public_id, 1])).content.decode()
        assert one.vignettes[0] not in page  # its name says what is special
        posted = {f"leaf-{weak}": "met", "recommendation": "approve"}
        assert browser.post(reverse("agreement:read", args=[one.public_id, 1]), posted).status_code == 302
        assert browser.post(reverse("agreement:hand-in", args=[one.public_id])).status_code == 409
        answered(one, user, at, wrong=[weak] if user is nurses[0] else [])
        assert browser.post(reverse("agreement:hand-in", args=[one.public_id])).status_code == 302
        assert browser.get(reverse("agreement:read", args=[one.public_id, 1])).status_code == 302
    assert keeper.post(reverse("agreement:close", args=[one.public_id])).status_code == 302
    assert keeper.post(reverse("agreement:close", args=[one.public_id])).status_code == 409
    one.refresh_from_db()
    (item,) = [row for row in one.results["items"] if row["read_again"]]
    assert item["key"] == weak
    shown = keeper.get(reverse("agreement:round", args=[one.public_id])).content.decode()
    assert "not read again yet" in shown
    assert (
        keeper.get(reverse("agreement:file", args=[one.public_id])).content.count(b"\n")
        == len(one.results["items"]) + 1
    )
    mine = reverse("agreement:mine", args=[one.public_id])
    assert "you " in readers[0].get(mine).content.decode()
    assert readers[1].post(mine, {"criterion": "no such"}).status_code == 409
    assert readers[1].post(mine, {"criterion": weak}).status_code == 302
    assert list(EventRow.objects.filter(type__contains="Agreement").order_by("pk").values_list("type", flat=True)) == [
        "AgreementRoundOpened", *["AgreementReadingHandedIn"] * 3, "AgreementRoundClosed",
    ]  # fmt: skip
    assert Rating.objects.count() == 3 * len(one.vignettes)
    assert readers[0].get(reverse("agreement:rounds")).status_code == 200
    assert keeper.get(reverse("agreement:rounds")).status_code == 200
    command = keeper.get(reverse("command:dashboard")).content.decode()
    assert f"{guideline.key} {guideline.version}: " in command
    assert reverse("agreement:rounds") in command
