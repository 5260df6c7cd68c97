"""The walk over a message by the rules of FHIR R4: elements, cardinality, types, formats, required codes.

On its way it notes every resource, reference and extension, so that later checks need no walk of their own.
"""

from collections.abc import Callable
from typing import Any

from openum.adapters.fhir.validation import say
from openum.adapters.fhir.validation.codes import is_member
from openum.adapters.fhir.validation.invariants import Invariant
from openum.adapters.fhir.validation.references import Directory, Holder
from openum.adapters.fhir.validation.types import Field, TypeRules, is_resource_type, type_rules
from openum.adapters.fhir.validation.violations import Step, Violation

Json = dict[str, Any]

DEEPEST = 60
"""Levels of elements; FHIR resources need a few dozen."""

MOST_ELEMENTS = 200_000
"""Objects that are looked at; what comes after is not checked, and that is said."""


MOST_EVALUATIONS = 5_000
"""Invariants that are evaluated, each in some 20 µs."""

_SUSPICIOUS = 2
"""An object with fewer keys may be empty."""


class Stopped(Exception):
    """The message is larger than what is checked."""


class Walk:
    """One walk over one message.

    Attributes:
        directory: the resources of the message.
        references: every Reference with its place, field and holder.
        extensions: every extension with its place and holder.
        unproven: every invariant that has to be evaluated, with its value, extensions, type, place and holder.
    """

    def __init__(self, report: Callable[[Violation], None]) -> None:
        """Start with nothing seen."""
        self._report = report
        self._seen = 0
        self._depth = 0
        self._holder: Holder | None = None
        self.directory = Directory({})
        self.references: list[tuple[Json, Step, tuple[str, ...], Holder]] = []
        self.extensions: list[tuple[Json, Step, Holder]] = []
        self.unproven: list[tuple[Invariant, Any, Json | None, str, Step, Holder]] = []

    def over(self, root: Json, place: Step) -> None:
        """Walk over a whole message."""
        self.directory = Directory(root)
        try:
            self._resource(root, place, "", None)
        except Stopped:
            self._report(say.too_large(place))

    def _resource(self, resource: Json, place: Step, url: str, container: Holder | None) -> None:
        kind = resource.get("resourceType")
        if not is_resource_type(kind):
            self._report(say.unknown_resource(place, kind))
            return
        rules = type_rules(str(kind))
        assert rules is not None
        outer = self._holder
        self._holder = self.directory.add(resource, place, url, container)
        self._object(resource, rules, place)
        self._holder = outer

    def _object(self, value: Json, rules: TypeRules, place: Step) -> None:
        self._seen += 1
        self._depth += 1
        if self._depth > DEEPEST or self._seen > MOST_ELEMENTS:
            raise Stopped
        fields = rules.fields
        chosen = ""
        for key, child in value.items():
            field = fields.get(key)
            if field is None:
                self._other_key(key, child, value, rules, place)
                continue
            if field.is_choice:
                if chosen == field.element:
                    self._report(say.two_choices((place, chosen, -1)))
                chosen = field.element
            if type(child) is list:
                self._list(child, field, key, value, place)
            elif field.is_list:
                self._report(say.no_list((place, field.element, -1)))
            elif field.holds is None:
                self._complex(child, field, (place, field.element, -1), value)
            elif not field.holds(child):
                self._wrong(child, field, (place, field.element, -1))
            elif field.invariants:
                self._note(field.invariants, child, value.get(f"_{key}"), field.type, (place, field.element, -1))
        for element, keys in rules.required:
            if keys[0] not in value and not any(key in value for key in keys):
                self._report(say.missing((place, element, -1)))
        if len(value) < _SUSPICIOUS and self._is_empty(value, rules):
            self._report(say.empty(place))
        if rules.invariants:
            self._note(rules.invariants, value, None, rules.model_name, place)
        self._depth -= 1

    @staticmethod
    def _is_empty(value: Json, rules: TypeRules) -> bool:
        """Say whether there is nothing beyond an id; extensions of a primitive may have an id alone."""
        return not value or ("id" in value and not rules.is_resource and rules.name != "Element")

    def _wrong(self, value: Any, field: Field, place: Step) -> None:
        assert field.primitive is not None
        if field.codes is not None and field.primitive.holds(value):
            self._report(say.unknown_code(place, value, field.codes))
        else:
            self._report(say.wrong_form(place, field.type, field.primitive.form))

    def _note(self, invariants: tuple[Invariant, ...], value: Any, extra: Any, type_name: str, place: Step) -> None:
        for one in invariants:
            if one.proof is None or not one.proof(value):
                if len(self.unproven) >= MOST_EVALUATIONS:
                    raise Stopped
                assert self._holder is not None
                held = extra if isinstance(extra, dict) else None
                self.unproven.append((one, value, held, type_name, place, self._holder))

    def _list(self, values: list[Any], field: Field, key: str, owner: Json, place: Step) -> None:
        if not field.is_list:
            self._report(say.a_list((place, field.element, -1)))
            return
        if not values:
            self._report(say.empty((place, field.element, -1)))
        holds = field.holds
        extras = owner.get(f"_{key}") if holds is not None else None
        for index, one in enumerate(values):
            at = (place, field.element, index)
            if holds is None:
                self._complex(one, field, at, owner)
            elif one is None:
                if not (isinstance(extras, list) and index < len(extras) and isinstance(extras[index], dict)):
                    self._report(say.empty(at))
            elif not holds(one):
                self._wrong(one, field, at)

    def _complex(self, value: Any, field: Field, place: Step, owner: Json) -> None:
        if type(value) is not dict:
            self._report(say.no_object(place, field.type))
            return
        if field.is_resource:
            url = owner.get("fullUrl")
            is_contained = place[1] == "contained"
            container = self._holder if is_contained else None
            self._resource(value, place, url if isinstance(url, str) else "", container)
            return
        assert self._holder is not None
        if field.type == "Reference":
            self.references.append((value, place, field.targets, self._holder))
        elif field.type == "Extension":
            self.extensions.append((value, place, self._holder))
            beyond = len(value) - ("url" in value) - ("id" in value)
            is_nested = "extension" in value
            has_value = beyond > is_nested
            if has_value == is_nested:
                self._report(say.extension_without_value(place, is_both=has_value))
        elif field.codes is not None and is_member(value, field.type, field.codes) is False:
            self._report(say.no_code_of(place, field.codes))
        self._object(value, field.rules, place)
        if field.invariants:
            self._note(field.invariants, value, None, field.rules.model_name, place)

    def _other_key(self, key: str, child: Any, owner: Json, rules: TypeRules, place: Step) -> None:
        if key == "resourceType" and rules.is_resource:
            return
        field = rules.fields.get(key[1:]) if key[:1] == "_" else None
        if field is None or field.primitive is None:
            near = rules.fields
            self._report(say.unknown_element((place, key, -1), rules.name, near))
            return
        extras = child if isinstance(child, list) and field.is_list else [child]
        element = type_rules("Element")
        assert element is not None
        for index, one in enumerate(extras):
            at = (place, field.element, index if field.is_list else -1)
            if isinstance(one, dict):
                self._object(one, element, at)
            elif one is not None or not field.is_list:
                self._report(say.no_object(at, "Element"))
