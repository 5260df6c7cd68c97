"""What is declared is served, what is served is declared; the OpenAPI document says the same."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client

from openum.adapters.fhir.capability import capability_statement
from openum.adapters.fhir.pas.versions import VERSIONS
from openum.adapters.openapi import _OPEN, _WHERE_SET_UP, addresses, document, methods_of

BASES = sorted(VERSIONS)
ALL = list(addresses())
FHIR = [address for address in ALL if re.match(r"/fhir/\{base\}/(\$|[A-Z])", address.path)]
SEARCHED = {"GET": "search-type", "POST": "create"}
HELD = {"GET": "read", "PUT": "update", "DELETE": "delete"}


def served():
    """What the addresses serve: (type, interaction) and (type, $operation)."""
    found = set()
    for address in FHIR:
        parts = address.path.split("/")[3:]
        methods = methods_of(address)
        if parts[-1].startswith("$"):
            found.add((address.resource, parts[-1]))
        elif parts[-1] == "_search":
            found.add((address.resource, "search-type"))
        elif len(parts) == 1:
            found |= {(address.resource, SEARCHED[method]) for method in methods}
        else:
            found |= {(address.resource, HELD[method]) for method in methods}
    return found


def declared(base):
    rest = capability_statement(VERSIONS[base], base_url="https://plan.example")["rest"][0]
    found = {("", f"${one['name']}") for one in rest.get("operation", [])}
    for resource in rest["resource"]:
        found |= {(resource["type"], one["code"]) for one in resource.get("interaction", [])}
        found |= {(resource["type"], f"${one['name']}") for one in resource.get("operation", [])}
    return found


ALIASES = {("", "$questionnaire-package"), ("Claim", "$submit-attachment")}
"""Second addresses of operations that are declared at the other one; narratives of the guides write them so."""


@pytest.mark.parametrize("base", BASES)
def test_every_declared_interaction_is_served(base):
    assert declared(base) - served() == set()


@pytest.mark.parametrize("base", BASES)
def test_every_served_interaction_is_declared(base):
    assert served() - declared(base) - ALIASES == set()


@pytest.mark.django_db
@pytest.mark.parametrize("base", BASES)
def test_every_address_answers_a_known_client_and_asks_a_stranger_who_it_is(base, client, world, demo_clock):
    for address in FHIR:
        path = address.path.replace("{base}", base)
        path = re.sub(r"\{\w+\}", "0199a000-0000-7000-8000-000000000001", path)
        for method in methods_of(address):
            stranger = Client().generic(method, path, b"{}", content_type="application/fhir+json")
            assert stranger.status_code == 401, (method, path)
            known = Client().generic(
                method, path, b"{}", content_type="application/fhir+json",
                headers={"authorization": "Bearer sandbox-token"},
            )  # fmt: skip
            assert known.status_code not in {401, 405}, (method, path)
            assert known.status_code < 500, (method, path)
            assert known.status_code != 404 or "{" in address.path.removeprefix("/fhir/{base}"), (method, path)


def test_an_address_refuses_methods_that_it_does_not_name():
    for address in [one for one in ALL if one.name not in _WHERE_SET_UP]:
        given = {name: {"base": "2.2", "name": "order-sign"}.get(name, "x") for name in address.names}
        path = address.path.format(**given)
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - set(methods_of(address)):
            assert Client().generic(method, path).status_code == 405, (method, path)


def test_the_document_holds_every_address_with_its_methods():
    paths = document(base_url="https://plan.example")["paths"]
    assert set(paths) == {address.path for address in ALL}
    for address in ALL:
        assert set(paths[address.path]) == {method.lower() for method in methods_of(address)}
        for operation in paths[address.path].values():
            assert {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"} == set(address.names)
            assert (operation.get("security") == []) == (address.name in _OPEN)


def test_the_document_is_whole():
    content = document(base_url="https://plan.example")
    names = [operation["operationId"] for methods in content["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))
    wanted = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(content)))
    assert wanted == set(content["components"]["schemas"])


@pytest.mark.django_db
def test_anybody_may_read_the_document():
    answer = Client().get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["servers"] == [{"url": "http://testserver"}]
    held = json.loads((Path(__file__).parents[2] / "docs/generated/openapi.json").read_text(encoding="utf-8"))
    assert held["paths"] == answer.json()["paths"]
