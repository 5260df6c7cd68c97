"""Reading Parameters that carry values under names, and queries that say the same."""

from collections.abc import Iterator
from typing import Any

from openum.adapters.fhir.elements import rows, text
from openum.adapters.fhir.outcome import Issue, MessageRefused

Json = dict[str, Any]


def as_parameters(data: object, *, needs: str) -> Json:
    """Return the Parameters of an operation.

    Raises:
        MessageRefused: 400, it is another resource, or none.
    """
    if not isinstance(data, dict) or data.get("resourceType") != "Parameters":
        raise MessageRefused(
            Issue(code="structure", path="Parameters", text="The body is not a FHIR Parameters resource.", cure=needs)
        )
    return data


def values(data: Json, *names: str) -> Iterator[str]:
    """Yield the texts that stand under any of the names; numbers as their text."""
    for one in rows(data.get("parameter")):
        if one.get("name") in names:
            for element, value in one.items():
                if element.startswith("value") and isinstance(value, (str, int)) and not isinstance(value, bool):
                    yield str(value).strip()


def resources(data: Json, *names: str) -> Iterator[Json]:
    """Yield the resources that stand under any of the names."""
    for one in rows(data.get("parameter")):
        resource = one.get("resource")
        if one.get("name") in names and isinstance(resource, dict) and text(resource.get("resourceType")):
            yield resource


def first(data: Json, *names: str) -> str:
    """Return the first text under any of the names, or empty."""
    return next(values(data, *names), "")
