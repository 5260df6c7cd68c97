"""The systems that call our interfaces: who they are, the keys they sign with, and the tokens they hold."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from openum.accounts.models.people import Organization, Plan, User
from openum.vocabulary.identifiers import new_uuid7


class ApiClient(models.Model):
    """A registered system that calls our interfaces for one plan, and perhaps for one organization only.

    Its `public_id` is its OAuth client id. It proves who it is by a signature (docs/identity.md); a fixed bearer token
    is for sandbox plans and demo data. Nothing is served to a client that is waiting for approval or revoked.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    name = models.TextField()
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="clients")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="clients")
    user = models.OneToOneField(User, models.PROTECT, related_name="client")
    token_hash = models.TextField(unique=True, null=True, blank=True, help_text="SHA-256 of a fixed token, hexadecimal")
    enrols_unknown = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    scopes = models.TextField(blank=True, help_text="SMART scopes it may be granted, separated by spaces")
    jwks_url = models.TextField(blank=True, help_text="where its public keys are read; empty: the keys kept here")
    issuer = models.TextField(blank=True, help_text="`iss` of its CDS Hooks tokens")
    issuer_tenant = models.TextField(
        blank=True, help_text="`tenant` of its CDS Hooks tokens, where the issuer has several"
    )
    certified_uri = models.TextField(blank=True, help_text="URI of its certificate, for clients registered by UDAP")
    fhir_server = models.TextField(blank=True, default="", help_text="base of its own FHIR server, which we may ask")
    browser_origins = models.TextField(
        blank=True, default="", help_text="origins of the web pages that call us for it, separated by blanks"
    )
    requested_at = models.DateTimeField(null=True, blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="clients_requested")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="clients_approved")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="clients_revoked")
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A client's name is its own within a plan; who decided about it stands beside when."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "name"], name="client_name_once"),
            models.UniqueConstraint(
                fields=["certified_uri"], condition=~Q(certified_uri=""), name="client_certificate_once"
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="client_approval_whole",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False, is_active=False),
                name="client_revocation_whole",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["issuer"], condition=~Q(issuer=""), name="client_by_issuer")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "name", "plan", "organization", "user", "token_hash", "enrols_unknown", "is_active",
            "scopes", "jwks_url", "issuer", "issuer_tenant", "certified_uri", "fhir_server",
            "browser_origins", "requested_at", "requested_by",
            "approved_at", "approved_by", "revoked_at", "revoked_by", "last_used_at",
        }  # fmt: skip


class ClientKey(models.Model):
    """A public key that a client signs with. A key that is taken away stays on record, and verifies nothing."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="keys")
    key_id = models.TextField(help_text="`kid`, as it stands in the header of what the client signs")
    key = models.JSONField(help_text="the public JSON Web Key")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.PROTECT, related_name="keys_added")
    removed_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Of the keys in use, each has a name of its own."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client", "key_id"], condition=Q(removed_at__isnull=True), name="client_key_once"
            ),
        ]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "client", "key_id", "key", "added_at", "added_by", "removed_at", "last_used_at",
        }  # fmt: skip


class KeySet(models.Model):
    """What was last read from an address of public keys, shared by all processes."""

    url = models.TextField(unique=True)
    keys = models.JSONField(default=list)
    read_at = models.DateTimeField(null=True, help_text="when the address last answered with keys")
    tried_at = models.DateTimeField(help_text="when it was last asked; it is not asked again for a while")

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "url", "keys", "read_at", "tried_at"}


class AccessToken(models.Model):
    """A short-lived bearer token, of which only the hash is kept."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="access_tokens")
    token_hash = models.TextField(unique=True, help_text="SHA-256 of the token, hexadecimal")
    scopes = models.TextField(help_text="granted SMART scopes, separated by spaces")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "client", "token_hash", "scopes", "issued_at", "expires_at"}


class UsedToken(models.Model):
    """A signed token that was accepted once, kept until it has expired, so that it is never accepted again."""

    signer = models.TextField(help_text="client id, or the certified URI of a registration")
    digest = models.TextField(help_text="SHA-256 of the token's `jti`")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        """Once."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["signer", "digest"], name="signed_token_once")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "signer", "digest", "expires_at"}


class RefusedCall(models.Model):
    """How often an address was refused within one minute, so that guessing becomes slow. The address is not kept."""

    caller_digest = models.TextField(help_text="keyed SHA-256 of the network address")
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        """One count for each address and minute."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["caller_digest", "minute"], name="refused_call_once")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "caller_digest", "minute", "count"}
