"""The whole check of one message: R4, references, extensions, and the profiles it claims or is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from openum.adapters.fhir.validation import say
from openum.adapters.fhir.validation.conformance import Conformance
from openum.adapters.fhir.validation.profiles import STU2_2, Edition, definition, is_base_type, name_of
from openum.adapters.fhir.validation.references import Holder, must_be_here, type_named
from openum.adapters.fhir.validation.violations import Severity, Step, Violation
from openum.adapters.fhir.validation.walk import Walk

Json = dict[str, Any]

MOST_VIOLATIONS = 200


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a check found, in the order of the message's resources."""

    violations: tuple[Violation, ...]

    @property
    def errors(self) -> tuple[Violation, ...]:
        """Those that make the message invalid."""
        return tuple(one for one in self.violations if one.severity is Severity.ERROR)


def is_known(canonical: str, edition: Edition = STU2_2) -> bool:
    """Say whether a profile is in the table."""
    return definition(canonical, edition) is not None


def check(resource: object, *, profiles: Iterable[str] = (), edition: Edition = STU2_2, claimed: bool = True) -> Report:
    """Check one resource, most often a Bundle.

    Args:
        resource: parsed JSON.
        profiles: canonicals that the resource as a whole must conform to, beside those it claims.
        edition: which guides are meant where an address names no version.
        claimed: whether profiles in `meta.profile` of every resource, and extensions that we know, are checked too;
            without it and without profiles this is the check against R4 alone.
    """
    if not isinstance(resource, dict):
        return Report(violations=(say.unknown_resource((None, "$this", -1), None),))
    kind = resource.get("resourceType")
    return _Check(resource, (None, kind if isinstance(kind, str) else "Resource", -1), edition).run(
        tuple(profiles), claimed=claimed
    )


class _Enough(Exception):
    """So many rules are broken that more would not help anybody."""


class _Check:
    def __init__(self, root: Json, place: Step, edition: Edition) -> None:
        self._root = root
        self._place = place
        self._edition = edition
        self._found: dict[tuple[str, str], Violation] = {}
        self._walk = Walk(self._report)

    def _report(self, violation: Violation) -> None:
        if len(self._found) >= MOST_VIOLATIONS:
            raise _Enough
        self._found.setdefault((violation.path, violation.rule), violation)

    def run(self, profiles: tuple[str, ...], *, claimed: bool) -> Report:
        """Check everything; the R4 rules come first."""
        try:
            self._run(profiles, claimed=claimed)
        except _Enough:
            return Report(violations=(*self._found.values(), say.too_many(self._place, MOST_VIOLATIONS)))
        return Report(violations=tuple(self._found.values()))

    def _run(self, profiles: tuple[str, ...], *, claimed: bool) -> None:
        self._walk.over(self._root, self._place)
        conformance = Conformance(self._walk.directory, self._edition)
        self._invariants(conformance)
        self._references()
        holder = next(iter(self._walk.directory), None)
        if holder is not None:
            for canonical in profiles:
                self._profile(conformance, canonical, self._root, self._place, holder)
        if claimed:
            self._claimed(conformance)
        if conformance.is_exhausted:
            self._report(say.too_large(self._place))

    def _invariants(self, conformance: Conformance) -> None:
        for one, value, extra, type_name, place, holder in self._walk.unproven:
            if one.is_broken(
                value, type_name, extra=extra, resource=holder.resource, root=holder.outermost, hooks=conformance.hooks
            ):
                self._report(say.broken(place, one.key, one.human, is_error=one.is_error))

    def _references(self) -> None:
        directory = self._walk.directory
        for reference, place, targets, holder in self._walk.references:
            text = reference.get("reference")
            if not isinstance(text, str):
                continue
            target = directory.resolve(text, holder)
            if target is None and (text.startswith("#") or directory.is_bundle):
                self._report(say.not_here(place, is_error=must_be_here(text)))
            kind = str(target.resource.get("resourceType")) if target is not None else type_named(text)
            if kind and targets and kind not in targets:
                self._report(say.wrong_target(place, kind, map(name_of, targets)))

    def _claimed(self, conformance: Conformance) -> None:
        for holder in self._walk.directory:
            meta = holder.resource.get("meta")
            listed = meta.get("profile") if isinstance(meta, dict) else None
            for canonical in listed if isinstance(listed, list) else ():
                if isinstance(canonical, str):
                    self._profile(conformance, canonical, holder.resource, holder.place, holder)
        for extension, place, holder in self._walk.extensions:
            url = extension.get("url")
            profile = conformance.profile(url) if isinstance(url, str) and ":" in url else None
            if profile is not None and profile.type == "Extension":
                for one in conformance.check(extension, profile, place, holder):
                    self._report(one)

    def _profile(self, conformance: Conformance, canonical: str, value: Json, place: Step, holder: Holder) -> None:
        profile = conformance.profile(canonical)
        if profile is None:
            if not is_base_type(canonical):
                self._report(say.unknown_profile(place, canonical))
            return
        for one in conformance.check(value, profile, place, holder):
            self._report(one)
