"""Regular expressions that cannot run for long.

A pattern whose repeats could multiply is not given to the backtracking matcher but to a set-of-states machine,
whose time is the length of the text times the size of the pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Final

from openum.cql.fhirpath.errors import Fault

MAX_PATTERN: Final = 2_000
MAX_TEXT: Final = 1_000_000
MAX_STATES: Final = 20_000
MAX_STEPS: Final = 100_000_000
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE}
_REPEATS: Final = (op.MAX_REPEAT, op.MIN_REPEAT)


def found(pattern: str, text: str, *, whole: bool, flags: str = "") -> bool:
    """Say whether a pattern is found in a text, or fits the whole of it.

    Raises:
        Fault: the pattern is not valid, or asks for what cannot be done in bounded time.
    """
    compiled, growth = _read(pattern, flags)
    _check_length(text)
    if growth and not whole and not pattern.startswith("^"):
        growth += 1  # a search may begin at every character
    if growth <= 1 or len(text) ** growth <= MAX_STEPS:
        return (compiled.fullmatch(text) if whole else compiled.search(text)) is not None
    return _machine(pattern, flags).run(text, whole=whole)


def replaced(pattern: str, text: str, template: str, *, flags: str = "") -> str:
    """Return a text with what a pattern finds replaced.

    Raises:
        Fault: as `found`, and a template that names a group the pattern does not have.
    """
    compiled, growth = _read(pattern, flags)
    _check_length(text)
    if growth and len(text) ** (growth + 1) > MAX_STEPS:
        raise Fault("This pattern could take too long over this text.")
    try:
        return compiled.sub(template, text)
    except (re.error, IndexError) as error:
        raise Fault("The replacement names a group that the pattern does not have.") from error


def _check_length(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise Fault(f"A text of more than {MAX_TEXT} characters is not matched.")


def _flag_bits(flags: str) -> int:
    bits = int(re.DOTALL)
    for letter in flags:
        if letter not in _FLAGS:
            raise Fault("The flags of a pattern are “i” and “m”.")
        bits |= _FLAGS[letter]
    return bits


@lru_cache(maxsize=512)
def _read(pattern: str, flags: str) -> tuple[re.Pattern[str], int]:
    if len(pattern) > MAX_PATTERN:
        raise Fault(f"The pattern is longer than {MAX_PATTERN} characters.")
    try:
        bits = _flag_bits(flags)
        return re.compile(pattern, bits), _growth(_parser.parse(pattern, bits))
    except (re.error, OverflowError, RecursionError) as error:
        raise Fault("The pattern is not a valid regular expression.") from error


def _growth(tree: Iterable[Any]) -> int:
    """Return the power of the text's length that backtracking may take; 99 for exponential."""
    total = 0
    for kind, argument in tree:
        if kind in _REPEATS:
            low, high, inner = argument
            if high > 1 and _has_choice(inner):
                return 99
            if high != low and high > 100:
                total += 1
            total += _growth(inner)
        elif kind is op.SUBPATTERN:
            total += _growth(argument[3])
        elif kind is op.BRANCH:
            total += max(map(_growth, argument[1]))
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            total += _growth(argument[1])
        elif kind is op.GROUPREF:
            total += 1
    return min(total, 99)


def _has_choice(tree: Iterable[Any]) -> bool:
    for kind, argument in tree:
        if kind is op.BRANCH or (kind in _REPEATS and argument[0] != argument[1]):
            return True
        if kind is op.SUBPATTERN and _has_choice(argument[3]):
            return True
        if kind in _REPEATS and _has_choice(argument[2]):
            return True
    return False


# --- the machine -----------------------------------------------------------------------------------------------------

_EPSILON, _CHARACTER, _ASSERTION, _DONE = range(4)
Test = Callable[[str], bool]


