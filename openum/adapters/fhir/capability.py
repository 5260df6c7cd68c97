"""What this server can do, as a FHIR CapabilityStatement; one for each served version of PAS."""

from typing import Any

from django.conf import settings

from openum.adapters.fhir.pas.versions import Version

Json = dict[str, Any]

_OPERATION = "http://hl7.org/fhir/us/davinci-pas/OperationDefinition/"
PUBLISHED = "2026-11-16"


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
        "implementation": {"description": f"Prior authorization, Da Vinci PAS {version.guide}", "url": base_url},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "implementationGuide": [f"http://hl7.org/fhir/us/davinci-pas/ImplementationGuide/davinci-pas|{version.guide}"],
        "rest": [
            {
                "mode": "server",
                "documentation": f"Bodies up to {limit} bytes. The same content from the same client gets the same "
                "answer. Warnings about a request travel as processNotes of its ClaimResponse.",
                "security": {"cors": False, "description": "Bearer token of a registered client."},
                "resource": [
                    {
                        "type": "Claim",
                        "operation": [
                            {"name": "submit", "definition": f"{_OPERATION}Claim-submit"},
                            {"name": "inquire", "definition": f"{_OPERATION}Claim-inquiry"},
                        ],
                    }
                ],
            }
        ],
    }
