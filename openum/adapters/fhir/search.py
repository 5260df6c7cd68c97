"""Searching over HTTP: parameters, paging, and the Bundle of what was found (FHIR R4 §3.1.1).

Unknown parameters are left out of the search and told in an outcome entry; with `Prefer: handling=strict` they are
refused. A modifier that is not known is always refused, because it turns the meaning round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import QueryDict

from openum.adapters.fhir.outcome import Issue, MessageRefused, operation_outcome
from openum.adapters.fhir.rest import Exchange, check_format
from openum.vocabulary.identifiers import new_uuid7

Json = dict[str, Any]

MOST_RESULTS = 100
USUAL_RESULTS = 20
_OF_EVERY_SEARCH = frozenset({"_count", "_offset", "_format", "_pretty"})
_PREFIXES = ("eq", "ge", "le", "gt", "lt")


@dataclass(frozen=True, kw_only=True)
class Query:
    """A search as understood: values by parameter, the page wanted, and what was left out."""

    values: Mapping[str, Sequence[str]]
    count: int
    offset: int
    left_out: tuple[str, ...] = field(default=())

    def one_of(self, name: str) -> list[str] | None:
        """Return the alternatives of a parameter, or None when it was not given."""
        given = self.values.get(name)
        return None if given is None else [part.strip() for one in given for part in one.split(",") if part.strip()]


def query_of(exchange: Exchange, known: frozenset[str]) -> Query:
    """Read the parameters of a search, from the address or from the form of a POST to `_search`.

    Raises:
        MessageRefused: a modifier or number that cannot be read, or an unknown parameter under strict handling.
    """
    http = exchange.http
    given = QueryDict(http.META.get("QUERY_STRING", ""), mutable=True)
    if http.method == "POST":
        given.update(http.POST)
    check_format(given.get("_format", ""))
    values: dict[str, Sequence[str]] = {}
    left_out = []
    for name in given:
        plain, colon, _ = name.partition(":")
        if plain in known and colon:
            raise _refused(name, "This modifier is not served here.", "Search without the modifier.")
        if name in known:
            values[name] = [one for one in given.getlist(name) if one]
        elif name not in _OF_EVERY_SEARCH:
            left_out.append(name[:100])
    if left_out and "handling=strict" in http.headers.get("Prefer", ""):
        raise _refused(left_out[0], "This search parameter is not known here.", f"Known are {_listed(known)}.")
    return Query(
        values=values,
        count=min(_number(given, "_count", USUAL_RESULTS), MOST_RESULTS),
        offset=_number(given, "_offset", 0),
        left_out=tuple(left_out),
    )


def _listed(known: frozenset[str]) -> str:
    return ", ".join(sorted(known | {"_count"}))


def _refused(name: str, sentence: str, cure: str) -> MessageRefused:
    return MessageRefused(Issue(code="not-supported", path=f"http.{name}"[:120], text=sentence, cure=cure))


def _number(given: QueryDict, name: str, usual: int) -> int:
    said = given.get(name, "")
    if not said:
        return usual
    if not (said.isascii() and said.isdecimal()) or len(said) > 9:
        raise MessageRefused(
            Issue(code="value", path=f"http.{name}", text="This is no whole number.", cure=f"Write {name}=20.")
        )
    return int(said)


def page_of(rows: QuerySet[Any], query: Query) -> tuple[list[Any], int]:
    """Return the rows of the page wanted, and how many there are in all."""
    return list(rows[query.offset : query.offset + query.count]), rows.count()


def searchset(exchange: Exchange, kind: str, resources: Sequence[Json], *, total: int, query: Query) -> Json:
    """Return the Bundle of a search, with links to itself and to the next page."""
    address = f"{exchange.base_url}/{kind}"
    asked = [(name, value) for name, values in query.values.items() for value in values]
    links = [{"relation": "self", "url": _link(address, asked, query.count, query.offset)}]
    if query.count and query.offset + query.count < total:
        links.append({"relation": "next", "url": _link(address, asked, query.count, query.offset + query.count)})
    entries: list[Json] = [
        {"fullUrl": f"{address}/{one['id']}", "resource": one, "search": {"mode": "match"}} for one in resources
    ]
    if query.left_out:
        issue = Issue(
            severity="warning",
            code="not-supported",
            path=f"http.{query.left_out[0]}",
            text="A search parameter is not known here and was left out: " + ", ".join(query.left_out[:5]),
            cure="The self link shows what was searched for.",
        )
        entries.append({"resource": operation_outcome([issue]), "search": {"mode": "outcome"}})
    return {
        "resourceType": "Bundle",
        "id": str(new_uuid7()),
        "type": "searchset",
        "timestamp": exchange.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "total": total,
        "link": links,
        **({"entry": entries} if entries else {}),  # JSON of FHIR has no empty arrays
    }


def _link(address: str, asked: Sequence[tuple[str, str]], count: int, offset: int) -> str:
    page = [("_count", str(count))] + ([("_offset", str(offset))] if offset else [])
    return f"{address}?{urlencode([*asked, *page])}"


def ids_of(query: Query, name: str = "_id") -> list[UUID] | None:
    """Return the ids asked for, or None when none were; what is no id of ours finds nothing."""
    wanted = query.one_of(name)
    if wanted is None:
        return None
    return [found for one in wanted if (found := id_of(one.rpartition("/")[2])) is not None]


def id_of(value: str) -> UUID | None:
    """Read an id of ours."""
    try:
        return UUID(value)
    except ValueError:
        return None


def instants(query: Query, name: str, column: str, *, zone: str) -> Q:
    """Return the filter of a date parameter: a day in the plan's zone, or an instant, with eq, ge, le, gt or lt.

    Raises:
        MessageRefused: no date.
    """
    wanted = Q()
    for said in query.values.get(name, ()):
        prefix, value = (said[:2], said[2:]) if said[:2].isalpha() else ("eq", said)
        first, after = _span(name, prefix, value, ZoneInfo(zone))
        wanted &= {
            "eq": Q(**{f"{column}__gte": first, f"{column}__lt": after}),
            "ge": Q(**{f"{column}__gte": first}),
            "gt": Q(**{f"{column}__gte": after}),
            "le": Q(**{f"{column}__lt": after}),
            "lt": Q(**{f"{column}__lt": first}),
        }[prefix]
    return wanted


def _span(name: str, prefix: str, value: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    try:
        if prefix not in _PREFIXES:
            raise ValueError(prefix)
        if len(value) == len("2026-11-16"):
            day = datetime.combine(date.fromisoformat(value), datetime.min.time(), zone)
            return day, day + timedelta(days=1)
        first = datetime.fromisoformat(value.replace(" ", "+"))
        if first.tzinfo is None:
            first = first.replace(tzinfo=zone)
        return first, first + (timedelta(seconds=1) if first.microsecond == 0 else timedelta(milliseconds=1))
    except (ValueError, OverflowError):
        raise MessageRefused(
            Issue(
                code="value",
                path=f"http.{name}",
                text="This is no date that can be searched for.",
                cure="Write a day or an instant, with eq, ge, le, gt or lt before it if need be.",
            )
        ) from None


def token(query: Query, name: str, *, value_column: str, system_column: str = "") -> Q:
    """Return the filter of a token parameter `system|value`, `|value` or `value`."""
    wanted = query.one_of(name)
    if wanted is None:
        return Q()
    found = Q(pk__in=[])
    for one in wanted:
        system, bar, value = one.rpartition("|")
        part = Q(**{value_column: value})
        if bar and system_column:
            part &= Q(**{system_column: system})
        found |= part
    return found


def only(query: Query, name: str, allowed: str) -> Q:
    """Return the filter of a parameter that has one value for all resources of a kind."""
    wanted = query.one_of(name)
    if wanted is None or any(one.rpartition("|")[2] == allowed for one in wanted):
        return Q()
    return Q(pk__in=[])
