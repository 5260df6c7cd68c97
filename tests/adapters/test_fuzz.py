"""Messages broken in every way that `tools.fuzz` knows: an answer to each, nothing lost, no case without a Claim."""

import copy
from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openum.submission.models import Submission
from tests.adapters.kit import NAMES, message
from tools.fuzz import campaign
from tools.fuzz.doors import as_bytes, cases_without_a_claim
from tools.fuzz.mutations import WAYS, broken, places


@pytest.mark.django_db
def test_broken_messages_are_answered_and_kept(world, demo_clock):
    outcome, without_claim = campaign.run(cases=30, first=50_000)
    assert outcome.failures == []
    assert without_claim == []
    assert sum(outcome.statuses.values()) > 30
    assert outcome.statuses[200]
    assert outcome.statuses[400]


@pytest.mark.django_db
def test_a_case_without_a_claim_would_be_found(world, demo_clock, client):
    path = "/fhir/2.0/Claim/$submit"
    headers = {"Authorization": "Bearer sandbox-token"}
    client.post(path, orjson.dumps(message("home-care")), content_type="application/fhir+json", headers=headers)
    assert cases_without_a_claim() == []
    kept = Submission.objects.get()
    kept.raw = b'{"entry":[{"resource":{"resourceType":"Patient"}},7]}'
    kept.save(update_fields=["raw"])
    assert cases_without_a_claim() == [kept.case.number]


@settings(max_examples=40)
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 10**9))
def test_a_seed_breaks_a_message_in_one_way_and_leaves_the_original(name, seed):
    good = message(name)
    before = copy.deepcopy(good)
    assert as_bytes(broken(good, Random(seed))) == as_bytes(broken(good, Random(seed)))
    assert good == before


@pytest.mark.parametrize("way", dict.fromkeys(WAYS), ids=lambda way: way.__name__)
def test_every_way_changes_something(way):
    changed = 0
    for seed in range(20):
        good = message("home-care")
        dice = Random(seed)
        way(good, dice.choice(list(places(good))), dice)
        changed += as_bytes(good) != as_bytes(message("home-care"))
    assert changed > 10
