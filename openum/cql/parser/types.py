"""Type specifiers."""

from __future__ import annotations

from openum.cql.parser.nodes import TypeName
from openum.cql.parser.stream import TokenStream


class TypeParser(TokenStream):
    """Parses `FHIR.Observation`, `List<T>`, `Interval<T>`, `Choice<A, B>`, `Tuple { a T }`."""

    def type_specifier(self) -> TypeName:
        """Parse one type."""
        token = self.token
        if token.text in ("List", "Interval", "Choice") and self.peek().text == "<":
            self.advance()
            self.advance()
            self.enter()
            parts = [self.type_specifier()]
            while self.take(","):
                parts.append(self.type_specifier())
            self.expect(">", "to close the type")
            self.leave()
            return TypeName(token.text, "", parts, **token.place)
        if token.text == "Tuple" and self.peek().text == "{":
            self.advance()
            self.advance()
            elements = []
            while not self.at("}"):
                name = self.name_like("an element name")
                elements.append((name, self.type_specifier()))
                if not self.take(","):
                    break
            self.expect("}", "to close the tuple type")
            return TypeName("Tuple", "", [], elements, **token.place)
        return self.named_type()

    def named_type(self) -> TypeName:
        """Parse a type name with an optional model qualifier."""
        token = self.token
        parts = [self.name_like("a type name")]
        while self.at(".") and self.peek().kind in ("name", "quoted"):
            self.advance()
            parts.append(self.name_like("a type name"))
        qualifier = ""
        if len(parts) > 1 and parts[0] in self.models:
            qualifier = parts.pop(0)
        return TypeName(".".join(parts), qualifier, **token.place)
