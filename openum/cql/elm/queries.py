"""Queries as ELM."""

from __future__ import annotations

from openum.cql.compile import tree
from openum.cql.compile.types import Type
from openum.cql.elm.core import Core
from openum.cql.elm.types import Json


class Queries(Core):
    """Writes queries."""

    def query(self, node: tree.QueryNode) -> Json:
        """A query."""
        sources = [self._source(s) for s in node.sources]
        lets = []
        for name, value in node.lets:
            label = self._label(name)
            lets.append({"identifier": label, "expression": self.write(value)})
            self.locals[name] = {"type": "QueryLetRef", "name": label}
        relations = []
        for relation in node.relations:
            inner = self._source(relation.source)
            such = self.argument(relation.condition, Type("Boolean"))
            relations.append({"type": "Without" if relation.negated else "With", **inner, "suchThat": such})
        found: Json = {"type": "Query", "source": sources, "relationship": relations}
        if lets:
            found["let"] = lets
        if node.where is not None:
            found["where"] = self.argument(node.where, Type("Boolean"))
        if node.aggregate is not None:
            found["aggregate"] = self._aggregate(node.aggregate)
        else:
            row: Json = {"type": "AliasRef", "name": sources[0]["alias"]}
            returned = row if node.result is None else self.write(node.result)
            found["return"] = {"distinct": node.distinct, "expression": returned}
        if node.sort:
            found["sort"] = {"by": [self._sort(s, node.this) for s in node.sort]}
        return found

    def _label(self, mangled: str) -> str:
        return self.notes.names.get(mangled) or f"${mangled}"

    def _source(self, source: tree.SourceNode) -> Json:
        expression = self.write(source.source)
        label = self._label(source.name)
        self.locals[source.name] = {"type": "AliasRef", "name": label}
        return {"alias": label, "expression": expression}

    def _aggregate(self, node: tree.AggregateNode) -> Json:
        label = self._label(node.name)
        self.locals[node.name] = {"type": "QueryLetRef", "name": label}
        starting = self.argument(node.starting, node.expression.type)
        return {
            "identifier": label,
            "distinct": node.distinct,
            "starting": starting,
            "expression": self.write(node.expression),
        }

    def _sort(self, node: tree.SortNode, this: str) -> Json:
        direction = "desc" if node.descending else "asc"
        key = node.key
        if isinstance(key, tree.Local):
            return {"type": "ByDirection", "direction": direction}
        if isinstance(key, tree.Operation) and len(key.args) == 1 and isinstance(key.args[0], tree.Local):
            return {"type": "ByDirection", "direction": direction}
        if isinstance(key, tree.Field) and isinstance(key.source, tree.Local) and key.kind != "each":
            return {"type": "ByColumn", "path": key.name, "direction": direction}
        self.sorting.add(this)
        self.locals[this] = {"type": "IdentifierRef", "name": "$this"}
        written = self.write(key)
        self.sorting.discard(this)
        return {"type": "ByExpression", "direction": direction, "expression": written}
