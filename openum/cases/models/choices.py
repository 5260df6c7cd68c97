"""Word lists as callables, so that a new word is not a migration."""

from collections.abc import Callable
from enum import StrEnum

from openum.vocabulary import terms


def _choices_of(words: type[StrEnum]) -> Callable[[], list[tuple[str, str]]]:
    def choices() -> list[tuple[str, str]]:
        return [(word.value, word.value) for word in words]

    return choices


def line_status_choices() -> list[tuple[str, str]]:
    """Return the line statuses."""
    return _choices_of(terms.LineStatus)()


def urgency_choices() -> list[tuple[str, str]]:
    """Return the urgencies."""
    return _choices_of(terms.Urgency)()


def timing_choices() -> list[tuple[str, str]]:
    """Return the timings."""
    return _choices_of(terms.Timing)()


def request_kind_choices() -> list[tuple[str, str]]:
    """Return the kinds of request."""
    return _choices_of(terms.RequestKind)()


def certification_choices() -> list[tuple[str, str]]:
    """Return the certification types."""
    return _choices_of(terms.CertificationType)()


def channel_choices() -> list[tuple[str, str]]:
    """Return the channels."""
    return _choices_of(terms.Channel)()


def standing_choices() -> list[tuple[str, str]]:
    """Return the standings."""
    return _choices_of(terms.Standing)()


def party_role_choices() -> list[tuple[str, str]]:
    """Return the parts a party plays."""
    return _choices_of(terms.PartyRole)()


def service_class_choices() -> list[tuple[str, str]]:
    """Return the parity classes."""
    return _choices_of(terms.ServiceClass)()


def benefit_choices() -> list[tuple[str, str]]:
    """Return the benefits."""
    return _choices_of(terms.Benefit)()


def network_status_choices() -> list[tuple[str, str]]:
    """Return the network statuses."""
    return _choices_of(terms.NetworkStatus)()
