"""Reads the logic of a guideline as a person would: its definitions, what each rests on, and the numbers in them. Pure.

This is for showing and editing; the engine compiles the text by itself.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from openum.criteria.guideline import Guideline

_TOKEN: Final = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<string>'(?:\\.|[^'\\])*')|(?P<name>"(?:\\.|[^"\\])*")|(?P<moment>@[\dT:.Z+-]+)
    |(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]\w*)|(?P<sign><=|>=|!=|!~|[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)
_HEAD: Final = {"define", "valueset", "codesystem", "code", "concept", "parameter", "include", "using", "context"}
_UNITS: Final = {
    "year": "years", "month": "months", "week": "weeks", "day": "days", "hour": "hours", "minute": "minutes",
}  # fmt: skip
_SIGNS: Final = {"<", "<=", ">", ">=", "="}


@dataclass(frozen=True, slots=True)
class Token:
    """One word, sign or literal of the logic; `start` and `end` are offsets in the whole text."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Definition:
    """One named definition or function, as written."""

    name: str
    parameters: tuple[str, ...]
    tokens: tuple[Token, ...]
    """The tokens of its body."""
    line: int

    @property
    def is_function(self) -> bool:
        """Say whether it takes arguments."""
        return self.parameters != ()


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that somebody may want to change, with what is needed to say what it is."""

    definition: str
    place: int
    """Which number of the definition it is, from 0."""
    value: str
    unit: str
    """years, months, weeks, days, hours, minutes, a UCUM unit, or nothing"""
    sign: str
    """The comparison before it: <, <=, >, >= or =; or nothing"""
    argument: str
    """The name of the function's parameter it is given for, or nothing"""
    function: str
    """That function, or nothing"""
    start: int
    end: int


def tokens_of(cql: str) -> Iterator[Token]:
    """Yield the tokens of a CQL text, comments left out."""
    for found in _TOKEN.finditer(cql):
        if found.lastgroup and found.lastgroup != "comment":
            yield Token(found.lastgroup, found.group(), found.start(), found.end())


def definitions_of(cql: str) -> dict[str, Definition]:
    """Return the definitions of a CQL text by name, in its order."""
    tokens = list(tokens_of(cql))
    found: dict[str, Definition] = {}
    heads = [i for i, token in enumerate(tokens) if _is_head(tokens, i, cql)]
    for head, end in zip(heads, [*heads[1:], len(tokens)], strict=True):
        if tokens[head].text != "define":
            continue
        at = head + 1
        while at < end and tokens[at].text in {"public", "private", "fluent"}:
            at += 1
        is_function = at < end and tokens[at].text == "function"
        at += is_function
        if at >= end:
            continue
        name, body = tokens[at].text.strip('"'), at + 1
        parameters: tuple[str, ...] = ()
        if is_function:
            parameters, body = _parameters(tokens, at + 1, end)
        if body < end and tokens[body].text == ":":
            line = cql.count("\n", 0, tokens[head].start) + 1
            found[name] = Definition(name, parameters, tuple(tokens[body + 1 : end]), line)
    return found


def _is_head(tokens: list[Token], at: int, cql: str) -> bool:
    """Say whether a statement begins here: a statement word at the start of a line."""
    token = tokens[at]
    if token.kind != "word" or token.text not in _HEAD:
        return False
    return cql[: token.start].rpartition("\n")[2].strip() == ""


def _parameters(tokens: list[Token], at: int, end: int) -> tuple[tuple[str, ...], int]:
    """Read “(name Type, name Type)”; return the names and the index of the token after it."""
    names: list[str] = []
    depth, is_next_name = 0, True
    while at < end:
        text = tokens[at].text
        if text in "(<{":
            depth += 1
        elif text in ")>}":
            depth -= 1
            if depth == 0 and text == ")":
                return tuple(names) or ("",), at + 1
        elif text == "," and depth == 1:
            is_next_name = True
        elif depth == 1 and is_next_name:
            names.append(text.strip('"'))
            is_next_name = False
        at += 1
    return tuple(names), end


