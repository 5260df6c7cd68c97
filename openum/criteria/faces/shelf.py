"""The shelf of published guidelines as people look for them: by words, code, service, line of business, authority.

The index is made once per published content and kept in the process, so a search reads a few short rows and no text.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from django.utils.translation import gettext as _

from openum.criteria.document import parse_guideline
from openum.criteria.faces.words import AUTHORITY_KINDS, LINES_OF_BUSINESS, known, say
from openum.criteria.faults import DocumentInvalid
from openum.criteria.guideline import Guideline
from openum.criteria.program import known_program
from openum.criteria.queries import GUIDELINE, retirements
from openum.directory.models import Policy

_log = structlog.get_logger(__name__)
_WORD = re.compile(r"[a-z0-9][a-z0-9.-]*")
_POINTS = {"title": 8, "code": 6, "service": 6, "words": 2, "prose": 1}


@dataclass(frozen=True, slots=True)
class Volume:
    """One published version on the shelf."""

    guideline: Guideline
    digest: str
    published_at: datetime
    is_verified: bool
    retired_on: date | None = None
    """The first day without it, where it was retired before its end."""

    def holds_on(self, day: date) -> bool:
        """Say whether it holds on a day."""
        end = min((each for each in (self.guideline.effective_to, self.retired_on) if each), default=None)
        return self.guideline.effective_from <= day and (end is None or day < end)


@dataclass(frozen=True, slots=True)
class Title:
    """One guideline with its versions, the newest first."""

    current: Volume
    """The version that holds on the day, else the newest."""
    versions: tuple[Volume, ...]

    @property
    def letter(self) -> str:
        """The letter under which it stands in the list."""
        return folded(say(self.current.guideline.title))[:1].upper()


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody looks for. Everything given must hold."""

    words: str = ""
    line_of_business: str = ""
    authority: str = ""

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was asked."""
        return not (self.words.strip() or self.line_of_business or self.authority)


@dataclass(frozen=True, slots=True)
class Hit:
    """A guideline that was found, and why."""

    title: Title
    why: str
    points: int


def folded(text: str) -> str:
    """Return a text without case and accents, as it is compared."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


_GUIDELINES: dict[str, Guideline] = {}


def guideline_of(policy: Policy) -> Guideline:
    """Return the guideline of a published row, read once per content and process; its logic is not compiled."""
    guideline = _GUIDELINES.get(policy.digest)
    if guideline is None:
        program = known_program(policy.digest)
        guideline = program.guideline if program else parse_guideline(policy.body, file="published")
        _GUIDELINES[policy.digest] = guideline
    return guideline


def shelf(day: date) -> tuple[Title, ...]:
    """Return the published guidelines by name, each with its versions; the same content once."""
    rows = (
        Policy.objects.filter(kind=GUIDELINE)
        .order_by("key", "-effective_from", "-version", "-pk")
        .only("pk", "key", "version", "digest", "published_at", "source_verified")
    )
    seen: set[tuple[str, str, str]] = set()
    by_key: dict[str, list[Volume]] = {}
    ended = retirements()
    for row in rows:
        identity = (row.key, row.version, row.digest)
        if identity in seen:
            continue
        seen.add(identity)
        try:
            guideline = guideline_of(row)
        except DocumentInvalid:
            _log.warning("published guideline cannot be read", key=row.key, version=row.version)
            continue
        by_key.setdefault(row.key, []).append(
            Volume(guideline, row.digest, row.published_at, row.source_verified, ended.get((row.key, row.version)))
        )
    titles = [_title(volumes, day) for volumes in by_key.values()]
    return tuple(sorted(titles, key=lambda title: folded(say(title.current.guideline.title))))


def _title(volumes: Sequence[Volume], day: date) -> Title:
    current = next((volume for volume in volumes if volume.holds_on(day)), volumes[0])
    return Title(current, tuple(volumes))


def lately(titles: Iterable[Title], *, most: int = 8) -> list[tuple[Volume, Volume | None]]:
    """Return the versions published last, each with the version before it."""
    pairs = [
        (volume, title.versions[place + 1] if place + 1 < len(title.versions) else None)
        for title in titles
        for place, volume in enumerate(title.versions)
    ]
    pairs.sort(key=lambda pair: (pair[0].published_at, pair[0].guideline.effective_from), reverse=True)
    return pairs[:most]


