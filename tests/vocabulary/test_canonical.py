"""One text for one value, and JSON for every number that a database gives back."""

import json

import pytest

from openum.vocabulary.canonical import canonical_json, digest_of, json_bytes

BIG = 10**300


def test_the_order_of_keys_does_not_change_the_digest():
    assert digest_of({"a": 1, "b": [2, {"c": 3, "d": 4}]}) == digest_of({"b": [2, {"d": 4, "c": 3}], "a": 1})


@pytest.mark.parametrize("write", [json_bytes, canonical_json])
@pytest.mark.parametrize("value", [{"n": BIG, "t": "é"}, [-BIG], {"n": 2**64 - 1}, {"n": 1.5}])
def test_numbers_of_any_length_are_written(write, value):
    assert json.loads(write(value)) == value


def test_a_long_number_does_not_change_what_the_order_means():
    assert digest_of({"a": BIG, "b": 1}) == digest_of({"b": 1, "a": BIG}) != digest_of({"a": BIG + 1, "b": 1})
