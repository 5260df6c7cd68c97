"""Terms: literals, selectors, names, calls, parentheses."""

from __future__ import annotations

import re
from decimal import Decimal

from openum.cql.errors import CqlError, CqlRuntimeError
from openum.cql.parser.lexer import KEYWORDS, NAME_LIKE, Token
from openum.cql.parser.nodes import (
    Call,
    CodeSelector,
    ConceptSelector,
    IntervalSelector,
    ListSelector,
    Literal,
    Member,
    Name,
    Node,
    TupleSelector,
    TypeName,
)
from openum.cql.parser.queries import QueryParser
from openum.cql.parser.stream import PRECISION_WORDS
from openum.cql.values import temporal
from openum.cql.values.numbers import LIMIT, MAX_INTEGER, MAX_LONG, Long
from openum.cql.values.quantity import Quantity, Ratio

_LOOSE_DATE = re.compile(r"-\d{1,2}(?:-\d{1,2})?(?![\d.]|\s*[A-Za-z'])")  # behind a date, where no difference is meant
_SOURCES = (ListSelector, TupleSelector, IntervalSelector, Call)  # may be queried without parentheses


class TermParser(QueryParser):
    """Parses one operand."""

    def primary(self, *, plain: bool = False) -> Node:
        """Parse an operand and, unless `plain`, the query it may begin."""
        token = self.token
        if token.kind in ("number", "long"):
            return self._number(plain=plain)
        if token.kind == "string":
            self.advance()
            return Literal(token.value, "String", **token.place)
        if token.kind == "temporal":
            self.advance()
            if len(token.text) < 11 and _LOOSE_DATE.match(self.source, token.offset + len(token.text)):
                self.fail(
                    "Months and days are written with two digits.", token=token, suggestion="Example: @2026-03-04."
                )
            return temporal_literal(token)
        if token.kind == "symbol":
            return self._symbol(token, plain=plain)
        if token.kind == "end":
            self.fail("The text ends in the middle of an expression.", expected="a value or a name")
        if token.kind == "name":
            special = self._keyword(token)
            if special is not None:
                return special if plain or not isinstance(special, _SOURCES) else self._maybe_query(special)
        node = self._name(token)
        return node if plain else self._maybe_query(node)

    def _maybe_query(self, node: Node) -> Node:
        token = self.token
        if not token.is_identifier or (token.text in ("less", "more") and self.peek().text == "than"):
            return node
        return self.query(node)

    def _symbol(self, token: Token, *, plain: bool) -> Node:
        if token.text == "(":
            self.advance()
            self.enter()
            node = self._with_commas(free=True)
            self.leave()
            self.expect(")", "to close the parenthesis")
            while plain and self.at("."):
                node = self._member(node)
            return node if plain else self._maybe_query(node)
        if token.text == "[":
            retrieve = self.retrieve()
            return retrieve if plain else self._maybe_query(retrieve)
        if token.text == "{":
            selector = self._tuple(None, token) if self._tuple_follows() else self._list(None)
            return selector if plain else self._maybe_query(selector)
        if token.text not in ("$this", "$index", "$total"):
            self.fail(expected="a value or a name")
        self.advance()
        return Name(token.text, **token.place)

    def _keyword(self, token: Token) -> Node | None:
        if token.text not in KEYWORDS and token.text != "tuple":
            return None
        text, after = token.text, self.peek()
        at = token.place
        if text in ("true", "false"):
            self.advance()
            return Literal(text == "true", "Boolean", **at)
        if text == "null":
            self.advance()
            return Literal(None, "Any", **at)
        if text == "Interval" and after.text in ("[", "("):
            return self._interval()
        if text in ("Tuple", "tuple") and after.text == "{":
            self.advance()
            return self._tuple(None, token)
        if text == "List" and after.text in ("<", "{"):
            self.advance()
            kind = None
            if self.take("<"):
                kind = self.type_specifier()
                self.expect(">")
            return self._list(kind)
        if text == "Code" and after.kind == "string":
            return self._code()
        if text == "Concept" and after.text == "{" and self.peek(2).text == "Code" and self.peek(3).kind == "string":
            return self._concept()
        if text == "from":
            return self.from_query()
        if text in KEYWORDS and text not in NAME_LIKE:
            self.fail(expected="a value or a name")
        return None

    def _name(self, token: Token) -> Node:
        name = self.name_like("a value or a name")
        at = token.place
        if self.at("("):
            return Call(name, self._arguments(), **at)
        if self.at("{"):
            return self._tuple(TypeName(name, "", **at), token)
        if self.at(".") and self._instance_follows():
            parts = [name]
            while self.take("."):
                parts.append(self.advance().value)
            return self._tuple(TypeName(".".join(parts[1:]), name, **at), token)
        node: Node = Name(name, **at)
        while self.at(".") and self._plain_member():
            node = self._member(node)
        return node

    def _instance_follows(self) -> bool:
        """Say whether the dotted name that starts here is the type of an instance selector."""
        ahead = 0
        while self.peek(ahead).text == "." and self.peek(ahead + 1).kind in ("name", "quoted"):
            ahead += 2
        brace, first, second = self.peek(ahead), self.peek(ahead + 1), self.peek(ahead + 2)
        return brace.text == "{" and (second.text == ":" or first.text == ":")

    def _plain_member(self) -> bool:
        after = self.peek()
        return after.kind in ("name", "quoted")

    def _member(self, source: Node) -> Node:
        self.expect(".")
        token = self.token
        if token.text in ("$this", "$index", "$total"):
            self.fail(expected="an element name")
        name = self.name_like("an element name")
        if self.at("("):
            return Call(name, self._arguments(), source, **token.place)
        return Member(source, name, **token.place)

    def _with_commas(self, *, free: bool) -> Node:
        """Parse an expression inside brackets that give commas a meaning of their own, or none."""
        around, self.commas_free = self.commas_free, free
        node = self.expression()
        self.commas_free = around
        return node

    def _arguments(self) -> list[Node]:
        self.expect("(")
        self.enter()
        arguments: list[Node] = []
        if not self.at(")"):
            arguments.append(self._with_commas(free=False))
            while self.take(","):
                arguments.append(self._with_commas(free=False))
        self.leave()
        self.expect(")", "to close the argument list")
        return arguments

    def _tuple_follows(self) -> bool:
        first, second = self.peek(), self.peek(2)
        return first.text == ":" or (first.kind in ("name", "quoted") and second.text == ":")

    def _list(self, kind: TypeName | None) -> ListSelector:
        start = self.expect("{")
        self.enter()
        items: list[Node] = []
        if not self.at("}"):
            items.append(self._with_commas(free=False))
            while self.take(","):
                items.append(self._with_commas(free=False))
        self.leave()
        self.expect("}", "to close the list")
        return ListSelector(items, kind, **start.place)

    def _interval(self) -> IntervalSelector:
        start = self.advance()
        low_closed = self.advance().text == "["
        self.enter()
        low = self._with_commas(free=False)
        self.expect(",", "between the bounds of the interval")
        high = self._with_commas(free=False)
        self.leave()
        if not self.at("]", ")"):
            self.fail(expected="“]” or “)” to close the interval")
        high_closed = self.advance().text == "]"
        return IntervalSelector(low, high, low_closed, high_closed, **start.place)

    def _tuple(self, kind: TypeName | None, start: Token) -> TupleSelector:
        self.expect("{")
        self.enter()
        elements: list[tuple[str, Node]] = []
        if not self.take(":"):
            while not self.at("}"):
                name = self.name_like("an element name")
                self.expect(":", f"after the element name {name}")
                elements.append((name, self._with_commas(free=False)))
                if not self.take(","):
                    break
        self.leave()
        self.expect("}", "to close the tuple")
        return TupleSelector(elements, kind, **start.place)

    def _code(self) -> CodeSelector:
        start = self.advance()
        code = self.expect_string("a code")
        self.expect("from", "and the code system")
        system = self._terminology_name()
        display = self.expect_string("a display text") if self.take("display") else None
        return CodeSelector(code, system, display, **start.place)

    def _terminology_name(self) -> Node:
        token = self.token
        node: Node = Name(self.identifier("the name of a code system"), **token.place)
        while self.at("."):
            node = self._member(node)
        return node

    def _concept(self) -> ConceptSelector:
        start = self.advance()
        self.expect("{")
        codes: list[Node] = [self._code()]
        while self.take(","):
            codes.append(self._code())
        self.expect("}")
        display = self.expect_string("a display text") if self.take("display") else None
        return ConceptSelector(codes, display, **start.place)

    def _number(self, *, plain: bool) -> Node:
        token = self.advance()
        at = token.place
        if self.token.kind == "name" and self.token.is_identifier:
            self.bad_unit(self.token)
        if token.kind == "long":
            if int(token.value) > MAX_LONG + 1:
                self.fail(f"{token.text} is outside the range of Long.", token=token)
            return Literal(Long(token.value), "Long", **at)
        if self.token.kind == "string" or (self.token.text in PRECISION_WORDS and not self._word_is_operator()):
            first = Quantity(Decimal(token.value), self.advance().value)
            if self._ratio_follows(plain=plain):
                return Literal(Ratio(first, self._denominator()), "Ratio", **at)
            return Literal(first, "Quantity", **at)
        if self._ratio_follows(plain=plain):
            return Literal(Ratio(Quantity(Decimal(token.value)), self._denominator()), "Ratio", **at)
        if "." in token.value:
            whole, fraction = token.value.split(".")
            if len(fraction) > 8 or Decimal(whole) >= LIMIT:
                self.fail("A Decimal has at most 28 digits before and 8 after the point.", token=token)
            return Literal(Decimal(token.value), "Decimal", **at)
        if int(token.value) > MAX_INTEGER + 1:
            self.fail(
                f"{token.text} is outside the range of Integer.",
                token=token,
                suggestion=f"Write {token.text}L for a Long.",
            )
        return Literal(int(token.value), "Integer", **at)

    def _ratio_follows(self, *, plain: bool) -> bool:
        return not plain and self.at(":") and self.peek().kind == "number"

    def _denominator(self) -> Quantity:
        self.expect(":")
        value = Decimal(self.advance().value)
        if self.token.kind == "string" or (self.token.text in PRECISION_WORDS and not self._word_is_operator()):
            return Quantity(value, self.advance().value)
        return Quantity(value)

    def _word_is_operator(self) -> bool:
        return self.peek().text in ("between", "from")


