"""Text to tokens, with exact positions."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, TypedDict

from openum.cql.errors import CqlError

MAX_SOURCE: Final = 1_000_000

KEYWORDS: Final = frozenset(
    """after aggregate all and as asc ascending before between by called case cast code Code codesystem codesystems
    collapse concept Concept contains context convert date day days default define desc descending difference
    display distinct div duration during else end ends except exists expand false flatten fluent from function hour
    hours if implies in include included includes intersect Interval is let library List maximum meets millisecond
    milliseconds minimum minute minutes mod month months not null occurs of on or overlaps parameter per point
    predecessor private properly public return same second seconds singleton sort start starting starts such
    successor that then time timezone timezoneoffset to true Tuple union using valueset version week weeks where
    when width with within without xor year years""".split()  # noqa: SIM905 - read as words
)
# Reserved words that may nevertheless name an element, a function or a definition that is referred to.
NAME_LIKE: Final = frozenset(
    """all Code code concept Concept contains context date day days default display distinct duration end exists from
    hour hours include included includes is let library List maximum millisecond milliseconds minimum minute minutes
    month months of on overlaps parameter per point private public same second seconds singleton start starts
    starting such that time timezone timezoneoffset to using value valueset version week weeks where year years
    codesystem codesystems expand flatten collapse convert cast width with within without union intersect except
    returns return sort union when then difference called define function fluent occurs properly predecessor
    successor asc desc ascending descending Interval Tuple ends during meets before after as by not in""".split()  # noqa: SIM905 - read as words
)


class Place(TypedDict):
    """Where a node starts."""

    line: int
    column: int


class Token(NamedTuple):
    """One token. `kind` is name, quoted, string, number, long, temporal, symbol or end."""

    kind: str
    text: str
    value: str
    line: int
    column: int
    offset: int

    @property
    def place(self) -> Place:
        """Return the position as keyword arguments of a node."""
        return {"line": self.line, "column": self.column}

    @property
    def is_identifier(self) -> bool:
        """Say whether this is a plain or delimited name that is no reserved word."""
        return self.kind == "quoted" or (self.kind == "name" and self.text not in KEYWORDS)


_TOKENS = re.compile(
    r"""
    (?P<space>(?:\s+|//[^\n]*|/\*.*?\*/)+)
  | (?P<temporal>@T\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:\d{2})?
      |@\d{4}(?:-\d{2}(?:-\d{2})?)?(?:T(?:\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?)?(?:Z|[+-]\d{2}:\d{2})?)?)
  | (?P<number>\d+(?:\.\d+)?L?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<quoted>"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)
  | (?P<open>/\*)
  | (?P<symbol><=|>=|!=|!~|->|\$this|\$index|\$total|[-+*/^&|=<>~.,:;()\[\]{}%])
    """,
    re.VERBOSE | re.DOTALL,
)
_MAX_DIGITS: Final = 100
_QUOTED: Final = frozenset({"string", "quoted"})
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


def _unescape(match: re.Match[str]) -> str:
    found = match.group(1)
    if found[0] == "u" and len(found) == 5:
        return chr(int(found[1:], 16))
    return _ESCAPES.get(found, found)


def unescape(text: str) -> str:
    """Resolve the escapes of a CQL string."""
    return _ESCAPE.sub(_unescape, text) if "\\" in text else text


def tokenize(source: str) -> list[Token]:
    """Return the tokens of a source, the last of kind "end".

    Raises:
        CqlError: a character or an unfinished string or comment that is no CQL.
    """
    if len(source) > MAX_SOURCE:
        raise CqlError(f"The source is longer than {MAX_SOURCE} characters.")
    tokens: list[Token] = []
    append, new = tokens.append, tuple.__new__
    position, line, line_start, size = 0, 1, 0, len(source)
    for match in _TOKENS.finditer(source):
        start, text, kind = match.start(), match[0], match.lastgroup or ""
        if start != position or kind == "open":
            break
        position = start + len(text)
        if kind == "space":
            if "\n" in text:
                line += text.count("\n")
                line_start = start + text.rfind("\n") + 1
            continue
        value = text
        if kind in _QUOTED:
            value = unescape(text[1:-1])
        elif kind == "number" and len(text) > _MAX_DIGITS:
            raise CqlError(f"A number of more than {_MAX_DIGITS} digits is not read.", line, start - line_start + 1)
        elif kind == "number" and text[-1] == "L":
            kind, value = "long", text[:-1]
        append(new(Token, (kind, text, value, line, start - line_start + 1, start)))
        if kind in _QUOTED and "\n" in text:
            line += text.count("\n")
            line_start = start + text.rfind("\n") + 1
    if position < size:
        raise _bad_character(source, position, line, position - line_start + 1)
    append(Token("end", "", "", line, size - line_start + 1, size))
    return tokens


def _bad_character(source: str, position: int, line: int, column: int) -> CqlError:
    character = source[position]
    if character in "'\"`":
        what = "text" if character == "'" else "name"
        return CqlError(f"This {what} is never closed.", line, column, expected=f"a closing {character}")
    if source.startswith("/*", position):
        return CqlError("This comment is never closed.", line, column, expected="*/")
    if character in "‘’“”":
        plain = "'" if character in "‘’" else '"'
        return CqlError("Typographic quotation marks are not CQL.", line, column, suggestion=f"Write {plain} instead.")
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return CqlError(f"The character {shown} is not used in CQL.", line, column)