def find(titles: Iterable[Title], wish: Wish) -> list[Hit]:
    """Return the guidelines that fit a wish, the best first. A word fits where a word begins with it."""
    wanted = _WORD.findall(folded(wish.words))
    hits: list[Hit] = []
    for title in titles:
        guideline = title.current.guideline
        lines = {each.value for each in guideline.scope.lines_of_business}
        if wish.line_of_business and lines and wish.line_of_business not in lines:
            continue
        if wish.authority and wish.authority not in authorities_of(guideline):
            continue
        found = [_best(guideline, title.current.digest, word) for word in wanted]
        if any(points == 0 for points, _why in found):
            continue
        best = max(found, default=(0, ""))
        hits.append(Hit(title, best[1], sum(points for points, _why in found)))
    return sorted(hits, key=lambda hit: -hit.points)


def _best(guideline: Guideline, digest: str, word: str) -> tuple[int, str]:
    """Return the points of a word in a guideline, and the reason to show."""
    index = _index(guideline, digest)
    if _begins(index.title, word):
        return _POINTS["title"], ""
    for system, code in guideline.scope.services:
        if folded(code).startswith(word):
            return _POINTS["service"], _("decides about %(code)s") % {"code": f"{system} {code}"}
    for name, pairs in guideline.value_sets.items():
        for system, code in pairs:
            if folded(code) == word:
                return _POINTS["code"], _("%(code)s is in the code list “%(name)s”") % {
                    "code": f"{system} {code}", "name": name,
                }  # fmt: skip
    if _begins(index.words, word):
        return _POINTS["words"], _("in the criteria or what they rest on")
    if _begins(index.prose, word):
        return _POINTS["prose"], _("in the text")
    return 0, ""


def _begins(words: frozenset[str], start: str) -> bool:
    return start in words or any(word.startswith(start) for word in words)


@dataclass(frozen=True, slots=True)
class _Index:
    title: frozenset[str]
    words: frozenset[str]
    prose: frozenset[str]


_INDEXES: dict[str, _Index] = {}


def _index(guideline: Guideline, digest: str) -> _Index:
    if digest not in _INDEXES:
        _INDEXES[digest] = _indexed(guideline)
    return _INDEXES[digest]


def _indexed(guideline: Guideline) -> _Index:
    title = [guideline.id, guideline.title.en, guideline.title.es, guideline.summary.en, guideline.summary.es]
    words = [text for leaf in guideline.leaves for each in (leaf.question, leaf.plain, leaf.to_satisfy)
             for text in (each.en, each.es)]  # fmt: skip
    words += [f"{source.title} {source.section}" for source in guideline.sources]
    words += [each.name for each in (*guideline.authorities, *guideline.scope.fully_established_by)]
    words += [*guideline.scope.code_families, *guideline.value_sets]
    return _Index(_words(title), _words(words), _words([guideline.prose]))


def _words(texts: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for text in texts:
        for word in _WORD.findall(folded(text)):
            found.update({word, *word.split("-")})
    return frozenset(found)


def authorities_of(guideline: Guideline) -> set[str]:
    """Return the kinds of authority a guideline rests on or yields to."""
    kinds = {each.kind for each in (*guideline.authorities, *guideline.scope.fully_established_by)}
    return {"law" if kind == "statute" else kind for kind in kinds}


def choices(titles: Iterable[Title]) -> dict[str, list[tuple[str, str]]]:
    """Return the lines of business and the kinds of authority that the shelf has, with their words."""
    lines: set[str] = set()
    kinds: set[str] = set()
    for title in titles:
        lines |= {each.value for each in title.current.guideline.scope.lines_of_business}
        kinds |= authorities_of(title.current.guideline)
    return {
        "lines": [(word, known(LINES_OF_BUSINESS, word)) for word in LINES_OF_BUSINESS if word in lines],
        "authorities": [(word, known(AUTHORITY_KINDS, word)) for word in AUTHORITY_KINDS if word in kinds],
    }