def temporal_literal(token: Token) -> Literal:
    """Return the literal of an @ token."""
    text = token.text[1:]
    at = token.place
    try:
        if text.startswith("T"):
            if text.endswith("Z") or "+" in text or "-" in text:
                raise CqlRuntimeError("A Time has no time zone.")
            parts = [int(p) for p in text[1:].split(".")[0].split(":")]
            if "." in text:
                parts.append(int((text.split(".")[1] + "00")[:3]))
            return Literal(temporal.Time.of(*parts), "Time", **at)
        day, separator, clock = text.partition("T")
        fields = [int(p) for p in day.split("-")]
        if not separator and not clock:
            return Literal(temporal.Date.of(*fields), "Date", **at)
        offset = None
        for mark in ("Z", "+", "-"):
            if mark in clock:
                clock, zone = clock[: clock.index(mark)], clock[clock.index(mark) :]
                offset = temporal.parse_offset(zone)
                break
        if clock:
            if len(fields) < 3:
                raise CqlRuntimeError("A time needs a full date before it.")
            whole, _, fraction = clock.partition(".")
            fields += [int(p) for p in whole.split(":")]
            if fraction:
                fields.append(int((fraction + "00")[:3]))
        return Literal(temporal.DateTime.of(*fields, offset=offset), "DateTime", **at)
    except CqlRuntimeError as error:
        raise CqlError(str(error), token.line, token.column) from error
