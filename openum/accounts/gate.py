"""The gate of every page: signed in, and holding the permission the page needs."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from openum.accounts import typed
from openum.accounts.models import User
from openum.accounts.queries import check_user_may, note_opened, scope_of
from openum.accounts.rules import Permission
from openum.db.clock import now

MUST_ENROL = "must_enrol"
"""Set in the session of somebody who signed in without the second proof that the plan asks for."""

View = Callable[..., HttpResponse]


def actor(request: HttpRequest) -> User:
    """Return the signed-in user of a page behind the gate."""
    if not isinstance(request.user, User):
        raise TypeError("This view must stand behind `needs`.")
    return request.user


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a stranger to sign in. A script hears so plainly; after a form, the way leads back to the form's page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    back = request.get_full_path()
    if request.method not in {"GET", "HEAD"}:
        came_from = urlsplit(request.headers.get("Referer", ""))
        back = came_from.path if came_from.netloc == request.get_host() else ""
        typed.keep(request, back=back)
    return redirect_to_login(back or reverse("accounts:home"))


def needs(*permissions: Permission) -> Callable[[View], View]:
    """Let in people who hold any of the permissions; others get the refusal page, strangers the sign-in page."""

    def gate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            user = actor(request)
            if request.session.get(MUST_ENROL):
                return redirect("accounts:proofs")
            if not scope_of(user).permissions.intersection(permissions):
                check_user_may(user, permissions[0])
            note_opened(user, at=now())
            return view(request, *args, **kwargs)

        guarded.permissions = permissions  # type: ignore[attr-defined]
        return guarded

    return gate
