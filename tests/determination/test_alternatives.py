"""Another service in place of the one asked for: only with the requester's word, by a physician, and told as modified."""

from datetime import timedelta

import pytest

from openum.accounts.rules import PermissionRefused
from openum.adapters.fhir import codes
from openum.adapters.fhir.elements import coding
from openum.cases.models import Amendment, Case, ServiceLine
from openum.determination.models import AuthorizationSegment
from openum.determination.rules import AlreadyDecided, RationaleMissing
from openum.determination.services import approve_alternative, approve_line
from openum.determination.services.alternatives import NotAccepted, NotAnAlternative
from openum.directory.models import Code, CodeList
from openum.jobs import run_due
from openum.notices.models import Notice
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import Channel
from tests.adapters.conftest import Door, actions, claim_response
from tests.adapters.kit import message
from tests.world import CPT, knee_request, send

HCPCS = codes.SYSTEMS_OF_CODES["HCPCS"]


@pytest.fixture
def line(world, at):
    return send(world, knee_request(world, at=at), at=at).case.lines.get()


def _approve(line, world, at, **changes):
    facts = {
        "code_system": CPT, "code": "27446", "accepted_by": "Sam Surgeon", "channel": Channel.PHONE,
        "rationale": "One compartment is affected; the surgeon agrees to the partial replacement.",
        "cited_authority": "plan, page 1", "by": world.orthopaedist, "at": at,
    }  # fmt: skip
    return approve_alternative(line=line, **(facts | changes))


def test_the_line_keeps_what_was_asked_and_the_authorization_says_what_is_certified(line, world, at):
    determination = _approve(line, world, at)
    line.refresh_from_db()
    segment = AuthorizationSegment.objects.get(authorization__line=line)
    assert (line.status, line.code) == ("approved", "27447")
    assert (segment.code_system, segment.code, segment.modifiers) == (CPT, "27446", [])
    assert (determination.is_adverse, determination.reason) == (False, "clinical-judgment")
    amendment = Amendment.objects.get()
    assert (amendment.field, amendment.before, amendment.after) == ("code", "27447", "27446")
    assert (amendment.is_requesters_own, amendment.requested_by, amendment.channel) == (True, "Sam Surgeon", "phone")


def test_the_letter_names_the_service_that_is_certified(line, world, at):
    Code.objects.create(
        code_list=CodeList.objects.get(system=CPT), code="27446", wording="Partial knee replacement",
        wording_es="reemplazo parcial de rodilla",
    )  # fmt: skip
    _approve(line, world, at)
    run_due(at + timedelta(seconds=1), limit=100)
    letters = list(Notice.objects.filter(kind="approval"))
    assert letters
    assert all("Partial knee replacement" in str(letter.document) for letter in letters)
    assert len({(letter.audience, letter.language) for letter in letters}) == len(letters)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"code": ""}, NotAnAlternative),
        ({"code": "27447"}, NotAnAlternative),
        ({"accepted_by": " "}, NotAccepted),
        ({"rationale": ""}, RationaleMissing),
    ],
)
def test_without_code_word_or_reason_nothing_is_approved(line, world, at, changes, refusal):
    with pytest.raises(refusal):
        _approve(line, world, at, **changes)
    line.refresh_from_db()
    assert line.status != "approved"
    assert Amendment.objects.count() == 0


def test_a_nurse_or_software_approves_no_alternative(line, world, at):
    for by in (world.nurse, world.engine):
        with pytest.raises(PermissionRefused):
            _approve(line, world, at, by=by)


def test_a_code_that_has_ended_is_not_approved(line, world, at):
    Code.objects.create(
        code_list=CodeList.objects.get(system=CPT), code="27446", wording="Ended", valid_to="2020-01-01"
    )
    with pytest.raises(Invalid, match="not valid"):
        _approve(line, world, at)


def test_a_decided_line_takes_no_alternative(line, world, at):
    approve_line(line=line, by=world.orthopaedist, at=at, rationale="As asked.", cited_authority="plan, page 1")
    with pytest.raises(AlreadyDecided):
        _approve(line, world, at)


@pytest.mark.parametrize("base", ["2.0", "2.2"])
def test_the_requesters_system_is_told_modified_with_the_substitute_added(client, world, demo_clock, at, base):
    door = Door(client, world, at)
    door.arm("pend")
    door.submit(message("home-care"), base=base)
    line = ServiceLine.objects.get(case=Case.objects.get(), sequence=1)
    _approve(line, world, at, code_system=HCPCS, code="S5130", by=world.physician)
    (answer,) = door.inquire(message("home-care"), base=base)
    response = claim_response(answer)
    assert actions(answer) == {1: "A6", 2: "A4"}
    (added,) = response["addItem"]
    assert added["itemSequence"] == [1]
    assert coding(added["productOrService"])[:2] == (HCPCS, "S5130")
    review = added["adjudication"][0]["extension"][0]["extension"]
    assert review[0]["url"] == "number"
    assert coding(review[1]["valueCodeableConcept"]).code == "A1"
