"""Mandatory letter elements: which fact a letter must state, and which law wants it. Pure.

A letter is a frozen dataclass. A field that some law makes mandatory is declared with `needed(...)`; `slots(letter)`
walks the letter and lists them for its line of business and reader; `check(letter)` refuses a letter that lacks one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import LineOfBusiness


class Audience(StrEnum):
    """Who reads the letter."""

    MEMBER = "member"
    PROVIDER = "provider"


class Column(StrEnum):
    """A body of notice law; several lines of business share one."""

    MEDICARE = "Medicare Advantage"
    INTEGRATED = "Medicare and Medicaid in one plan"
    PART_D = "Medicare Part D"
    MEDICAID = "Medicaid and CHIP"
    ERISA = "ERISA and 45 CFR 147.136"


COLUMN_OF: Mapping[LineOfBusiness, Column] = {
    LineOfBusiness.MEDICARE_ADVANTAGE: Column.MEDICARE,
    LineOfBusiness.INTEGRATED_DUAL: Column.INTEGRATED,
    LineOfBusiness.MEDICARE_PART_D: Column.PART_D,
    LineOfBusiness.MEDICAID_MANAGED_CARE: Column.MEDICAID,
    LineOfBusiness.MEDICAID_FFS: Column.MEDICAID,
    LineOfBusiness.CHIP_FFS: Column.MEDICAID,
    LineOfBusiness.QHP_FFE: Column.ERISA,
    LineOfBusiness.ERISA_GROUP: Column.ERISA,
    LineOfBusiness.COMMERCIAL_STATE: Column.ERISA,
}

STANDS_IN: Mapping[Column, Column] = {Column.INTEGRATED: Column.MEDICARE}
"""Whose letters and elements hold where a body of law has none of its own: an integrated plan is a Medicare plan."""


def columns_for(line_of_business: LineOfBusiness) -> tuple[Column, ...]:
    """Return the bodies of law of a letter: its own first, then the one that stands in."""
    own = COLUMN_OF[line_of_business]
    return (own, STANDS_IN[own]) if own in STANDS_IN else (own,)


BOTH = frozenset(Audience)
MEMBER_ONLY = frozenset({Audience.MEMBER})
PROVIDER_ONLY = frozenset({Audience.PROVIDER})

Laws = Mapping[Column, str]


def everywhere(citation: str) -> Laws:
    """The same citation under every body of law."""
    return dict.fromkeys(Column, citation)


ADVERSE: Laws = {
    Column.MEDICARE: "42 CFR 422.568(d)-(e), 422.572(e)",
    Column.INTEGRATED: "42 CFR 422.631(d)(1)",
    Column.PART_D: "42 CFR 423.568(g), 423.572(c)",
    Column.MEDICAID: "42 CFR 438.404(b), 438.10; paid by the state 431.206, 431.210; CHIP 457.1180",
    Column.ERISA: "29 CFR 2560.503-1(g), 45 CFR 147.136(b)(2)(ii)(E)",
}


@dataclass(frozen=True, kw_only=True)
class Element:
    """One fact that a letter must state."""

    name: str  # completes "The letter lacks ..."
    laws: Laws
    audiences: frozenset[Audience] = BOTH
    only: frozenset[LineOfBusiness] | None = None
    states: frozenset[str] | None = None
    is_unsure: bool = False  # its source was not compared with the text of the law


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A mandatory element at its place in one letter, for example `appeal.deadline`."""

    path: str
    element: Element
    law: str
    is_filled: bool


class LetterIncomplete(Invalid):
    """A letter lacks something a law requires; nothing that depends on the letter may be signed."""

    code: ClassVar[str] = "letter-incomplete"

    def __init__(self, missing: tuple[Slot, ...], *, letter: str) -> None:
        """Name every missing element with its law."""
        self.missing = missing
        listed = "; ".join(f"{slot.element.name} ({slot.law})" for slot in missing)
        super().__init__(f"The {letter} letter is not complete, so nothing was signed. It lacks: {listed}.")


def needed(
    name: str,
    laws: Laws,
    *,
    audiences: frozenset[Audience] = BOTH,
    only: frozenset[LineOfBusiness] | None = None,
    states: frozenset[str] | None = None,
    is_unsure: bool = False,
    default: Any = "",
) -> Any:
    """Declare a mandatory field. Empty by default, so that its absence is found by `check`, not by the constructor.

    Args:
        only: the lines of business whose law wants it; None for all of the columns in `laws`.
        states: the states whose own law wants it, by two letters; None where every state's letters need it.
        is_unsure: nobody compared it with the text of the law; the regulator map says so.
    """
    element = Element(name=name, laws=laws, audiences=audiences, only=only, states=states, is_unsure=is_unsure)
    return field(default=default, metadata={"element": element})


class Addressed(Protocol):
    """What decides which elements a letter needs."""

    @property
    def audience(self) -> Audience: ...  # noqa: D102
    @property
    def line_of_business(self) -> LineOfBusiness: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def title_of_kind(self) -> str: ...  # noqa: D102
    def excused(self, path: str) -> bool:
        """Say whether the facts of this letter excuse the element at a path (a plan limit has no criterion)."""
        ...


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value == ()


def _law_of(element: Element, letter: Addressed) -> str:
    """Return the law that wants an element in a letter; empty where none does."""
    return next((element.laws[each] for each in columns_for(letter.line_of_business) if each in element.laws), "")


def _applies(element: Element, letter: Addressed) -> bool:
    return (
        bool(_law_of(element, letter))
        and letter.audience in element.audiences
        and (element.only is None or letter.line_of_business in element.only)
        and (element.states is None or letter.state in element.states)
    )


def _walk(part: Any, prefix: str, letter: Addressed) -> Iterator[Slot]:
    for each in fields(part):
        path = f"{prefix}{each.name}"
        value = getattr(part, each.name)
        element: Element | None = each.metadata.get("element")
        if letter.excused(path):
            continue
        if element is not None:
            if not _applies(element, letter):
                continue
            law = _law_of(element, letter)
            yield Slot(path=path, element=element, law=law, is_filled=not _is_empty(value))
        if is_dataclass(value):
            yield from _walk(value, f"{path}.", letter)
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if is_dataclass(item):
                    yield from _walk(item, f"{path}[{index}].", letter)


def slots(letter: Addressed) -> tuple[Slot, ...]:
    """List the mandatory elements of a letter, filled or not."""
    return tuple(_walk(letter, "", letter))


def check(letter: Addressed) -> None:
    """Refuse a letter that lacks a mandatory element.

    Raises:
        LetterIncomplete: naming each missing element and the law that wants it.
    """
    missing = tuple(slot for slot in slots(letter) if not slot.is_filled)
    if missing:
        raise LetterIncomplete(missing, letter=letter.title_of_kind)
