"""Lists by pages: the number of a page, as an address asks for it, its rows, and the way to the others."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from openum.vocabulary.numbers import whole

_LAST = 100_000
"""No list is read further, so that no number is too large for a database."""


def page_asked(request: HttpRequest) -> int:
    """Return the page that an address asks for, counted from 1; anything but such a number means the first."""
    return min(max(1, whole(request.GET.get("page", "")) or 1), _LAST)


def page_of(
    rows: QuerySet[Any] | Sequence[Any], request: HttpRequest, *, size: int
) -> tuple[list[Any], dict[str, str]]:
    """Return the rows of the page that an address asks for, and what `design/pages.html` shows of the others.

    What else the address asks for is kept; a list of one page has no way to another.
    """
    number = page_asked(request)
    found = list(rows[(number - 1) * size : number * size + 1])

    def address(of: int) -> str:
        asked = request.GET.copy()
        asked["page"] = str(of)
        return f"?{asked.urlencode()}"

    return found[:size], {
        "words": _("Page %(n)d") % {"n": number},
        "previous_url": address(number - 1) if number > 1 else "",
        "next_url": address(number + 1) if len(found) > size else "",
    }
