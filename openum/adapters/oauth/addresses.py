"""The addresses that clients sign for; each stands in metadata exactly as it is compared."""

from django.conf import settings
from django.http import HttpRequest


def site_of(request: HttpRequest) -> str:
    """Return the address people and systems use for this installation."""
    return settings.OPENUM_BASE_URL or f"{request.scheme}://{request.get_host()}"


def token_endpoint(site: str) -> str:
    """Return where tokens are asked for."""
    return f"{site}/oauth/token"


def registration_endpoint(site: str) -> str:
    """Return where a certified client registers."""
    return f"{site}/oauth/register"
