"""What proves a second time who signs in: passkeys, an authenticator app, and codes for the day both are lost."""

from typing import ClassVar

from django.db import models

from openum.accounts.models.people import User
from openum.vocabulary.identifiers import new_uuid7


class Passkey(models.Model):
    """A public key whose private half never leaves a person's device (WebAuthn)."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="passkeys")
    name = models.TextField(help_text="the person's own word for the device")
    credential_id = models.TextField(unique=True, help_text="base64url")
    public_key = models.BinaryField(help_text="COSE key")
    sign_count = models.BigIntegerField(default=0, help_text="counts up where the device counts; a step back is a copy")
    added_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "user", "name", "credential_id", "public_key", "sign_count", "added_at", "last_used_at",
        }  # fmt: skip


class AuthenticatorApp(models.Model):
    """An app that shows a new code every half minute (RFC 6238). It counts once a first code was right."""

    user = models.OneToOneField(User, models.CASCADE, related_name="authenticator_app")
    sealed_secret = models.TextField(help_text="encrypted with a key made from the installation's secret")
    added_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0, help_text="half minute of the last code; a code counts once")

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "user", "sealed_secret", "added_at", "confirmed_at", "last_step"}


class RecoveryCode(models.Model):
    """A code on paper that works once. Only its keyed hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.TextField()
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A code once per person."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "user", "digest", "made_at", "used_at"}
