"""Registering a system: who may, for whom, what is shown, and what nobody else sees."""

import orjson
import pytest
from joserfc.jwk import ECKey

from openum.accounts.connections.fetching import AddressNotAllowed
from openum.accounts.connections.keys import KeysNotUsable, read_key
from openum.accounts.connections.queries import clients_visible_to, organizations_open_to, plans_open_to
from openum.accounts.connections.scopes import OFFERED
from openum.accounts.connections.services import (
    AlreadySettled,
    LastKey,
    NameTaken,
    NotYourOwn,
    OnlyForSandbox,
    OrganizationNeeded,
    add_keys,
    approve,
    make_sandbox_key,
    read_keys_from,
    remove_key,
    revoke,
)
from openum.accounts.models import ApiClient, ClientKey, Organization, Plan, Tenant
from openum.accounts.rules import PermissionRefused
from openum.audit.models import EventRow
from openum.vocabulary.errors import Missing
from openum.vocabulary.terms import Role
from tests.identity.conftest import person
from tests.identity.signing import claims, ec_key, key_set, public_keys, rsa_key, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client):
    """Pages as one person sees them."""

    def enter(user):
        client.force_login(user)
        return client

    return enter


def fields(town, **changes):
    return {
        "name": "new system", "plan": str(town.world.sandbox.public_id), "organization": "", "source": "paste",
        "keys": key_set(ec_key()).decode(), "scopes": [str(scope) for scope in OFFERED],
    } | changes  # fmt: skip


# -- the rules ---------------------------------------------------------------------------------------------------------


def test_a_sandbox_client_connects_at_once_and_acts_for_itself(town):
    client = town.register("sandbox system", plan=town.world.sandbox, organization=None, keys=public_keys(ec_key()))
    assert client.is_active
    assert client.enrols_unknown
    assert town.ask(sign(claims(client.public_id))).status_code == 200


def test_a_client_of_another_plan_waits_for_somebody_else_to_approve(town):
    client = town.register("real system", keys=public_keys(ec_key()))
    assert not client.is_active
    assert not client.enrols_unknown
    assert town.ask(sign(claims(client.public_id))).status_code == 401
    approve(client=client, by=town.director, at=town.at)
    assert town.ask(sign(claims(client.public_id))).status_code == 200
    trail = EventRow.objects.filter(data__contains=str(client.public_id)).order_by("pk")
    assert [row.type for row in trail][:3] == ["ClientKeyAdded", "ClientRegistered", "ClientApproved"]


def test_nobody_approves_what_they_asked_for(town):
    both = person("both", [(Role.INTEGRATOR, None, town.practice), (Role.DIRECTOR, town.world.plan, None)])
    client = town.register("own system", by=both, keys=public_keys(ec_key()))
    with pytest.raises(NotYourOwn):
        approve(client=client, by=both, at=town.at)


@pytest.mark.parametrize("who", ["provider", "nurse", "physician", "intake", "member_user"])
def test_others_neither_register_nor_approve(town, who):
    user = getattr(town.world, who)
    with pytest.raises(PermissionRefused):
        town.register("x", by=user, keys=public_keys(ec_key()))
    waiting = town.register("waiting", keys=public_keys(ec_key()))
    for service in (approve, revoke):
        with pytest.raises(PermissionRefused):
            service(client=waiting, by=user, at=town.at)


def test_a_director_of_another_plan_does_not_find_it(town):
    other = person("other", [(Role.DIRECTOR, town.world.sandbox, None)])
    waiting = town.register("waiting", keys=public_keys(ec_key()))
    for service in (approve, revoke):
        with pytest.raises(Missing):
            service(client=waiting, by=other, at=town.at)


def test_a_membership_for_other_work_gives_no_say(town):
    """A member of the plan who integrates for a practice is no integrator of the plan."""
    user = person(
        "member and integrator", [(Role.MEMBER, town.world.plan, None), (Role.INTEGRATOR, None, town.practice)]
    )
    assert set(clients_visible_to(user)) == {town.client, town.world.client}
    assert organizations_open_to(user) == [town.practice]


