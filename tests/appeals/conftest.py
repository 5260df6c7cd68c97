"""The people and the denied line of every test of appeals."""

import pytest

from tests.appeals import story


@pytest.fixture
def desk(world):
    """The appeals coordinator."""
    return story.coordinator(world)


@pytest.fixture
def line(world, at):
    """A knee replacement that the medical director denied."""
    return story.denied(world, at)


@pytest.fixture
def reviewer(world):
    """A physician of the field who took no part."""
    return story.surgeon(world)
