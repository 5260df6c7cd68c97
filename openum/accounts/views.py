"""Signing in and out, and the way to each person's own first page."""

from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum.accounts import services
from openum.accounts.forms import SignInForm
from openum.accounts.models import User
from openum.accounts.navigation import home_of
from openum.accounts.rules import TooManyAttempts
from openum.db.clock import now


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for address and password, then go where the person wanted to go."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        wanted = ""
    if request.method == "GET":
        return render(request, "accounts/login.html", {"form": SignInForm(request), "next": wanted})
    account, at = request.POST.get("username", ""), now()
    form = SignInForm(request, data=request.POST)
    try:
        services.check_may_sign_in(account=account, at=at)
    except TooManyAttempts as refusal:
        context = {"form": SignInForm(request), "next": wanted, "refusal": refusal.sentence}
        return render(request, "accounts/login.html", context, status=429)
    if not form.is_valid():
        services.note_sign_in_failure(account=account, at=at)
        return render(request, "accounts/login.html", {"form": form, "next": wanted}, status=422)
    login(request, form.get_user())
    services.note_sign_in(user=form.get_user(), at=at)
    return redirect(wanted or "accounts:home")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if isinstance(request.user, User):
        services.note_sign_out(user=request.user, at=now())
    logout(request)
    return redirect("accounts:login")


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Send each person to the page they work on."""
    assert isinstance(request.user, User)
    return redirect(home_of(request.user))


@require_GET
@login_required
def welcome(request: HttpRequest) -> HttpResponse:
    """Show a person whose role has no page of its own yet where they are."""
    return render(request, "accounts/welcome.html")
