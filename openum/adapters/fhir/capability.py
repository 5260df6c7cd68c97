"""What this server can do, as a FHIR CapabilityStatement; one for each served version of PAS and DTR."""

from typing import Any

from django.conf import settings

from openum.adapters.fhir import codes
from openum.adapters.fhir.dtr.capability import guide_of, resources_of, statement_of
from openum.adapters.fhir.pas.versions import Version
from openum.adapters.fhir.reads import KINDS
from openum.adapters.fhir.subscriptions.views import SEARCHED_BY as SUBSCRIPTIONS_SEARCHED_BY

Json = dict[str, Any]

SUBMIT_ATTACHMENT = "http://hl7.org/fhir/us/davinci-cdex/OperationDefinition/submit-attachment"
_PAS = "http://hl7.org/fhir/us/davinci-pas/OperationDefinition/"
_BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-"
_OPERATIONS = {
    "Claim": {"submit": f"{_PAS}Claim-submit", "inquire": f"{_PAS}Claim-inquiry"},
    "Subscription": {"status": f"{_BACKPORT}status", "events": f"{_BACKPORT}events"},
}
PUBLISHED = "2026-11-16"


_PARAMETER_TYPES = {
    "_id": "token", "identifier": "token", "status": "token", "use": "token", "code": "token", "type": "token",
    "payload": "token", "patient.identifier": "token", "patient": "reference", "request": "reference", "url": "uri",
    "criteria": "string", "created": "date", "authored-on": "date", "sent": "date", "category": "token", "_lastUpdated": "date",
}  # fmt: skip


_SECURITY_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"


def capability_statement(version: Version, *, base_url: str) -> Json:
    """Return the CapabilityStatement of one base.

    Args:
        version: the PAS version served at this base.
        base_url: absolute address of the base.
    """
    limit = settings.OPENUM_MAX_BODY_BYTES
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": PUBLISHED,
        "publisher": "OpenUM",
        "kind": "instance",
        "software": {"name": "OpenUM"},
        "implementation": {
            "description": f"Prior authorization and its forms, Da Vinci PAS {version.guide} and DTR",
            "url": base_url,
        },
        "instantiates": [statement_of(version.base)],
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "implementationGuide": [
            f"http://hl7.org/fhir/us/davinci-pas/ImplementationGuide/davinci-pas|{version.guide}",
            guide_of(version.base),
        ],
        "rest": [
            {
                "mode": "server",
                "documentation": f"Bodies up to {limit} bytes, attachments included. The same content from the same "
                "client gets the same answer. Warnings about a request travel as processNotes of its ClaimResponse. "
                "A client reads and finds what its organization asked for.",
                "security": _security(base_url),
                "resource": [
                    *(_resource(kind, version) for kind in (*KINDS, "Subscription")),
                    {"type": "Bundle", "interaction": [{"code": "read"}], "documentation": "What a notification told."},
                    *resources_of(version.base),
                ],
                "operation": [{"name": "submit-attachment", "definition": SUBMIT_ATTACHMENT}],
            }
        ],
    }


def _security(base_url: str) -> Json:
    """Return how clients prove themselves; the token endpoint stands in the SMART configuration of the base."""
    return {
        "cors": True,
        "service": [{"coding": [{"system": _SECURITY_SERVICE, "code": "SMART-on-FHIR"}]}],
        "description": "Backend Services: an access token for a signed one, with scopes; see "
        f"{base_url}/.well-known/smart-configuration. Clients of sandbox plans may use their fixed token.",
    }


def _resource(kind: str, version: Version) -> Json:
    """Describe one resource type from the tables that serve it."""
    is_subscription = kind == "Subscription"
    searched_by = SUBSCRIPTIONS_SEARCHED_BY if is_subscription else KINDS[kind].searched_by
    interactions = ["read", "search-type", *(["create", "update", "delete"] if is_subscription else [])]
    found: Json = {
        "type": kind,
        "interaction": [{"code": one} for one in interactions],
        "searchParam": [{"name": name, "type": _PARAMETER_TYPES[name]} for name in sorted(searched_by)],
        "operation": [{"name": name, "definition": address} for name, address in _OPERATIONS.get(kind, {}).items()],
    }
    if is_subscription:
        topic = "capabilitystatement-subscriptiontopic-canonical"
        contents = ", ".join(version.subscription_contents)
        found["versioning"] = "versioned-update"
        found["extension"] = [{"url": codes.BACKPORT + topic, "valueCanonical": codes.PAS_TOPIC}]
        found["documentation"] = f"Channel rest-hook; payload content: {contents}."
    return {name: value for name, value in found.items() if value}
