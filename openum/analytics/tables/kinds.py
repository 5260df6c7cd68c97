"""The kinds of reference tables that can be loaded: their columns, where the public originals come from, and which are licensed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import ClassVar

import yaml

from openum.analytics.codes import PACK
from openum.vocabulary.errors import Invalid


class KindUnknown(Invalid):
    """No kind of reference table has this name."""

    code: ClassVar[str] = "reference-kind-unknown"


@dataclass(frozen=True, kw_only=True)
class Field:
    """A column of a reference table. `also` names headers of the originals, `width` pads with zeros on the left."""

    name: str
    also: tuple[str, ...] = ()
    pattern: str = ""
    width: int = 0
    key: bool = False
    number: bool = False
    optional: bool = False
    lower: bool = False


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a kind holds. `version` says what its versions are; `licence` why it comes from a licensed copy alone."""

    id: str
    what: str
    source: str
    version: str
    fields: tuple[Field, ...]
    licence: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """Return the columns that name a row."""
        return tuple(field.name for field in self.fields if field.key)

    def effective(self, version: str) -> date | None:
        """Return the first day of a version: 1 October before a fiscal year, 1 January of a payment year; None when it does not say."""
        year = re.search(r"20[0-9]{2}", version)
        if year is None:
            return None
        number = int(year.group())
        return date(number - 1, 10, 1) if self.version == "fiscal year" else date(number, 1, 1)


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the kinds by name."""
    given = yaml.safe_load((PACK / "references.yaml").read_text("utf-8"))
    return {
        name: Kind(
            id=name, what=row["what"], source=row["source"], version=row["version"], licence=row.get("licence", ""),
            fields=tuple(Field(**(field | {"also": tuple(field.get("also", ()))})) for field in row["columns"]),
        )
        for name, row in given.items()
    }  # fmt: skip


def kind_of(name: str) -> Kind:
    """Return a kind.

    Raises:
        KindUnknown: there is none of this name.
    """
    if name not in kinds():
        raise KindUnknown(f"There is no reference table {name}. The kinds are {', '.join(kinds())}.")
    return kinds()[name]


def plain(head: str) -> str:
    """Return a header as it is compared: small letters, underscores for everything else."""
    return re.sub(r"[^a-z0-9]+", "_", head.strip().lower()).strip("_")


def heads_of(kind: Kind, given: list[str]) -> dict[str, str]:
    """Return the file's header for each column that it has."""
    known = {plain(head): head for head in reversed(given)}
    found = {}
    for field in kind.fields:
        head = next((known[name] for name in (field.name, *field.also) if name in known), None)
        if head is not None:
            found[field.name] = head
    return found
