"""Append-only events in hash chains, the heads of the chains, and seals over the heads. No foreign keys."""

import json
from typing import Any

from django.db import models

from openum.vocabulary.identifiers import new_uuid7


class EventRow(models.Model):
    """One event as it was recorded. Never updated, never deleted: the database refuses both."""

    event_id = models.UUIDField(default=new_uuid7, unique=True)
    chain = models.TextField()  # "case:<id>", "reads:<user>:<date>" or "other:<date>"
    seq = models.PositiveIntegerField()  # 1, 2, 3 … within the chain
    type = models.TextField()
    schema_version = models.PositiveSmallIntegerField()
    case_id = models.UUIDField(null=True, db_index=True)  # public id
    actor_id = models.UUIDField()  # public id of the user
    actor_kind = models.TextField()
    at = models.DateTimeField()
    request_id = models.TextField(blank=True, default="")
    data = models.TextField()  # the event's fields, canonical JSON; ids only, no member data
    previous_hash = models.TextField()
    hash = models.TextField()

    class Phi:
        phi: set[str] = set()
        safe = {
            "id", "event_id", "chain", "seq", "type", "schema_version", "case_id", "actor_id", "actor_kind", "at",
            "request_id", "data", "previous_hash", "hash",
        }  # fmt: skip

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="one_event_per_place_in_chain")]

    def fields(self) -> dict[str, Any]:
        """Return the event's fields as recorded: identifiers and instants as text."""
        fields: dict[str, Any] = json.loads(self.data)
        return fields

    @property
    def line_ids(self) -> list[str]:
        """Public ids of the service lines the event concerns."""
        return list(self.fields().get("line_ids", []))

    @property
    def cause(self) -> str:
        """The short reason or rule id given with the event."""
        return str(self.fields().get("cause", ""))


class ChainHead(models.Model):
    """The last event of a chain. Its row is locked while the chain is extended."""

    chain = models.TextField(primary_key=True)
    seq = models.PositiveIntegerField()
    hash = models.TextField()

    class Phi:
        phi: set[str] = set()
        safe = {"chain", "seq", "hash"}


class Seal(models.Model):
    """One sealing run: a keyed hash over the heads that had moved, linked to the run before."""

    number = models.PositiveIntegerField(unique=True)  # 1, 2, 3 …
    at = models.DateTimeField()
    heads = models.PositiveIntegerField()
    previous_mac = models.TextField()
    mac = models.TextField()  # HMAC-SHA256 with a key that is not in the database

    class Phi:
        phi: set[str] = set()
        safe = {"id", "number", "at", "heads", "previous_mac", "mac"}


class SealedHead(models.Model):
    """A chain's head as one seal found it."""

    seal_number = models.PositiveIntegerField()
    chain = models.TextField()
    seq = models.PositiveIntegerField()
    hash = models.TextField()

    class Phi:
        phi: set[str] = set()
        safe = {"id", "seal_number", "chain", "seq", "hash"}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seal_number"], name="one_head_per_chain_and_seal")]
        indexes = [models.Index(fields=["seal_number"], name="audit_sealed_by_number")]
