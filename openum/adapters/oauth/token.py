"""The token request of SMART Backend Services (SMART App Launch 2, "Backend Services"; RFC 6749 4.4, RFC 7523)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from openum.accounts.connections import scopes as words
from openum.accounts.connections import tokens
from openum.accounts.connections.certified import PurposeMissing, prove_certified
from openum.accounts.connections.fetching import Fetch, fetch
from openum.accounts.connections.proving import Times, prove_client
from openum.accounts.connections.signed import SignedTokenRefused
from openum.accounts.models import ApiClient
from openum.adapters.oauth.udap import trust
from openum.vocabulary.errors import OpenUMError

Json = dict[str, Any]

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_SCOPE = 2000


class TokenRefused(OpenUMError):
    """A token request is refused; `error` is a word of RFC 6749, section 5.2."""

    code: ClassVar[str] = "token-refused"

    def __init__(self, error: str, sentence: str, *, http_status: int = 400) -> None:
        """Keep the word and the status beside the sentence."""
        super().__init__(sentence)
        self.error = error
        self.http_status = http_status


class ClientNotProven(TokenRefused):
    """The client did not prove who it is; such calls are counted."""

    def __init__(self, sentence: str) -> None:
        """It is always `invalid_client`."""
        super().__init__("invalid_client", sentence, http_status=401)


def answer(form: Mapping[str, str], *, audience: str, times: Times, read: Fetch = fetch) -> Json:
    """Return the answer to a token request.

    Raises:
        TokenRefused: another grant, another way to prove oneself, a token that proves nothing, or no scope to grant.
    """
    check_form(form)
    try:
        client = _prove(form, audience, times, read)
    except SignedTokenRefused as refusal:
        raise ClientNotProven(refusal.english) from None
    except PurposeMissing as refusal:
        raise TokenRefused("invalid_grant", refusal.english) from None
    if form.get("client_id", str(client.public_id)) != str(client.public_id):
        raise ClientNotProven("`client_id` differs from the client that signed. Leave it out, or send the same.")
    return grant(client, form.get("scope", ""), times)


def _prove(form: Mapping[str, str], audience: str, times: Times, read: Fetch) -> ApiClient:
    if "udap" not in form:
        return prove_client(form["client_assertion"], audiences=frozenset({audience}), times=times, read=read)
    held = trust()
    if held is None or form["udap"] != "1":
        raise TokenRefused("invalid_request", "UDAP is not served here, or not in this version.")
    return prove_certified(form["client_assertion"], audience=audience, anchors=held.anchors, times=times)


def check_form(form: Mapping[str, str]) -> None:
    """Refuse a request for something that is not served here (TokenRefused)."""
    if not form.get("grant_type"):
        raise TokenRefused("invalid_request", "`grant_type` is missing. Send grant_type=client_credentials in a form.")
    if form["grant_type"] != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "Only grant_type=client_credentials is served here.")
    if form.get("client_assertion_type") != ASSERTION:
        raise TokenRefused(
            "invalid_request", f"Prove the client with a signed token: client_assertion_type={ASSERTION}."
        )
    if not form.get("client_assertion"):
        raise ClientNotProven("`client_assertion` is missing: the token that the client signed.")


def grant(client: ApiClient, asked: str, times: Times) -> Json:
    """Issue a token for what was asked for and is registered.

    Raises:
        TokenRefused: nothing is both.
    """
    registered = words.read(client.scopes)
    if not asked.strip():
        raise TokenRefused("invalid_scope", f"`scope` is missing. This client may ask for: {words.write(registered)}.")
    granted = words.shared(words.read(asked), registered) if len(asked) <= _LONGEST_SCOPE else ()
    if not granted:
        raise TokenRefused(
            "invalid_scope", f"None of these scopes. This client may ask for: {words.write(registered)}."
        )
    return {
        "access_token": tokens.issue(client=client, granted=granted, times=times),
        "token_type": "bearer",
        "expires_in": int(tokens.LIFE.total_seconds()),
        "scope": words.write(granted),
    }
