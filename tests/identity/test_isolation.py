"""Every door of the FHIR bases: a client sees its organization's requests, and nobody else's exist for it."""

import orjson
import pytest

from openum.accounts.connections.scopes import OFFERED
from openum.accounts.connections.services import approve
from openum.accounts.models import Organization
from openum.adapters.fhir.urls import urlpatterns
from openum.review.services import refer_to_physician
from openum.submission.arming import Armed, SandboxAnswer
from openum.submission.services import arm
from openum.vocabulary.terms import Role
from tests.adapters.kit import message
from tests.adapters.subscriptions.conftest import wanted
from tests.identity.conftest import person
from tests.identity.signing import ec_key, public_keys
from tests.notices.letters_of_a_case.case import deny, line_of

pytestmark = pytest.mark.django_db
SCOPES = " ".join(str(scope) for scope in OFFERED)
KINDS = ["Claim", "ClaimResponse", "Task", "CommunicationRequest", "Subscription"]
SHARED = {"Questionnaire", "Library", "ValueSet"}
"""What is the same for every client of a plan: forms, their logic and their codes."""


@pytest.fixture
def town(town):
    """Three systems of the sandbox plan: two of one practice, one of another; the first has asked for something."""
    other = Organization.objects.create(
        tenant=town.world.sandbox.tenant, kind=Organization.PROVIDER, name="Other Practice"
    )
    vendor = person("vendor", [(Role.INTEGRATOR, None, other)])
    keys = public_keys(ec_key())
    town.owner = town.register("owner", plan=town.world.sandbox, keys=keys)
    town.sibling = town.register("sibling", plan=town.world.sandbox, keys=keys)
    town.stranger = town.register("stranger", plan=town.world.sandbox, keys=keys, by=vendor, organization=other)
    town.tokens = {name: town.token(getattr(town, name), scope=SCOPES) for name in ("owner", "sibling", "stranger")}
    town.tokens["other plan"] = town.token(scope=SCOPES)
    armed = Armed(answer=SandboxAnswer.ASK_FOR_DOCUMENTS)
    arm(client=town.owner, armed=armed, by=town.world.physician, at=town.at)
    answer = town.post("/fhir/2.2/Claim/$submit", message("home-care"), token=town.tokens["owner"])
    assert answer.status_code == 200, answer.content
    answer = town.post("/fhir/2.2/Subscription", wanted("https://listener.example/x"), token=town.tokens["owner"])
    assert answer.status_code == 201, answer.content
    return town


@pytest.fixture(autouse=True)
def listeners(settings):
    """The listener of these tests may be told; it never is."""
    settings.OPENUM_NOTIFICATION_HOSTS = frozenset({"listener.example"})


def get(town, path, who):
    return town.http.get(f"/fhir/2.2/{path}", headers={"Authorization": f"Bearer {town.tokens[who]}"})


def found(town, kind, who):
    answer = get(town, kind, who)
    assert answer.status_code == 200, answer.content
    bundle = orjson.loads(answer.content)
    return [entry["resource"]["id"] for entry in bundle.get("entry", []) if entry["resource"]["resourceType"] == kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["stranger", "other plan"])
def test_what_others_asked_for_is_neither_found_nor_read(town, kind, who):
    mine = found(town, kind, "owner")
    assert mine
    assert found(town, kind, who) == []
    for identity in mine:
        assert get(town, f"{kind}/{identity}", "owner").status_code == 200
        refused, unknown = (
            get(town, f"{kind}/{identity}", who),
            get(town, f"{kind}/{'0' * 8}-0000-7000-8000-{'0' * 12}", who),
        )
        assert (refused.status_code, refused.content) == (404, unknown.content)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "Subscription"])
def test_a_second_system_of_the_organization_sees_them(town, kind):
    assert found(town, kind, "sibling") == found(town, kind, "owner") != []


@pytest.mark.parametrize("way", ["$status", "$events"])
@pytest.mark.parametrize("who", ["sibling", "stranger", "other plan"])
def test_a_subscription_is_its_clients_own(town, way, who):
    (identity,) = found(town, "Subscription", "owner")
    assert get(town, f"Subscription/{identity}/{way}", "owner").status_code == 200
    assert get(town, f"Subscription/{identity}/{way}", who).status_code == 404
    answer = town.http.delete(
        f"/fhir/2.2/Subscription/{identity}", headers={"Authorization": f"Bearer {town.tokens[who]}"}
    )
    assert answer.status_code in {404, 204}
    assert found(town, "Subscription", "owner") == [identity]


@pytest.mark.parametrize("who", ["stranger", "other plan"])
def test_an_inquiry_about_others_finds_nothing(town, who):
    inquiry = message("inquiry")
    mine = orjson.loads(town.post("/fhir/2.2/Claim/$inquire", inquiry, token=town.tokens["owner"]).content)
    theirs = orjson.loads(town.post("/fhir/2.2/Claim/$inquire", inquiry, token=town.tokens[who]).content)
    assert mine["parameter"]
    assert theirs == {"resourceType": "Parameters"}


def test_a_letter_is_read_by_the_systems_of_the_practice_it_is_written_to(town):
    line = line_of(town.world, town.at)
    refer_to_physician(line=line, summary="Seven weeks of therapy.", by=town.world.nurse, at=town.at)
    deny(town.world, line, town.at)
    keys = public_keys(ec_key())
    vendor = person(
        "another vendor", [(Role.INTEGRATOR, None, other := Organization.objects.get(name="Other Practice"))]
    )
    for name, more in (("at home", {}), ("elsewhere", {"by": vendor, "organization": other})):
        system = town.register(name, keys=keys, **more)
        approve(client=system, by=town.director, at=town.at)
        town.tokens[name] = town.token(system, scope=SCOPES)
    mine = found(town, "Communication", "at home")
    assert mine
    for who in ("elsewhere", "owner", "stranger"):
        assert found(town, "Communication", who) == []
        for identity in mine:
            assert get(town, f"Communication/{identity}", "at home").status_code == 200
            assert get(town, f"Communication/{identity}", who).status_code == 404


def test_every_kind_that_is_served_is_in_these_tests():
    """A door for another kind of resource must be thought about here."""
    routes = [str(pattern.pattern).split("/") for pattern in urlpatterns]
    served = {steps[2] for steps in routes if steps[0] == "fhir" and len(steps) > 3 and steps[2][:1].isupper()}
    assert served - SHARED <= {*KINDS, "Bundle", "Communication"}
