"""Read and search of the forms, libraries and value sets that we hand out."""

from collections.abc import Iterator, Sequence

from openum.adapters.fhir.dtr.shelf import Found, Label, Shelf
from openum.adapters.fhir.outcome import Issue, MessageRefused
from openum.adapters.fhir.search import Query

PARAMETERS = frozenset({"_id", "url", "version", "name", "title", "status"})
"""What can be searched for, in every type; `url` may carry the version after a bar."""


def read(kind: str, identity: str, shelf: Shelf) -> Found:
    """Return the resource of an id.

    Raises:
        MessageRefused: 404, there is none.
    """
    found = shelf.by_id(kind, identity)
    if found is None:
        raise MessageRefused(
            Issue(code="not-found", path=kind, text=f"There is no {kind} with this id.",
                  cure=f"Search {kind}?url= for its canonical address."), http_status=404,
        )  # fmt: skip
    return found


def fitting(kind: str, query: Query, shelf: Shelf) -> list[Found]:
    """Return what a search finds, by address."""
    return [one for one in _candidates(kind, query, shelf) if _fits(one.label, query)]


def _candidates(kind: str, query: Query, shelf: Shelf) -> Iterator[Found]:
    wanted = query.one_of("_id")
    if wanted is None:
        yield from shelf.all_of(kind)
        return
    for identity in dict.fromkeys(wanted):
        found = shelf.by_id(kind, identity)
        if found is not None:
            yield found


def _fits(label: Label, query: Query) -> bool:
    return (
        _is_one_of(query.one_of("url"), label.url, label.canonical)
        and _is_one_of(query.one_of("version"), label.version)
        and _is_one_of(query.one_of("status"), label.status)
        and _begins(query.one_of("name"), label.name)
        and _begins(query.one_of("title"), label.title)
    )


def _is_one_of(asked: Sequence[str] | None, *held: str) -> bool:
    return asked is None or not {one.rpartition("|")[2] if one.startswith("|") else one for one in asked}.isdisjoint(
        held
    )


def _begins(asked: Sequence[str] | None, held: str) -> bool:
    """Compare as FHIR compares strings: from the beginning, whatever the case."""
    return asked is None or any(held.casefold().startswith(one.casefold()) for one in asked)
