"""One Lumen Harbor for all tests of a module. A journey is told once; its tests look at what it left."""

import pytest
from django.db import transaction

from tests.journeys import lumen as worlds


@pytest.fixture(scope="module")
def lumen(django_db_setup, django_db_blocker):
    """The world; the module's whole transaction is undone at its end, and no real time passes in it."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        worlds.hold_time(patch)
        yield worlds.build()
        transaction.set_rollback(True)
