"""How the state of a conversation shows: its word, shape and tone."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from openum.review.models import PeerToPeer

_STATES = {
    PeerToPeer.OFFERED: (_("Offered"), "arrow", "info"),
    PeerToPeer.BOOKED: (_("Booked"), "clock", "attention"),
    PeerToPeer.WRITTEN: (_("Answered in writing"), "again", "attention"),
    PeerToPeer.HELD: (pgettext_lazy("conversation", "Held"), "check", "ok"),
    PeerToPeer.NOT_REACHED: (_("Not reached"), "times", "muted"),
    PeerToPeer.DECLINED: (_("Declined"), "dash", "muted"),
    PeerToPeer.CLOSED: (_("Closed"), "dash", "muted"),
}


def conversation_look(state: str) -> tuple[str | Promise, str, str]:
    """Return word, shape and tone."""
    return _STATES[state]