def rests_on(name: str, definitions: Mapping[str, Definition]) -> list[str]:
    """Return a definition and everything of the same text it rests on, nearest first."""
    order, open_names = [], [name]
    while open_names:
        at = open_names.pop(0)
        if at in order or at not in definitions:
            continue
        order.append(at)
        body = definitions[at].tokens
        open_names += [t.text.strip('"') for t in body if t.kind in {"name", "word"}]
    return order


def thresholds_of(definition: Definition, parameters: Mapping[str, tuple[str, ...]]) -> list[Threshold]:
    """Return the numbers of a definition that decide something: compared, with a unit, given to a function, or alone.

    Args:
        definition: as read.
        parameters: names of the parameters of known functions, by function name.
    """
    tokens = definition.tokens
    found: list[Threshold] = []
    calls: list[tuple[str, int]] = []  # open brackets: the function and which argument we are in
    place = 0
    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else None
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        if token.text in {"(", "{", "["}:
            is_call = token.text == "(" and before is not None and before.kind in {"word", "name"}
            calls.append((before.text.strip('"') if is_call and before else "", 0))
        elif token.text in {")", "}", "]"} and calls:
            calls.pop()
        elif token.text == "," and calls:
            calls[-1] = (calls[-1][0], calls[-1][1] + 1)
        elif token.kind == "number":
            name, index = calls[-1] if calls else ("", 0)
            names = parameters.get(name, ())
            argument = names[index] if index < len(names) else ""
            sign = before.text if before and before.text in _SIGNS else ""
            unit = _unit(after)
            is_whole = len(tokens) == 1  # define "Most Sessions": 36
            if sign or unit or argument or is_whole:
                found.append(
                    Threshold(
                        definition.name,
                        place,
                        token.text,
                        unit,
                        sign,
                        argument,
                        name if argument else "",
                        token.start,
                        token.end,
                    )
                )
            place += 1
    return found


def _unit(after: Token | None) -> str:
    if after is None:
        return ""
    if after.kind == "string":
        return after.text.strip("'")
    word = after.text.removesuffix("s")
    return _UNITS.get(word, "") if after.kind == "word" else ""


def functions_of(guideline: Guideline) -> dict[str, tuple[str, ...]]:
    """Return the parameter names of every function of the guideline and of the libraries it includes."""
    texts = [guideline.cql, *guideline.libraries.values()]
    found = [definition for text in texts for definition in definitions_of(text).values()]
    return {definition.name: definition.parameters for definition in found if definition.is_function}


def thresholds_by_leaf(guideline: Guideline) -> dict[str, list[Threshold]]:
    """Return the numbers that decide each criterion, by its key; those of everything its definition rests on."""
    definitions = definitions_of(guideline.cql)
    parameters = functions_of(guideline)
    found: dict[str, list[Threshold]] = {}
    for leaf in guideline.leaves:
        names = rests_on(leaf.definition, definitions)
        found[leaf.key] = [each for name in names for each in thresholds_of(definitions[name], parameters)]
    return found


def body_of(definition: Definition) -> str:
    """Return the body in one spelling: no comments, one space between tokens."""
    return " ".join(token.text for token in definition.tokens)


def shape_of(definition: Definition) -> str:
    """Return the body with every number replaced: two bodies of one shape differ in numbers only."""
    return " ".join("#" if token.kind == "number" else token.text for token in definition.tokens)


def numbers_of(definition: Definition) -> list[tuple[str, str]]:
    """Return each number of a body with its unit of time or measure."""
    tokens = definition.tokens
    return [
        (token.text, _unit(tokens[i + 1] if i + 1 < len(tokens) else None))
        for i, token in enumerate(tokens)
        if token.kind == "number"
    ]
