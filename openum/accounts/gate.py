"""The gate of every page: signed in, and holding the permission the page needs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from openum.accounts.models import User
from openum.accounts.queries import check_user_may, scope_of
from openum.accounts.rules import Permission

View = Callable[..., HttpResponse]


def actor(request: HttpRequest) -> User:
    """Return the signed-in user of a page behind the gate."""
    if not isinstance(request.user, User):
        raise TypeError("This view must stand behind `needs`.")
    return request.user


def needs(*permissions: Permission) -> Callable[[View], View]:
    """Let in people who hold any of the permissions; others get the refusal page, strangers the sign-in page."""

    def gate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = actor(request)
            if not scope_of(user).permissions.intersection(permissions):
                check_user_may(user, permissions[0])
            return view(request, *args, **kwargs)

        return guarded

    return gate
