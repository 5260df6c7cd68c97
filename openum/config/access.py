"""Which doors stand open without a permission, and why. Every other page names the permissions it needs (`needs`).

A page that is in neither place stays closed (`config.middleware.ClosedDoors`): a new page is shut until somebody says
who may open it. docs/generated/access.md shows the whole as one table.
"""

from enum import StrEnum
from typing import Final


class Door(StrEnum):
    """Who passes a door that asks for no permission."""

    EVERYBODY = "everybody"
    SIGNED_IN = "whoever is signed in"
    SYSTEM = "a system with a token"


OPEN_DOORS: Final[dict[str, tuple[Door, str]]] = {
    "health": (Door.EVERYBODY, "says that the process runs"),
    "set_language": (Door.EVERYBODY, "changes the language of the texts"),
    "accounts:login": (Door.EVERYBODY, "asks who is there"),
    "accounts:second": (Door.EVERYBODY, "asks for the second proof after a right password"),
    "accounts:logout": (Door.EVERYBODY, "ends the session"),
    "accounts:home": (Door.SIGNED_IN, "leads to the first page of one's roles"),
    "accounts:proofs": (Door.SIGNED_IN, "keeps one's own passkeys and codes"),
    "accounts:typed": (Door.SIGNED_IN, "offers what one typed oneself before the session ended"),
    "accounts:welcome": (Door.SIGNED_IN, "greets whose roles have no page"),
    "design:style": (Door.EVERYBODY, "shows the components, with no data"),
    "determination:automation": (Door.EVERYBODY, "says what is decided without a person (public by law)"),
    "determination:status": (
        Door.EVERYBODY,
        "tells where a request stands to who holds a signed link; no person, no service, no answer",
    ),
    "programme:posted": (Door.EVERYBODY, "lists the posted metrics (public by law, CMS-0057-F)"),
    "programme:posted-report": (Door.EVERYBODY, "shows the posted metrics of a year (public by law)"),
    "programme:posted-json": (Door.EVERYBODY, "hands out the posted metrics for programs (public by law)"),
    "programme:posted-file": (Door.EVERYBODY, "hands out the posted metrics as a table (public by law)"),
    "sandbox:openapi": (Door.EVERYBODY, "describes the interfaces"),
}
"""Address name, who passes, and what is behind it. None shows member data."""

OPEN_FOLDERS: Final[dict[str, tuple[Door, str]]] = {
    "criteria": (Door.EVERYBODY, "guidelines must be public (42 CFR 422.101(b)(6), 45 CFR 146.136(d))"),
    "fhir": (Door.SYSTEM, "serves record systems; the token says for whom"),
    "payer": (Door.SYSTEM, "tells claims systems of authorizations; the token says for whom"),
    "oauth": (Door.SYSTEM, "hands out tokens against a signature"),
    "sandbox": (Door.SYSTEM, "serves test systems; the token says for whom"),
}
"""Folders whose pages without a permission are open to somebody."""


def open_door(name: str) -> tuple[Door, str] | None:
    """Return who passes an address that names no permission, and why; None when nobody does."""
    return OPEN_DOORS.get(name) or OPEN_FOLDERS.get(name.split(":", maxsplit=1)[0])
