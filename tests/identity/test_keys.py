"""Which public keys are taken, and why the others are not."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey

from openum.accounts.connections.keys import KeysNotUsable, fit_keys, new_pair, read_key, read_key_set
from openum.accounts.connections.signed import SignedTokenRefused, check_signature, look_into
from tests.identity.signing import ec_key, key_set, public, rsa_key, sign

GOOD = public(ec_key())
UNFIT = {
    "no object": ([], "object"),
    "a private key": (ec_key().as_dict(private=True), "private"),
    "a shared secret": ({"kty": "oct", "k": "c2VjcmV0", "kid": "s"}, "private"),
    "no name": ({k: v for k, v in GOOD.items() if k != "kid"}, "kid"),
    "a name that is no text": (GOOD | {"kid": 7}, "kid"),
    "a name without end": (GOOD | {"kid": "x" * 201}, "kid"),
    "for encryption": (GOOD | {"use": "enc"}, "signatures"),
    "for signing only": (GOOD | {"key_ops": ["sign"]}, "signatures"),
    "another curve": (ECKey.generate_key("P-256").as_dict(private=False) | {"kid": "p"}, "P-384"),
    "another kind": (OKPKey.generate_key("Ed25519").as_dict(private=False) | {"kid": "o"}, "another kind"),
    "another algorithm": (GOOD | {"alg": "ES256"}, "algorithm"),
    "too few bits": ({"kty": "RSA", "kid": "small", "e": "AQAB", "n": "v" * 171}, "bits"),
    "a point off the curve": (GOOD | {"y": GOOD["x"]}, "cannot be read"),
    "no coordinates": ({"kty": "EC", "crv": "P-384", "kid": "x"}, "cannot be read"),
    "nonsense inside": (GOOD | {"x": "!"}, "cannot be read"),
    "numbers inside": (GOOD | {"x": 1}, "cannot be read"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_an_unfit_key_is_refused_with_its_reason(name):
    data, reason = UNFIT[name]
    with pytest.raises(KeysNotUsable, match=reason):
        read_key(data)


@pytest.mark.parametrize("key", [ec_key, rsa_key])
def test_of_a_key_only_what_is_public_and_needed_is_kept(key):
    kept = read_key(public(key()) | {"x5c": ["…"], "ext": True}).as_json()
    assert set(kept) - {"kty", "kid", "alg", "use", "n", "e", "crv", "x", "y"} == set()
    assert read_key(kept).as_json() == kept


SETS = {
    "no JSON": (b"<keys/>", "not JSON"),
    "a list": (b"[]", "no JSON Web Key Set"),
    "no keys": (b'{"keys": []}', "no JSON Web Key Set"),
    "too many": (orjson.dumps({"keys": [GOOD | {"kid": str(n)} for n in range(21)]}), "at most 20"),
    "too long": (b" " * 70_000, "KiB"),
    "a name twice": (orjson.dumps({"keys": [GOOD, GOOD]}), "same"),
    "one unfit": (orjson.dumps({"keys": [GOOD, {}]}), "kid"),
}


@pytest.mark.parametrize("name", SETS)
def test_a_pasted_set_must_be_whole(name):
    text, reason = SETS[name]
    with pytest.raises(KeysNotUsable, match=reason):
        read_key_set(text)


def test_a_single_key_may_be_pasted():
    (key,) = read_key_set(orjson.dumps(GOOD))
    assert (key.key_id, key.algorithm) == ("ec-1", "ES384")


def test_a_set_from_an_address_may_hold_keys_for_other_purposes():
    others = [
        {"kty": "oct", "k": "x", "kid": "o"},
        GOOD | {"kid": "enc", "use": "enc"},
        public(rsa_key()),
        public(rsa_key()),
    ]
    assert [key.key_id for key in fit_keys(orjson.dumps({"keys": [GOOD, *others]}))] == ["ec-1"]
    with pytest.raises(KeysNotUsable, match="no key for"):
        fit_keys(orjson.dumps({"keys": others}))


def test_a_new_pair_signs_and_its_public_half_proves_it():
    pair = new_pair()
    private = ECKey.import_key(orjson.loads(pair.private_json))
    signed = look_into(sign({"iss": "x"}, private, kid=pair.public.key_id))
    check_signature(signed, pair.public.key)
    assert ECKey.import_key(pair.private_pem).as_dict(private=True)["d"] == private.as_dict(private=True)["d"]
    with pytest.raises(SignedTokenRefused):
        check_signature(signed, ec_key())


@given(st.binary(max_size=300) | st.sampled_from([key_set(ec_key())]).flatmap(lambda good: st.integers(0, len(good) - 1).map(lambda n: good[:n] + b"?" + good[n + 1 :])))  # fmt: skip
def test_no_set_of_keys_breaks_the_reader(text):
    try:
        keys = read_key_set(text)
    except KeysNotUsable:
        return
    assert keys


@given(st.text(max_size=200) | st.lists(st.text("eyJ0.-_=A9", max_size=40), max_size=4).map(".".join))
def test_no_text_breaks_the_reader_of_signed_tokens(text):
    try:
        look_into(text)
    except SignedTokenRefused:
        return
    assert text.count(".") == 2
