"""Status chips: the word, the shape and the tone of every state a request, node or person can be in."""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from openum.design.shapes import shape

Words = str | Promise


@dataclass(frozen=True)
class Look:
    """How one state shows: words for staff, for the requester and for the member, shape and tone."""

    staff: Words
    requester: Words
    member: Words
    shape: str
    tone: str


# Keys and words are those of the status table of `cases`; a test holds them together.
LINE_LOOKS: dict[str, Look] = {
    "received": Look(_("Received"), _("Received"), _("We have the request"), "target", "info"),
    "pended_with_payer": Look(_("In review"), _("With the plan"), _("Your plan is looking at it"), "bars", "pended"),
    "pended_with_provider": Look(
        _("Waiting for information"),
        _("Waiting for you"),
        _("Your plan needs something from your doctor"),
        "bars",
        "attention",
    ),
    "pended_with_physician": Look(
        _("With a physician"),
        _("With a physician of the plan"),
        _("A doctor at your plan is looking at it"),
        "triangle",
        "pended",
    ),
    "approved": Look(_("Approved"), _("Approved"), _("Approved"), "circle", "ok"),
    "partially_approved": Look(
        _("Approved in part"), _("Approved in part"), _("Approved in part"), "half", "attention"
    ),
    "denied": Look(_("Denied"), _("Denied"), _("We said no"), "square", "danger"),
    "withdrawn": Look(_("Withdrawn"), _("Withdrawn"), _("Taken back"), "dash", "muted"),
    "dismissed": Look(_("Dismissed"), _("Dismissed"), _("Closed without a decision"), "dash", "muted"),
    "cancelled": Look(_("Cancelled"), _("Cancelled"), _("Cancelled"), "dash", "muted"),
    "not_required": Look(
        _("No authorization needed"), _("No authorization needed"), _("No approval is needed"), "ring", "info"
    ),
    "voided_in_error": Look(_("Voided in error"), _("Voided"), _("Entered by mistake"), "times", "muted"),
    "expired": Look(_("Expired"), _("Expired"), _("The approval ended"), "clock", "muted"),
    "terminated_with_notice": Look(
        _("Ended with notice"), _("Ended with notice"), _("The approval ends early"), "clock", "danger"
    ),
    "transferred": Look(_("Transferred"), _("Sent to the right plan"), _("Sent to the right plan"), "arrow", "muted"),
    "reopened": Look(_("Reopened"), _("Reopened"), _("Your plan is looking at it again"), "again", "pended"),
}

FINDING_LOOKS: dict[str, Look] = {
    "met": Look(_("Met"), _("Met"), _("Yes"), "check", "ok"),
    "not_met": Look(_("Not met"), _("Not met"), _("Not yet"), "times", "attention"),
    "unknown": Look(_("Unknown"), _("Unknown"), _("We could not tell"), "question", "muted"),
    "not_applicable": Look(_("Not applicable"), _("Not applicable"), _("Not needed"), "dash", "muted"),
}

URGENCY_LOOKS: dict[str, Look] = {
    "standard": Look(_("Standard"), _("Standard"), _("Standard"), "ring", "muted"),
    "expedited": Look(_("Expedited"), _("Expedited"), _("Fast-track"), "cross", "attention"),
}

BALL_WORDS: dict[str, Words] = {
    "payer": pgettext_lazy("who has to act", "with plan"),
    "provider": pgettext_lazy("who has to act", "with provider"),
    "transit": pgettext_lazy("who has to act", "in transit"),
}

CHANNEL_WORDS: dict[str, Words] = {
    "fhir": _("Electronic"),
    "portal": _("Portal"),
    "phone": _("Phone"),
    "mail": _("Mail"),
    "fax": _("Fax"),
    "command_line": _("File"),
    "x12": _("X12 278"),
}


def chip(words: Words, *, shape_name: str, tone: str) -> SafeString:
    """Return a chip from its three signals."""
    return format_html('<span class="chip t-{}">{}<span>{}</span></span>', tone, shape(shape_name), words)


def status_chip(status: str, audience: str = "staff") -> SafeString:
    """Return the chip of a line status for `staff`, a `requester` or a `member`; an unknown word shows as itself."""
    return _drawn("line", str(status), audience, get_language() or "en")


def finding_chip(value: str, audience: str = "staff") -> SafeString:
    """Return the chip of one criterion's finding. Unknown is grey with a question mark, never red."""
    return _drawn("finding", str(value), audience, get_language() or "en")


def urgency_chip(urgency: str, audience: str = "staff") -> SafeString:
    """Return the chip of standard or expedited handling."""
    return _drawn("urgency", str(urgency), audience, get_language() or "en")


def status_words(status: str, audience: str = "staff") -> str:
    """Return only the words of a line status, for sentences and titles."""
    look = LINE_LOOKS.get(status)
    return status.replace("_", " ") if look is None else str(_for(look, audience))


def _for(look: Look, audience: str) -> Words:
    return {"staff": look.staff, "requester": look.requester, "member": look.member}[audience]


_LOOKS = {"line": LINE_LOOKS, "finding": FINDING_LOOKS, "urgency": URGENCY_LOOKS}


@lru_cache(maxsize=512)
def _drawn(kind: str, key: str, audience: str, language: str) -> SafeString:
    """Draw a chip once per word, audience and language; lists show the same few chips hundreds of times."""
    look = _LOOKS[kind].get(key)
    if look is None:
        return chip(key.replace("_", " ").capitalize(), shape_name="ring", tone="muted")
    return chip(_for(look, audience), shape_name=look.shape, tone=look.tone)


_SEX_WORDS: dict[str, Words] = {
    "female": pgettext_lazy("sex of a person", "female"), "male": pgettext_lazy("sex of a person", "male"),
    "other": pgettext_lazy("sex of a person", "other"), "unknown": "",
}  # fmt: skip


def sex_word(sex: str) -> str:
    """Return the word for a person's sex as a plan keeps it (FHIR administrative gender); empty where it is not known."""
    return str(_SEX_WORDS.get(sex, sex))
