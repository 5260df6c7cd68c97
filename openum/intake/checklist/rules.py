"""The papers a request of a kind should carry, as a plan publishes them, and how each stands. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar

import yaml

from openum.vocabulary.errors import Invalid
from openum.vocabulary.packs import read_yaml
from openum.work.rules.facts import Facts
from openum.work.rules.routing import RoutingInvalid, When, read_when


class DocumentListInvalid(Invalid):
    """A list of papers cannot be published as it stands."""

    code: ClassVar[str] = "document-list-invalid"


class PaperState(StrEnum):
    """How a paper of the list stands."""

    REQUIRED = "required"
    RECEIVED = "received"
    UNREADABLE = "unreadable"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class NeededPaper:
    """One paper of a list.

    `also` are other names under which the same paper arrives, such as the codes of messages; `months_back` limits how
    long before the service it may have been written, None for no limit.
    """

    kind: str
    also: frozenset[str]
    wording: tuple[tuple[str, str], ...]
    months_back: int | None

    def in_language(self, language: str) -> str:
        """Return the wording for a reader, English where there is none."""
        words = dict(self.wording)
        return words.get(language.split("-", maxsplit=1)[0], words["en"])

    def is_meant_by(self, document_kind: str) -> bool:
        """Say whether a document of this kind is the paper."""
        return document_kind == self.kind or document_kind in self.also


@dataclass(frozen=True, slots=True)
class DocumentList:
    """The papers of one kind of request."""

    key: str
    version: str
    name: str
    when: When
    papers: tuple[NeededPaper, ...]
    effective_from: date
    source: str


@lru_cache(maxsize=64)
def read_list(text: str) -> DocumentList:
    """Read and check one list.

    Raises:
        DocumentListInvalid: naming what is wrong.
    """
    try:
        front = read_yaml(text)
    except yaml.YAMLError as error:
        raise DocumentListInvalid(f"The list is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(front, dict):
        raise DocumentListInvalid("A list of papers is a YAML mapping.")
    missing = [key for key in ("key", "version", "name", "source", "effective_from", "documents") if not front.get(key)]
    if missing:
        raise DocumentListInvalid(f"The list lacks {', '.join(missing)}.")
    if not isinstance(front["effective_from"], date):
        raise DocumentListInvalid("effective_from must be a day, written like 2026-12-01.")
    if not isinstance(front["documents"], list):
        raise DocumentListInvalid("documents is a list of papers.")
    try:
        when = read_when(front.get("when") or {}, f"list {front['key']}")
    except RoutingInvalid as error:
        raise DocumentListInvalid(error.english) from error
    if when.complexity_at_least:
        raise DocumentListInvalid("Complexity says how much work a request is, not which papers it needs.")
    papers = tuple(_paper(block, number) for number, block in enumerate(front["documents"], start=1))
    if len({paper.kind for paper in papers}) < len(papers):
        raise DocumentListInvalid("Two papers are of the same kind. Say it once.")
    return DocumentList(
        key=str(front["key"]), version=str(front["version"]), name=str(front["name"]), when=when, papers=papers,
        effective_from=front["effective_from"], source=str(front["source"]),
    )  # fmt: skip


def _paper(block: Any, number: int) -> NeededPaper:
    wording = block.get("wording") if isinstance(block, dict) else None
    if not isinstance(wording, dict) or not block.get("kind") or not wording.get("en"):
        raise DocumentListInvalid(f"Paper {number} needs a kind and a wording in English.")
    months = block.get("months_back")
    if months is not None and (not isinstance(months, int) or isinstance(months, bool) or months < 1):
        raise DocumentListInvalid(f"Paper {number}: months_back is a whole number of months.")
    return NeededPaper(
        kind=str(block["kind"]), also=frozenset(map(str, block.get("also") or ())),
        wording=tuple((str(language), str(words)) for language, words in wording.items()), months_back=months,
    )  # fmt: skip


def papers_for(lists: Iterable[DocumentList], facts: Facts) -> list[tuple[NeededPaper, DocumentList]]:
    """Return the papers that a line should carry, each kind once, with the list that says so (the first by key)."""
    found: dict[str, tuple[NeededPaper, DocumentList]] = {}
    for each in sorted(lists, key=lambda one: one.key):
        if each.when.fits(facts, 0):
            for paper in each.papers:
                found.setdefault(paper.kind, (paper, each))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """A document of the case: its row, what its sender called it, when it came."""

    key: int
    kind: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class MarkFact:
    """What a person said of a paper: about one document, or (document None) about the paper itself."""

    key: int
    state: PaperState
    document: int | None


@dataclass(frozen=True, slots=True)
class PaperStanding:
    """How a paper stands, the document it stands by, and the mark that says so; None where the sender said it."""

    state: PaperState
    document: int | None = None
    mark: int | None = None


def standing_of(
    paper: NeededPaper, documents: Sequence[DocumentFact], marks: Sequence[MarkFact]
) -> PaperStanding:  # fmt: skip
    """Return how a paper stands.

    A document is the paper when its sender named it so or a person says it is. What a person said last of a document
    counts; one that cannot be read leaves the paper open until another comes. A waiver holds until it is taken back.

    Args:
        paper: the paper.
        documents: the documents of the case.
        marks: what people said of this paper, oldest first.
    """
    said = {mark.document: mark for mark in marks}
    whole = said.get(None)
    if whole is not None and whole.state == PaperState.WAIVED:
        return PaperStanding(PaperState.WAIVED, mark=whole.key)
    unreadable: PaperStanding | None = None
    for each in sorted(documents, key=lambda one: (one.received_at, one.key), reverse=True):
        mark = said.get(each.key)
        if mark is None and paper.is_meant_by(each.kind):
            return PaperStanding(PaperState.RECEIVED, each.key)
        if mark is not None and mark.state == PaperState.RECEIVED:
            return PaperStanding(PaperState.RECEIVED, each.key, mark.key)
        if mark is not None and mark.state == PaperState.UNREADABLE and unreadable is None:
            unreadable = PaperStanding(PaperState.UNREADABLE, each.key, mark.key)
    return unreadable or PaperStanding(PaperState.REQUIRED)
