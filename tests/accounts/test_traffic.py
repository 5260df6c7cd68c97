"""What became of the messages of each system, for who keeps the connections."""

from datetime import timedelta

import pytest

from openum.accounts.connections.traffic import COUNTED, Traffic, traffic_of
from openum.submission.models import Submission
from tests.world import knee_request, send

pytestmark = pytest.mark.django_db


def test_messages_are_counted_by_what_became_of_them_and_the_last_fault_is_told(world, at):
    client, other = world.client, world.sandbox_client
    for state, ago in ((Submission.REFUSED, 2), (Submission.WAITING, 1), (Submission.REFUSED, COUNTED.days + 1)):
        kept = send(world, knee_request(world, at=at), at=at).submission
        Submission.objects.filter(pk=kept.pk).update(
            client=client, state=state, entered_at=at - timedelta(days=ago), case=None,
            problems=[{"code": "x", "path": "", "text": f"{state} {ago} days ago."}],
        )  # fmt: skip
    accepted = send(world, knee_request(world, at=at), at=at).submission
    Submission.objects.filter(pk=accepted.pk).update(client=client)
    found = traffic_of([client, other], at=at)
    assert (found[client.pk].accepted, found[client.pk].waiting, found[client.pk].refused) == (1, 1, 1)
    assert (found[client.pk].last_problem, found[client.pk].refused_percent) == ("waiting 1 days ago.", 34)
    assert found[other.pk] == Traffic()
