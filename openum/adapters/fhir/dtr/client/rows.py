"""A form as a page shows it: every question with its inputs, its help, where its answer comes from, what is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from openum.adapters.fhir.dtr.client.opened import Opened
from openum.forms.answers import Origin, Spot
from openum.forms.enabling import Enabling
from openum.forms.fields import OTHER, UNIT, Line, beside, chosen_keys, lines_of, name_of
from openum.forms.items import CALCULATED
from openum.forms.values import key_of, shown

Json = dict[str, Any]

_INPUTS = {"date": "date", "dateTime": "datetime-local", "time": "time", "url": "url"}
MOST_RADIOS = 6
"""More answers than these are shown as a list to open."""


@dataclass(frozen=True)
class Choice:
    """One answer to choose."""

    key: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Attached:
    """A file that answers a question."""

    title: str
    number: int


@dataclass
class Row:
    """One group, question or text."""

    spot: Spot
    id: str
    name: str
    kind: str
    text: str
    prefix: str
    is_enabled: bool
    is_required: bool
    is_read_only: bool
    help: list[str] = field(default_factory=list)
    links: tuple[str, ...] = ()
    input: str = "text"
    step: str = ""
    lines: list[Line] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    units: list[tuple[str, str]] = field(default_factory=list)
    other: str = ""
    other_name: str = ""
    unit_name: str = ""
    origin: str = ""
    wrong: str = ""
    shown: list[str] = field(default_factory=list)
    files: list[Attached] = field(default_factory=list)
    accept: str = ""
    low: str = ""
    high: str = ""
    most_letters: int | None = None
    is_many: bool = False
    """Takes more than one answer."""
    repetition: str = ""
    """Of a repeated group: link, repetitions around it and its number, as buttons send them."""
    may_add: bool = False
    may_remove: bool = False
    children: "list[Row]" = field(default_factory=list)

    @property
    def is_question(self) -> bool:
        """Say whether it takes an answer."""
        return self.spot.item.is_question

    @property
    def unit_in_use(self) -> str:
        """The unit of the first input."""
        return self.lines[0].unit if self.lines else ""


def rows_of(opened: Opened, *, complaints: Mapping[str, str] | None = None) -> list[Row]:
    """Return the form as rows; hidden items are left out."""
    return _Rows(opened, complaints or {}).of(opened.spots)


class _Rows:
    def __init__(self, opened: Opened, complaints: Mapping[str, str]) -> None:
        self.opened = opened
        self.enabling: Enabling = opened.enabling
        self.complaints = complaints
        self.count = 0

    def of(self, spots: tuple[Spot, ...]) -> list[Row]:
        return list(self._rows(spots))

    def _rows(self, spots: tuple[Spot, ...]) -> Iterator[Row]:
        for place, spot in enumerate(spots):
            self.count += 1
            if spot.item.is_hidden:
                continue
            row = self._row(spot)
            if spot.item.kind == "group" and spot.item.repeats:
                link, indexes = spot.place
                row.repetition = f"{link}@{'.'.join(map(str, indexes))}"
                following = spots[place + 1] if place + 1 < len(spots) else None
                row.may_add = following is None or following.item.link != link
                row.may_remove = indexes[-1] > 0 or not row.may_add
            yield row

    def _row(self, spot: Spot) -> Row:
        item = spot.item
        name = name_of(spot.place)
        helps = [one.text for one in item.children if one.kind == "display" and one.control == "help"]
        row = Row(
            spot=spot, id=f"i{self.count}", name=name, kind=item.kind, text=item.text, prefix=item.prefix,
            is_enabled=self.enabling.is_enabled(spot.place), is_required=item.is_required,
            is_read_only=item.is_read_only, help=helps, links=item.links, low=item.low, high=item.high,
            most_letters=item.most_letters, is_many=item.repeats and item.is_question,
        )  # fmt: skip
        if item.is_question:
            self._question(row, spot)
        inner = tuple(one for one in spot.children if not (one.item.kind == "display" and one.item.control == "help"))
        row.children = self.of(inner)
        return row

    def _question(self, row: Row, spot: Spot) -> None:
        item, filled = spot.item, self.opened.filled
        given = filled.answers.get(spot.place, ())
        row.shown = [shown(one.value, self.opened.language) for one in given]
        row.origin = _origin({one.origin for one in given}, self.opened)
        if CALCULATED in item.expressions and given and all(one.origin.is_auto for one in given):
            row.origin = _("computed from the answers")
        row.wrong = self.complaints.get(row.name, "") or _complaint(row, self.opened.filling.wrong.get(row.name, ""))
        row.input = _INPUTS.get(item.kind, "text")
        row.lines = lines_of(spot, filled, self.opened.filling.wrong)
        if item.kind == "dateTime":
            row.lines = [Line(one.text[:16] if "T" in one.text else one.text) for one in row.lines]
        row.step = "1" if item.kind == "integer" else "any"
        options = self.opened.offers(item)
        chosen = chosen_keys(spot, filled)
        row.choices = [Choice(key_of(one.value), one.label, key_of(one.value) in chosen) for one in options]
        if item.kind == "open-choice":
            row.other_name = beside(row.name, OTHER)
            known = {one.key for one in row.choices}
            row.other = next((shown(one.value) for one in given if key_of(one.value) not in known), "")
        if item.kind == "quantity":
            row.unit_name = beside(row.name, UNIT)
            row.units = [
                (str(one.get("code") or one.get("display")), str(one.get("display") or one.get("code")))
                for one in item.units
            ]
        if item.kind == "attachment":
            row.accept = ",".join(item.mime_types)
            row.files = [Attached(title, number) for number, title in enumerate(row.shown)]


def _complaint(row: Row, words: str) -> str:
    if not words:
        return ""
    if row.kind in {"decimal", "integer", "quantity"}:
        bounds = f" ({row.low or '…'} – {row.high or '…'})" if row.low or row.high else ""
        return _("This is not a number that the form takes%(bounds)s.") % {"bounds": bounds}
    if row.kind in {"date", "dateTime", "time"}:
        return _("This date or time cannot be read, or is out of bounds.")
    return _("This answer is too long, or is not on the list.")


def _origin(origins: set[Origin], opened: Opened) -> str:
    """Say where an answer comes from, in a few words."""
    if Origin.OVERRIDE in origins:
        return _("changed by hand")
    if Origin.AUTO_SERVER in origins:
        return _("filled in by the plan")
    if Origin.AUTO_CLIENT in origins:
        source = opened.filling.source
        return _("filled in from %(source)s") % {"source": source} if source else _("filled in by the form")
    return ""
