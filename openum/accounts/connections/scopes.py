"""SMART scopes, version 2 (SMART App Launch 2, section "Scopes"): what a system may do with which kind of resource.

`system/Claim.cr` reads: create and read Claims. The five letters are c(reate), r(ead), u(pdate), d(elete), s(earch),
always in this order. Version 1 words are understood as well: `read` is `rs`, `write` is `cud`, `*` is all five. Pure.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from openum.vocabulary.errors import Invalid

LETTERS = "cruds"
_VERSION_1 = {"read": "rs", "write": "cud", "*": LETTERS}
_SCOPE = re.compile(r"system/(?P<kind>[A-Z][A-Za-z]{1,63}|\*)\.(?P<may>c?r?u?d?s?|read|write|\*)", re.ASCII)
MOST_SCOPES = 60


class ScopesNotRead(Invalid):
    """A registration asks for scopes that are not SMART system scopes."""

    code: ClassVar[str] = "scopes-not-read"


@dataclass(frozen=True, order=True)
class Scope:
    """One scope: a kind of resource, or `*` for every kind, and letters of LETTERS."""

    kind: str
    may: str

    def __str__(self) -> str:
        """Write it as version 2 does."""
        return f"system/{self.kind}.{self.may}"

    def covers(self, kind: str, letter: str) -> bool:
        """Say whether it allows one interaction with one kind of resource."""
        return self.kind in {"*", kind} and letter in self.may


FULL = (Scope("*", LETTERS),)
"""What a fixed token of a sandbox plan may do: everything."""

OFFERED = (
    Scope("Claim", "crs"),
    Scope("ClaimResponse", "rs"),
    Scope("Subscription", "cruds"),
    Scope("Task", "rs"),
    Scope("CommunicationRequest", "rs"),
    Scope("Communication", "rs"),
    Scope("DocumentReference", "c"),
    Scope("Questionnaire", "rs"),
    Scope("QuestionnaireResponse", "r"),
    Scope("Library", "rs"),
    Scope("ValueSet", "rs"),
)
"""What a client can register for: what our operations and resources take (adapters/fhir/scopes.py), and no more."""


def read(text: str) -> tuple[Scope, ...]:
    """Return the system scopes of a space-separated list; what is not one (openid, user/…, parameters) is left out.

    A scope narrowed by a search parameter is left out too: we could not keep the narrower promise.
    """
    found: dict[str, str] = {}
    for word in text.split()[:MOST_SCOPES]:
        fit = _SCOPE.fullmatch(word)
        if fit and fit["may"]:
            letters = _VERSION_1.get(fit["may"], fit["may"])
            found[fit["kind"]] = _letters(found.get(fit["kind"], "") + letters)
    return tuple(Scope(kind, may) for kind, may in sorted(found.items()))


def write(scopes: Iterable[Scope]) -> str:
    """Return a space-separated list."""
    return " ".join(str(scope) for scope in scopes)


def covers(scopes: Iterable[Scope], kind: str, letters: str) -> bool:
    """Say whether scopes allow all of some interactions with one kind of resource."""
    held = tuple(scopes)
    return all(any(scope.covers(kind, letter) for scope in held) for letter in letters)


def shared(asked: Iterable[Scope], registered: Iterable[Scope]) -> tuple[Scope, ...]:
    """Return what is both asked for and registered; `*` on either side stands for what the other names."""
    held = tuple(registered)
    found: dict[str, str] = {}
    for one in asked:
        for other in held:
            if "*" in {one.kind, other.kind} or one.kind == other.kind:
                kind = other.kind if one.kind == "*" else one.kind
                may = "".join(letter for letter in LETTERS if letter in one.may and letter in other.may)
                if may:
                    found[kind] = _letters(found.get(kind, "") + may)
    return tuple(Scope(kind, may) for kind, may in sorted(found.items()))


def for_registration(text: str) -> tuple[Scope, ...]:
    """Return the offered scopes that a registration asks for.

    Raises:
        ScopesNotRead: none of what is asked for is offered.
    """
    found = shared(read(text), OFFERED)
    if not found:
        raise ScopesNotRead(f"None of these scopes is offered here. Choose among: {write(OFFERED)}.")
    return found


def _letters(some: str) -> str:
    return "".join(letter for letter in LETTERS if letter in some)
