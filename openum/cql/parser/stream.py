"""The token stream: look-ahead, expectations and human errors."""

from __future__ import annotations

import difflib
from typing import Final, NoReturn

from openum.cql.errors import CqlError
from openum.cql.parser.lexer import KEYWORDS, NAME_LIKE, Token, tokenize

MAX_DEPTH: Final = 120
MODELS: Final = ("System", "FHIR", "QICore", "USCore", "QUICK")

PRECISION_WORDS: Final[dict[str, str]] = {
    word: word.rstrip("s")
    for unit in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
    for word in (unit, unit + "s")
}


def describe(token: Token) -> str:
    """Name a token in an error message."""
    if token.kind == "end":
        return "the end of the text"
    text = token.text if len(token.text) <= 40 else token.text[:37] + "..."
    return f"“{text}”"


class TokenStream:
    """Tokens with one position, shared by the parser's parts."""

    def __init__(self, source: str) -> None:
        self.tokens = tokenize(source)
        self.source = source
        self.index = 0
        self.token = self.tokens[0]
        self.depth = 0
        self.models = set(MODELS)
        self.commas_free = True  # a comma here belongs to no list, call or clause around the expression

    def peek(self, ahead: int = 1) -> Token:
        """Return a later token without moving."""
        place = self.index + ahead
        return self.tokens[place] if place < len(self.tokens) else self.tokens[-1]

    def advance(self) -> Token:
        """Return the present token and move past it."""
        token = self.token
        if token.kind != "end":
            self.index += 1
            self.token = self.tokens[self.index]
        return token

    def back_to(self, index: int) -> None:
        """Return to an earlier position."""
        self.index = index
        self.token = self.tokens[index]

    def at(self, *texts: str) -> bool:
        """Say whether the present token is one of these words or symbols."""
        token = self.token
        return token.text in texts and token.kind in ("name", "symbol")

    def at_words(self, *words: str) -> bool:
        """Say whether the coming tokens are these words, in order."""
        for ahead, word in enumerate(words):
            token = self.peek(ahead) if ahead else self.token
            if token.text != word or token.kind not in ("name", "symbol"):
                return False
        return True

    def take(self, *words: str) -> bool:
        """Move past these words when they come next."""
        if self.token.text != words[0] or not self.at_words(*words):
            return False
        for _ in words:
            self.advance()
        return True

    def expect(self, text: str, purpose: str = "") -> Token:
        """Move past one word or symbol, or fail saying what was expected."""
        if not self.at(text):
            self.fail(expected=f"“{text}”{' ' + purpose if purpose else ''}")
        return self.advance()

    def expect_string(self, purpose: str) -> str:
        """Return the value of a text literal."""
        if self.token.kind != "string":
            suggestion = (
                "Text goes in single quotes; double quotes are for names." if self.token.kind == "quoted" else ""
            )
            self.fail(expected=f"{purpose} in single quotes", suggestion=suggestion)
        return self.advance().value

    def identifier(self, purpose: str = "a name") -> str:
        """Return a name that is no reserved word."""
        if not self.token.is_identifier:
            suggestion = ""
            if self.token.kind == "name":
                suggestion = f"“{self.token.text}” is a reserved word; as a name it needs double quotes."
            self.fail(expected=purpose, suggestion=suggestion)
        return self.advance().value

    def name_like(self, purpose: str = "a name") -> str:
        """Return a name, allowing reserved words that may name an element."""
        token = self.token
        if not token.is_identifier and (token.kind != "name" or token.text not in NAME_LIKE):
            self.fail(expected=purpose)
        return self.advance().value

    def fail(
        self, message: str = "", *, expected: str = "", suggestion: str = "", token: Token | None = None
    ) -> NoReturn:
        """Raise an error at a token."""
        at = token or self.token
        if not message:
            message = f"{describe(at)[:1].upper()}{describe(at)[1:]} does not fit here."
        if not suggestion and at.kind == "name" and at.text not in KEYWORDS:
            close = difflib.get_close_matches(at.text, KEYWORDS, 1, 0.75)
            if close:
                suggestion = f"Did you mean “{close[0]}”?"
        raise CqlError(message, at.line, at.column, expected=expected, suggestion=suggestion)

    def enter(self) -> None:
        """Count one level of nesting.

        Raises:
            CqlError: more than `MAX_DEPTH` levels.
        """
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(
                f"The expression is nested more than {MAX_DEPTH} levels deep.",
                suggestion="Move a part of it into a definition of its own.",
            )

    def leave(self) -> None:
        """Leave one level of nesting."""
        self.depth -= 1
