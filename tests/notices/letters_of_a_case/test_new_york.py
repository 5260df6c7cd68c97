"""The letters of an insured case in New York, Texas and California: network, amount, the ways to appeal, and the call."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from openum.cases.models import ContactAttempt, ServiceLine
from openum.clocks.models import Clock
from openum.db.clock import set_demo_clock
from openum.determination import services
from openum.determination.models import AuthorizationSegment, NetworkStatement
from openum.determination.network import NetworkNotTold, lacks_network
from openum.determination.offers import approval
from openum.determination.queries import approved_before
from openum.jobs import run_due
from openum.notices.elements import LetterIncomplete
from openum.notices.services.reproducing import reproduce
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import NetworkStatus
from tests.notices.letters_of_a_case.case import letters, of_law
from tests.review.story import deny, intended, licensed
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def in_new_york(line, status=NetworkStatus.OUT_OF_NETWORK):
    ServiceLine.objects.filter(pk=line.pk).update(network_status=status)
    line.refresh_from_db()
    return of_law(line, "commercial_state", "NY")


def test_an_approval_out_of_network_waits_for_the_amount_and_tells_it(world, line, at, demo_clock):
    in_new_york(line)
    assert lacks_network(line)
    approve = {"line": line, "by": world.physician, "rationale": "Meets the intent of the rule."}
    with pytest.raises(NetworkNotTold, match="the dollar amount that the plan pays out of network"):
        services.approve_line(at=at, **approve)
    outside = {"line": line, "status": NetworkStatus.OUT_OF_NETWORK, "by": world.physician, "at": at}
    for wrong in (None, Decimal(-1)):
        with pytest.raises(Invalid):
            services.state_network(plan_pays=wrong, **outside)
    assert NetworkStatement.objects.count() == 0
    offered = approval(line, world.physician)
    assert [field.name for field in offered.fields] == ["network", "plan_pays"]
    set_demo_clock(at)
    desk, page = Client(), f"/decisions/{line.public_id}/"
    desk.force_login(world.physician)
    assert 'value="out_of_network" selected' in desk.get(page).text
    asked = {"from_decision": "1", "rationale": approve["rationale"], "network": "out_of_network"}
    for wrong, status, why in (
        ("", 409, "the dollar amount"), ("-1", 422, "greater than or equal"), ("much", 422, "Enter a number"),
    ):  # fmt: skip
        answer = desk.post(f"{page}approve/", {**asked, "plan_pays": wrong})
        assert (answer.status_code, why in answer.text) == (status, True), wrong
    assert NetworkStatement.objects.count() == 0
    assert desk.post(f"{page}approve/", {**asked, "plan_pays": "1250.50"}).status_code == 302
    assert NetworkStatement.objects.get().stated_by == world.physician
    run_due(at + HOUR, 100)  # the demo clock goes on while the pages are asked for
    written = letters(line, kind="approval")
    assert {each.audience for each in written} == {"member", "provider"}
    for each in written:
        for words in ("is not in the network of your plan", "$1,250.50", "may bill you for more", "zip code"):
            assert words in each.html, words


def test_a_yes_to_care_that_goes_on_tells_the_new_whole_since_when_and_the_next_review(world, line, at):
    """N.Y. Ins. Law 4903(c), for a service that names its earlier authorization."""
    in_new_york(line, NetworkStatus.IN_NETWORK)
    services.approve_line(line=line, by=world.physician, at=at, rationale="Meets the intent of the rule.")
    earlier = AuthorizationSegment.objects.get()
    later = send(world, knee_request(world, at=at + DAY), at=at + DAY).case.lines.get()
    in_new_york(later, NetworkStatus.IN_NETWORK)
    ServiceLine.objects.filter(pk=later.pk).update(previous_authorization_number=earlier.authorization.number)
    later.refresh_from_db()
    assert approved_before(later) == [earlier]
    services.approve_line(line=later, by=world.physician, at=at + DAY, rationale="Goes on.")
    run_due(at + DAY + timedelta(seconds=1), 100)
    written = [each for each in letters(later, kind="approval") if each.language == "en"]
    assert len(written) == 2
    for each in written:
        for words in ("Care that goes on", "How much more", "Approved in all", "Next review"):
            assert words in each.html, words


def test_a_no_names_the_network_and_every_way_to_appeal(world, line, at):
    """Without a known network the signature is refused, and the refusal says which element is missing."""
    in_new_york(line, NetworkStatus.NOT_CHECKED)
    physician = licensed(world, "NY")
    with pytest.raises(LetterIncomplete, match="whether the provider is in or out of the network"):
        deny(line, physician, at)
    services.state_network(line=line, status=NetworkStatus.IN_NETWORK, plan_pays=None, by=physician, at=at)
    line.refresh_from_db()
    deny(line, physician, at)
    member, provider = letters(line)[:2]
    for words in (
        "is in the network of your plan", "Yes, if we change our answer", "How to appeal in New York",
        "Department of Financial Services", "clinical criteria", "Please send with the appeal:",
    ):  # fmt: skip
        assert words in member.html, words
    assert "a provider on its own behalf 60 days" in provider.html


def test_the_call_with_the_answer_is_kept_and_meets_its_duty(world, line, at):
    with pytest.raises(Invalid, match="Nothing is decided yet"):
        services.tell_answer_by_phone(
            line=line, to=None, outcome="reached", person="Ada", phone="555-0100", by=world.nurse, at=at
        )
    services.approve_line(line=line, by=world.physician, at=at, rationale="Meets the intent of the rule.")
    call = {"line": line, "to": None, "phone": "555-0100", "by": world.nurse, "at": at + 2 * HOUR}
    for wrong in (
        {"outcome": "fine", "person": "Ada"}, {"outcome": "reached", "person": " "},
        {"outcome": "reached", "person": "Ada", "called_at": at + 3 * HOUR},
        {"outcome": "reached", "person": "Ada", "called_at": at - HOUR},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            services.tell_answer_by_phone(**{**call, **wrong})
    assert ContactAttempt.objects.filter(purpose="oral notice").count() == 0
    kept = services.tell_answer_by_phone(outcome="reached", person="Ada", called_at=at + HOUR, **call)
    assert (kept.at, kept.purpose) == (at + HOUR, "oral notice")
    assert not Clock.objects.filter(case=line.case, purpose="notify_orally", stopped_at__isnull=True).exists()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("TX", ("The doctor who decided works in this field", "1-800-252-3439", "if your life is in danger")),
        ("CA", ("independent medical review", "1-888-466-2219", "You have 6 months")),
    ],
)
def test_a_no_in_texas_and_california_names_the_reviews_of_the_state(world, line, at, state, told):
    of_law(line, "commercial_state", state)
    physician, when = licensed(world, state), at
    if state == "TX":  # 28 TAC 19.1710: the talk is offered a working day before
        when = intended(line, physician, at).open_until + HOUR
    deny(line, physician, when)
    for letter in [each for each in letters(line) if each.language == "en"]:
        for words in told:
            assert words in letter.html, (letter.audience, words)
        assert reproduce(letter).is_same
