"""Operators: a Pratt parser over the binding powers of the CQL grammar."""

from __future__ import annotations

from typing import Final

from openum.cql.parser.lexer import Token
from openum.cql.parser.nodes import (
    Between,
    Binary,
    Case,
    Component,
    ConvertUnit,
    Duration,
    Extreme,
    If,
    Index,
    IsValue,
    Literal,
    Node,
    Per,
    TypeTest,
    Unary,
)
from openum.cql.parser.stream import PRECISION_WORDS
from openum.cql.parser.terms import TermParser
from openum.cql.parser.timing import STARTERS

# Weakest first, as the alternatives of `expression` and `expressionTerm` in the grammar stand from last to first.
UNION, IMPLIES, OR, AND, MEMBERSHIP, EQUALITY, TIMING, COMPARISON, BETWEEN, NOT, TYPE, TERM = range(10, 130, 10)
ADD, MULTIPLY, POWER, PREFIX, POSTFIX = 130, 140, 150, 160, 170

_BINARY: Final[dict[str, tuple[int, str]]] = {
    "|": (UNION, "union"), "union": (UNION, "union"), "intersect": (UNION, "intersect"), "except": (UNION, "except"),
    "implies": (IMPLIES, "implies"), "or": (OR, "or"), "xor": (OR, "xor"), "and": (AND, "and"),
    "in": (MEMBERSHIP, "in"), "contains": (MEMBERSHIP, "contains"),
    "=": (EQUALITY, "="), "!=": (EQUALITY, "!="), "~": (EQUALITY, "~"), "!~": (EQUALITY, "!~"),
    "<": (COMPARISON, "<"), "<=": (COMPARISON, "<="), ">": (COMPARISON, ">"), ">=": (COMPARISON, ">="),
    "+": (ADD, "+"), "-": (ADD, "-"), "&": (ADD, "&"),
    "*": (MULTIPLY, "*"), "/": (MULTIPLY, "/"), "div": (MULTIPLY, "div"), "mod": (MULTIPLY, "mod"),
    "^": (POWER, "^"),
}  # fmt: skip
_OF: Final = {"start": "start", "end": "end", "width": "width", "successor": "successor", "predecessor": "predecessor"}
_FROM: Final = {"singleton": "singleton", "point": "point"}
_PARTS: Final = frozenset({"date", "time", "timezone", "timezoneoffset", *PRECISION_WORDS})


# Words and symbols that an operator may begin with, behind an operand and before one.
_INFIX: Final = frozenset({*_BINARY, *STARTERS, "is", "as", "between"})
_PREFIX: Final = frozenset(
    {*_OF, *_FROM, *_PARTS, "not", "exists", "duration", "difference", "cast", "convert", "minimum", "maximum",
     "distinct", "flatten", "expand", "collapse", "if", "case"}
)  # fmt: skip


