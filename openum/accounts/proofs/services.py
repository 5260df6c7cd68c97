"""The only writer of second proofs. Each refusal says what to do and nothing of why a proof was wrong."""

import base64
import hashlib
import json
import secrets
from datetime import datetime
from typing import Any, ClassVar, Final

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from openum import audit
from openum.accounts.models import AuthenticatorApp, Passkey, Plan, RecoveryCode, User
from openum.accounts.permitting import permitted
from openum.accounts.proofs.events import (
    ProofAccepted,
    ProofAdded,
    ProofRefused,
    ProofRemoved,
    SignInRuleChanged,
)
from openum.accounts.proofs.queries import has_proof, needs_proof
from openum.accounts.rules import Permission
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed

ISSUER: Final = "OpenUM"
CODES: Final = 10
MOST_PASSKEYS: Final = 10
STEP_SECONDS: Final = 30
PASSKEY, APP, CODE = "passkey", "app", "code"


class ProofWrong(Invalid):
    """The code or passkey does not prove it."""

    code: ClassVar[str] = "second-proof-wrong"


class LastProof(Conflict):
    """The plan asks for a second proof, and this is the last one."""

    code: ClassVar[str] = "last-proof"


def _wrong() -> ProofWrong:
    return ProofWrong("This is not right, or was used before. Try the next code, your passkey, or a recovery code.")


# -- authenticator app -----------------------------------------------------------------------------------------------
def _box() -> Fernet:
    key = hashlib.sha256(b"openum.accounts.proofs:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def secret_of(app: AuthenticatorApp) -> str:
    """Return the secret of an app.

    Raises:
        ProofWrong: the installation's secret changed; the app must be added anew.
    """
    try:
        return _box().decrypt(app.sealed_secret.encode()).decode()
    except InvalidToken as error:
        raise _wrong() from error


def address_of(app: AuthenticatorApp) -> str:
    """Return what the app reads from the picture."""
    return pyotp.TOTP(secret_of(app)).provisioning_uri(name=app.user.email, issuer_name=ISSUER)


@transaction.atomic
def begin_app(*, by: User, at: datetime) -> AuthenticatorApp:
    """Make a new secret; it counts once a first code was right. A confirmed app is first taken away (Conflict)."""
    known = AuthenticatorApp.objects.filter(user=by).first()
    if known is not None and known.confirmed_at is not None:
        raise Conflict("You have an app already. Take it away first to add another.")
    if known is not None:
        return known
    sealed = _box().encrypt(pyotp.random_base32().encode()).decode()
    return AuthenticatorApp.objects.create(user=by, sealed_secret=sealed, added_at=at)


@transaction.atomic
def confirm_app(*, typed: str, by: User, at: datetime) -> AuthenticatorApp:
    """Let the app count, after its first right code (ProofWrong: it is not)."""
    app = AuthenticatorApp.objects.select_for_update().filter(user=by).first()
    if app is None or not _code_is_right(app, typed, at=at):
        raise _wrong()
    app.confirmed_at = at
    app.save(update_fields=["confirmed_at", "last_step"])
    audit.record(ProofAdded(cause=APP), by=by, at=at)
    return app


def _code_is_right(app: AuthenticatorApp, typed: str, *, at: datetime) -> bool:
    """Say whether a code is that of now, of the half minute before or after, and later than the last one used."""
    digits = "".join(filter(str.isdigit, typed))
    machine, now = pyotp.TOTP(secret_of(app)), int(at.timestamp()) // STEP_SECONDS
    for step in (now - 1, now, now + 1):
        if step > app.last_step and secrets.compare_digest(machine.at(step * STEP_SECONDS), digits):
            app.last_step = step
            return True
    return False


# -- recovery codes --------------------------------------------------------------------------------------------------
@transaction.atomic
def make_codes(*, by: User, at: datetime) -> list[str]:
    """Make ten codes anew and return them; the old ones are void. They are shown once and kept as hashes."""
    RecoveryCode.objects.filter(user=by).delete()
    made = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=by, digest=_digest(by, each), made_at=at) for each in made)
    audit.record(ProofAdded(cause=CODE), by=by, at=at)
    return made


def _digest(user: User, typed: str) -> str:
    plain = "".join(letter for letter in typed.casefold() if letter.isalnum())
    return salted_hmac("openum.accounts.recovery", f"{user.pk}:{plain}", algorithm="sha256").hexdigest()


@transaction.atomic
def accept_code(*, user: User, typed: str, at: datetime) -> None:
    """Take a code of the app, or a recovery code, which then is used up (ProofWrong: neither)."""
    app = AuthenticatorApp.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
    if app is not None and _code_is_right(app, typed, at=at):
        app.save(update_fields=["last_step"])
        audit.record(ProofAccepted(cause=APP), by=user, at=at)
        return
    kept = RecoveryCode.objects.filter(user=user, digest=_digest(user, typed), used_at__isnull=True)
    if not has_proof(user) or kept.update(used_at=at) != 1:
        raise _wrong()
    audit.record(ProofAccepted(cause=CODE), by=user, at=at)


