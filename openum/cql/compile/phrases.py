"""Timing phrases: which points of the operands are compared, and how."""

from __future__ import annotations

from openum.cql.compile.operators import Operators
from openum.cql.compile.tree import Constant, Operation, Typed
from openum.cql.compile.types import ANY, BOOLEAN, DATETIME, Type
from openum.cql.operators import intervals
from openum.cql.parser import nodes
from openum.cql.values.temporal import PRECISIONS

_NAMES = {
    "same": "SameAs", "same_or_before": "SameOrBefore", "same_or_after": "SameOrAfter", "before": "Before",
    "after": "After", "on_or_before": "SameOrBefore", "on_or_after": "SameOrAfter", "includes": "Includes",
    "included_in": "IncludedIn", "meets": "Meets", "meets_before": "MeetsBefore", "meets_after": "MeetsAfter",
    "overlaps": "Overlaps", "overlaps_before": "OverlapsBefore", "overlaps_after": "OverlapsAfter",
    "starts": "Starts", "ends": "Ends",
}  # fmt: skip
_PROPER = {"Includes": "ProperIncludes", "IncludedIn": "ProperIncludedIn"}


class Phrases(Operators):
    """Analyses timing phrases."""

    def on_timing(self, node: nodes.Timing) -> Typed:
        """A timing phrase."""
        left, right = self._open_choice(self.analyze(node.left)), self._open_choice(self.analyze(node.right))
        if node.left_side in ("starts", "ends"):
            left = self.call(node, "Start" if node.left_side == "starts" else "End", [left])
        if node.right_side:
            right = self.call(node, "Start" if node.right_side == "start" else "End", [right])
        if node.op == "within":
            return self._within(node, left, right)
        if node.offset is not None:
            return self._offset(node, left, right)
        name = _NAMES[node.op]
        if node.proper:
            name = _PROPER[name]
        return self.call(node, name, [left, right], node.precision)

    def _open_choice(self, value: Typed) -> Typed:
        """Read an element that may be a dateTime or a Period as an interval, so that either form counts."""
        kind = value.type
        if kind.name != "Choice":
            return value
        parts = {p.fhir for p in kind.args if p.is_fhir}
        if "Period" in parts and parts & {"dateTime", "date", "instant"}:
            return self.convert(nodes.Node(), value, Type("Interval", (DATETIME,)))
        if parts & {"dateTime", "date", "instant"}:
            return self.convert(nodes.Node(), value, DATETIME)
        return value

    def _precision(self, node: nodes.Timing) -> Constant:
        return Constant(Type("Precision"), PRECISIONS[node.precision] if node.precision else None)

    def _point_type(self, node: nodes.Timing, left: Typed, right: Typed) -> tuple[Typed, Typed]:
        """Bring a Date beside a DateTime to a DateTime."""
        kinds = []
        for side in (left, right):
            kind = side.type.item if side.type.name == "Interval" else side.type
            if kind.is_fhir:
                kind = Type("Date") if kind.fhir == "date" else Type("Interval") if kind.fhir == "Period" else DATETIME
            kinds.append(kind.name)
        target = (
            DATETIME
            if "DateTime" in kinds or "Interval" in kinds
            else Type(kinds[0] if kinds[0] != "Any" else kinds[1])
        )
        if target.name not in ("Date", "DateTime", "Time", "Quantity", "Any"):
            self.fail(node, f"An offset such as “3 days” needs dates or times, not {target}.")
        result = []
        for side in (left, right):
            if side.type == ANY:
                result.append(side)
            elif side.type.name in ("Interval", "FHIR.Period"):
                result.append(self.convert(node, side, Type("Interval", (target,))))
            else:
                result.append(self.convert(node, side, target))
        return result[0], result[1]

    def _offset(self, node: nodes.Timing, left: Typed, right: Typed) -> Typed:
        offset = node.offset
        assert offset is not None
        left, right = self._point_type(node, left, right)
        later = node.op.endswith("after")
        if left.type.name == "Interval":
            left = self.call(node, "Start" if later else "End", [left])
        if right.type.name == "Interval":
            right = self.call(node, "End" if later else "Start", [right])
        args = [
            left,
            right,
            Constant(Type("Quantity"), offset.quantity.value),
            Constant(Type("String"), offset.relation),
            Constant(BOOLEAN, later),
            Constant(BOOLEAN, node.op.startswith("on_or")),
            self._precision(node),
        ]
        return Operation(BOOLEAN, intervals.with_offset, args)

    def _within(self, node: nodes.Timing, left: Typed, right: Typed) -> Typed:
        offset = node.offset
        assert offset is not None
        left, right = self._point_type(node, left, right)
        amount = Constant(Type("Quantity"), offset.quantity.value)
        args = [left, right, amount, Constant(BOOLEAN, node.proper), self._precision(node)]
        return Operation(BOOLEAN, intervals.within, args)
