"""What somebody typed when the session had ended: kept in the browser's new session, offered to the same person again.

Nothing is kept of passwords and codes, nothing of files; and nothing is shown to anybody but the person who signed in
last on this browser (a signed cookie says who that was).
"""

from typing import Any, Final

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from openum.accounts.models import User

KEY: Final = "typed_before_sign_in"
COOKIE: Final = "openum_last"
LAST_SECONDS: Final = 24 * 60 * 60
MOST_FIELDS: Final = 300
MOST_CHARACTERS: Final = 200_000
_NEVER: Final = ("password", "csrfmiddlewaretoken", "code", "secret")


def remember_who(response: HttpResponse, user: User, *, is_secure: bool) -> None:
    """Let the browser keep who signed in, as a digest that nobody can read back."""
    response.set_signed_cookie(
        COOKIE, _digest(user), max_age=LAST_SECONDS, httponly=True, samesite="Lax", secure=is_secure
    )


def keep(request: HttpRequest, *, back: str) -> None:
    """Keep the words of a form that was sent after the session had ended."""
    try:
        who = request.get_signed_cookie(COOKIE, max_age=LAST_SECONDS)
    except (KeyError, signing.BadSignature):
        return
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not any(part in name.lower() for part in _NEVER)
    ][:MOST_FIELDS]
    if not any(value.strip() for _, value in fields) or sum(len(value) for _, value in fields) > MOST_CHARACTERS:
        return
    request.session[KEY] = {
        "path": request.get_full_path(), "back": back, "fields": fields, "who": who, "had_files": bool(request.FILES),
    }  # fmt: skip


def kept_for(request: HttpRequest, user: User) -> dict[str, Any] | None:
    """Return what this person typed; what another person typed is forgotten."""
    kept: dict[str, Any] | None = request.session.get(KEY)
    if kept is not None and not constant_time_compare(kept["who"], _digest(user)):
        forget(request)
        return None
    return kept


def forget(request: HttpRequest) -> None:
    """Forget it."""
    request.session.pop(KEY, None)


def _digest(user: User) -> str:
    return salted_hmac("openum.accounts.typed", str(user.public_id), algorithm="sha256").hexdigest()
