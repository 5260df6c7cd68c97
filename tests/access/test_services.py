"""Every service for every persona: in, refused, or not there; and none that a person reaches without a gate."""

import inspect
from types import SimpleNamespace

import pytest
from django.db import transaction

from openum.accounts.models import Organization, User
from openum.accounts.permitting import OutOfReach, check_reach
from openum.accounts.queries import scope_of
from openum.accounts.rules import PEOPLES_PERMISSIONS, Permission, PermissionRefused
from openum.vocabulary.terms import Role
from tests.access.town import ABROAD, HOME, make
from tools.access_table import services

SERVICES = dict(services())
GUARDED = {name: function for name, function in SERVICES.items() if hasattr(function, "permissions")}

INNER = {
    "accounts.proofs.services": "one's own passkeys, app and codes",
    "accounts.connections.services": "make (after registration), try_server (asks only)",
    "attention.services.lists": "note_listed_read, a part of pages; what jobs do",
    "attention.services.scores": "note_read, a part of pages; keep_scores, a part of guarded steps and jobs",
    "appeals.services.deciding": "finish",
    "appeals.services.effectuating": "close_if_done",
    "appeals.services.filing": "request_of, save_new, start_time, record_filed, note_fact",
    "appeals.services.letters": "what a guarded step writes",
    "appeals.services.outside": "open_next_level, which follows a decision",
    "appeals.services.publishing": "publish_appeal_law, a command",
    "appeals.services.standing": "end_as_misdirected, shared by two guarded steps",
    "appeals.services.steps": "shared parts of guarded steps",
    "appeals.services.taking_back": "what follows a corrected receipt, and the outbox's",
    "audit.services": "the trail itself",
    "cases.services.contact": "parts of guarded steps",
    "cases.services.documents": "parts of guarded steps; their pages have gates of their own",
    "cases.services.lines": "parts of guarded steps",
    "clocks.services.breaches": "set_aside_unfounded, what follows a corrected receipt",
    "clocks.services.actions": "what other steps tell the clocks",
    "clocks.services.escalating": "raise_rung, the sweeper's",
    "clocks.services.movements": "the clocks' own",
    "clocks.services.publishing": "commands",
    "clocks.services.recording": "what other steps tell the clocks",
    "clocks.services.sweeping": "the sweeper's",
    "criteria.services.evaluation": "the rules engine's",
    "criteria.services.evidence": "close_links_of, a part of moving a paper",
    "criteria.services.maps": "parts of guarded steps",
    "criteria.services.publishing": "commands, and the last part of publish_draft",
    "determination.services.adding": "a command, and the readings of a guarded step",
    "determination.services.affirming": "check_statement, a part of guarded decisions",
    "determination.services.adverse": "say_no, the common part of two guarded verbs",
    "determination.services.appeals": "what a decided appeal does to the line",
    "determination.services.climbing": "a command, and a job",
    "determination.services.carrying": "parts of guarded decisions",
    "determination.services.lessons": "what an overturned decision leaves",
    "determination.services.publishing": "commands",
    "determination.services.record": "the common part of every decision",
    "determination.services.second_readings": "a command, and the checks of a guarded decision",
    "determination.services.usage": "the claims feed's",
    "directory.services": "commands, and the door's",
    "forms.services": "readings, and the door's",
    "grievances.services.steps": "shared parts of guarded steps",
    "intake.checklist.services": "a command, and mark_paper, a part of guarded steps",
    "intake.papers.services.entering": "document_of_paper, settle_paper, parts of guarded steps",
    "intake.papers.services.receiving": "new_receipt, a part of guarded steps",
    "needs.services": "the door's, commands, and readings",
    "notices.services.following": "what follows an event",
    "notices.services.handing": "what follows a guarded step",
    "notices.services.sending": "the outbox's",
    "notices.services.talks": "what follows an event",
    "notices.services.translating": "review_translation, a command",
    "review.services.information": "put_question, the common part of the verbs that ask",
    "review.services.invitations": "parts of guarded steps",
    "review.services.peer_to_peer": "commands, and what goes with a guarded decision",
    "review.services.reviews": "end_review, the last part of a guarded step",
    "loading.services": "taken_to_disk, blocks and the checks, parts of guarded steps; note_rows_read, a part of pages",
    "utilization.services": "what follows an event, jobs, and note_list_read, a part of pages",
    "payment.services": "the feed's jobs, the door of claims systems, and a command",
    "submission.services.arming": "check_may_arm",
    "submission.services.attachments": "the door's",
    "submission.services.door": "the door's: the client's plan and organization bind it",
    "submission.services.further": "parts of guarded steps",
    "submission.services.people": "the door's",
    "submission.services.requests": "the door's",
    "work.services.absences": "one's own days, or KEEP_WORK for the people of one's plans",
    "work.services.around": "one's own tasks, ticks and watches, of cases one sees; tell_holders, a part of guarded steps",
    "work.services.assigning": "give_out, hand_on: jobs; give, put_back: parts of what others do",
    "work.services.bulk": "undo_change, save_view: what one did or keeps oneself",
    "work.services.checklists": "a command",
    "work.services.covering": "cover, a job",
    "work.services.handing": "offer and check_may_take, parts of what others do",
    "work.services.routing": "the router's",
}
"""Where services stand that no gate guards, and why: other services, commands, jobs or the door call them."""


