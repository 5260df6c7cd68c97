"""Queries as Python loops."""

from __future__ import annotations

from dataclasses import replace

from openum.cql.compile import tree
from openum.cql.compile.fast import fixed_key
from openum.cql.compile.trace import source_label, wanted_element
from openum.cql.compile.types import ANY
from openum.cql.compile.writer import Writer
from openum.cql.run import support


class QueryWriter(Writer):
    """Writes queries."""

    def on_query(self, node: tree.QueryNode) -> str:
        """A query."""
        out, depth, loops = self.temporary(), self.indent, self.loops
        sources = [self.value(s.source) for s in node.sources]
        null = " or ".join(f"{s} is None" for s in sources)
        aggregate = node.aggregate
        start = self.value(aggregate.starting) if aggregate is not None else ""
        self.line(f"if {null}:")
        self.line(f"    {out} = None")
        self.line("else:")
        self.indent += 1
        self.line(f"{out} = []")
        if len(sources) > 1:
            self.line(f"c.check_rows({', '.join(sources)})")
        related = [self._related(r.source.source, sources[0]) for r in node.relations]
        for source, name in zip(node.sources, sources, strict=True):
            is_list = source.source.type.name == "List" or source.source.type == ANY
            self.line(f"for {source.name} in {name if is_list else f'({name},)'}:")
            self._open_loop(source)
        mark = self.temporary()
        self.line(f"{mark} = len(f.missing)")
        for name, expression in node.lets:
            self.line(f"{name} = {self.value(expression)}")
        if node.where is not None:
            self._require(node.where, mark)
        for relation, given in zip(node.relations, related, strict=True):
            self._relation(relation, given)
        if node.where is not None or node.relations:
            self.line(f"del f.missing[{mark}:]")
        self._emit_row(node, out)
        self.indent, self.loops = depth + 1, loops
        label = source_label(node.sources[0].source)
        if label is not None and (node.where is not None or node.relations):
            self.line(f"if not {out} and {sources[0]}: f.missing.append(({self.constant(label)}, None))")
        if node.distinct:
            self.line(f"{out} = distinct({out})")
        self._sort(node, out)
        if aggregate is not None:
            self._aggregate(node, out, start)
        elif node.is_single:
            self.line(f"{out} = {out}[0] if {out} else None")
        self.indent = depth
        return out

    def _open_loop(self, source: tree.SourceNode) -> None:
        self.indent += 1
        self.loops += 1
        self.check_loops()
        if self._gives_records(source.source):
            self.rows.add(source.name)

    def _gives_records(self, node: tree.Typed) -> bool:
        """Say whether a list holds nothing but records of the case."""
        if isinstance(node, tree.RetrieveNode):
            return True
        if isinstance(node, tree.DefinitionRef):
            body = self.program.definitions[node.index].body
            return body is not None and self._gives_records(body)
        if isinstance(node, tree.QueryNode):
            own = node.result is None and node.aggregate is None and len(node.sources) == 1
            return own and self._gives_records(node.sources[0].source)
        return False

    def _require(self, condition: tree.Typed, mark: str) -> None:
        """Write: go on to the next row unless the condition is true; only an unknown one leaves something missing."""
        if isinstance(condition, tree.Logic) and condition.op == "and":
            self._require(condition.left, mark)
            self._require(condition.right, mark)
            return
        wanted = wanted_element(condition)
        if wanted is not None:
            self.line(f"if {self.value(wanted)} is None: continue")
            return
        test = self.value(condition)
        self.line(f"if not {test}:")
        self.line(f"    if {test} is False: del f.missing[{mark}:]")
        self.line("    continue")

    def _related(self, node: tree.Typed, rows: str) -> str:
        """Write, before the loop over the rows, the source of a relation that is the same for all of them."""
        if isinstance(node, tree.RetrieveNode):
            steady = node.codes is None or fixed_key(
                tree.Operation(ANY, support.pairs_of, _inner(node.codes)), self.keys
            )
        else:
            steady = isinstance(node, tree.DefinitionRef)
        if not steady:
            return ""
        result = self.temporary()
        self.line(f"{result} = None")
        self.line(f"if {rows}:")
        self.indent += 1
        self.line(f"{result} = {self.value(node)}")
        self.indent -= 1
        return result

    def _relation(self, relation: tree.RelationNode, given: str) -> None:
        source, flag = given or self.value(relation.source.source), self.temporary()
        is_list = relation.source.source.type.name == "List"
        self.line(f"{flag} = False")
        self.line(f"for {relation.source.name} in {f'{source} or ()' if is_list else f'({source},)'}:")
        self._open_loop(relation.source)
        self.line(f"if {self.value(relation.condition)}:")
        self.line(f"    {flag} = True")
        if not relation.negated and self.is_record(relation.source.item):
            self.line(f"    f.used.append({relation.source.name})")
        self.line("    break")
        self.indent -= 1
        self.loops -= 1
        self.line(f"if {flag}: continue" if relation.negated else f"if not {flag}: continue")

    def _emit_row(self, node: tree.QueryNode, out: str) -> None:
        for name, expression in node.lets:
            if self.is_record(expression.type):
                self.line(f"if {name}: f.used.append({name})")
        passes_on = node.aggregate is None and (node.result is None or self.is_record(node.result.type))
        for source in node.sources:
            if not passes_on and self.is_record(source.item):
                self.line(f"f.used.append({source.name})")
        if node.aggregate is not None:
            names = ", ".join(s.name for s in node.sources)
            self.line(f"{out}.append(({names}{',' if len(node.sources) == 1 else ''}))")
        else:
            result = node.sources[0].name if node.result is None else self.value(node.result)
            self.line(f"{out}.append({result})")

    def _sort(self, node: tree.QueryNode, out: str) -> None:
        if not node.sort or node.is_single:
            return
        keys = self.temporary()
        self.line(f"{keys} = []")
        self.line(f"for {node.this} in {out}:")
        self.indent += 1
        self.loops += 1
        if self._gives_records(replace(node, sort=[])):
            self.rows.add(node.this)
        parts = [self.value(s.key) for s in node.sort]
        self.line(f"{keys}.append(({', '.join(parts)},))")
        self.indent -= 1
        self.loops -= 1
        directions = self.constant(tuple(s.descending for s in node.sort))
        self.line(f"{out} = sort({out}, {keys}, {directions})")

    def _aggregate(self, node: tree.QueryNode, out: str, start: str) -> None:
        aggregate = node.aggregate
        if aggregate is None:
            return
        self.line(f"{aggregate.name} = {start}")
        names = ", ".join(s.name for s in node.sources)
        rows = self.temporary()
        self.line(f"{rows} = [list(r) for r in {out}]")
        if aggregate.distinct:
            self.line(f"{rows} = distinct({rows})")
        self.line(f"for {names}{',' if len(node.sources) == 1 else ''} in {rows}:")
        self.indent += 1
        for name, expression in node.lets:
            self.line(f"{name} = {self.value(expression)}")
        self.line(f"{aggregate.name} = {self.value(aggregate.expression)}")
        self.indent -= 1
        self.line(f"{out} = {aggregate.name}")


def _inner(codes: tree.Typed) -> list[tree.Typed]:
    """Return what the codes of a retrieve are made from."""
    return codes.args if isinstance(codes, tree.Operation) else [codes]
