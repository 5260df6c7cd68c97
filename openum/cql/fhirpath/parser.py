"""FHIRPath as a subset of CQL: the same tokens, literals and Pratt parser, with the binding powers of FHIRPath."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NoReturn

from openum.cql.errors import CqlError
from openum.cql.fhirpath.errors import FhirPathError
from openum.cql.parser.expressions import ExpressionParser
from openum.cql.parser.lexer import Token
from openum.cql.parser.nodes import Binary, Call, Index, ListSelector, Literal, Member, Name, Node, TypeTest, Unary
from openum.cql.parser.stream import PRECISION_WORDS
from openum.cql.parser.terms import temporal_literal
from openum.cql.values.numbers import MAX_INTEGER, MAX_LONG, Long
from openum.cql.values.quantity import Quantity

# Weakest first, as the precedence table of the FHIRPath specification read from its last row to its first.
IMPLIES, OR, AND, MEMBERSHIP, EQUALITY, COMPARISON, UNION, TYPE, ADD, MULTIPLY, PREFIX = range(10, 120, 10)

_BINARY: Final[dict[str, int]] = {
    "implies": IMPLIES, "or": OR, "xor": OR, "and": AND, "in": MEMBERSHIP, "contains": MEMBERSHIP,
    "=": EQUALITY, "!=": EQUALITY, "~": EQUALITY, "!~": EQUALITY,
    "<": COMPARISON, "<=": COMPARISON, ">": COMPARISON, ">=": COMPARISON, "|": UNION, "is": TYPE, "as": TYPE,
    "+": ADD, "-": ADD, "&": ADD, "*": MULTIPLY, "/": MULTIPLY, "div": MULTIPLY, "mod": MULTIPLY,
}  # fmt: skip
_RESERVED: Final = frozenset({"and", "or", "xor", "implies", "div", "mod", "true", "false"})
_SPECIAL: Final = frozenset({"$this", "$index", "$total"})
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES: Final = {
    "n": "\n", "r": "\r", "t": "\t", "f": "\f", "'": "'", '"': '"', "`": "`", "\\": "\\", "/": "/",
}  # fmt: skip


@dataclass(slots=True)
class Variable(Node):
    """`%name`."""

    name: str


class FhirPathParser(ExpressionParser):
    """Parses one FHIRPath expression."""

    def expression(self, power: int = 0) -> Node:
        """Parse an expression whose operators bind tighter than `power`."""
        self.enter()
        left = self._prefix()
        while True:
            token = self.token
            if token.kind == "symbol" and token.text in (".", "["):
                left = self._postfix(left)
                continue
            strength = _BINARY.get(token.text, 0) if token.kind in ("name", "symbol") else 0
            if strength <= power:
                break
            self.advance()
            if strength == TYPE:
                left = TypeTest(token.text, left, self.named_type(), **token.place)
            else:
                left = Binary(token.text, left, self.expression(strength), **token.place)
        self.leave()
        return left

    def _prefix(self) -> Node:
        token = self.token
        if token.kind == "symbol" and token.text in ("+", "-"):
            self.advance()
            operand = self.expression(PREFIX)
            return Unary("negate" if token.text == "-" else "positive", operand, **token.place)
        return self.primary()

    def _postfix(self, left: Node) -> Node:
        if self.at("."):
            return self._member(left)
        token = self.advance()
        index = self.expression()
        self.expect("]", "to close the index")
        return Index(left, index, **token.place)

    def primary(self, *, plain: bool = False) -> Node:
        """Parse one term; there are no queries in FHIRPath, so `plain` changes nothing."""
        token = self.token
        at = token.place
        if token.kind in ("number", "long"):
            return self._figure(token)
        if token.kind == "string":
            self.advance()
            return Literal(text_of(token), "String", **at)
        if token.kind == "temporal":
            self.advance()
            return temporal_literal(token)
        if token.kind == "symbol":
            return self._special(token)
        if token.kind == "end":
            self.fail("The expression ends too early.", expected="a value or a name")
        if token.kind == "name" and token.text in ("true", "false"):
            self.advance()
            return Literal(token.text == "true", "Boolean", **at)
        name = self.name_like("a value or a name")
        return Call(name, self._arguments(), **at) if self.at("(") else Name(name, **at)

    def _figure(self, token: Token) -> Node:
        """Parse a number, or a quantity: a number with a unit in quotes or a calendar word."""
        self.advance()
        at = token.place
        unit = self.token
        if unit.kind == "string" or (unit.kind == "name" and unit.text in PRECISION_WORDS):
            self.advance()
            return Literal(Quantity(Decimal(token.value), unit.value), "Quantity", **at)
        if token.kind == "long":
            if int(token.value) > MAX_LONG:
                self.fail(f"{token.text} is outside the range of Long.", token=token)
            return Literal(Long(token.value), "Long", **at)
        if "." in token.value:
            return Literal(Decimal(token.value), "Decimal", **at)
        if int(token.value) > MAX_INTEGER + 1:
            self.fail(f"{token.text} is outside the range of Integer.", token=token)
        return Literal(int(token.value), "Integer", **at)

    def _special(self, token: Token) -> Node:
        at = token.place
        if token.text == "(":
            self.advance()
            node = self.expression()
            self.expect(")", "to close the parenthesis")
            return node
        if token.text == "{":
            self.advance()
            self.expect("}", "since only the empty collection is written in braces")
            return ListSelector([], **at)
        if token.text == "%":
            self.advance()
            name = self.token
            if name.kind not in ("name", "quoted", "string"):
                self.fail(expected="the name of a variable")
            self.advance()
            return Variable(name.value, **at)
        if token.text not in _SPECIAL:
            self.fail(expected="a value or a name")
        self.advance()
        return Name(token.text, **at)

    def _member(self, source: Node) -> Node:
        self.expect(".")
        token = self.token
        if token.text in _SPECIAL:
            self.advance()
            return Member(source, token.text, **token.place)
        name = self.name_like("an element or a function")
        if self.at("("):
            return Call(name, self._arguments(), source, **token.place)
        return Member(source, name, **token.place)

    def name_like(self, purpose: str = "a name") -> str:
        """Return a name: any word but the operators, or one in backticks."""
        token = self.token
        if token.kind == "quoted":
            if token.text.startswith('"'):
                self.fail(expected=purpose, suggestion="Text goes in single quotes, a delimited name in backticks.")
        elif token.kind != "name" or token.text in _RESERVED:
            self.fail(expected=purpose)
        return self.advance().value

    def fail(
        self, message: str = "", *, expected: str = "", suggestion: str = "", token: Token | None = None
    ) -> NoReturn:
        """Raise a syntax error at a token, without a guess at CQL keywords."""
        try:
            super().fail(message, expected=expected, suggestion=suggestion or " ", token=token)
        except CqlError as error:
            error.suggestion = suggestion
            raise FhirPathError.of(error, "syntax") from None


def text_of(token: Token) -> str:
    r"""Return the value of a text literal; an escape that FHIRPath does not have, such as `\d`, keeps its backslash."""

    def resolve(match: re.Match[str]) -> str:
        found = match.group(1)
        return chr(int(found[1:], 16)) if len(found) == 5 else _ESCAPES.get(found, match.group())

    return _ESCAPE.sub(resolve, token.text[1:-1]) if "\\" in token.text else token.value


def parse(text: str) -> Node:
    """Parse an expression.

    Raises:
        FhirPathError: of kind "syntax", with the position of the first fault.
    """
    try:
        parser = FhirPathParser(text)
        node = parser.expression()
        if parser.token.kind != "end":
            parser.fail(expected="an operator or the end of the expression")
    except FhirPathError:
        raise
    except CqlError as error:
        raise FhirPathError.of(error, "syntax") from None
    return node
