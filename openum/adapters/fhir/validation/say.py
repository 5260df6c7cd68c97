"""The sentences of every rule: what is so, and how to mend it."""

import difflib
from collections.abc import Iterable

from openum.adapters.fhir.validation.table import Codes
from openum.adapters.fhir.validation.violations import Severity, Step, Violation, quoted, written

SHOWN_CODES = 12


def _error(
    place: Step, rule: str, code: str, text: str, cure: str, *, profile: str = "", severity: Severity = Severity.ERROR
) -> Violation:
    return Violation(
        severity=severity, rule=rule, code=code, path=written(place), text=text, cure=cure, profile=profile
    )


def _name(place: Step) -> str:
    return quoted(place[1])


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    shown = ", ".join(listed[:SHOWN_CODES])
    return f"{shown} and {len(listed) - SHOWN_CODES} more" if len(listed) > SHOWN_CODES else shown


# --- FHIR R4 itself --------------------------------------------------------------------------------------------------


def too_large(place: Step) -> Violation:
    """The rest of the message was not looked at."""
    return _error(
        place, "too-large", "too-costly", "The message is larger or deeper than what is checked; the rest was not.",
        "Send fewer or flatter resources to have all of them checked.", severity=Severity.WARNING,
    )  # fmt: skip


def too_many(place: Step, most: int) -> Violation:
    """The list of findings ends here."""
    return _error(
        place, "too-many", "too-costly", f"More than {most} rules are broken; the rest is not listed.",
        "Mend these first and check again.", severity=Severity.INFORMATION,
    )  # fmt: skip


def unknown_resource(place: Step, kind: object) -> Violation:
    """The type of the resource is not one of R4."""
    if not isinstance(kind, str):
        return _error(
            place, "resource-type", "structure", "This resource does not say its type.",
            "Give it a resourceType, such as Claim.",
        )  # fmt: skip
    return _error(
        place, "resource-type", "structure", f"FHIR R4 has no resource type {quoted(kind)}.",
        "Use the name of an R4 resource, with the same capital letters.",
    )  # fmt: skip


def unknown_element(place: Step, type_name: str, known: Iterable[str]) -> Violation:
    """The type has no such element."""
    close = difflib.get_close_matches(str(place[1])[:100], list(known), 1, 0.7)
    hint = f"Did you mean {quoted(close[0])}?" if close else "Remove it, or send it as an extension."
    shown = (place[0], quoted(place[1]).strip("“”"), place[2])
    return _error(shown, "unknown-element", "structure", f"{type_name} has no element {_name(place)}.", hint)


def no_list(place: Step) -> Violation:
    """One value where JSON needs an array."""
    return _error(
        place, "not-a-list", "structure", f"{_name(place)} may repeat, so JSON writes it as an array.",
        "Put the value in square brackets.",
    )  # fmt: skip


def a_list(place: Step) -> Violation:
    """An array where one value is allowed."""
    return _error(
        place, "a-list", "structure", f"{_name(place)} is an array, but it can only be there once.",
        "Send the one value without square brackets.",
    )  # fmt: skip


def no_object(place: Step, type_name: str) -> Violation:
    """A primitive where an object belongs."""
    return _error(
        place, "not-an-object", "structure", f"{_name(place)} must be an object of type {type_name}.",
        f"Write it as {type_name} in braces.",
    )  # fmt: skip


def wrong_form(place: Step, type_name: str, form: str) -> Violation:
    """A primitive that is not in the form of its type."""
    return _error(
        place, "format", "value", f"The value is no {type_name} of FHIR.", f"A {type_name} is {form}."
    )  # fmt: skip


def empty(place: Step) -> Violation:
    """An element without content."""
    return _error(
        place, "empty", "structure", "The element is empty (ele-1).", "Leave it out, or give it a value or children."
    )


def missing(place: Step) -> Violation:
    """An element that R4 asks for is not there."""
    return _error(
        place, "min", "required", f"{_name(place)} is missing; FHIR R4 always asks for it.", f"Send {_name(place)}."
    )


def two_choices(place: Step) -> Violation:
    """A choice element in two types at once."""
    return _error(
        place, "two-choices", "structure", f"{_name(place)} is there in two types at once.", "Send one of them."
    )


def unknown_code(place: Step, code: object, codes: Codes) -> Violation:
    """A code that a required value set does not have."""
    return _error(
        place, "binding", "code-invalid", f"The code {quoted(code)} is not in the required value set {codes.key}.",
        f"Use one of: {_some(codes.plain)}.",
    )  # fmt: skip


