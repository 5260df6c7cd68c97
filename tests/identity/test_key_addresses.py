"""Public keys read from an address: when, how often, and from where never."""

import datetime as dt
import http.server
import socket
import ssl
import threading
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from openum.accounts.connections import fetching
from openum.accounts.connections.fetching import AddressNotAllowed, KeysNotRead, check_address, fetch, public_addresses
from openum.accounts.connections.keysets import keys_of
from openum.accounts.connections.proving import NOT_FITTING, Times, prove_client
from openum.accounts.connections.services import approve
from openum.accounts.connections.signed import SignedTokenRefused
from openum.accounts.models import KeySet
from openum.db import clock
from tests.identity.signing import TOKEN_URL, claims, ec_key, key_set, rsa_key, sign, unsigned

URL = "https://ehr.example/keys"


class Address:
    """An address whose answer the test chooses; it counts who asks."""

    def __init__(self, *keys):
        self.answer, self.asked = key_set(*keys), 0

    def __call__(self, url):
        assert url == URL
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def remote(town, settings):
    settings.OPENUM_JWKS_HOSTS = frozenset({"ehr.example"})
    town.remote = town.register("remote keys", jwks_url=URL)
    approve(client=town.remote, by=town.director, at=town.at)
    town.remote.refresh_from_db()
    return town


def prove(town, key, address, *, after=timedelta(), **header):
    real = clock.real_now()
    said = claims(town.remote.public_id, exp=int((real + after).timestamp()) + 200, iat=None)
    times = Times(real=real + after, shown=town.at)
    return prove_client(sign(said, key, **header), audiences=frozenset({TOKEN_URL}), times=times, read=address)


def test_keys_are_read_once_and_remembered_for_an_hour(remote):
    address = Address(ec_key())
    for _ in range(3):
        assert prove(remote, ec_key(), address) == remote.remote
    assert address.asked == 1
    prove(remote, ec_key(), address, after=timedelta(minutes=61))
    assert address.asked == 2


@pytest.mark.requirement("SMART App Launch 2, Asymmetric authentication: JWKS by URL, key rotation")
def test_a_new_key_is_found_by_reading_again_and_the_old_one_ends(remote):
    address = Address(ec_key())
    prove(remote, ec_key(), address)
    address.answer = key_set(ec_key("ec-2"))
    later = timedelta(minutes=2)
    assert prove(remote, ec_key("ec-2"), address, after=later) == remote.remote
    with pytest.raises(SignedTokenRefused, match=NOT_FITTING[:30]):
        prove(remote, ec_key(), address, after=later)
    assert address.asked == 2


def test_unknown_keys_make_us_ask_once_a_minute_at_most(remote):
    address = Address(ec_key())
    prove(remote, ec_key(), address)
    for _ in range(5):
        with pytest.raises(SignedTokenRefused):
            prove(remote, ec_key("ec-9"), address)
    assert address.asked == 1
    with pytest.raises(SignedTokenRefused):
        prove(remote, ec_key("ec-9"), address, after=timedelta(seconds=61))
    assert address.asked == 2


def test_while_the_address_does_not_answer_a_day_of_memory_counts(remote):
    address = Address(ec_key())
    prove(remote, ec_key(), address)
    address.answer = KeysNotRead("down")
    assert prove(remote, ec_key(), address, after=timedelta(hours=20)) == remote.remote
    with pytest.raises(SignedTokenRefused):
        prove(remote, ec_key(), address, after=timedelta(hours=25))
    assert address.asked == 3


@pytest.mark.parametrize("answer", [b"<html>", b'{"keys": []}', b'{"keys": [{}]}', KeysNotRead("down")])
def test_an_answer_without_keys_changes_nothing(remote, answer):
    address = Address(ec_key())
    prove(remote, ec_key(), address)
    address.answer = answer
    with pytest.raises(SignedTokenRefused):
        prove(remote, rsa_key(), address, after=timedelta(minutes=2))
    assert prove(remote, ec_key(), address, after=timedelta(minutes=2)) == remote.remote


def test_a_first_answer_without_keys_proves_nothing(remote):
    address = Address()
    address.answer = KeysNotRead("down")
    with pytest.raises(SignedTokenRefused):
        prove(remote, ec_key(), address)
    assert KeySet.objects.get().read_at is None


def test_a_host_taken_off_the_list_ends_at_once(remote, settings):
    address = Address(ec_key())
    prove(remote, ec_key(), address)
    settings.OPENUM_JWKS_HOSTS = frozenset()
    assert keys_of(remote.remote, key_id="ec-1", at=clock.real_now(), read=address) == []


@pytest.mark.parametrize(("jku", "is_fine"), [(URL, True), ("https://ehr.example/other", False), (7, False)])
def test_the_address_in_the_header_must_be_the_registered_one(remote, jku, is_fine):
    address = Address(ec_key())
    if is_fine:
        assert prove(remote, ec_key(), address, jku=jku) == remote.remote
    else:
        with pytest.raises(SignedTokenRefused):
            prove(remote, ec_key(), address, jku=jku) if isinstance(jku, str) else prove_header(remote, address)
        assert address.asked == 0


