"""The OpenAPI document of the interfaces, made from what is served: addresses from the URL patterns, methods by asking.

Every address of a folder in `serving.INTERFACES` is in it. Which methods an address takes, its own view says: called
with a method that nothing takes, it answers 405 with Allow, before it looks at anything else. What an operation takes
and answers beyond that stands in `_BODIES`; a search takes the parameters that its CapabilityStatement declares.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import URLPattern

from openum import __version__
from openum.adapters import serving
from openum.adapters.fhir.capability import capability_statement
from openum.adapters.fhir.crd.discovery import HOOKS
from openum.adapters.fhir.pas.versions import VERSIONS
from openum.submission.arming import (
    ARMED_ERRORS,
    ARMED_STATUSES,
    LONGEST,
    MOST_SECONDS_LATER,
    SandboxAnswer,
)

Json = dict[str, Any]

FHIR = "application/fhir+json"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
_NOBODY = "TRACE"
"""A method that no address takes: whoever is asked with it tells which it does."""
_CATCH_ALL = "anything-else"
_OPEN = frozenset({"metadata", "smart-configuration", "udap-metadata", "crd-discovery", "token", "register"})
"""Addresses that need no token."""
_WHERE_SET_UP = {"register": ("POST",)}
"""Addresses that are there only where a community is trusted (UDAP), with their methods."""
_SAMPLE = {"base": "2.2", "name": "order-sign", "kind": "Claim"}
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_SAID = {
    "base": ("Version of the guides that this base serves.", {"type": "string", "enum": list(VERSIONS)}),
    "name": ("Service; the name of its hook.", {"type": "string", "enum": list(HOOKS)}),
}


@dataclass(frozen=True, kw_only=True)
class Bodies:
    """What an operation takes and what it answers; a resource type, or a name below `schemas`."""

    takes: str = ""
    gives: str = ""
    content: str = FHIR


_BODIES = {
    ("submit", "POST"): Bodies(takes="Bundle", gives="Bundle"),
    ("inquire", "POST"): Bodies(takes="Bundle", gives="Bundle or Parameters"),
    ("metadata", "GET"): Bodies(gives="CapabilityStatement"),
    ("smart-configuration", "GET"): Bodies(gives="object", content=JSON),
    ("crd-discovery", "GET"): Bodies(gives="HookServices", content=JSON),
    ("crd-service", "POST"): Bodies(takes="HookCall", gives="HookAnswer", content=JSON),
    ("subscriptions", "POST"): Bodies(takes="Subscription", gives="Subscription"),
    ("subscription", "PUT"): Bodies(takes="Subscription", gives="Subscription"),
    ("subscription", "DELETE"): Bodies(),
    ("told-bundle", "GET"): Bodies(gives="Bundle"),
    ("udap-metadata", "GET"): Bodies(gives="object", content=JSON),
    ("register", "POST"): Bodies(takes="object", gives="object", content=JSON),
    ("authorization-feed", "GET"): Bodies(gives="AuthorizationFeed", content=JSON),
    ("claim-match", "POST"): Bodies(takes="ClaimLines", gives="ClaimAnswers", content=JSON),
    ("token", "POST"): Bodies(takes="TokenRequest", gives="Token", content=FORM),
    ("next-answer", "GET"): Bodies(gives="ArmedAnswer", content=JSON),
    ("next-answer", "PUT"): Bodies(takes="NextAnswer", gives="ArmedAnswer", content=JSON),
    ("next-answer", "DELETE"): Bodies(gives="ArmedAnswer", content=JSON),
}


@dataclass(frozen=True, kw_only=True)
class Address:
    """One address of an interface."""

    name: str
    path: str
    names: tuple[str, ...]
    pattern: URLPattern

    @property
    def resource(self) -> str:
        """The resource type of a FHIR address, or empty."""
        found = re.match(r"/fhir/\{base\}/([A-Z]\w+)", self.path)
        return found.group(1) if found else ""

    @property
    def is_search(self) -> bool:
        """Say whether a GET of it searches."""
        return self.path in {f"/fhir/{{base}}/{self.resource}", f"/fhir/{{base}}/{self.resource}/_search"}


def addresses() -> Iterator[Address]:
    """Yield every address that the interfaces serve, in the order of their tables."""
    for start, folder in serving.INTERFACES:
        for pattern in import_module(folder).urlpatterns:
            route = f"/{pattern.pattern}"
            if pattern.name != _CATCH_ALL and route.startswith(start):
                yield Address(
                    name=pattern.name, path=_PARAMETER.sub(r"{\1}", route), names=tuple(_PARAMETER.findall(route)),
                    pattern=pattern,
                )  # fmt: skip


def methods_of(address: Address) -> list[str]:
    """Ask an address which methods it takes."""
    request = HttpRequest()
    request.method = _NOBODY
    request.path = request.path_info = address.path
    request.META.update(SERVER_NAME="localhost", SERVER_PORT="80")
    given = {name: _SAMPLE.get(name, "x") for name in address.names}
    answer = address.pattern.callback(request, **{**given, **address.pattern.default_args})
    if answer.status_code == 404 and address.name in _WHERE_SET_UP:
        return list(_WHERE_SET_UP[address.name])
    if answer.status_code != 405 or "Allow" not in answer.headers:
        raise LookupError(f"{address.path} does not say which methods it takes.")
    allowed = [method.strip() for method in answer.headers["Allow"].split(",")]
    return [method for method in allowed if method not in {"OPTIONS", "HEAD"}]


def document(*, base_url: str) -> Json:
    """Return the OpenAPI document.

    Args:
        base_url: absolute address of this installation.
    """
    searched = _searched_by()
    paths: Json = {}
    for address in addresses():
        paths.setdefault(address.path, {})
        for method in methods_of(address):
            paths[address.path][method.lower()] = _operation(address, method, searched)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "OpenUM interfaces",
            "version": __version__,
            "description": "Prior authorization for other systems: Da Vinci CRD, DTR and PAS, SMART Backend Services, "
            "and the sandbox. Each FHIR base has a CapabilityStatement at its metadata address.",
        },
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": _security(base_url)},
        "security": [{"bearer": []}],
    }


def _searched_by() -> dict[str, list[Json]]:
    """Return the search parameters of each type, as the CapabilityStatements of all versions declare them."""
    found: dict[str, dict[str, Json]] = {}
    for version in VERSIONS.values():
        for resource in capability_statement(version, base_url="").get("rest", [{}])[0]["resource"]:
            known = found.setdefault(resource["type"], {})
            known |= {one["name"]: one for one in resource.get("searchParam", [])}
    return {kind: [by_name[name] for name in sorted(by_name)] for kind, by_name in found.items()}


def _operation(address: Address, method: str, searched: dict[str, list[Json]]) -> Json:
    bodies = _bodies(address, method)
    words = (address.pattern.callback.__doc__ or "").strip().split("\n", maxsplit=1)[0]
    parameters = [_path_parameter(name) for name in address.names]
    if address.is_search and method == "GET":
        parameters += [
            {
                "name": one["name"],
                "in": "query",
                "description": f"Search by {one['type']}.",
                "schema": {"type": "string"},
            }
            for one in searched.get(address.resource, [])
        ]
    found: Json = {
        "operationId": f"{address.name}-{method.lower()}",
        "tags": [address.path.split("/")[1]],
        "summary": words,
        "responses": _responses(address, method, bodies),
    }
    if parameters:
        found["parameters"] = parameters
    if address.name in _OPEN:
        found["security"] = []
    if bodies.takes:
        found["requestBody"] = {
            "required": True,
            "content": {bodies.content: {"schema": _schema(bodies.takes)}},
        }
    return found


def _bodies(address: Address, method: str) -> Bodies:
    known = _BODIES.get((address.name, method))
    if known is not None:
        return known
    if "$" in address.path:
        return Bodies(takes="Parameters" if method == "POST" else "", gives="Bundle or Parameters")
    if address.is_search:
        return Bodies(gives="Bundle")
    return Bodies(gives=address.resource)


def _path_parameter(name: str) -> Json:
    words, schema = _SAID.get(name, ("The id that the server gave.", {"type": "string"}))
    return {"name": name, "in": "path", "required": True, "description": words, "schema": schema}


def _responses(address: Address, method: str, bodies: Bodies) -> Json:
    good: Json = {"description": "Done; see what it answers."}
    if bodies.gives:
        kind = JSON if bodies.content == FORM else bodies.content
        good["content"] = {kind: {"schema": _schema(bodies.gives)}}
    status = "204" if method == "DELETE" and not bodies.gives else "200"
    if method == "POST" and address.name == "subscriptions":
        status = "201"
    refused = "Refusal" if bodies.content == JSON and address.name == "next-answer" else "OperationOutcome"
    kind = JSON if refused == "Refusal" or bodies.content == FORM else FHIR
    refusal: Json = {
        "description": "Refused: 400 not readable, 401 no valid token, 403 not allowed, 404 not there, 405 another "
        "method, 413 too large, 415 another content type, 422 not acceptable, 429 too often.",
        "content": {kind: {"schema": _schema("TokenRefusal" if bodies.content == FORM else refused)}},
    }
    return {status: good, "4XX": refusal}


def _schema(name: str) -> Json:
    if " or " in name:
        return {"oneOf": [_schema(one) for one in name.split(" or ")]}
    if name in {"", "object"}:
        return {"type": "object"}
    if name in _OWN:
        return {"$ref": f"#/components/schemas/{name}"}
    return {
        "type": "object", "description": f"FHIR R4 {name}.", "required": ["resourceType"],
        "properties": {"resourceType": {"const": name}},
    }  # fmt: skip


_OWN = frozenset({
    "HookCall", "HookAnswer", "HookServices", "TokenRequest", "Token", "TokenRefusal", "NextAnswer", "ArmedAnswer",
    "Refusal", "AuthorizationFeed", "ClaimLines", "ClaimAnswers",
})  # fmt: skip


def _object(required: list[str], properties: Json, description: str) -> Json:
    return {"type": "object", "description": description, "required": required, "properties": properties}


def _schemas() -> Json:
    text: Json = {"type": "string"}
    number: Json = {"type": "integer", "minimum": 0}
    return {
        "HookCall": _object(
            ["hook", "hookInstance", "context"],
            {"hook": {"enum": list(HOOKS)}, "hookInstance": text, "context": {"type": "object", "required": ["patientId"]},
             "fhirServer": text, "fhirAuthorization": {"type": "object"}, "prefetch": {"type": "object"},
             "extension": {"type": "object"}},
            f"A CDS Hooks call. At most {settings.OPENUM_MAX_BODY_BYTES} bytes.",
        ),
        "HookAnswer": _object(
            ["cards"],
            {"cards": {"type": "array", "items": {"type": "object"}},
             "systemActions": {"type": "array", "items": {"type": "object"}}},
            "Cards for the user, and updates with coverage information.",
        ),
        "HookServices": _object(
            ["services"], {"services": {"type": "array", "items": {"type": "object"}}}, "The hooks that are served."
        ),
        "TokenRequest": _object(
            ["grant_type", "client_assertion_type", "client_assertion", "scope"],
            {"grant_type": {"const": "client_credentials"}, "client_assertion_type": text, "client_assertion": text,
             "scope": text},
            "SMART Backend Services.",
        ),
        "Token": _object(
            ["access_token", "token_type", "expires_in", "scope"],
            {"access_token": text, "token_type": text, "expires_in": number, "scope": text}, "An access token.",
        ),
        "TokenRefusal": _object(["error"], {"error": text, "error_description": text}, "RFC 6749, section 5.2."),
        "NextAnswer": _object(
            ["answer"],
            {"answer": {"enum": list(SandboxAnswer)},
             "delay_seconds": {**number, "maximum": MOST_SECONDS_LATER},
             "error_code": {"enum": list(ARMED_ERRORS)}, "http_status": {"enum": list(ARMED_STATUSES)},
             "is_standing": {"type": "boolean"},
             "lasts_seconds": {**number, "minimum": 1, "maximum": int(LONGEST.total_seconds())}},
            "What a sandbox client's next message gets.",
        ),
        "ArmedAnswer": _object(
            ["armed", "now"], {"armed": {"type": ["object", "null"]}, "now": {"type": "string", "format": "date-time"}},
            "What is armed, and the plan's present instant.",
        ),
        "AuthorizationFeed": _object(
            ["plan", "entries", "next", "more", "complete_until"],
            {"plan": text, "entries": {"type": "array", "items": {"type": "object"}}, "next": number,
             "more": {"type": "boolean"}, "complete_until": {"type": ["string", "null"], "format": "date-time"}},
            "Changes of authorizations after `since`, in their order; go on from `next`.",
        ),
        "ClaimLines": _object(
            ["member_number", "lines"], {"member_number": text, "lines": {"type": "array", "items": {"type": "object"}}},
            "The lines of one claim: system, code, service_date, units, npis, emergency.",
        ),
        "ClaimAnswers": _object(
            ["answers"], {"answers": {"type": "array", "items": {"type": "object"}}},
            "For each line whether an authorization fits, which, its units left and last day.",
        ),
        "Refusal": _object(["error", "message"], {"error": text, "message": text}, "Why it was refused."),
    }  # fmt: skip


def _security(base_url: str) -> Json:
    return {
        "bearer": {
            "type": "http", "scheme": "bearer",
            "description": f"An access token of {base_url}/oauth/token (SMART Backend Services); sandbox plans also "
            "take a fixed token. A CDS Hooks call carries a token that the client signed.",
        }
    }  # fmt: skip