def no_code_of(place: Step, codes: Codes, *, profile: str = "") -> Violation:
    """A concept without a code of its required value set."""
    systems = _some({system for system, _ in codes.pairs})
    return _error(
        place, "binding", "code-invalid", f"{_name(place)} has no code of the required value set {codes.key}.",
        f"Use one of: {_some(codes.plain)}; system {systems}.", profile=profile,
    )  # fmt: skip


def extension_without_value(place: Step, *, is_both: bool) -> Violation:
    """An extension has either a value or extensions (ext-1)."""
    text = "The extension has a value and extensions at once." if is_both else "The extension has no value."
    return _error(place, "ext-1", "invariant", text, "Send either value[x] or nested extensions.")


def broken(place: Step, key: str, human: str, *, is_error: bool, profile: str = "") -> Violation:
    """An invariant does not hold."""
    severity = Severity.ERROR if is_error else Severity.WARNING
    text = f"{human.rstrip('.')} (rule {key})." if human else f"Rule {key} does not hold."
    return _error(
        place, key, "invariant", text, "Change the element so that the rule holds.", profile=profile, severity=severity
    )


# --- references ------------------------------------------------------------------------------------------------------


def not_here(place: Step, *, is_error: bool) -> Violation:
    """A reference to something that the message does not hold."""
    return _error(
        (place, "reference", -1), "reference", "not-found", "The reference leads to nothing in this message.",
        "Add the resource, or correct the reference so that it equals the fullUrl of its entry (# and id when contained).",
        severity=Severity.ERROR if is_error else Severity.WARNING,
    )  # fmt: skip


def wrong_target(place: Step, kind: str, allowed: Iterable[str], *, profile: str = "") -> Violation:
    """A reference to a resource of another type."""
    return _error(
        (place, "reference", -1), "reference-type", "value", f"The reference leads to a {quoted(kind)}.",
        f"It must lead to: {_some(allowed)}.", profile=profile,
    )  # fmt: skip


# --- profiles --------------------------------------------------------------------------------------------------------


def profile_of_other_type(place: Step, kind: str, wanted: str, *, profile: str) -> Violation:
    """The resource is not of the profile's type."""
    return _error(
        place, "profile-type", "structure", f"The profile is for {wanted}; this is {quoted(kind)}.",
        f"Send a {wanted}, or name the profile of {kind}.", profile=profile,
    )  # fmt: skip


def unknown_profile(place: Step, canonical: str) -> Violation:
    """A profile that we do not hold."""
    return _error(
        place, "profile-unknown", "informational", f"The profile {quoted(canonical)} is not known here; it was not checked.",
        "Nothing need be done.", severity=Severity.INFORMATION,
    )  # fmt: skip


def too_few(place: Step, least: int, found: int, *, profile: str, slice_name: str = "") -> Violation:
    """Fewer values than a profile asks for."""
    what = f"{_name(place)} of the kind {quoted(slice_name)}" if slice_name else _name(place)
    if least == 1:
        text, cure = f"{what} is missing; the profile asks for it.", f"Send {what}."
    else:
        text, cure = f"{what} is there {found} times; the profile asks for {least}.", f"Send {least} of them."
    return _error(place, "slice-min" if slice_name else "profile-min", "required", text, cure, profile=profile)


def too_much(place: Step, most: int, found: int, *, profile: str, slice_name: str = "") -> Violation:
    """More values than a profile allows."""
    what = f"{_name(place)} of the kind {quoted(slice_name)}" if slice_name else _name(place)
    if most == 0:
        text, cure = f"{what} is not allowed here.", f"Leave {what} out."
    else:
        text, cure = f"{what} is there {found} times; the profile allows {most}.", f"Send at most {most}."
    return _error(place, "slice-max" if slice_name else "profile-max", "structure", text, cure, profile=profile)


def other_type(place: Step, kind: str, allowed: Iterable[str], *, profile: str) -> Violation:
    """A value of a type that the profile does not allow."""
    return _error(
        place, "profile-choice", "structure", f"The value is of type {kind}.", f"The profile allows: {_some(allowed)}.",
        profile=profile,
    )  # fmt: skip


def not_fixed(place: Step, wanted: str, *, profile: str, is_pattern: bool) -> Violation:
    """A value that is not the one the profile fixes."""
    word = "pattern" if is_pattern else "fixed value"
    return _error(
        place, "pattern" if is_pattern else "fixed", "value", f"The value does not match the {word} of the profile.",
        f"Send {wanted}.", profile=profile,
    )  # fmt: skip


def in_no_slice(place: Step, names: Iterable[str], *, profile: str) -> Violation:
    """A value of no kind that a closed slicing has."""
    return _error(
        place, "slice-closed", "structure", f"{_name(place)} is of none of the kinds that the profile allows.",
        f"The kinds are: {_some(names)}.", profile=profile,
    )  # fmt: skip
