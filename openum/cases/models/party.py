"""Who takes part in a request."""

from typing import ClassVar

from django.db import models

from openum.accounts.models import Organization
from openum.cases.models.case import Request
from openum.cases.models.choices import party_role_choices
from openum.directory.models import Facility, Practitioner
from openum.vocabulary.identifiers import new_uuid7


class Party(models.Model):
    """A person or organization with its part, standing and contact restrictions, as known on this request."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    request = models.ForeignKey(Request, models.PROTECT, related_name="parties")
    role = models.TextField(choices=party_role_choices)
    name = models.TextField(blank=True)
    npi = models.TextField(blank=True)
    practitioner = models.ForeignKey(
        Practitioner, models.PROTECT, null=True, blank=True, related_name="parties", db_index=False
    )
    facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="parties", db_index=False
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="parties", db_index=False
    )
    phone = models.TextField(blank=True)
    fax = models.TextField(blank=True)
    address = models.TextField(blank=True)
    specialty = models.TextField(blank=True)
    relationship = models.TextField(blank=True)
    standing_document = models.TextField(blank=True)
    standing_expires_on = models.DateField(null=True, blank=True)
    contact_restriction = models.TextField(blank=True)
    source_key = models.TextField(blank=True, help_text="the entry of the message it came from")
    resources = models.JSONField(default=list, help_text="the FHIR resources as received, to be echoed")

    class Meta:
        """Read by request."""

        verbose_name_plural = "parties"
        indexes: ClassVar = [models.Index(fields=["npi"], name="party_by_npi")]

    class Phi:
        """A representative's name and the message parts are member data."""

        phi: ClassVar[set[str]] = {
            "name", "phone", "fax", "address", "relationship", "standing_document", "contact_restriction", "resources",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {
            "id", "public_id", "request", "role", "npi", "practitioner", "facility", "organization", "specialty",
            "standing_expires_on", "source_key",
        }  # fmt: skip
