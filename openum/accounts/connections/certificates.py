"""Certificates of systems (UDAP): the chain in a signed token's header, up to an anchor that this installation trusts.

Checked are the chain's signatures, dates, constraints and lengths, and that the certificate names the system's address.
Not checked is whether an authority has revoked a certificate: that takes a call to the authority. A person of the plan
revokes the client instead.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from joserfc.jwk import ECKey, RSAKey

from openum.accounts.connections.signed import SignedTokenRefused, Unproven, check_algorithm, check_signature, look_into

ALGORITHMS = ("RS256", "RS384", "ES256", "ES384")
"""RS256 is what UDAP asks of everybody."""
MOST_CHARACTERS = 24 * 1024
"""A signed token with a chain of certificates in its header is longer than others."""
_MOST_CERTIFICATES = 6


@dataclass(frozen=True)
class Certified:
    """A signed token whose certificate chain was checked: the addresses it is for, and its claims."""

    unproven: Unproven
    uris: frozenset[str]


def prove(text: str, *, anchors: Sequence[x509.Certificate], at: datetime) -> Certified:
    """Check that a signed token was signed with the key of a certificate that leads to an anchor.

    Raises:
        SignedTokenRefused: it is not a signed token, has no chain, the chain leads nowhere, or the signature differs.
    """
    unproven = look_into(text, most=MOST_CHARACTERS)
    check_algorithm(unproven, ALGORITHMS)
    chain = _chain(unproven.header.get("x5c"))
    verifier = PolicyBuilder().store(Store(list(anchors))).time(at).build_client_verifier()
    try:
        verifier.verify(chain[0], chain[1:])
        names = chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        key = _key(chain[0], unproven.algorithm)
    except (VerificationError, x509.ExtensionNotFound, UnsupportedAlgorithm, ValueError):
        raise SignedTokenRefused(
            "The certificate in `x5c` does not lead to an anchor that is trusted here, or is not valid now."
        ) from None
    check_signature(unproven, key)
    return Certified(unproven, frozenset(names.get_values_for_type(x509.UniformResourceIdentifier)))


def _chain(sent: object) -> list[x509.Certificate]:
    if not isinstance(sent, list) or not 0 < len(sent) <= _MOST_CERTIFICATES:
        raise SignedTokenRefused(
            f"The header needs `x5c`: the certificate and those between it and the anchor, at most {_MOST_CERTIFICATES}."
        )
    try:
        return [x509.load_der_x509_certificate(base64.b64decode(one, validate=True)) for one in sent]
    except (binascii.Error, ValueError, TypeError):
        raise SignedTokenRefused("`x5c` must hold certificates in DER, each in base64.") from None


def _key(certificate: x509.Certificate, algorithm: str) -> RSAKey | ECKey:
    """Return the certificate's key, which must be of the kind that the algorithm signs with (ValueError)."""
    key = certificate.public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if isinstance(key, RSAPublicKey) and algorithm.startswith("RS"):
        return RSAKey.import_key(pem)
    curve = {"ES256": SECP256R1, "ES384": SECP384R1}.get(algorithm)
    if isinstance(key, EllipticCurvePublicKey) and curve is not None and isinstance(key.curve, curve):
        return ECKey.import_key(pem)
    raise ValueError("another kind of key")
