"""A certificate authority for tests: an anchor, an issuer below it, and certificates of systems."""

import base64
import datetime as dt
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey, RSAKey

DAY = dt.timedelta(days=1)


@dataclass
class Holder:
    """A certificate with its private key, and the certificates between it and the anchor."""

    certificate: x509.Certificate
    secret: object
    between: list

    @property
    def x5c(self):
        chain = [self.certificate, *self.between]
        return [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in chain]

    @property
    def pem(self):
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self):
        return self.secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def key(self):
        kind = RSAKey if isinstance(self.secret, rsa.RSAPrivateKey) else ECKey
        return kind.import_key(self.key_pem)


def rsa_secret(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def ec_secret():
    return ec.generate_private_key(ec.SECP256R1())


def certify(name, secret, *, by=None, uris=(), is_authority=False, start=-1, end=30, names=True):
    """A certificate, signed by an authority or by itself; days are counted from now."""
    now = dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = by.secret if by else secret
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + start * DAY)
        .not_valid_after(now + end * DAY)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(secret.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(_usage(is_authority), critical=True)
    )
    if names and not is_authority:
        held = [x509.UniformResourceIdentifier(one) for one in uris] or [x509.DNSName("nameless.example")]
        made = made.add_extension(x509.SubjectAlternativeName(held), critical=False)
    between = [by.certificate, *by.between] if by and by.certificate.subject != by.certificate.issuer else []
    return Holder(made.sign(signer, hashes.SHA256()), secret, between)


def _usage(is_authority):
    return x509.KeyUsage(
        digital_signature=not is_authority, key_cert_sign=is_authority, crl_sign=is_authority, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
