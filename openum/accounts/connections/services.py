"""The only writer of registrations: who connects, for whom, with which keys; and who let them in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import IntegrityError, transaction

from openum import audit
from openum.accounts.connections import scopes as words
from openum.accounts.connections.events import (
    ClientApproved,
    ClientKeyAdded,
    ClientKeyRemoved,
    ClientKeysMoved,
    ClientOriginsChanged,
    ClientRegistered,
    ClientRevoked,
    ClientServerChanged,
    ClientServerTried,
)
from openum.accounts.connections.fetching import check_address
from openum.accounts.connections.keys import MOST_KEYS, KeysNotUsable, NewPair, PublicKey, new_pair
from openum.accounts.connections.queries import clients_visible_to, held_for, organizations_open_to, plans_open_to
from openum.accounts.connections.scopes import Scope
from openum.accounts.connections.servers import Ask, ask_public, check_origins, check_server, greeting_of
from openum.accounts.models import ApiClient, ClientKey, Organization, Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.queries import check_user_may, user_may
from openum.accounts.rules import Permission
from openum.accounts.services import client_user
from openum.vocabulary.errors import Conflict, Invalid, Missing, NotAllowed


class NameTaken(Conflict):
    """Another client of the plan has this name."""

    code: ClassVar[str] = "client-name-taken"


class OrganizationNeeded(Invalid):
    """A client of a plan that decides for real acts for one organization."""

    code: ClassVar[str] = "organization-needed"


class OnlyForSandbox(NotAllowed):
    """Private keys are made here for sandbox plans only."""

    code: ClassVar[str] = "only-for-sandbox"


class NotYourOwn(NotAllowed):
    """Whoever asked for a registration does not approve it."""

    code: ClassVar[str] = "not-your-own-registration"


class AlreadySettled(Conflict):
    """The registration is approved or revoked already."""

    code: ClassVar[str] = "registration-settled"


class LastKey(Conflict):
    """Without this key the client could not sign any more."""

    code: ClassVar[str] = "last-key"


class ServerSilent(Invalid):
    """The client's FHIR server told nothing of itself."""

    code: ClassVar[str] = "server-silent"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants to register.

    `keys` are the public keys, or `jwks_url` the address they are read from. `issuer` and `issuer_tenant` are what
    its CDS Hooks tokens say in `iss` and `tenant`; both may be empty.
    """

    name: str
    scopes: tuple[Scope, ...]
    keys: Sequence[PublicKey] = ()
    jwks_url: str = ""
    issuer: str = ""
    issuer_tenant: str = ""


@permitted(Permission.REGISTER_CONNECTIONS)
@transaction.atomic
def register(*, wish: Wish, plan: Plan, organization: Organization | None, by: User, at: datetime) -> ApiClient:
    """Register a client: at once for a sandbox plan, waiting for approval for every other.

    Raises:
        PermissionRefused: the actor does not register clients.
        Missing: the plan or the organization is not the actor's to choose.
        OrganizationNeeded: a plan that decides for real was chosen without an organization.
        KeysNotUsable: neither keys nor an address.
        AddressNotAllowed: keys may not be read from this address.
        NameTaken: another client of the plan has this name.
    """
    if plan not in plans_open_to(by):
        raise Missing("There is no such plan.")
    if organization is not None and organization not in organizations_open_to(by):
        raise Missing("There is no such organization.")
    if organization is None and not plan.is_sandbox:
        raise OrganizationNeeded("Choose the organization that the system acts for; it will see its requests only.")
    if not wish.keys and not wish.jwks_url:
        raise KeysNotUsable("A client proves itself with keys: give a key set, or the address of one.")
    if wish.jwks_url:
        check_address(wish.jwks_url)
    client = make(wish=wish, plan=plan, organization=organization, by=by, at=at)
    for key in wish.keys:
        _add(client, key, by=by, at=at)
    audit.record(ClientRegistered(client_id=client.public_id, plan_id=plan.public_id, way="page"), by=by, at=at)
    return client


def make(
    *, wish: Wish, plan: Plan, organization: Organization | None, by: User | None, at: datetime, certified_uri: str = ""
) -> ApiClient:
    """Write a registration, inside the caller's transaction. Without a requester the client registered itself.

    Raises:
        NameTaken: another client of the plan has this name.
    """
    try:
        with transaction.atomic():
            user = client_user(name=wish.name, plan=plan)
            return ApiClient.objects.create(
                name=wish.name, plan=plan, organization=organization, user=user, enrols_unknown=plan.is_sandbox,
                is_active=plan.is_sandbox, scopes=words.write(wish.scopes), jwks_url=wish.jwks_url, issuer=wish.issuer,
                issuer_tenant=wish.issuer_tenant, certified_uri=certified_uri, requested_at=at, requested_by=by or user,
            )  # fmt: skip
    except IntegrityError:
        raise NameTaken("Another client of this plan has this name. Choose another one.") from None


@permitted(Permission.APPROVE_CONNECTIONS, on="client")
@transaction.atomic
def approve(*, client: ApiClient, by: User, at: datetime) -> None:
    """Let a waiting client in.

    Raises:
        PermissionRefused: the actor does not approve clients.
        Missing: the client belongs to a plan the actor does not work for.
        NotYourOwn: the actor asked for it.
        AlreadySettled: it is approved or revoked.
    """
    row = _locked(client)
    if row.plan_id not in held_for(by, Permission.APPROVE_CONNECTIONS)[0]:
        raise Missing("There is no such client.")
    if row.requested_by_id == by.pk:
        raise NotYourOwn("You asked for this registration yourself. A colleague must approve it.")
    if row.is_active or row.revoked_at is not None:
        raise AlreadySettled("This registration is settled already. Reload the page.")
    row.is_active, row.approved_at, row.approved_by = True, at, by
    row.save(update_fields=["is_active", "approved_at", "approved_by"])
    audit.record(ClientApproved(client_id=row.public_id), by=by, at=at)


@permitted(Permission.REGISTER_CONNECTIONS, Permission.APPROVE_CONNECTIONS, on="client")
@transaction.atomic
def revoke(*, client: ApiClient, by: User, at: datetime) -> None:
    """Shut a client out for good, its tokens included; a waiting one is declined.

    Raises:
        PermissionRefused: the actor neither registers nor approves clients.
        Missing: the actor does not see it.
        AlreadySettled: it is revoked.
    """
    row = _mine(client, by)
    row.is_active, row.revoked_at, row.revoked_by = False, at, by
    row.save(update_fields=["is_active", "revoked_at", "revoked_by"])
    row.access_tokens.all().delete()
    audit.record(ClientRevoked(client_id=row.public_id), by=by, at=at)


@permitted(Permission.REGISTER_CONNECTIONS, Permission.APPROVE_CONNECTIONS, on="client")
@transaction.atomic
def add_keys(*, client: ApiClient, keys: Sequence[PublicKey], by: User, at: datetime) -> None:
    """Add public keys; the ones before stay until they are removed, so that a rotation has no gap.

    Raises:
        KeysNotUsable: too many keys, or one has the name of a key in use.
        AlreadySettled: the client is revoked.
    """
    row = _mine(client, by)
    if row.keys.filter(removed_at__isnull=True).count() + len(keys) > MOST_KEYS:
        raise KeysNotUsable(f"A client may have {MOST_KEYS} keys at once. Remove the old ones first.")
    for key in keys:
        _add(row, key, by=by, at=at)
    if row.jwks_url:
        row.jwks_url = ""
        row.save(update_fields=["jwks_url"])
        audit.record(ClientKeysMoved(client_id=row.public_id), by=by, at=at)


@permitted(Permission.REGISTER_CONNECTIONS, Permission.APPROVE_CONNECTIONS, on="client")
@transaction.atomic
def make_sandbox_key(*, client: ApiClient, by: User, at: datetime) -> NewPair:
    """Make a further pair for a sandbox client; the private half is in the answer and nowhere else.

    Raises:
        OnlyForSandbox: the client's plan decides for real; its private key must never be seen by us.
        KeysNotUsable, AlreadySettled: as for `add_keys`.
    """
    check_may_have_pair(client.plan)
    pair = new_pair()
    add_keys(client=client, keys=[pair.public], by=by, at=at)
    return pair


def check_may_have_pair(plan: Plan) -> None:
    """Refuse to make private keys for a plan that decides for real (OnlyForSandbox)."""
    if not plan.is_sandbox:
        raise OnlyForSandbox(
            "Keys are made here for sandbox plans only. For this plan make the pair yourself, and send the public half."
        )


@permitted(Permission.REGISTER_CONNECTIONS, Permission.APPROVE_CONNECTIONS, on="client")
@transaction.atomic
def remove_key(*, client: ApiClient, key: ClientKey, by: User, at: datetime) -> None:
    """Take a public key out of use at once; tokens that it got earlier end within minutes.

    Raises:
        LastKey: the client would have none.
        AlreadySettled: the client is revoked, or the key is removed.
    """
    row = _mine(client, by)
    held = {one.pk: one for one in row.keys.filter(removed_at__isnull=True)}
    if key.pk not in held:
        raise AlreadySettled("This key was removed already. Reload the page.")
    if len(held) == 1 and not row.jwks_url:
        raise LastKey("This is the client's only key. Add the new one first, or revoke the client.")
    ClientKey.objects.filter(pk=key.pk).update(removed_at=at)
    audit.record(ClientKeyRemoved(client_id=row.public_id, key_row=key.pk), by=by, at=at)


@permitted(Permission.REGISTER_CONNECTIONS, Permission.APPROVE_CONNECTIONS, on="client")
@transaction.atomic
def read_keys_from(*, client: ApiClient, url: str, by: User, at: datetime) -> None:
    """Read a client's keys from an address from now on; keys kept here stay on record, out of use.

    Raises:
        AddressNotAllowed: keys may not be read from this address.
        AlreadySettled: the client is revoked.
    """
    check_address(url)
    row = _mine(client, by)
    row.jwks_url = url
    row.save(update_fields=["jwks_url"])
    row.keys.filter(removed_at__isnull=True).update(removed_at=at)
    audit.record(ClientKeysMoved(client_id=row.public_id), by=by, at=at)


@permitted(Permission.REGISTER_CONNECTIONS, Permission.APPROVE_CONNECTIONS, on="client")
@transaction.atomic
def set_server(*, client: ApiClient, url: str, by: User, at: datetime) -> None:
    """Keep the base of a client's own FHIR server; empty: it has none.

    Raises:
        ServerNotAllowed: it is no address that we would read from.
        AlreadySettled: the client is revoked.
    """
    row = _mine(client, by)
    row.fhir_server = check_server(url) if url.strip() else ""
    row.save(update_fields=["fhir_server"])
    audit.record(ClientServerChanged(client_id=row.public_id), by=by, at=at)


@permitted(Permission.REGISTER_CONNECTIONS, Permission.APPROVE_CONNECTIONS, on="client")
def try_server(*, client: ApiClient, by: User, at: datetime, ask: Ask = ask_public) -> str:
    """Ask a client's FHIR server what it is, without a token; return its FHIR version.

    Raises:
        ServerSilent: it did not answer as FHIR servers do.
        AlreadySettled: the client is revoked, or has no server.
    """
    with transaction.atomic():
        base = _mine(client, by).fhir_server
    if not base:
        raise AlreadySettled("This client has no FHIR server. Give its address first.")
    version = greeting_of(base, ask=ask)
    audit.record(ClientServerTried(client_id=client.public_id, did_answer=bool(version)), by=by, at=at)
    if not version:
        raise ServerSilent(
            "The server did not answer with its CapabilityStatement. It must be on the public network, with a trusted "
            "certificate, and answer at /metadata without a token or a redirect."
        )
    return version


@permitted(Permission.REGISTER_CONNECTIONS, Permission.APPROVE_CONNECTIONS, on="client")
@transaction.atomic
def set_origins(*, client: ApiClient, origins: str, by: User, at: datetime) -> None:
    """Keep the origins of the web pages that may call us for a client; empty: none.

    Raises:
        OriginNotAllowed: one is no origin.
        AlreadySettled: the client is revoked.
    """
    row = _mine(client, by)
    row.browser_origins = check_origins(origins)
    row.save(update_fields=["browser_origins"])
    audit.record(ClientOriginsChanged(client_id=row.public_id), by=by, at=at)


def _locked(client: ApiClient) -> ApiClient:
    return ApiClient.objects.select_for_update(of=("self",)).get(pk=client.pk)


def _mine(client: ApiClient, by: User) -> ApiClient:
    """Lock a client that the actor sees and may change."""
    if not user_may(by, Permission.APPROVE_CONNECTIONS):
        check_user_may(by, Permission.REGISTER_CONNECTIONS)
    if not clients_visible_to(by).filter(pk=client.pk).exists():
        raise Missing("There is no such client.")
    row = _locked(client)
    if row.revoked_at is not None:
        raise AlreadySettled("This client is revoked. Register a new one.")
    return row


def _add(client: ApiClient, key: PublicKey, *, by: User, at: datetime) -> None:
    if client.keys.filter(key_id=key.key_id, removed_at__isnull=True).exists():
        raise KeysNotUsable(f'The client has a key {key.key_id} already. Give the new one its own "kid".')
    row = ClientKey.objects.create(client=client, key_id=key.key_id, key=key.as_json(), added_at=at, added_by=by)
    audit.record(ClientKeyAdded(client_id=client.public_id, key_row=row.pk), by=by, at=at)
