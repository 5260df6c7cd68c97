"""Signing in and out, and the way to each person's own first page."""

from uuid import UUID

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openum import audit
from openum.accounts import queries, services, typed
from openum.accounts.forms import SignInForm
from openum.accounts.gate import actor, needs
from openum.accounts.models import User
from openum.accounts.navigation import home_of
from openum.accounts.proofs.queries import has_proof
from openum.accounts.proofs.views import begin_second, finish
from openum.accounts.rules import Permission, TooManyAttempts
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.vocabulary.errors import Missing, OpenUMError

MOST_SEALS = 200
"""The report shows the latest."""


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
    user: User = form.get_user()
    return begin_second(request, user, wanted=wanted) if has_proof(user) else finish(request, user, wanted=wanted)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if isinstance(request.user, User):
        services.note_sign_out(user=request.user, at=now())
    logout(request)
    return redirect("accounts:login")


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def typed_before(request: HttpRequest) -> HttpResponse:
    """Offer again what was typed when the session had ended: to send it as it was, to read it, or to throw it away."""
    assert isinstance(request.user, User)
    kept = typed.kept_for(request, request.user)
    if kept is None:
        return redirect("accounts:home")
    back = kept["back"] or reverse("accounts:home")
    if request.method == "POST":
        typed.forget(request)
        return redirect(back)
    shown = [(name, value) for name, value in kept["fields"] if value.strip()]
    return render(request, "accounts/typed.html", {"kept": kept, "shown": shown, "back": back})


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


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_BROKEN_GLASS)
def seals(request: HttpRequest) -> HttpResponse:
    """Report who opened what is specially protected, when and why; judge it."""
    user, at, refusal, status = actor(request), now(), "", 200
    rows = queries.seals_visible_to(user)
    if request.method == "POST":
        try:
            seal = rows.filter(public_id=UUID(request.POST.get("seal", ""))).first()
        except ValueError:
            seal = None
        try:
            if seal is None:
                raise Missing("Choose what you judge.")
            services.judge_seal(seal=seal, judgement=request.POST.get("judgement", ""), by=user, at=at)
        except OpenUMError as error:
            refusal, status = error.sentence, error.status
        else:
            return redirect("accounts:seals")
    shown = list(rows[:MOST_SEALS])
    audit.record_reads(by=user, at=at, case_ids=[row.case_id for row in shown], why="report of broken seals")
    facts = {
        "rows": [
            {
                "seal": row,
                "broken": short_moment(row.broken_at, row.plan.time_zone),
                "until": short_moment(row.until, row.plan.time_zone),
                "is_open": row.until > at,
                "judged": short_moment(row.judged_at, row.plan.time_zone),
                "is_own": row.user_id == user.pk,
            }
            for row in shown
        ],
        "waiting": rows.filter(judged_at__isnull=True).count(),
        "refusal": refusal,
    }
    return render(request, "accounts/seals.html", facts, status=status)