class Machine:
    """States by number: (kind, test, next states)."""

    def __init__(self, pattern: str, bits: int) -> None:
        self.bits = bits
        self.kinds: list[int] = []
        self.tests: list[Any] = []
        self.next: list[list[int]] = []
        done = self._state(_DONE)
        self.start = self._build(list(_parser.parse(pattern, bits)), done)

    def _state(self, kind: int, test: Any = None, following: list[int] | None = None) -> int:
        if len(self.kinds) >= MAX_STATES:
            raise Fault("The pattern is too large to be matched in bounded time.")
        self.kinds.append(kind)
        self.tests.append(test)
        self.next.append(following if following is not None else [])
        return len(self.kinds) - 1

    def _build(self, tree: list[Any], then: int) -> int:
        for kind, argument in reversed(tree):
            then = self._one(kind, argument, then)
        return then

    def _one(self, kind: Any, argument: Any, then: int) -> int:
        if kind in _REPEATS:
            low, high, inner = argument
            return self._repeat(low, high, inner, then)
        if kind is op.SUBPATTERN:
            return self._build(list(argument[3]), then)
        if kind is op.BRANCH:
            return self._state(_EPSILON, None, [self._build(list(b), then) for b in argument[1]])
        if kind is op.AT:
            return self._state(_ASSERTION, argument, [then])
        if kind in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
            return self._state(_CHARACTER, _character_test(kind, argument, self.bits), [then])
        raise Fault("This pattern could take too long: its repeats hold what cannot be matched in one pass.")

    def _repeat(self, low: int, high: Any, inner: Any, then: int) -> int:
        items = list(inner)
        if high == op.MAXREPEAT:
            loop = self._state(_EPSILON)
            self.next[loop] = [self._build(items, loop), then]
            then = loop
        else:
            for _ in range(int(high) - low):
                then = self._state(_EPSILON, None, [self._build(items, then), then])
        for _ in range(low):
            then = self._build(items, then)
        return then

    def run(self, text: str, *, whole: bool) -> bool:
        """Say whether the text fits."""
        states: set[int] = set()
        for position in range(len(text) + 1):
            if position == 0 or not whole:
                states = self._closure([*states, self.start], text, position)
            if not whole and 0 in states:
                return True
            if position == len(text):
                break
            if whole and not states:
                return False
            character = text[position]
            moved = [
                n for s in states if self.kinds[s] == _CHARACTER and self.tests[s](character) for n in self.next[s]
            ]
            states = self._closure(moved, text, position + 1)
        return 0 in states

    def _closure(self, states: list[int], text: str, position: int) -> set[int]:
        seen: set[int] = set()
        while states:
            state = states.pop()
            if state in seen:
                continue
            seen.add(state)
            kind = self.kinds[state]
            if kind == _EPSILON or (kind == _ASSERTION and self._holds(self.tests[state], text, position)):
                states.extend(self.next[state])
        return seen

    def _holds(self, where: Any, text: str, position: int) -> bool:
        lines = self.bits & re.MULTILINE
        if where in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return position == 0 or bool(lines and where is op.AT_BEGINNING and text[position - 1] == "\n")
        if where in (op.AT_END, op.AT_END_STRING):
            rest = text[position:]
            return rest == "" or (where is op.AT_END and (rest == "\n" or bool(lines and rest[0] == "\n")))
        before = position > 0 and _is_word(text[position - 1])
        after = position < len(text) and _is_word(text[position])
        return (before != after) == (where is op.AT_BOUNDARY)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


_CATEGORIES: Final[dict[Any, Test]] = {
    op.CATEGORY_DIGIT: str.isdecimal,
    op.CATEGORY_NOT_DIGIT: lambda c: not c.isdecimal(),
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    op.CATEGORY_WORD: _is_word,
    op.CATEGORY_NOT_WORD: lambda c: not _is_word(c),
}


def _any(character: str) -> bool:
    return True


def _character_test(kind: Any, argument: Any, bits: int) -> Test:
    if kind is op.ANY:
        return _any
    parts = [(kind, argument)] if kind is not op.IN else list(argument)
    negated = kind is op.NOT_LITERAL or (bool(parts) and parts[0][0] is op.NEGATE)
    tests = [_part_test(k, a) for k, a in parts if k is not op.NEGATE]
    ignore = bool(bits & re.IGNORECASE)

    def test(character: str) -> bool:
        forms = {character, character.lower(), character.upper()} if ignore else (character,)
        return any(t(c) for t in tests for c in forms) != negated

    return test


def _part_test(kind: Any, argument: Any) -> Test:
    if kind in (op.LITERAL, op.NOT_LITERAL):
        letter = chr(argument)
        return lambda c: c == letter
    if kind is op.RANGE:
        low, high = argument
        return lambda c: low <= ord(c) <= high
    return _CATEGORIES[argument]


@lru_cache(maxsize=128)
def _machine(pattern: str, flags: str) -> Machine:
    return Machine(pattern, _flag_bits(flags))
