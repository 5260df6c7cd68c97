"""The programs of docs/identity.md run, and its tables say what is so."""

import re
from pathlib import Path

import orjson
import pytest

from openum.accounts.connections.keys import new_pair
from openum.adapters.fhir.scopes import OPERATIONS
from openum.db import clock
from tests import world as worlds
from tests.adapters.crd import kit
from tests.identity.conftest import Town

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "identity.md").read_text(encoding="utf-8")


@pytest.mark.django_db(transaction=True)
def test_the_programs_run(live_server, client, at):
    clock.set_demo_clock(at)
    town, pair = Town(client, worlds.fresh(), at), new_pair()
    issuer = "https://ehr.example/fhir"
    made = town.register("by the book", plan=town.world.sandbox, keys=[pair.public], issuer=issuer)
    known = {
        "SITE": live_server.url, "CLIENT_ID": str(made.public_id), "PRIVATE_KEY": pair.private_json, "ISSUER": issuer,
        "CALL": kit.call(kit.order()),
    }  # fmt: skip
    programs = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(programs) == 2
    exec("\n".join(programs), known)
    assert known["granted"]["scope"] == "system/Claim.crs system/ClaimResponse.rs"
    assert known["answers"]["resourceType"] == "Bundle"
    assert "cards" in known["cards"]


def test_the_table_of_scopes_is_the_servers():
    for name, (kind, letters) in OPERATIONS.items():
        operation = name.rpartition("/")[2]
        (row,) = {line for line in TEXT.splitlines() if line.startswith("|") and operation + "`" in line}
        assert row.rstrip(" |").endswith(f"`system/{kind}.{letters}`"), name


def test_the_configuration_says_what_is_served(client, db):
    told = orjson.loads(client.get("/fhir/2.2/.well-known/smart-configuration").content)
    assert told["token_endpoint"] == "http://testserver/oauth/token"
    assert told["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]
    assert told["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert told["grant_types_supported"] == ["client_credentials"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert {"client-confidential-asymmetric", "permission-v2"} <= set(told["capabilities"])
    assert client.get("/fhir/2.0/.well-known/smart-configuration").status_code == 200
    assert client.get("/fhir/9.9/.well-known/smart-configuration").status_code == 404
    assert client.post("/fhir/2.2/.well-known/smart-configuration").status_code == 405