def prove_header(town, address):
    """A `jku` that is no text cannot be signed with the usual tools, so it is written by hand."""
    head, body, _ = unsigned(claims(town.remote.public_id), alg="ES384", jku=7).split(".")
    times = Times(real=clock.real_now(), shown=town.at)
    return prove_client(f"{head}.{body}.AAAA", audiences=frozenset({TOKEN_URL}), times=times, read=address)


NOT_ALLOWED = [
    "http://ehr.example/keys", "https://other.example/keys", "https://ehr.example:8443/keys", "ftp://ehr.example/keys",
    "https://user@ehr.example/keys", "https://user:secret@ehr.example/keys", "https://ehr.example/keys#x",
    "https://ehr.example\\@other.example/", "https://other.example#@ehr.example/", "https://ehr.example.other.example/",
    "https://127.0.0.1/keys", "https://[::1]/keys", "https://169.254.169.254/latest/meta-data", "https://ehr.example:x/",
    "https://[", "https:///keys", "keys", "", "https://ehr.example/" + "x" * 500, "https://ehr.example/ keys", "https://éhr.example/",
    "file:///etc/passwd", "https://ehr.example/\r\nX: y",
]  # fmt: skip


@pytest.mark.parametrize("url", NOT_ALLOWED)
def test_keys_are_read_over_https_from_listed_hosts_only(settings, url):
    settings.OPENUM_JWKS_HOSTS = frozenset({"ehr.example"})
    with pytest.raises(AddressNotAllowed, match=r"\.$"):
        check_address(url)


def test_listed_hosts_are_allowed_with_their_port(settings):
    settings.OPENUM_JWKS_HOSTS = frozenset({"ehr.example", "keys.example:8443"})
    assert check_address("https://EHR.example:443/keys?version=2").hostname == "ehr.example"
    assert check_address("https://keys.example:8443/").port == 8443


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["10.1.2.3"], ["169.254.169.254"], ["::1"], ["fe80::1%eth0"], ["fd00::1"], ["93.184.215.14", "192.168.0.1"], ["0.0.0.0"], []],
)  # fmt: skip
def test_a_name_that_points_inside_is_not_asked(monkeypatch, found):
    rows = [(2, 1, 6, "", (one, 443)) for one in found]
    monkeypatch.setattr(fetching.socket, "getaddrinfo", lambda *_args, **_named: rows)
    with pytest.raises(KeysNotRead, match="public network"):
        public_addresses("ehr.example", 443)


def test_a_name_without_address_is_told(monkeypatch):
    def fails(*_args, **_named):
        raise OSError

    monkeypatch.setattr(fetching.socket, "getaddrinfo", fails)
    with pytest.raises(KeysNotRead, match="no address"):
        public_addresses("ehr.example", 443)


# -- over a real connection to this machine ----------------------------------------------------------------------------


class Keys(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = {
            "/keys": (200, {}, key_set(ec_key())),
            "/moved": (302, {"Location": "/keys"}, b""),
            "/none": (404, {}, b""),
            "/long": (200, {}, b"x" * 70_000),
        }[self.path]
        status, headers, body = found
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def keys_server(tmp_path, monkeypatch, settings):
    """A server for https://keys.example on this machine, with a certificate that this test trusts."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "keys.example")])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(secret.public_key()).serial_number(1)
        .not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("keys.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(secret, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "both.pem"
    pem.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(pem)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    server.socket = served.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    usual = ssl.create_default_context
    monkeypatch.setattr(fetching.ssl, "create_default_context", lambda: usual(cafile=str(pem)))
    port = server.server_address[1]
    settings.OPENUM_JWKS_HOSTS = frozenset({f"keys.example:{port}", f"other.example:{port}"})
    yield f"https://keys.example:{port}"
    server.shutdown()
    server.server_close()


def here(host, port):
    return ["127.0.0.1"]


def test_the_checked_address_is_the_one_that_is_connected_to(keys_server):
    """`keys.example` resolves nowhere: only the address that was checked can have been used."""
    assert fetch(f"{keys_server}/keys", resolve=here) == key_set(ec_key())


@pytest.mark.parametrize(
    ("path", "reason"), [("/moved", "200"), ("/none", "200"), ("/long", "too long")], ids=["moved", "none", "long"]
)
def test_no_redirect_no_error_and_no_endless_answer_is_taken(keys_server, path, reason):
    with pytest.raises(KeysNotRead, match=reason):
        fetch(f"{keys_server}{path}", resolve=here)


def test_the_certificate_must_be_the_names(keys_server):
    with pytest.raises(KeysNotRead, match="trusted"):
        fetch(f"{keys_server.replace('keys.', 'other.')}/keys", resolve=here)


def test_a_host_that_says_nothing_is_given_up(keys_server, monkeypatch):
    silent = socket.create_server(("127.0.0.1", 0))
    port = silent.getsockname()[1]
    monkeypatch.setattr(fetching, "SECONDS", 0.05)
    monkeypatch.setattr(fetching, "check_address", fetching.urlsplit)
    with pytest.raises(KeysNotRead, match="in time"):
        fetch(f"https://keys.example:{port}/keys", resolve=here)
    silent.close()
