"""A client with keys at a plan that decides for real, and one at a sandbox plan."""

from urllib.parse import urlencode

import orjson
import pytest

from openum.accounts.connections.scopes import OFFERED
from openum.accounts.connections.services import Wish, approve, register
from openum.accounts.services import register_person
from openum.vocabulary.terms import Role
from tests.identity.signing import claims, ec_key, form, public_keys, rsa_key, sign


class Town:
    """Integrators, the director, and what they registered."""

    def __init__(self, client, world, at):
        self.http, self.world, self.at = client, world, at
        self.practice = world.practice
        self.integrator = person(
            "integrator", [(Role.INTEGRATOR, None, world.practice), (Role.INTEGRATOR, world.sandbox, None)]
        )
        self.director = person("director", [(Role.DIRECTOR, world.plan, None), (Role.DIRECTOR, world.sandbox, None)])
        self.client = self.register("record system", keys=public_keys(ec_key(), rsa_key()))
        approve(client=self.client, by=self.director, at=at)
        self.client.refresh_from_db()

    def register(self, name, *, plan=None, by=None, organization=..., scopes=OFFERED, **wish):
        organization = self.practice if organization is ... else organization
        return register(
            wish=Wish(name=name, scopes=scopes, **wish), plan=plan or self.world.plan, organization=organization,
            by=by or self.integrator, at=self.at,
        )  # fmt: skip

    def ask(self, assertion, **changes):
        """Post a token request."""
        return self.http.post(
            "/oauth/token", urlencode(form(assertion, **changes)), content_type="application/x-www-form-urlencoded"
        )

    def token(self, client=None, key=None, **changes):
        """An access token that must be granted."""
        answer = self.ask(sign(claims((client or self.client).public_id), key), **changes)
        assert answer.status_code == 200, answer.content
        return orjson.loads(answer.content)["access_token"]

    def post(self, path, body=b"{}", *, token, kind="application/fhir+json"):
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.http.post(path, raw, content_type=kind, headers={"Authorization": f"Bearer {token}"})


def person(name, roles):
    return register_person(email=f"{name}@identity.invalid", name=name.title(), password=None, roles=roles)


@pytest.fixture
def town(client, world, demo_clock, at):
    return Town(client, world, at)
