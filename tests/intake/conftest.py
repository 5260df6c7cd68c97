"""Papers on the desk, made by the services."""

import pytest

from openum.intake.papers import services
from openum.vocabulary.terms import Channel
from tests.intake.papers import VALUES, pdf


@pytest.fixture
def put(world, at):
    """Put bytes on the desk of the world's plan."""

    def take(content=None, *, received_at=at, name="fax.pdf"):
        return services.receive_paper(
            plan=world.plan, content=content if content is not None else pdf(VALUES), name=name, channel=Channel.FAX,
            received_at=received_at, by=world.intake, at=at,
        )  # fmt: skip

    return take
