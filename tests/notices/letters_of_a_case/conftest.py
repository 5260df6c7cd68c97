from datetime import timedelta

import pytest

from openum.review.services import refer_to_physician
from tests.notices.letters_of_a_case.case import line_of


@pytest.fixture
def line(world, at):
    row = line_of(world, at)
    refer_to_physician(line=row, summary="Seven weeks of therapy.", by=world.nurse, at=at + timedelta(hours=1))
    return row
