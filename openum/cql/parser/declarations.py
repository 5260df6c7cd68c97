"""Libraries: header, declarations, definitions, functions."""

from __future__ import annotations

from openum.cql.parser.expressions import ExpressionParser
from openum.cql.parser.lexer import Place
from openum.cql.parser.nodes import (
    Definition,
    Function,
    Include,
    LibraryTree,
    Name,
    Node,
    Parameter,
    Terminology,
    TypeName,
    Using,
)


class LibraryParser(ExpressionParser):
    """Parses a whole library."""

    def library(self) -> LibraryTree:
        """Parse everything to the end of the text."""
        tree = LibraryTree()
        if self.take("library"):
            tree.name = self._qualified_name()
            tree.version = self._version()
        context = "Patient"
        while self.token.kind != "end":
            if self.at("context"):
                self.advance()
                place = self.token.place
                context = self.name_like("a context such as Patient")
                if self.take("."):
                    place = self.token.place
                    context = self.name_like("a context such as Patient")
                tree.contexts.append(Name(context, **place))
            else:
                self._declaration(tree, context)
        return tree

    def _declaration(self, tree: LibraryTree, context: str) -> None:
        private = self.take("private")
        if not private:
            self.take("public")
        token = self.token
        at = token.place
        if self.take("using"):
            name = self._qualified_name()
            using = Using(name, self._version(), **at)
            if self.take("called"):
                using.alias = self.identifier("a local name")
                self.models.add(using.alias)
            tree.usings.append(using)
        elif self.take("include"):
            name = self._qualified_name()
            version = self._version()
            alias = self.identifier("a local name") if self.take("called") else name.rsplit(".", 1)[-1]
            tree.includes.append(Include(name, version, alias, **at))
        elif self.take("parameter"):
            tree.parameters.append(self._parameter(at))
            tree.parameters[-1].private = private
        elif self.at("codesystem", "valueset", "code", "concept"):
            tree.terminologies.append(self._terminology(at))
            tree.terminologies[-1].private = private
        elif self.take("define"):
            if not private and self.take("private"):
                private = True
            elif not private:
                self.take("public")
            if self.at("fluent", "function"):
                tree.functions.append(self._function(at))
                tree.functions[-1].private = private
                return
            name = self.name_like("a name for the definition")
            self.expect(":", "after the name of the definition")
            tree.definitions.append(Definition(name, self.expression(), context, private, **at))
        else:
            self.fail(expected="a declaration such as define, parameter, valueset, code or include")

    def _qualified_name(self) -> str:
        parts = [self.name_like("a library name")]
        while self.take("."):
            parts.append(self.name_like("a library name"))
        return ".".join(parts)

    def _version(self) -> str:
        return self.expect_string("a version") if self.take("version") else ""

    def _parameter(self, at: Place) -> Parameter:
        name = self.name_like("a parameter name")
        kind: TypeName | None = None
        if not self.at("default") and self.token.kind in ("name", "quoted") and not self._declaration_starts():
            kind = self.type_specifier()
        default = self.expression() if self.take("default") else None
        return Parameter(name, kind, default, **at)

    def _declaration_starts(self) -> bool:
        return self.at(
            "define",
            "parameter",
            "context",
            "valueset",
            "codesystem",
            "code",
            "concept",
            "include",
            "private",
            "public",
        )

    def _terminology(self, at: Place) -> Terminology:
        kind = self.advance().text
        name = self.identifier(f"a name for the {kind}")
        self.expect(":", "after the name")
        node = Terminology(kind, name, "", **at)
        if kind == "concept":
            self.expect("{")
            node.systems.append(self._terminology_name())
            while self.take(","):
                node.systems.append(self._terminology_name())
            self.expect("}")
        else:
            node.id = self.expect_string("a code" if kind == "code" else "a canonical address")
        if kind == "code":
            self.expect("from", "and the code system")
            node.systems.append(self._terminology_name())
        if kind in ("codesystem", "valueset"):
            node.version = self._version() or None
        if kind == "valueset" and self.take("codesystems"):
            self.expect("{")
            node.systems.append(self._terminology_name())
            while self.take(","):
                node.systems.append(self._terminology_name())
            self.expect("}")
        if self.take("display"):
            node.display = self.expect_string("a display text")
        return node

    def _function(self, at: Place) -> Function:
        fluent = self.take("fluent")
        self.expect("function")
        name = self.name_like("a function name")
        self.expect("(")
        operands: list[tuple[str, TypeName]] = []
        while not self.at(")"):
            operand = self.name_like("an operand name")
            operands.append((operand, self.type_specifier()))
            if not self.take(","):
                break
        self.expect(")", "to close the operands")
        result = self.type_specifier() if self.take("returns") else None
        self.expect(":", "before the body of the function")
        body: Node | None = None
        if self.token.text == "external" and self.token.kind == "name":
            self.advance()
        else:
            body = self.expression()
        return Function(name, operands, result, body, fluent, **at)


def parse_library(source: str) -> LibraryTree:
    """Parse a library.

    Raises:
        CqlError: with the position of the first fault.
    """
    return LibraryParser(source).library()


def parse_expression(source: str) -> Node:
    """Parse a single expression.

    Raises:
        CqlError: with the position of the first fault.
    """
    parser = LibraryParser(source)
    node = parser.expression()
    if parser.token.kind != "end":
        parser.fail(expected="an operator or the end of the expression")
    return node