def note_refused(*, user: User, cause: str, at: datetime) -> None:
    """Write a wrong proof into the person's trail."""
    audit.record(ProofRefused(cause=cause), by=user, at=at)


# -- passkeys --------------------------------------------------------------------------------------------------------
def _known(user: User) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential_id)) for row in user.passkeys.all()]


def options_to_add(*, user: User, host: str) -> tuple[str, str]:
    """Return what the browser needs to make a passkey, as JSON, and the challenge it must answer."""
    options = generate_registration_options(
        rp_id=host, rp_name=ISSUER, user_id=user.public_id.bytes, user_name=user.email, user_display_name=user.name,
        exclude_credentials=_known(user),
    )  # fmt: skip
    return options_to_json(options), bytes_to_base64url(options.challenge)


def options_to_prove(*, user: User, host: str) -> tuple[str, str]:
    """Return what the browser needs to use a passkey, as JSON, and the challenge it must answer."""
    options = generate_authentication_options(rp_id=host, allow_credentials=_known(user))
    return options_to_json(options), bytes_to_base64url(options.challenge)


@transaction.atomic
def add_passkey(*, answer: str, challenge: str, host: str, origin: str, name: str, by: User, at: datetime) -> Passkey:
    """Keep the public key that a device made for this person and this site.

    Raises:
        ProofWrong: the answer does not belong to the challenge, the site or the person.
        Conflict: too many, or one that is known.
    """
    if by.passkeys.count() >= MOST_PASSKEYS:
        raise Conflict("You have ten passkeys. Take one away first.")
    try:
        found = verify_registration_response(
            credential=_json(answer), expected_challenge=base64url_to_bytes(challenge), expected_rp_id=host,
            expected_origin=origin,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise ProofWrong("The device's answer cannot be used. Try once more, or use another device.") from error
    identity = bytes_to_base64url(found.credential_id)
    if Passkey.objects.filter(credential_id=identity).exists():
        raise Conflict("This passkey is known already.")
    row = Passkey.objects.create(
        user=by, name=name.strip()[:80] or "Passkey", credential_id=identity, public_key=found.credential_public_key,
        sign_count=found.sign_count, added_at=at,
    )  # fmt: skip
    audit.record(ProofAdded(cause=PASSKEY), by=by, at=at)
    return row


@transaction.atomic
def accept_passkey(*, user: User, answer: str, challenge: str, host: str, origin: str, at: datetime) -> None:
    """Take a passkey's signature over the challenge (ProofWrong: it is not one of this person's)."""
    try:
        told = _json(answer)
        row = Passkey.objects.select_for_update().get(user=user, credential_id=str(told["id"]))
        found = verify_authentication_response(
            credential=told, expected_challenge=base64url_to_bytes(challenge), expected_rp_id=host,
            expected_origin=origin, credential_public_key=bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
        )  # fmt: skip
    except (WebAuthnException, Passkey.DoesNotExist, ValueError, KeyError, TypeError) as error:
        raise _wrong() from error
    row.sign_count, row.last_used_at = found.new_sign_count, at
    row.save(update_fields=["sign_count", "last_used_at"])
    audit.record(ProofAccepted(cause=PASSKEY), by=user, at=at)


def _json(answer: str) -> dict[str, Any]:
    found = json.loads(answer)
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found


# -- taking away, and the rule ---------------------------------------------------------------------------------------
@transaction.atomic
def remove_proof(*, passkey: Passkey | None, password: str, by: User, at: datetime) -> None:
    """Take a passkey away, or without one the app. The password is asked for once more.

    Raises:
        NotAllowed: the password is wrong, or the passkey is somebody else's.
        LastProof: a plan asks for one.
    """
    if not by.check_password(password) or (passkey is not None and passkey.user_id != by.pk):
        raise NotAllowed("The password is not right. Nothing was taken away.")
    if passkey is not None:
        passkey.delete()
    else:
        AuthenticatorApp.objects.filter(user=by).delete()
    if needs_proof(by) and not has_proof(by):
        raise LastProof("Your plan asks for a second proof. Add another one first.")
    if not has_proof(by):
        RecoveryCode.objects.filter(user=by).delete()
    audit.record(ProofRemoved(cause=PASSKEY if passkey else APP), by=by, at=at)


@permitted(Permission.KEEP_SIGN_IN_RULES, on="plan")
@transaction.atomic
def set_sign_in_rule(*, plan: Plan, needs_second_proof: bool, by: User, at: datetime) -> Plan:
    """Set whether people who work for a plan need a second proof; it counts from their next sign-in."""
    row = Plan.objects.select_for_update().get(pk=plan.pk)
    row.needs_second_proof = needs_second_proof
    row.save(update_fields=["needs_second_proof"])
    audit.record(SignInRuleChanged(plan_id=row.public_id, needs_second_proof=needs_second_proof), by=by, at=at)
    return row