@pytest.fixture
def town(world, at):
    """The rows and the personas."""
    return make(world, at)


def test_every_service_is_guarded_or_named_as_an_inner_part():
    bare = {name.rsplit(".", maxsplit=1)[0] for name in SERVICES if name not in GUARDED}
    assert bare == set(INNER)


NARROWER = {
    "determination.services.flags.clear_flag",
    "review.services.reviews.start_review",
    "submission.drafts.start",
}
"""Services that ask for one of their permissions, by what is asked of them."""


def _row(town, reaches: str) -> object:
    """Something that leads, along the way that the gate goes, to a row of the own plan."""
    row: object = town.rows["case"]
    _, *steps = reaches.split(".")
    if reaches == "plan":
        return town.world.plan
    if reaches in {"member", "client", "draft", "submission", "policy", "paper", "provisional"}:
        return SimpleNamespace(plan_id=town.world.plan.pk, organization_id=town.world.practice.pk, user_id=None)
    for step in reversed(steps):
        row = SimpleNamespace(**{step: row})
    return row


def test_every_service_for_every_persona(town, at):
    wrong: list[str] = []
    for name, service in GUARDED.items():
        parameter = service.reaches.split(".")[0]
        for (role, place), user in town.people.items():
            given = dict.fromkeys(inspect.signature(service).parameters) | {"by": user}
            if "at" in given:
                given["at"] = at
            if parameter:
                given[parameter] = _row(town, service.reaches)
            may = not scope_of(user).permissions.isdisjoint(service.permissions)
            expected = "in" if may and (place == HOME or not parameter) else "not there" if may else "refused"
            told = _told(service, given)
            if name in NARROWER and told == "refused":
                continue
            if told != expected and not (
                # a member reaches what is the member's own alone, an office what it sent; both have rows of their own
                role in {Role.MEMBER, Role.PROVIDER_STAFF, Role.INTEGRATOR} and told == "not there"
            ):
                wrong.append(f"{name} {role} at the {place} plan: {told}, not {expected}")
    assert wrong == []


def _told(service, given) -> str:
    """Say what the gate told; the service behind it gets nothing it could work with, and leaves nothing."""
    try:
        with transaction.atomic():
            service(**given)
            transaction.set_rollback(True)
    except PermissionRefused:
        return "refused"
    except OutOfReach:
        return "not there"
    except Exception:  # noqa: BLE001  what the service makes of nothing is not asked here
        return "in"
    return "in"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.PROVIDER_STAFF])
def test_a_member_and_an_office_reach_their_own(town, role):
    case = town.rows["denied line"].case
    check_reach(town.people[role, HOME], (Permission.FILE_APPEAL,), case)
    with pytest.raises(OutOfReach):
        check_reach(town.people[role, ABROAD], (Permission.FILE_APPEAL,), case)


def test_a_member_reaches_no_other_member_of_the_plan(town):
    case = town.rows["case"]
    case.member = town.world.erisa_member
    with pytest.raises(OutOfReach):
        check_reach(town.people[Role.MEMBER, HOME], (Permission.FILE_APPEAL,), case)


def test_a_delegate_reaches_the_cases_delegated_to_it_and_no_others(town):
    nurse, case = town.people[Role.NURSE, ABROAD], town.rows["case"]
    nurse.memberships.all().delete()
    delegate = Organization.objects.create(
        tenant=town.world.plan.tenant, kind=Organization.DELEGATE, name="Review Partners"
    )
    nurse.memberships.create(role=Role.NURSE, organization=delegate)
    nurse = User.objects.get(pk=nurse.pk)
    with pytest.raises(OutOfReach):
        check_reach(nurse, (Permission.REVIEW_LINES,), case)
    case.delegate = delegate
    check_reach(nurse, (Permission.REVIEW_LINES,), case)


def test_software_holds_no_verb_of_people(town):
    for permission in PEOPLES_PERMISSIONS:
        with pytest.raises(PermissionRefused):
            check_reach(town.world.engine, (permission,), town.rows["case"])
