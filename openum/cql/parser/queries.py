"""Queries and retrieves."""

from __future__ import annotations

from abc import ABC, abstractmethod

from openum.cql.errors import CqlError
from openum.cql.parser.nodes import (
    AggregateClause,
    Aliased,
    Node,
    Query,
    Relation,
    Retrieve,
    SortItem,
)
from openum.cql.parser.timing import TimingParser


class QueryParser(TimingParser, ABC):
    """Parses `[Type: terminology]` and everything that may follow a source with an alias."""

    @abstractmethod
    def expression(self, power: int = 0) -> Node:
        """Parse an expression; see `ExpressionParser`."""

    @abstractmethod
    def primary(self, *, plain: bool = False) -> Node:
        """Parse an operand; see `TermParser`. With `plain`, no alias is looked for behind it."""

    def retrieve(self) -> Retrieve:
        """Parse `[ … ]`."""
        start = self.expect("[")
        kind = self.named_type()
        if self.take("->"):
            kind = self.named_type()
        node = Retrieve(kind, **start.place)
        if self.take(":"):
            mark = self.index
            if self.token.kind in ("name", "quoted"):
                path = [self.advance().value]
                while self.at(".") and self.peek().kind in ("name", "quoted"):
                    self.advance()
                    path.append(self.advance().value)
                if self.at("in", "=", "~"):
                    node.path, node.comparator = ".".join(path), self.advance().text
                else:
                    self.back_to(mark)
            node.terminology = self.expression()
        self.expect("]", "to close the retrieve")
        return node

    def query(self, first: Node) -> Query:
        """Parse the rest of a query whose first source has been read and whose alias comes next."""
        alias = self.token
        sources = [Aliased(first, self.identifier("an alias"), **alias.place)]
        while self.commas_free and self.at(","):
            another = self._another_source()
            if another is None:
                break
            sources.append(another)
        return self._clauses(sources)

    def _another_source(self) -> Aliased | None:
        """Parse a further source after a comma, since “from” may be left out; go back when there is none."""
        mark, depth = self.index, self.depth
        self.advance()
        try:
            return self._aliased()
        except CqlError:
            self.back_to(mark)
            self.depth, self.commas_free = depth, True
            return None

    def from_query(self) -> Query:
        """Parse `from a A, b B …`."""
        self.expect("from")
        sources = [self._aliased()]
        while self.take(","):
            sources.append(self._aliased())
        return self._clauses(sources)

    def _aliased(self) -> Aliased:
        source = self.primary(plain=True)
        token = self.token
        return Aliased(source, self.identifier("an alias for the source"), **token.place)

    def _clauses(self, sources: list[Aliased]) -> Query:
        query = Query(
            sources, [], [], None, None, False, None, [], line=sources[0].source.line, column=sources[0].source.column
        )
        if self.take("let"):
            query.lets.append(self._let())
            while self.take(","):
                query.lets.append(self._let())
        while self.at("with", "without"):
            token = self.advance()
            source = self._aliased()
            self.expect("such")
            self.expect("that")
            condition = self.expression()
            query.relations.append(Relation(source, condition, token.text == "without", **token.place))
        if self.take("where"):
            query.where = self.expression()
        if self.at("return"):
            self.advance()
            query.result_all = self.take("all")
            if not query.result_all:
                self.take("distinct")
            query.result = self.expression()
        elif self.at("aggregate"):
            query.aggregate = self._aggregate()
        if self.take("sort"):
            query.sort = self._sort()
        return query

    def _let(self) -> tuple[str, Node]:
        name = self.identifier("a name after “let”")
        self.expect(":")
        around, self.commas_free = self.commas_free, False
        value = self.expression()
        self.commas_free = around
        return name, value

    def _aggregate(self) -> AggregateClause:
        token = self.advance()
        distinct = self.take("distinct")
        if not distinct:
            self.take("all")
        name = self.identifier("a name for the running result")
        starting = None
        if self.take("starting"):
            starting = self.primary(plain=True)
        self.expect(":")
        return AggregateClause(name, distinct, starting, self.expression(), **token.place)

    def _sort(self) -> list[SortItem]:
        if self.take("by"):
            items = [self._sort_item()]
            while self.take(","):
                items.append(self._sort_item())
            return items
        token = self.token
        descending = self._direction()
        if descending is None:
            self.fail(expected="“asc”, “desc” or “by”")
        return [SortItem(None, descending, **token.place)]

    def _sort_item(self) -> SortItem:
        token = self.token
        around, self.commas_free = self.commas_free, False
        expression = self.expression(105)
        self.commas_free = around
        return SortItem(expression, bool(self._direction()), **token.place)

    def _direction(self) -> bool | None:
        if self.at("asc", "ascending"):
            self.advance()
            return False
        if self.at("desc", "descending"):
            self.advance()
            return True
        return None