class ExpressionParser(TermParser):
    """Parses whole expressions."""

    def expression(self, power: int = 0) -> Node:
        """Parse an expression whose operators bind tighter than `power`."""
        self.enter()
        left = self._prefix()
        while True:
            token = self.token
            if token.kind == "symbol" and token.text in (".", "["):
                left = self._postfix(left)
                continue
            step = self._infix(left, token, power)
            if step is None:
                break
            left = step
        self.leave()
        return left

    def _postfix(self, left: Node) -> Node:
        if self.at("."):
            return self._member(left)
        token = self.advance()
        index = self.expression()
        self.expect("]", "to close the index")
        return Index(left, index, **token.place)

    def _infix(self, left: Node, token: Token, power: int) -> Node | None:
        if token.kind != "number" and token.text not in _INFIX:
            return None
        at = token.place
        if token.kind in ("name", "symbol"):
            binary = _BINARY.get(token.text)
            if binary is not None:
                strength, op = binary
                if strength <= power:
                    return None
                self.advance()
                precision = self.precision_of() if strength == MEMBERSHIP else ""
                return Binary(op, left, self.expression(strength), precision, **at)
            if token.text == "is" and power < TYPE:
                return self._is(left, token)
            if token.text == "as" and power < TYPE:
                self.advance()
                return TypeTest("as", left, self.type_specifier(), **at)
            if power < BETWEEN and (self.at("between") or self.at_words("properly", "between")):
                proper = self.take("properly")
                self.advance()
                low = self.expression(TERM)
                self.expect("and", "before the upper bound")
                return Between(left, low, self.expression(TERM), proper, **at)
        if token.kind == "number" and self.peek().kind == "name" and not self.at_timing():
            self.bad_unit(self.peek())
        if power < TIMING and self.at_timing():
            phrase = self.timing_phrase(left)
            phrase.right = self.expression(TIMING)
            return phrase
        return None

    def _is(self, left: Node, token: Token) -> Node:
        self.advance()
        at = token.place
        negated = self.take("not")
        if self.at("null", "true", "false"):
            word = self.advance().text
            return IsValue(left, {"null": None, "true": True, "false": False}[word], negated, **at)
        if negated:
            self.fail(expected="“null”, “true” or “false”")
        return TypeTest("is", left, self.type_specifier(), **at)

    def _prefix(self) -> Node:
        token = self.token
        at = token.place
        if token.kind == "symbol" and token.text in ("+", "-"):
            self.advance()
            operand = self.expression(PREFIX)
            return Unary("negate" if token.text == "-" else "positive", operand, **at)
        if token.kind == "name":
            node = self._prefix_word(token, self.peek())
            if node is not None:
                return node
        return self.primary()

    def _prefix_word(self, token: Token, after: Token) -> Node | None:
        text = token.text
        if text not in _PREFIX:
            return None
        at = token.place
        if text in ("not", "exists"):
            self.advance()
            return Unary(text, self.expression(NOT), **at)
        if (text in _OF and after.text == "of") or (text in _FROM and after.text == "from"):
            self.advance()
            self.advance()
            return Unary(text, self.expression(PREFIX), **at)
        if text in _PARTS and after.text == "from":
            self.advance()
            self.advance()
            return Component(PRECISION_WORDS.get(text, text), self.expression(PREFIX), **at)
        if text in PRECISION_WORDS and after.text == "between":
            return self._duration("duration", token)
        if text in ("duration", "difference") and after.text == "in":
            self.advance()
            self.advance()
            return self._duration(text, token)
        if text == "cast":
            self.advance()
            operand = self.expression(TYPE)
            self.expect("as")
            return TypeTest("cast", operand, self.type_specifier(), **at)
        if text == "convert":
            return self._convert(token)
        if text in ("minimum", "maximum") and after.kind == "name":
            self.advance()
            return Extreme(text, self.named_type(), **at)
        if text in ("distinct", "flatten") and after.text != "(":
            self.advance()
            return Unary(text, self.expression(TERM), **at)
        if text in ("distinct", "flatten"):
            self.advance()
            return Unary(text, self.expression(PREFIX), **at)
        if text in ("expand", "collapse"):
            return self._per(token)
        if text == "if":
            return self._if(token)
        if text == "case":
            return self._case(token)
        return None

    def _convert(self, token: Token) -> Node:
        self.advance()
        operand = self.expression(TERM)
        self.expect("to", "and the target type")
        at = token.place
        if self.token.kind == "string" or self.token.text in PRECISION_WORDS:
            return ConvertUnit(operand, self.advance().value, **at)
        return TypeTest("convert", operand, self.type_specifier(), **at)

    def _duration(self, op: str, token: Token) -> Node:
        word = self.token
        if word.text not in PRECISION_WORDS:
            self.fail(expected="a precision such as days")
        precision = PRECISION_WORDS[self.advance().text]
        at = token.place
        if self.take("of"):
            return Duration(op, precision, self.expression(PREFIX), None, **at)
        self.expect("between", "and two values")
        low = self.expression(TERM)
        if self.at("as", "is"):
            self.fail(expected="“and”", suggestion=f"Put the part with “{self.token.text}” in parentheses.")
        self.expect("and", "before the second value")
        return Duration(op, precision, low, self.expression(TERM), **at)

    def _per(self, token: Token) -> Node:
        self.advance()
        operand = self.expression(TERM)
        per: Node | None = None
        if self.take("per"):
            word = self.token
            if word.text in PRECISION_WORDS:
                self.advance()
                per = Literal(PRECISION_WORDS[word.text], "Precision", **word.place)
            else:
                per = self.expression(TERM)
        return Per(token.text, operand, per, **token.place)

    def _if(self, token: Token) -> Node:
        self.advance()
        condition = self.expression()
        self.expect("then", "after the condition")
        then = self.expression()
        self.expect("else", "since every “if” has one")
        return If(condition, then, self.expression(), **token.place)

    def _case(self, token: Token) -> Node:
        self.advance()
        comparand = None if self.at("when") else self.expression()
        items: list[tuple[Node, Node]] = []
        while self.take("when"):
            condition = self.expression()
            self.expect("then", "after the condition")
            items.append((condition, self.expression()))
        if not items:
            self.fail(expected="“when”")
        self.expect("else", "since every “case” has one")
        otherwise = self.expression()
        self.expect("end", "to close the “case”")
        return Case(comparand, items, otherwise, **token.place)
