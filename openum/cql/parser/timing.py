"""Timing phrases: `starts 3 days or less before day of start …`."""

from __future__ import annotations

import difflib
from decimal import Decimal
from typing import Final, NoReturn

from openum.cql.parser.lexer import Token
from openum.cql.parser.nodes import Literal, Node, Offset, Timing
from openum.cql.parser.stream import PRECISION_WORDS
from openum.cql.parser.types import TypeParser
from openum.cql.values.quantity import Quantity

STARTERS: Final = frozenset(
    """starts ends occurs same properly includes included during before after on within meets overlaps less more""".split()  # noqa: SIM905 - read as words
)


class TimingParser(TypeParser):
    """Recognises and parses the operator phrase between two operands."""

    def at_timing(self) -> bool:
        """Say whether a timing phrase starts here."""
        token = self.token
        if token.kind == "name":
            if token.text == "properly":
                return self.peek().text != "between"
            return token.text in STARTERS
        return token.kind == "number" and self._at_offset()

    def _at_offset(self) -> bool:
        return self.peek().kind == "string" or self.peek().text in PRECISION_WORDS

    def timing_phrase(self, left: Node) -> Timing:
        """Parse the phrase; the right operand is filled in by the caller."""
        start = self.token
        phrase = Timing("", left, left, **start.place)
        if self.at("starts", "ends", "occurs"):
            word = self.advance().text
            if word != "occurs" and not self._phrase_follows():
                phrase.op = word
                phrase.precision = self.precision_of()
                return phrase
            phrase.left_side = word
        self._relation(phrase)
        if self.at("start", "end") and self.peek().text != "of":
            phrase.right_side = self.advance().text
        return phrase

    def _phrase_follows(self) -> bool:
        token = self.token
        if token.kind == "number":
            return self._at_offset()
        return token.kind == "name" and token.text in STARTERS - {
            "starts",
            "ends",
            "occurs",
            "meets",
            "overlaps",
            "includes",
        }

    def _relation(self, phrase: Timing) -> None:
        if self.take("same"):
            if (
                self.token.text in PRECISION_WORDS and self.peek().text in ("as", "or")
            ) or self._precision_before_operand():
                phrase.precision = PRECISION_WORDS[self.advance().text]
            phrase.op = "same"
            if self.take("or"):
                if not self.at("before", "after"):
                    self.fail(expected="“before” or “after”")
                phrase.op = f"same_or_{self.advance().text}"
            else:
                self.take("as")
            return
        phrase.proper = self.take("properly")
        if self.take("includes"):
            phrase.op = "includes"
        elif self.take("during") or self.take("included", "in"):
            phrase.op = "included_in"
        elif self.take("within"):
            phrase.op = "within"
            phrase.offset = Offset(self.offset_quantity(), "within", line=phrase.line, column=phrase.column)
            self.expect("of")
            return
        elif self.at("meets", "overlaps"):
            phrase.op = self.advance().text
            if self.at("before", "after"):
                phrase.op += "_" + self.advance().text
        else:
            self._before_after(phrase)
        phrase.precision = self.precision_of()

    def _precision_before_operand(self) -> bool:
        return self.token.text in PRECISION_WORDS and self.peek().text not in (".", "(", "from")

    def _before_after(self, phrase: Timing) -> None:
        token = self.token
        if self.at("less", "more") and self.peek().text == "than":
            relation = f"{self.advance().text} than"
            self.advance()
            phrase.offset = Offset(self.offset_quantity(), relation, **token.place)
        elif token.kind == "number":
            quantity = self.offset_quantity()
            relation = "exactly"
            if self.at("or") and self.peek().text in ("more", "less"):
                self.advance()
                relation = f"or {self.advance().text}"
            phrase.offset = Offset(quantity, relation, **token.place)
        on = self.take("on", "or")
        if not self.at("before", "after"):
            self.fail(expected="a timing phrase such as “before”, “after”, “on or before” or “during”")
        word = self.advance().text
        on = self.take("or", "on") or on
        phrase.op = f"on_or_{word}" if on else word

    def precision_of(self) -> str:
        """Parse `day of`, or nothing."""
        if self.token.text in PRECISION_WORDS and self.peek().text == "of":
            word = PRECISION_WORDS[self.advance().text]
            self.advance()
            return word
        return ""

    def bad_unit(self, token: Token) -> NoReturn:
        """Fail at a word where a unit was meant."""
        close = difflib.get_close_matches(token.text, PRECISION_WORDS, 1, 0.6)
        hint = f"Did you mean “{close[0]}”?" if close else f"Units go in single quotes: '{token.text}'."
        self.fail(f"“{token.text}” is no unit of time.", suggestion=hint, token=token)

    def offset_quantity(self) -> Literal:
        """Parse the quantity of an offset."""
        token = self.token
        if token.kind != "number":
            self.fail(expected="a quantity such as 3 days")
        self.advance()
        if self.token.kind == "string":
            unit = self.advance().value
        elif self.token.text in PRECISION_WORDS:
            unit = self.advance().text
        else:
            self.fail(expected="a unit such as days")
        return Literal(Quantity(Decimal(token.value), unit), "Quantity", **token.place)
