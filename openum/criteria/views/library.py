"""The list of guidelines with its search, and the feed of versions."""

from datetime import UTC, date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from openum.criteria import queries
from openum.criteria.faces import shelf
from openum.criteria.faces.words import say
from openum.db import clock

_ZONE = ZoneInfo("America/New_York")
_MOST_WORDS = 100


def today() -> date:
    """Return the calendar day on which the public pages are shown."""
    return clock.now().astimezone(_ZONE).date()


def base_url(request: HttpRequest) -> str:
    """Return the address under which the installation is reached, without a slash at the end."""
    return str(settings.OPENUM_BASE_URL) or request.build_absolute_uri("/").rstrip("/")


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """List the published guidelines by name or as found, what changed lately, and the rules of automatic approval."""
    titles = shelf.shelf(today())
    wish = shelf.Wish(
        words=request.GET.get("q", "")[:_MOST_WORDS],
        line_of_business=request.GET.get("line", ""),
        authority=request.GET.get("authority", ""),
    )
    hits = [] if wish.is_empty else shelf.find(titles, wish)
    context = {
        "wish": wish,
        "hits": hits,
        "choices": shelf.choices(titles),
        "count": len(titles),
        "letters": [(letter, list(group)) for letter, group in groupby(titles, key=lambda title: title.letter)],
        "lately": shelf.lately(titles),
        "rules": queries.published_approval_rules(),
    }
    is_part = bool(getattr(request, "htmx", False))
    return render(request, "criteria/library.html#found" if is_part else "criteria/library.html", context)


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Answer the feed of versions (Atom), the newest first."""
    base = base_url(request)
    made = Atom1Feed(
        title=_("Medical policies"), link=base + reverse("criteria:library"),
        feed_url=base + reverse("criteria:feed"), description=_("Every published version"), language=get_language(),
    )  # fmt: skip
    for volume, _earlier in shelf.lately(shelf.shelf(today()), most=50):
        g = volume.guideline
        made.add_item(
            title=f"{say(g.title)} ({g.id} {g.version})",
            link=base + reverse("criteria:guideline", args=[g.id, g.version]),
            description=say(g.summary),
            unique_id=f"urn:sha256:{volume.digest}",
            updateddate=volume.published_at,
            pubdate=datetime.combine(g.effective_from, datetime.min.time(), UTC),
        )
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
