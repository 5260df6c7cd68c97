"""The feed for claims systems and the examiner's page, on a real database and over HTTP."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from openum.accounts.services import register_client, register_person
from openum.audit.models import EventRow
from openum.cases.queries import current_lines
from openum.db import clock
from openum.determination.queries import authorization_of, current_segments
from openum.determination.services import approve_line, record_usage
from openum.payment.models import FeedEntry
from openum.payment.queries import standing_entries
from openum.payment.services import catch_up
from openum.payment.tasks import catch_up_feeds, compare_all
from openum.vocabulary.terms import Role
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved(world, at):
    """An authorization of the plan."""
    line = current_lines(send(world, knee_request(world, of=world.member, at=at), at=at).case)[0]
    approve_line(line=line, by=world.physician, at=at, rationale="The film settles it.")
    return authorization_of(line)


@pytest.fixture
def system(world):
    """The plan's own claims system."""
    register_client(name="claims system", plan=world.plan, token="claims-token")
    return Client(headers={"authorization": "Bearer claims-token"})


def kinds(plan):
    return list(FeedEntry.objects.filter(plan=plan).order_by("position").values_list("position", "kind"))


def test_each_change_is_told_once_in_order(world, approved, at):
    assert catch_up(world.plan, at=at) == 1
    assert catch_up(world.plan, at=at, whole=True) == 0
    assert catch_up(world.plan, at=at + timedelta(days=30)) == 0  # the clock is put back after this
    (segment,) = current_segments(approved)
    record_usage(
        segment=segment, kind="claim", units=Decimal(1), service_date=segment.valid_from, reference="C-1", by=world.engine,
        at=at + timedelta(days=1),
    )  # fmt: skip
    catch_up_feeds({}, at=at + timedelta(days=1))
    assert catch_up(world.plan, at=at + timedelta(days=1)) == 0
    approved.segments.update(superseded_at=at + timedelta(days=2))
    catch_up_feeds({}, at=at + timedelta(days=2))
    assert kinds(world.plan) == [(1, "add"), (2, "change"), (3, "void")]
    (last,) = standing_entries(world.plan)
    assert (last.kind, last.body["status"], last.body["parts"][0]["used"]) == ("void", "void", "1")
    assert last.body["member_number"] == world.member.member_number


def test_what_a_minute_missed_the_night_tells(world, approved, at, settings, tmp_path):
    settings.OPENUM_DATA = str(tmp_path)
    catch_up(world.plan, at=at + timedelta(days=3))
    approved.segments.update(superseded_at=at)  # written late, with an instant that no minute looks at any more
    assert catch_up(world.plan, at=at + timedelta(days=3)) == 0
    compare_all({}, at=at + timedelta(days=3))
    assert kinds(world.plan) == [(1, "add"), (2, "void")]
    (file,) = (tmp_path / "outgoing" / "authorizations").glob("*.ndjson")
    assert json.loads(file.read_text())["change"] == "void"
    assert file.with_name(f"{file.name}.sha256").exists()


def test_the_interface_of_a_claims_system(world, approved, system, at):
    clock.set_demo_clock(at)
    catch_up(world.plan, at=at)
    feed, match = reverse("payer:authorization-feed"), reverse("payer:claim-match")
    told = system.get(feed).json()
    assert (told["next"], told["more"], [entry["number"] for entry in told["entries"]]) == (1, False, [approved.number])
    assert system.get(feed, {"since": 1}).json()["entries"] == []
    assert system.get(feed, {"limit": 1}).json()["more"] is True
    for wrong in ({"since": "x"}, {"limit": 0}, {"limit": 5000}, {"since": "9" * 30}):
        assert system.get(feed, wrong).status_code == 400
    assert system.post(feed).status_code == 405
    assert Client().get(feed).status_code == 401
    office = Client(headers={"authorization": "Bearer plan-token"})
    assert office.get(feed).status_code == 403
    day = current_segments(approved)[0].valid_from.isoformat()
    line = {"code": "27447", "service_date": day, "npis": [world.surgeon_npi, world.facility_npi]}
    claim = {
        "member_number": world.member.member_number,
        "lines": [line, line | {"code": "99999"}, line | {"emergency": True}],
    }
    answered = system.post(match, claim, content_type="application/json").json()["answers"]
    assert [row["fit"] for row in answered] == ["matches", "none", "not_wanted"]
    assert answered[0]["authorization"] == approved.number
    for wrong in (
        {},
        {"lines": []},
        {"lines": [{}]},
        {"lines": [line | {"units": "NaN"}]},
        {"lines": [line | {"npis": "x"}]},
        {"lines": [line | {"service_date": "x"}]},
    ):
        assert system.post(match, claim | wrong if wrong else wrong, content_type="application/json").status_code == 400
    unknown = system.post(match, claim | {"member_number": "nobody"}, content_type="application/json")
    assert unknown.status_code == 404
    assert EventRow.objects.filter(type="AuthorizationFeedRead").count() == 3
    assert EventRow.objects.filter(type="CasesRead").exists()


def test_the_examiners_page(world, approved, at):
    clock.set_demo_clock(at)
    examiner = register_person(
        email="eli@example.test", name="Eli", password=None, roles=[(Role.CLAIMS_EXAMINER, world.plan, None)]
    )
    browser = Client()
    browser.force_login(examiner)
    page = reverse("payment:examine")
    day = current_segments(approved)[0].valid_from.isoformat()
    line = {"plan": str(world.plan.public_id), "system": "CPT", "code": "27447", "service_date": day, "units": "1"}
    assert browser.get(page).status_code == 200
    assert browser.post(page, line).status_code == 422
    shown = browser.post(page, line | {"member_number": world.member.member_number})
    assert approved.number in shown.content.decode()
    assert "Authorized" in browser.post(page, line | {"number": approved.number}).content.decode()
    for unknown in ({"number": "nothing"}, {"member_number": "nobody"}):
        answer = browser.post(page, line | unknown)
        assert (answer.status_code, "Check" in answer.content.decode()) == (422, True)
    assert "another service" in browser.post(page, line | {"number": approved.number, "code": "99999"}).content.decode()
    office = Client()
    office.force_login(world.provider)
    own, asked = reverse("payment:own-line"), {key: line[key] for key in ("system", "code", "service_date", "units")}
    assert "Authorized" in office.post(own, asked | {"number": approved.number.lower()}).content.decode()
    assert "another service" in office.post(own, asked | {"number": approved.number, "code": "1"}).content.decode()
    assert office.post(own, asked | {"number": "A-0"}).status_code == 422
    nurse = Client()
    nurse.force_login(world.nurse)
    assert nurse.get(page).status_code == 403
