"""Which form a launch is about: the one that its order needs, or one of several that a person chooses from.

While a person chooses, the record system's access token waits in the session under a key that only the page holds, and
for as long as a launch lives.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from django.db.models import Q

from openum.accounts.models import User
from openum.adapters.fhir.dtr.client.launching import LIFE, Granted, LaunchRefused
from openum.adapters.fhir.dtr.shelf import Found, Shelf
from openum.needs.models import Assertion
from openum.needs.queries import assertions_of_user

MOST_CHOICES = 20


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One form of one order that the office was told of."""

    assertion: Assertion
    found: Found

    @property
    def name(self) -> str:
        """What the page sends back."""
        return f"{self.assertion.public_id} {self.found.label.canonical}"

    @property
    def words(self) -> str:
        """The form and the service, as a person tells them apart."""
        services = ", ".join(code for _system, code in self.assertion.services)
        title = self.found.label.title or self.found.label.name
        return f"{title} ({services}, {self.assertion.service_date:%Y-%m-%d})"


def possible(user: User, granted: Granted) -> list[Assertion]:
    """Return the answers a launch may be about, latest first: the one it names, else all for its patient.

    A patient's id is a client's own; answers to the clients of another registered server are about other people.
    """
    told = assertions_of_user(user).exclude(questionnaires=[]).select_related("plan")
    if granted.context:
        told = told.filter(assertion_id=granted.context)
    else:
        of_server = Q(client__fhir_server=granted.server) | Q(client__fhir_server="")
        told = told.filter(of_server, patient_reference=f"Patient/{granted.patient}")
    rows = list(told.order_by("-last_told_at", "-pk")[:MOST_CHOICES])
    return rows[:1] if granted.context else rows


def choices(rows: list[Assertion], shelves: dict[int, Shelf]) -> list[Choice]:
    """Return the forms of answers that their plans still hand out; `shelves` by plan.

    Raises:
        LaunchRefused: there is none.
    """
    if not rows:
        raise LaunchRefused(
            "The launch names no order that a form of the plan belongs to. Open the form from the plan's card, or begin "
            "it here under Forms."
        )
    found = [
        Choice(assertion=row, found=held)
        for row in rows
        for canonical in row.questionnaires
        if (held := shelves[row.plan_id].find("Questionnaire", canonical)) is not None
    ]
    if not found:
        raise LaunchRefused("The plan no longer hands out the form of this order. Begin another one under Forms.")
    return found[:MOST_CHOICES]


def sealed(granted: Granted, *, at: datetime) -> tuple[str, dict[str, str]]:
    """Return a key for the page, and what is kept in the session: nothing in it opens the records without the key."""
    key = Fernet.generate_key()
    token = Fernet(key).encrypt_at_time(granted.token.encode(), int(at.timestamp()))
    kept = {"server": granted.server, "patient": granted.patient, "context": granted.context, "token": token.decode()}
    return key.decode(), kept


def opened_with(key: str, kept: dict[str, str] | None, *, at: datetime) -> Granted:
    """Return what was sealed.

    Raises:
        LaunchRefused: nothing was kept, another key fits, or it is too old.
    """
    refusal = LaunchRefused("This launch is not known, too old, or was used already. Open the form again.")
    if kept is None:
        raise refusal
    try:
        seconds = int(LIFE.total_seconds())
        token = Fernet(key).decrypt_at_time(kept["token"], seconds, int(at.timestamp())).decode()
    except (InvalidToken, ValueError):
        raise refusal from None
    return Granted(server=kept["server"], patient=kept["patient"], token=token, context=kept["context"])
