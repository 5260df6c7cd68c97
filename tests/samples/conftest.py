"""One small demo world for all tests of a module, loaded by the same function as the full one."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.db import transaction

from openum.accounts.models import User
from openum.audit import seal_heads
from openum.db import clock
from openum.directory.models import CodeList
from samples import demo
from samples.demo import Size

AT = datetime(2026, 11, 23, 14, 13, 20, tzinfo=UTC)
"""09:13:20 on a Monday in New York: the instant of the tour's first request."""
SMALL = Size(members=400, cases=36, days=200)


@dataclass(frozen=True)
class World:
    """What loading gave back."""

    logins: dict[str, dict[str, str]]
    clients: list[dict[str, str]]
    token: str
    said: list[str]

    def user(self, persona: str) -> User:
        """The user of a persona."""
        return User.objects.get(email=self.logins[persona]["email"])

    def lumen_token(self) -> str:
        """The token of the plan's own client."""
        return self.clients[0]["token"]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The small world; everything is undone at the end of the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        said: list[str] = []
        CodeList.objects.all().delete()  # the lists of the other tests' world
        clock.set_demo_clock(AT)
        loaded = demo.load(
            tmp_path_factory.mktemp("data"), at=AT, progress=said.append, size=SMALL, budget_seconds=None
        )
        seal_heads(AT)
        assert not any("left out" in line for line in said), said
        yield World(
            logins={each["persona"]: each for each in loaded["logins"]}, clients=loaded["clients"],
            token=loaded["token"], said=said,
        )  # fmt: skip
        transaction.set_rollback(True)
