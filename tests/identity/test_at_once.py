"""The same signed token from several senders at once: one of them is first, on either database."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from django.db import connections
from django.test import Client

from openum.accounts.models import AccessToken, RefusedCall, UsedToken
from tests.identity.conftest import Town
from tests.identity.signing import claims, form, sign

THREADS = 6


@pytest.fixture
def town_at_once(transactional_db, client, world, demo_clock, at):
    return Town(client, world, at)


def _post(body):
    try:
        return Client().post("/oauth/token", body, content_type="application/x-www-form-urlencoded").status_code
    finally:
        connections.close_all()


def test_one_of_many_replays_is_first(town_at_once):
    body = urlencode(form(sign(claims(town_at_once.client.public_id))))
    with ThreadPoolExecutor(THREADS) as pool:
        statuses = list(pool.map(_post, [body] * THREADS))
    assert sorted(statuses) == [200, *[401] * (THREADS - 1)]
    assert (AccessToken.objects.count(), UsedToken.objects.count()) == (1, 1)
    assert sum(row.count for row in RefusedCall.objects.all()) == THREADS - 1


def test_different_tokens_at_once_all_count(town_at_once):
    bodies = [urlencode(form(sign(claims(town_at_once.client.public_id)))) for _ in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(_post, bodies)) == {200}
    assert AccessToken.objects.count() == THREADS
