"""Clients that register themselves with a certificate (UDAP Dynamic Client Registration), and prove themselves by it.

A registration is for the one plan that the installation names. At a sandbox plan it holds at once; at every other plan
it waits for a person of the plan, as each registration does, and a change of what the client may do waits again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from cryptography import x509
from django.db import transaction

from openum import audit
from openum.accounts.connections import scopes as words
from openum.accounts.connections import signed
from openum.accounts.connections.certificates import Certified, prove
from openum.accounts.connections.events import ClientRegistered, ClientRevoked
from openum.accounts.connections.proving import NOT_FITTING, Times, take, use_once, with_id
from openum.accounts.connections.services import NameTaken, Wish, make
from openum.accounts.connections.signed import Checked, SignedTokenRefused
from openum.accounts.models import ApiClient, Plan
from openum.vocabulary.errors import Invalid, OpenUMError

Json = dict[str, Any]
_LONGEST_NAME = 100
_MOST_CONTACTS = 10


class StatementRefused(Invalid):
    """A registration is refused; `error` is a word of RFC 7591, section 3.2.2, or of UDAP."""

    code: ClassVar[str] = "statement-refused"

    def __init__(self, error: str, sentence: str) -> None:
        """Keep the word beside the sentence."""
        super().__init__(sentence)
        self.error = error


class PurposeMissing(Invalid):
    """A token request by certificate says for which organization and for which purpose it asks."""

    code: ClassVar[str] = "purpose-missing"


@dataclass(frozen=True)
class Registration:
    """What came of a statement."""

    client: ApiClient
    is_new: bool
    is_cancelled: bool = False


def register_certified(
    text: str, *, plan: Plan, audience: str, anchors: Sequence[x509.Certificate], times: Times
) -> Registration:
    """Register, change or cancel the client that a software statement speaks of.

    Raises:
        StatementRefused: the statement proves nothing, or asks for what is not served here.
    """
    certified, checked = _proven_statement(text, audience, anchors, times)
    uri = checked.issuer
    if not uri or checked.subject != uri or uri not in certified.uris:
        raise StatementRefused(
            "invalid_software_statement", "`iss` and `sub` must both be an address that the certificate names."
        )
    wish = _wish(checked.claims)
    with transaction.atomic():
        if take(signer=uri, checked=checked):
            return _settle(uri, wish, plan, times)
    raise StatementRefused("invalid_software_statement", "This statement was used before. Sign a new one.")


def _proven_statement(
    text: str, audience: str, anchors: Sequence[x509.Certificate], times: Times
) -> tuple[Certified, Checked]:
    try:
        certified = prove(text, anchors=anchors, at=times.real)
        return certified, signed.check_claims(certified.unproven, audiences=frozenset({audience}), at=times.real)
    except SignedTokenRefused as refusal:
        raise StatementRefused("invalid_software_statement", refusal.english) from None


def _wish(claims: Json) -> Wish | None:
    """Return what a statement asks for; None when it cancels."""
    grants, contacts, name = claims.get("grant_types"), claims.get("contacts"), claims.get("client_name")
    if grants == []:
        return None
    if grants != ["client_credentials"]:
        raise StatementRefused(
            "invalid_client_metadata", '`grant_types` must be ["client_credentials"], or [] to cancel.'
        )
    if claims.get("token_endpoint_auth_method") != "private_key_jwt":
        raise StatementRefused("invalid_client_metadata", "`token_endpoint_auth_method` must be private_key_jwt.")
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise StatementRefused(
            "invalid_client_metadata", f"`client_name` must be a text of at most {_LONGEST_NAME} characters."
        )
    if not _are_contacts(contacts):
        raise StatementRefused(
            "invalid_client_metadata", "`contacts` must list at least one address that begins with mailto:."
        )
    scope = claims.get("scope")
    try:
        return Wish(name=name.strip(), scopes=words.for_registration(scope if isinstance(scope, str) else ""))
    except OpenUMError as refusal:
        raise StatementRefused("invalid_client_metadata", refusal.english) from None


def _are_contacts(contacts: object) -> bool:
    if not isinstance(contacts, list) or not 0 < len(contacts) <= _MOST_CONTACTS:
        return False
    return all(isinstance(one, str) for one in contacts) and any(one.startswith("mailto:") for one in contacts)


def _settle(uri: str, wish: Wish | None, plan: Plan, times: Times) -> Registration:
    client = ApiClient.objects.select_for_update().filter(certified_uri=uri).first()
    if client is not None and client.revoked_at is not None and client.revoked_by_id != client.user_id:
        raise StatementRefused(
            "unapproved_software_statement", "The plan does not serve this client. Ask its integration desk."
        )
    if wish is None:
        if client is None or client.revoked_at is not None:
            raise StatementRefused("invalid_client_metadata", "There is no registration to cancel.")
        return _cancel(client, times)
    if client is None:
        return Registration(_new(uri, wish, plan, times), is_new=True)
    return _change(client, wish, times)


def _new(uri: str, wish: Wish, plan: Plan, times: Times) -> ApiClient:
    try:
        client = make(wish=wish, plan=plan, organization=None, by=None, at=times.shown, certified_uri=uri)
    except NameTaken as refusal:
        raise StatementRefused("invalid_client_metadata", refusal.english) from None
    event = ClientRegistered(client_id=client.public_id, plan_id=plan.public_id, way="certificate")
    audit.record(event, by=client.user, at=times.shown)
    return client


def _cancel(client: ApiClient, times: Times) -> Registration:
    client.is_active, client.revoked_at, client.revoked_by = False, times.shown, client.user
    client.save(update_fields=["is_active", "revoked_at", "revoked_by"])
    client.access_tokens.all().delete()
    audit.record(ClientRevoked(client_id=client.public_id), by=client.user, at=times.shown)
    return Registration(client, is_new=False, is_cancelled=True)


def _change(client: ApiClient, wish: Wish, times: Times) -> Registration:
    """Change a registration, or take it up again after its client cancelled it."""
    scopes = words.write(wish.scopes)
    may_do_more = words.shared(wish.scopes, words.read(client.scopes)) != tuple(sorted(wish.scopes))
    if may_do_more or client.revoked_at is not None:
        client.is_active, client.approved_at, client.approved_by = client.plan.is_sandbox, None, None
    client.scopes, client.revoked_at, client.revoked_by = scopes, None, None
    client.save(update_fields=["scopes", "is_active", "approved_at", "approved_by", "revoked_at", "revoked_by"])
    client.access_tokens.all().delete()
    event = ClientRegistered(client_id=client.public_id, plan_id=client.plan.public_id, way="certificate")
    audit.record(event, by=client.user, at=times.shown)
    return Registration(client, is_new=False)


def prove_certified(text: str, *, audience: str, anchors: Sequence[x509.Certificate], times: Times) -> ApiClient:
    """Return the client that signed a token request with its certificate (UDAP JWT-Based Client Authentication).

    Raises:
        SignedTokenRefused: it proves nothing, or was used before (TokenUsedBefore).
        PurposeMissing: it does not say for whom and for what (the hl7-b2b extension).
    """
    certified = prove(text, anchors=anchors, at=times.real)
    checked = signed.check_claims(certified.unproven, audiences=frozenset({audience}), at=times.real)
    if not checked.issuer or checked.subject != checked.issuer:
        raise SignedTokenRefused("`iss` and `sub` of the signed token must both be the client id.")
    fitting = [client for client in with_id(checked.issuer, certified=True) if client.certified_uri in certified.uris]
    if not fitting:
        raise SignedTokenRefused(NOT_FITTING)
    _check_purpose(checked.claims)
    use_once(fitting[0], checked, times=times)
    return fitting[0]


def _check_purpose(claims: Json) -> None:
    extensions = claims.get("extensions")
    said = extensions.get("hl7-b2b") if isinstance(extensions, dict) else None
    if (
        not isinstance(said, dict)
        or said.get("version") != "1"
        or not isinstance(said.get("organization_id"), str)
        or not said["organization_id"]
        or not isinstance(said.get("purpose_of_use"), list)
        or not said["purpose_of_use"]
    ):
        raise PurposeMissing(
            "The signed token needs the extension hl7-b2b with version 1, organization_id and purpose_of_use."
        )
