"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest

from openum.db import clock


def site(request: HttpRequest) -> dict[str, object]:
    """Return whether this is demo data, and the demo clock's instant for the banner when it has been moved."""
    moved = clock.demo_clock_is_moved()
    return {
        "is_demo": settings.OPENUM_DEMO,
        "demo_clock_at": clock.now() if moved else None,
        "live_url": settings.OPENUM_LIVE_URL,
    }
