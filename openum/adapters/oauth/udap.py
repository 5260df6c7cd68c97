"""UDAP (HL7 UDAP Security 1.0): what a FHIR base says at `.well-known/udap`, and the answer to a registration.

It is served where the installation names the anchors it trusts, its own certificate with its key, and the plan that
registrations are for (settings OPENUM_UDAP_…). The certificate must name the FHIR base among its addresses.
"""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from joserfc import jws, jwt
from joserfc.jwk import RSAKey

from openum.accounts.connections.certificates import ALGORITHMS
from openum.accounts.connections.certified import Registration
from openum.accounts.connections.scopes import OFFERED
from openum.accounts.models import Plan
from openum.adapters.oauth.addresses import registration_endpoint, token_endpoint
from openum.vocabulary.identifiers import new_uuid7

Json = dict[str, Any]
_LIFE = timedelta(days=1)
_OURS = "RS256"


@dataclass(frozen=True)
class Trust:
    """The installation's side of UDAP."""

    anchors: tuple[x509.Certificate, ...]
    chain: tuple[x509.Certificate, ...]
    key: RSAKey
    plan_key: str

    @property
    def uris(self) -> frozenset[str]:
        """The addresses that the installation's own certificate names."""
        names = self.chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return frozenset(names.get_values_for_type(x509.UniformResourceIdentifier))

    def plan(self) -> Plan | None:
        """Return the plan that registrations are for, if there is one of this name."""
        return Plan.objects.filter(key=self.plan_key).first()


def trust() -> Trust | None:
    """Return the installation's side, or None where UDAP is not served."""
    if not settings.OPENUM_UDAP_ANCHORS:
        return None
    return _read(
        settings.OPENUM_UDAP_ANCHORS,
        settings.OPENUM_UDAP_CERTIFICATE,
        settings.OPENUM_UDAP_KEY,
        settings.OPENUM_UDAP_PLAN,
    )


@lru_cache(maxsize=4)
def _read(anchors: str, certificate: str, key: str, plan_key: str) -> Trust:
    return Trust(
        anchors=tuple(x509.load_pem_x509_certificates(Path(anchors).read_bytes())),
        chain=tuple(x509.load_pem_x509_certificates(Path(certificate).read_bytes())),
        key=RSAKey.import_key(Path(key).read_bytes()),
        plan_key=plan_key,
    )


def metadata(held: Trust, *, base_url: str, site: str, at: datetime) -> Json | None:
    """Return the metadata of a FHIR base, or None when our certificate does not name it.

    Args:
        held: the installation's side.
        base_url: the FHIR base.
        site: the installation's address.
        at: the real instant; the signature is good for a day.
    """
    if base_url not in held.uris:
        return None
    return {
        "udap_versions_supported": ["1"],
        "udap_profiles_supported": ["udap_dcr", "udap_authn", "udap_authz"],
        "udap_authorization_extensions_supported": ["hl7-b2b"],
        "udap_authorization_extensions_required": ["hl7-b2b"],
        "udap_certifications_supported": [],
        "udap_certifications_required": [],
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": [str(scope) for scope in OFFERED],
        "token_endpoint": token_endpoint(site),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "registration_endpoint": registration_endpoint(site),
        "registration_endpoint_jwt_signing_alg_values_supported": list(ALGORITHMS),
        "signed_metadata": _signed(held, base_url, site, at),
    }


def _signed(held: Trust, base_url: str, site: str, at: datetime) -> str:
    chain = [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in held.chain]
    claims = {
        "iss": base_url, "sub": base_url, "iat": int(at.timestamp()), "exp": int((at + _LIFE).timestamp()),
        "jti": str(new_uuid7()), "token_endpoint": token_endpoint(site),
        "registration_endpoint": registration_endpoint(site),
    }  # fmt: skip
    registry = jws.JWSRegistry(algorithms=[_OURS])
    return jwt.encode({"alg": _OURS, "x5c": chain}, claims, held.key, registry=registry)


def answer(made: Registration, *, statement: str) -> tuple[Json, int]:
    """Return the answer to a registration, and its HTTP status."""
    client = made.client
    content = {
        "client_id": str(client.public_id),
        "software_statement": statement,
        "client_name": client.name,
        "grant_types": [] if made.is_cancelled else ["client_credentials"],
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": client.scopes,
    }
    return content, 201 if made.is_new else 200
