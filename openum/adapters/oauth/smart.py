"""What a FHIR base says of its security at `.well-known/smart-configuration` (SMART App Launch 2, "Conformance")."""

from typing import Any

from openum.accounts.connections.keys import ALGORITHMS
from openum.accounts.connections.scopes import OFFERED
from openum.adapters.oauth.addresses import token_endpoint

Json = dict[str, Any]

GRANT = "client_credentials"
METHOD = "private_key_jwt"


def configuration(site: str) -> Json:
    """Return the configuration, the same for every base: systems only, no person signs in."""
    return {
        "token_endpoint": token_endpoint(site),
        "grant_types_supported": [GRANT],
        "token_endpoint_auth_methods_supported": [METHOD],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "scopes_supported": [str(scope) for scope in OFFERED],
        "capabilities": ["client-confidential-asymmetric", "permission-v2"],
        "code_challenge_methods_supported": ["S256"],
    }