REFUSED = {
    "no organization": ({"organization": None}, OrganizationNeeded),
    "no keys": ({"keys": ()}, KeysNotUsable),
    "an address that is not listed": ({"keys": (), "jwks_url": "https://ehr.example/keys"}, AddressNotAllowed),
    "a name that is taken": ({"name": "record system"}, NameTaken),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wish_that_cannot_be_granted_leaves_nothing(town, name):
    changes, refusal = REFUSED[name]
    before = ApiClient.objects.count()
    with pytest.raises(refusal):
        town.register(**({"name": "wished", "keys": public_keys(ec_key())} | changes))
    assert ApiClient.objects.count() == before


def test_plans_and_organizations_of_others_do_not_exist(town):
    elsewhere = Tenant.objects.create(name="Elsewhere")
    plan = Plan.objects.create(tenant=elsewhere, key="elsewhere", name="Elsewhere", is_sandbox=True)
    practice = Organization.objects.create(tenant=elsewhere, kind=Organization.PROVIDER, name="Elsewhere Practice")
    vendor = person("vendor", [(Role.INTEGRATOR, None, practice)])
    assert plans_open_to(vendor) == [plan]
    assert organizations_open_to(vendor) == [practice]
    assert organizations_open_to(town.integrator) == [town.practice]
    for wish in ({"plan": plan}, {"organization": practice}):
        with pytest.raises(Missing):
            town.register("x", keys=public_keys(ec_key()), **wish)


@pytest.mark.requirement("SMART App Launch 2, Asymmetric authentication: key rotation")
def test_keys_rotate_without_a_gap(town):
    add_keys(client=town.client, keys=public_keys(ec_key("ec-2")), by=town.integrator, at=town.at)
    for key in (ec_key(), ec_key("ec-2")):
        assert town.ask(sign(claims(town.client.public_id), key)).status_code == 200
    remove_key(client=town.client, key=town.client.keys.get(key_id="ec-1"), by=town.integrator, at=town.at)
    assert town.ask(sign(claims(town.client.public_id))).status_code == 401
    assert town.ask(sign(claims(town.client.public_id), ec_key("ec-2"))).status_code == 200


def test_a_removed_name_may_be_used_again_by_another_key(town):
    remove_key(client=town.client, key=town.client.keys.get(key_id="ec-1"), by=town.integrator, at=town.at)
    again = ec_key("ec-9").as_dict(private=False) | {"kid": "ec-1"}
    add_keys(client=town.client, keys=[read_key(again)], by=town.integrator, at=town.at)
    assert town.ask(sign(claims(town.client.public_id))).status_code == 401
    assert ClientKey.objects.filter(client=town.client, key_id="ec-1").count() == 2


def test_what_is_settled_stays_so(town):
    with pytest.raises(AlreadySettled):
        approve(client=town.client, by=town.director, at=town.at)
    key = town.client.keys.get(key_id="ec-1")
    remove_key(client=town.client, key=key, by=town.integrator, at=town.at)
    with pytest.raises(AlreadySettled):
        remove_key(client=town.client, key=key, by=town.integrator, at=town.at)
    with pytest.raises(LastKey):
        remove_key(client=town.client, key=town.client.keys.get(key_id="rsa-1"), by=town.integrator, at=town.at)
    with pytest.raises(KeysNotUsable, match="already"):
        add_keys(client=town.client, keys=public_keys(rsa_key()), by=town.integrator, at=town.at)
    many = [read_key(ec_key().as_dict(private=False) | {"kid": f"k{n}"}) for n in range(20)]
    with pytest.raises(KeysNotUsable, match="20 keys"):
        add_keys(client=town.client, keys=many, by=town.integrator, at=town.at)
    revoke(client=town.client, by=town.director, at=town.at)
    for change in (
        lambda: revoke(client=town.client, by=town.director, at=town.at),
        lambda: add_keys(client=town.client, keys=public_keys(ec_key("ec-3")), by=town.integrator, at=town.at),
        lambda: approve(client=town.client, by=town.director, at=town.at),
    ):
        with pytest.raises(AlreadySettled):
            change()


def test_keys_move_to_an_address_and_back(town, settings):
    settings.OPENUM_JWKS_HOSTS = frozenset({"ehr.example"})
    read_keys_from(client=town.client, url="https://ehr.example/keys", by=town.integrator, at=town.at)
    assert town.client.keys.filter(removed_at__isnull=True).count() == 0
    add_keys(client=town.client, keys=public_keys(ec_key()), by=town.integrator, at=town.at)
    town.client.refresh_from_db()
    assert town.client.jwks_url == ""
    assert town.ask(sign(claims(town.client.public_id))).status_code == 200


def test_private_keys_are_made_for_sandbox_plans_only(town):
    with pytest.raises(OnlyForSandbox):
        make_sandbox_key(client=town.client, by=town.integrator, at=town.at)


# -- the pages ---------------------------------------------------------------------------------------------------------


def test_a_sandbox_key_is_shown_once_and_works(town, browser):
    page = browser(town.integrator)
    answer = page.post("/connections/new/", fields(town, source="make", keys=""))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    shown = answer.context["pair"]
    client = ApiClient.objects.get(name="new system")
    assert shown.private_pem.strip() in answer.content.decode()
    assert (
        town.ask(sign(claims(client.public_id), ECKey.import_key(orjson.loads(shown.private_json)))).status_code == 200
    )
    secret = orjson.loads(shown.private_json)["d"]
    assert secret not in page.get(f"/connections/{client.public_id}/").content.decode()
    assert not any(secret in str(vars(row)) for row in ClientKey.objects.all())
    assert not any(secret in row.data for row in EventRow.objects.all())


def test_the_way_from_registration_to_approval(town, browser):
    town.http.logout()
    page = browser(town.integrator)
    plan, practice = str(town.world.plan.public_id), str(town.practice.public_id)
    answer = page.post("/connections/new/", fields(town, plan=plan, organization=practice))
    client = ApiClient.objects.get(name="new system")
    assert answer.headers["Location"] == f"/connections/{client.public_id}/"
    assert "Let it connect" not in page.get(answer.headers["Location"]).content.decode()
    assert page.post(f"/connections/{client.public_id}/", {"do": "approve"}).status_code == 403
    page = browser(town.director)
    assert "Let it connect" in page.get(f"/connections/{client.public_id}/").content.decode()
    assert page.post(f"/connections/{client.public_id}/", {"do": "approve"}).status_code == 302
    client.refresh_from_db()
    assert client.is_active
    assert client.approved_by == town.director


WRONG = {
    "nothing": ({"name": "", "scopes": []}, 422, "This field is required"),
    "no keys": ({"keys": ""}, 422, "Paste the public keys"),
    "a private key": ({"keys": orjson.dumps(ec_key().as_dict(private=True)).decode()}, 422, "private key"),
    "no address": ({"source": "address"}, 422, "Give the address"),
    "an address not listed": ({"source": "address", "jwks_url": "https://ehr.example/keys"}, 422, "integration desk"),
    "a plan of others": ({"plan": "019aa000-0000-7000-8000-000000000000"}, 422, "valid choice"),
    "a scope not offered": ({"scopes": ["system/Patient.rs"]}, 422, "valid choice"),
    "a pair for a real plan": ({"source": "make", "plan": "real"}, 403, "sandbox plans only"),
    "a real plan alone": ({"plan": "real"}, 422, "Choose the organization"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_form_that_is_wrong_says_so_and_keeps_what_was_typed(town, browser, name):
    changes, status, words = WRONG[name]
    changes = {key: str(town.world.plan.public_id) if value == "real" else value for key, value in changes.items()}
    before = ApiClient.objects.count()
    answer = browser(town.integrator).post("/connections/new/", fields(town, **changes))
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert ApiClient.objects.count() == before


def test_keys_are_changed_on_the_page(town, browser):
    page, address = browser(town.integrator), f"/connections/{town.client.public_id}/"
    assert page.post(address, {"do": "paste", "keys": key_set(ec_key("ec-2")).decode()}).status_code == 302
    assert page.post(address, {"do": "remove", "key": "ec-1"}).status_code == 302
    assert page.post(address, {"do": "remove", "key": "ec-1"}).status_code == 404
    assert page.post(address, {"do": "paste", "keys": "[]"}).status_code == 422
    assert page.post(address, {"do": "address", "jwks_url": "https://ehr.example/"}).status_code == 422
    assert page.post(address, {"do": "make"}).status_code == 403
    names = town.client.keys.filter(removed_at__isnull=True).values_list("key_id", flat=True)
    assert set(names) == {"ec-2", "rsa-1"}
    assert page.post(address, {"do": "revoke"}).status_code == 302
    assert "revoked" in page.get(address).content.decode()


def test_a_new_pair_for_a_sandbox_client_is_shown_on_its_page(town, browser):
    client = town.register("sandbox system", plan=town.world.sandbox, organization=None, keys=public_keys(ec_key()))
    answer = browser(town.integrator).post(f"/connections/{client.public_id}/", {"do": "make"})
    assert "PRIVATE KEY" in answer.content.decode()
    assert client.keys.count() == 2


def test_clients_of_others_do_not_exist_on_the_pages(town, browser):
    elsewhere = Organization.objects.create(
        tenant=town.world.plan.tenant, kind=Organization.PROVIDER, name="Another Practice"
    )
    vendor = person("vendor", [(Role.INTEGRATOR, None, elsewhere)])
    page = browser(vendor)
    assert "record system" not in page.get("/connections/").content.decode()
    assert page.get(f"/connections/{town.client.public_id}/").status_code == 404
    assert page.post(f"/connections/{town.client.public_id}/", {"do": "revoke"}).status_code == 404
    assert town.client.name in browser(town.integrator).get("/connections/").content.decode()


@pytest.mark.parametrize("who", ["provider", "nurse", "member_user"])
def test_people_of_other_work_are_sent_away(town, browser, who):
    page = browser(getattr(town.world, who))
    for address in ("/connections/", "/connections/new/", f"/connections/{town.client.public_id}/"):
        assert page.get(address).status_code == 403
