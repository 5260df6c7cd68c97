"""Approvals by software that people look at again: the draw, the look, the groups, the pages."""

from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import Client

from openum.audit import Recorded, events_of
from openum.cases.queries import current_lines
from openum.criteria.events import CriteriaEvaluated
from openum.determination.drawing import groups_of
from openum.determination.looks import (
    Approved,
    DifferenceUnsaid,
    Group,
    NothingToLookAt,
    Why,
    check_look,
    drawn,
    is_drawn,
    marked,
    read_terms,
)
from openum.determination.models import ApprovalLook, Determination, MachineReply
from openum.determination.rules import ReviewerNotQualified
from openum.determination.services import automatic, look_at_approval
from openum.directory.models import Policy
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import FindingValue, LineStatus
from tests.world import knee_request, send

TERMS = read_terms(read_yaml((settings.OPENUM_POLICIES / "automation" / "states.yaml").read_text(encoding="utf-8")))
WORDS = "The record shows a fracture that the rule does not ask about."


def rows(count, rule=1, start=0):
    return [Approved(key=start + at, public_id=UUID(int=start + at), rule=rule) for at in range(count)]


def test_chance_draws_its_share_and_the_first_of_a_new_rule_are_all_drawn():
    assert read_terms({}) is None
    found = [row for row in rows(4000) if is_drawn(row.public_id, share_percent=TERMS.share_percent)]
    assert 150 < len(found) < 250
    assert not any(is_drawn(row.public_id, share_percent=0) for row in rows(500))
    assert all(is_drawn(row.public_id, share_percent=100) for row in rows(500))
    old, new = rows(100), rows(100, rule=2, start=1000)
    why = drawn([*old, *new], TERMS, known_rules=frozenset({1}))
    assert [key for key, each in why.items() if each is Why.NEW_RULE] == [1000, 1001, 1002, 1003, 1004]
    by_chance = [key for key, each in why.items() if each is Why.CHANCE]
    assert by_chance == [
        row.key for row in [*old, *new[5:]] if is_drawn(row.public_id, share_percent=TERMS.share_percent)
    ]


@pytest.mark.parametrize(
    ("lines", "by_rule", "is_marked"),
    [(30, 9, True), (30, 12, False), (30, 11, True), (29, 0, False), (400, 190, False)],
)
def test_a_group_is_marked_where_rules_approve_clearly_less_often(lines, by_rule, is_marked):
    """45 CFR 92.210: 40 percent is below four fifths of 50."""
    facts = {"about": "language", "looked_at": 0, "differ": 0}
    most = Group(name="en", lines=100, by_rule=50, **facts)
    tiny = Group(name="fr", lines=3, by_rule=3, **facts)
    other = Group(name="m", lines=100, by_rule=99, **facts | {"about": "sex"})
    found = marked([most, Group(name="es", lines=lines, by_rule=by_rule, **facts), tiny, other], TERMS)
    assert [one.is_marked for one in found] == [False, is_marked, False, False]
    assert Group(name="", lines=0, by_rule=0, **facts).share is None


def test_a_difference_says_what_it_is():
    check_look(agrees=True, words="")
    check_look(agrees=False, words=WORDS)
    with pytest.raises(DifferenceUnsaid):
        check_look(agrees=False, words="No.")


@pytest.mark.django_db
def test_a_clinician_looks_again_once_and_the_approval_stands(world, at, monkeypatch, demo_clock):
    line = current_lines(send(world, knee_request(world, at=at), at=at).case)[0]
    rule = Policy.objects.filter(kind="guideline").first()
    monkeypatch.setattr(automatic, "approval_rule_for", lambda _line: SimpleNamespace(policy=rule))
    event = CriteriaEvaluated(
        case_id=line.case.public_id, line_ids=(line.public_id,), policy_id=None, map_id=uuid4(), value=FindingValue.MET
    )
    automatic.follow_criteria(event, Recorded(event_id=uuid4(), by=world.engine, at=at))
    made = Determination.objects.get(line=line)
    address = f"/safeguards/approvals/{made.public_id}/"
    nurse, director = Client(), Client()
    nurse.force_login(world.nurse)
    director.force_login(world.physician)
    listed = director.get("/safeguards/approvals/").content.decode()
    assert line.case.number in listed
    assert "Among the first under this rule" in listed
    assert "Under 18" not in listed
    assert nurse.post(address, {"do": "differ", "words": "No."}).status_code == 422
    assert not ApprovalLook.objects.exists()
    facts = {"determination": made, "agrees": False, "words": WORDS, "at": at}
    licences = world.physician.licences
    licences.update(valid_to=at.date())
    with pytest.raises(ReviewerNotQualified):
        look_at_approval(by=world.physician, **facts)
    assert nurse.post(address, {"do": "differ", "words": WORDS}).status_code == 302
    look = ApprovalLook.objects.get()
    assert (look.why, look.agrees, look.by, look.licence) == (
        Why.NEW_RULE,
        False,
        world.nurse,
        "registered nurse EX RN1",
    )
    with pytest.raises(NothingToLookAt, match="already"):
        look_at_approval(by=world.nurse, **facts)
    line.refresh_from_db()
    assert line.status == LineStatus.APPROVED
    assert MachineReply.objects.filter(entry__line=line, is_followed=False, did__startswith="looked again").count() == 1
    assert "ApprovalLookedAt" in [each.type for each in events_of(line.case.public_id)]
    shown = {
        (group.about, group.name): (group.lines, group.by_rule, group.looked_at, group.differ)
        for group in groups_of(world.plan, at=at)
    }
    assert shown["age", "old"] == (1, 1, 1, 1) or shown["age", "adult"] == (1, 1, 1, 1)
    assert shown["condition", line.service_class] == (1, 1, 1, 1)
    assert "Would not have approved" in director.get(address).content.decode()
    assert line.case.number not in director.get("/safeguards/approvals/").content.decode().split("<section")[1]
