"""The number of a page, as an address asks for it."""

from django.http import HttpRequest

from openum.vocabulary.numbers import whole

_LAST = 100_000
"""No list is read further, so that no number is too large for a database."""


def page_asked(request: HttpRequest) -> int:
    """Return the page that an address asks for, counted from 1; anything but such a number means the first."""
    return min(max(1, whole(request.GET.get("page", "")) or 1), _LAST)
