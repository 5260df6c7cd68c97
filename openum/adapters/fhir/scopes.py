"""Which SMART scope each door of the FHIR bases takes. The guides leave operations to the server; this is our policy.

An operation takes the scope of the resource it makes or reads. A resource takes the letter of its interaction. What is
not listed here takes every letter of its resource, so that a new door is closed until somebody thinks about it.
"""

from openum.accounts.connections.scopes import LETTERS
from openum.vocabulary.errors import NotAllowed

Needed = tuple[str, str]
"""Kind of resource, and letters of c(reate), r(ead), u(pdate), d(elete), s(earch)."""

OPERATIONS: dict[str, Needed] = {
    "Claim/$submit": ("Claim", "c"),
    "Claim/$inquire": ("Claim", "r"),
    "$submit-attachment": ("DocumentReference", "c"),
    "Claim/$submit-attachment": ("DocumentReference", "c"),
    "Subscription/$status": ("Subscription", "r"),
    "Subscription/$events": ("Subscription", "r"),
    "Questionnaire/$questionnaire-package": ("Questionnaire", "r"),
    "$questionnaire-package": ("Questionnaire", "r"),
    "Questionnaire/$next-question": ("Questionnaire", "r"),
    "Questionnaire/$log-questionnaire-errors": ("Questionnaire", "r"),
    "ValueSet/$expand": ("ValueSet", "r"),
}
_STANDS_FOR = {"Bundle": "ClaimResponse"}
"""What a notification carried is an answer, in a Bundle."""
_INTERACTIONS = {"GET": "r", "HEAD": "r", "PUT": "u", "PATCH": "u", "DELETE": "d", "POST": "c"}


class OutOfScope(NotAllowed):
    """The token does not allow this operation (HTTP 403)."""

    code = "out-of-scope"


def needed(method: str, path: str) -> Needed:
    """Return what a call takes.

    Args:
        method: of HTTP.
        path: below the FHIR base, without a slash in front, such as `Claim/$submit` or `Subscription/01`.
    """
    steps = [step for step in path.split("/") if step]
    kind = steps[0] if steps and not steps[0].startswith("$") else "*"
    kind = _STANDS_FOR.get(kind, kind)
    operation = next((step for step in steps if step.startswith("$")), "")
    if operation:
        name = operation if kind == "*" else f"{kind}/{operation}"
        return OPERATIONS.get(name, (kind, LETTERS))
    if steps[1:] == ["_search"] or (method in {"GET", "HEAD"} and len(steps) == 1):
        return kind, "s"
    return kind, _INTERACTIONS.get(method, LETTERS)
