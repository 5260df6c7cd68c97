"""One evaluation: memoised definitions, retrieves, value sets, and the trace of what was used and missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from openum.cql.errors import CqlRuntimeError
from openum.cql.operators.lists import MAX_LIST, resource_list
from openum.cql.run.answer import Answer, MissingElement
from openum.cql.run.data import CaseData, Pair
from openum.cql.values.codes import ValueSetRef
from openum.cql.values.temporal import DateTime

MAX_DEPTH: Final = 100
_MAX_MISSING: Final = 20
_EMPTY: Final[frozenset[Pair]] = frozenset()


class ElementPlace(NamedTuple):
    """Where an element stands: its JSON keys, and the keys of the other types a choice element may have."""

    resource: str
    path: str
    keys: tuple[str, ...]
    others: tuple[str, ...]


class Frame:
    """The trace of one definition: resources used, elements missing, definitions referred to."""

    __slots__ = ("error", "keys", "missing", "refs", "used", "value")

    def __init__(self) -> None:
        self.used: list[Any] = []
        self.missing: list[tuple[ElementPlace | MissingElement | tuple[str, str, str], Any]] = []
        self.refs: list[Frame] = []
        self.value: Any = None
        self.error: str | None = None
        self.keys: dict[str, None] | None = None


class Case:
    """The running evaluation, passed to all generated code as `c`."""

    def __init__(
        self,
        data: CaseData,
        functions: Mapping[str, Any],
        now: datetime,
        parameters: Mapping[int, Any],
        value_sets: Mapping[str, Iterable[Pair]],
        roots: frozenset[str],
        shared: dict[int, Any],
        parameter_names: Sequence[str],
    ) -> None:
        self.data = data
        self.now = DateTime.from_python(now)
        self.depth = 0
        self.memo: dict[int, Any] = {}  # values fixed for the case, by their place in the program
        self.shared = shared  # values fixed for this moment, whatever the case
        self._functions = functions
        self._parameters = dict(parameters)
        self._value_sets = value_sets
        self._members: dict[ValueSetRef, frozenset[Pair]] = {}
        self._retrieved: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        self._frames: dict[int, Frame] = {}
        self._current: list[Frame] = []
        self._roots = roots
        self._parameter_names = parameter_names

    # --- called by generated code ------------------------------------------------------------------------------------

    def definition(self, index: int, frame: Frame | None) -> Any:
        """Return the value of a definition, evaluating it once.

        Raises:
            CqlRuntimeError: it could not be evaluated.
        """
        found = self._frames.get(index)
        if found is None:
            found = self._frames[index] = Frame()
            self._evaluate(index, found)
        if frame is not None:
            frame.refs.append(found)
        if found.error is not None:
            raise CqlRuntimeError(found.error)
        return found.value

    def _evaluate(self, index: int, frame: Frame) -> None:
        depth = self.depth
        self._current.append(frame)
        try:
            frame.value = self._functions[f"d{index}"](self, frame)
        except CqlRuntimeError as error:
            frame.error = str(error)
        except RecursionError:
            frame.error = "The calculation is nested too deeply."
        except (AttributeError, TypeError, KeyError, IndexError, ValueError, ArithmeticError, MemoryError) as error:
            frame.error = f"A record has a shape the definition cannot read ({type(error).__name__})."
        finally:
            self._current.pop()
            self.depth = depth

    def enter(self) -> None:
        """Count one function call.

        Raises:
            CqlRuntimeError: more than `MAX_DEPTH` calls are open.
        """
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise CqlRuntimeError(f"Functions call each other more than {MAX_DEPTH} levels deep.")

    @staticmethod
    def check_rows(*sources: Any) -> None:
        """Refuse a product of sources that would take too long to walk.

        Raises:
            CqlRuntimeError: more than `MAX_LIST` rows.
        """
        rows = 1
        for source in sources:
            rows *= len(source) if isinstance(source, list) else 1
        if rows > MAX_LIST:
            raise CqlRuntimeError(f"The query would join more than {MAX_LIST} rows.")

    def parameter(self, index: int) -> Any:
        """Return a parameter's value, its default when none was given."""
        if index not in self._parameters:
            function: Callable[..., Any] | None = self._functions.get(f"p{index}")
            self._parameters[index] = None if function is None else function(self, Frame())
        value = self._parameters[index]
        if value is None:
            name = self._parameter_names[index]
            self.note_missing("", name, f"the parameter “{name}” was not given")
        return value

    def retrieve(
        self, spec: tuple[str, str, str], pairs: frozenset[Pair] | None, filtered: bool, frame: Frame
    ) -> list[dict[str, Any]]:
        """Return the resources of a type, with one of the codes when `filtered`."""
        key = (spec, pairs)
        found = self._retrieved.get(key)
        if found is None:
            kind, path, _ = spec
            found = self.data.with_codes(kind, path, pairs or _EMPTY) if filtered else self.data.of_type(kind)
            self._retrieved[key] = found
        if not found:
            frame.missing.append((spec, None))
        return found

    def value_set(self, ref: ValueSetRef) -> frozenset[Pair]:
        """Return the members of a value set, looked up by name, canonical address, or address with version.

        Raises:
            CqlRuntimeError: it was not supplied.
        """
        found = self._members.get(ref)
        if found is None:
            for key in (ref.name, ref.id, f"{ref.id}|{ref.version}"):
                if key is not None and key in self._value_sets:
                    given = self._value_sets[key]
                    found = given if isinstance(given, frozenset) else frozenset((s, c) for s, c in given)
                    break
            if found is None:
                raise CqlRuntimeError(f"The value set “{ref.name or ref.id}” was not supplied.")
            self._members[ref] = found
        return found

    # --- called by operators -----------------------------------------------------------------------------------------

    @property
    def patient(self) -> dict[str, Any] | None:
        """The patient, noted as used."""
        found = self.data.of_type("Patient")
        if not found:
            return None
        if self._current:
            self._current[-1].used.append(found[0])
        return found[0]

    def resolve(self, reference: str) -> dict[str, Any] | None:
        """Return the resource a reference points to."""
        return self.data.resolve(reference)

    def note_mismatch(self, why: str) -> None:
        """Record why two quantities did not compare."""
        self.note_missing("Quantity", "", why)

    def note_missing(self, resource_type: str, element: str, note: str) -> None:
        """Record that something was not there."""
        if self._current:
            self._current[-1].missing.append((MissingElement(resource_type, element, note), None))

    # --- the outcome -------------------------------------------------------------------------------------------------

    def answer(self, index: int, name: str, show: Callable[[Any], Any]) -> Answer:
        """Evaluate one definition and return its answer with the trace; `show` makes the value as callers see it."""
        frame = self._frames.get(index)
        if frame is None:
            frame = self._frames[index] = Frame()
            self._evaluate(index, frame)
        value = frame.value
        if frame.error is not None:
            return Answer(name, None, error=frame.error, trace=FrameTrace(self, frame))
        shown = value if value is None or value is True or value is False else show(value)
        return Answer(name, shown, trace=FrameTrace(self, frame))

    def evidence(self, frame: Frame) -> tuple[str, ...]:
        """Return the keys of the resources that the value of a definition rests on."""
        value = frame.value
        if value is None or value is True or value is False:
            return tuple(self._used_by(frame))
        keys: dict[str, None] = {}
        self._add_keys(keys, value)
        keys.update(self._used_by(frame))
        return tuple(keys)

    def _used_by(self, frame: Frame) -> dict[str, None]:
        """Return the keys of what a definition and those it refers to used, in order; worked out once for each."""
        if frame.keys is None:
            keys: dict[str, None] = {}
            frame.keys = keys
            for value in frame.used:
                self._add_keys(keys, value)
            for inner in frame.refs:
                keys.update(self._used_by(inner))
        return frame.keys

    def _add_keys(self, keys: dict[str, None], value: Any) -> None:
        if value is None or isinstance(value, bool | str | int):
            return
        key_of, roots = self.data.key_of, self._roots
        for resource in (value,) if type(value) is dict else resource_list(value):
            key = key_of(resource, roots)
            if key is not None:
                keys[key] = None

    def missing(self, frame: Frame) -> tuple[MissingElement, ...]:
        """Return what was empty on the way to the value of a definition."""
        found: dict[MissingElement, None] = {}
        self._gather(frame, found, set(), everything=False)
        if not found:
            self._gather(frame, found, set(), everything=True)
        return tuple(found)[:_MAX_MISSING]

    def _gather(self, frame: Frame, found: dict[MissingElement, None], seen: set[int], *, everything: bool) -> None:
        if id(frame) in seen or len(found) > _MAX_MISSING:
            return
        seen.add(id(frame))
        for where, source in frame.missing:
            described = self._describe(where, source)
            if described is not None:
                found[described] = None
        for inner in frame.refs:
            if everything or inner.value is None or inner.value is False or inner.value in ([], 0):
                self._gather(inner, found, seen, everything=everything)

    def _describe(
        self, where: ElementPlace | MissingElement | tuple[str, str, str], source: Any
    ) -> MissingElement | None:
        if isinstance(where, MissingElement):
            return where
        if isinstance(where, ElementPlace):
            return self._describe_element(where, source)
        kind, _, label = where
        what = f"{kind} of “{label}”" if label else kind
        if source is None and self._has(where):
            return MissingElement(kind, "", f"no {what} meets the conditions")
        return MissingElement(kind, "", f"no {what} in the record")

    def _describe_element(self, where: ElementPlace, source: Any) -> MissingElement | None:
        record = source if isinstance(source, dict) else {}
        if record is not source or any(record.get(k) is not None for k in where.keys):
            state = "cannot be read"
        elif any(record.get(k) is not None for k in where.others):
            return None  # the record has the element in another of its forms
        else:
            state = "is empty"
        key = self.data.key_of(record, self._roots)
        note = f"{where.path} {state} in {key}" if key else f"{where.path} {state}"
        return MissingElement(where.resource, where.path, note)

    def _has(self, spec: tuple[str, str, str]) -> bool:
        return any(key[0] == spec and rows for key, rows in self._retrieved.items())


class FrameTrace:
    """The trace of one definition of a case, kept until it is asked for."""

    __slots__ = ("case", "frame")

    def __init__(self, case: Case, frame: Frame) -> None:
        self.case = case
        self.frame = frame

    def evidence(self) -> tuple[str, ...]:
        """Return the keys of the resources used."""
        return self.case.evidence(self.frame)

    def missing(self) -> tuple[MissingElement, ...]:
        """Return what was empty on the way."""
        return self.case.missing(self.frame)
