"""The second page of signing in, one's own proofs, and which plans ask for them."""

from io import BytesIO
from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from openum.accounts import services as accounts
from openum.accounts import typed
from openum.accounts.gate import MUST_ENROL, actor, needs
from openum.accounts.models import AuthenticatorApp, Passkey, User
from openum.accounts.proofs import services
from openum.accounts.proofs.queries import codes_left, has_proof, needs_proof
from openum.accounts.queries import plans_visible_to
from openum.accounts.rules import Permission, TooManyAttempts
from openum.db import clock
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.vocabulary.errors import OpenUMError

HALF = "half_signed_in"
CHALLENGE = "passkey_challenge"
HALF_SECONDS = 600
"""How long a right password waits for the second proof."""


def begin_second(request: HttpRequest, user: User, *, wanted: str) -> HttpResponse:
    """Keep that the password was right, and ask for the second proof."""
    request.session[HALF] = {"user": user.pk, "since": int(clock.real_now().timestamp()), "next": wanted}
    return redirect("accounts:second")


def finish(request: HttpRequest, user: User, *, wanted: str) -> HttpResponse:
    """Sign a person in, and lead to what was typed before, to the missing proof, or where the person wanted to go."""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    accounts.note_sign_in(user=user, at=now())
    if needs_proof(user) and not has_proof(user):
        request.session[MUST_ENROL] = True
        answer = redirect("accounts:proofs")
    else:
        answer = redirect("accounts:typed" if typed.kept_for(request, user) else wanted or "accounts:home")
    typed.remember_who(answer, user, is_secure=request.is_secure())
    return answer


def _half_signed_in(request: HttpRequest) -> tuple[User, str] | None:
    half = request.session.get(HALF)
    if half is None or int(clock.real_now().timestamp()) - half["since"] > HALF_SECONDS:
        request.session.pop(HALF, None)
        return None
    user = User.objects.filter(pk=half["user"], is_active=True).first()
    return (user, half["next"]) if user is not None else None


def _site(request: HttpRequest) -> dict[str, str]:
    """Return the host that a passkey is for, and the origin its answer must name."""
    return {"host": request.get_host().rsplit(":", maxsplit=1)[0], "origin": f"{request.scheme}://{request.get_host()}"}


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """Ask for a code of the app, a recovery code, or a passkey, after a right password."""
    known = _half_signed_in(request)
    if known is None:
        return redirect("accounts:login")
    (user, wanted), at, refusal, status = known, now(), "", 200
    account = f"second proof of {user.email}"
    if request.method == "POST":
        cause = services.PASSKEY if request.POST.get("credential") else services.CODE
        try:
            accounts.check_may_sign_in(account=account, at=at)
            if cause == services.PASSKEY:
                challenge = request.session.pop(CHALLENGE, "")
                services.accept_passkey(
                    user=user, answer=request.POST["credential"], challenge=challenge, at=at, **_site(request)
                )
            else:
                services.accept_code(user=user, typed=request.POST.get("code", ""), at=at)
        except TooManyAttempts as error:
            refusal, status = error.sentence, 429
        except OpenUMError as error:
            services.note_refused(user=user, cause=cause, at=at)
            accounts.note_sign_in_failure(account=account, at=at)
            refusal, status = error.sentence, error.status
        else:
            request.session.pop(HALF)
            return finish(request, user, wanted=wanted)
    options = ""
    if user.passkeys.exists():
        options, request.session[CHALLENGE] = services.options_to_prove(user=user, host=_site(request)["host"])
    facts = {"options": options, "refusal": refusal}
    return render(request, "accounts/proofs/second.html", facts, status=status)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def proofs(request: HttpRequest) -> HttpResponse:
    """Show one's own proofs; add one, take one away, make recovery codes."""
    user, refusal, status = request.user, "", 200
    assert isinstance(user, User)
    codes: list[str] = []
    if request.method == "POST":
        try:
            codes = _do(request, user)
        except OpenUMError as error:
            refusal, status = error.sentence, error.status
        else:
            if has_proof(user):
                request.session.pop(MUST_ENROL, None)
            if not codes:
                return redirect("accounts:proofs")
    return _page(request, user, codes=codes, refusal=refusal, status=status)


def _do(request: HttpRequest, user: User) -> list[str]:
    given, at, doing = request.POST, now(), request.POST.get("do", "")
    had = has_proof(user)
    if doing == "passkey":
        services.add_passkey(
            answer=given.get("credential", ""), challenge=request.session.pop(CHALLENGE, ""), name=given.get("name", ""),
            by=user, at=at, **_site(request),
        )  # fmt: skip
        messages.success(request, _("The passkey counts from now on."))
    elif doing == "begin-app":
        services.begin_app(by=user, at=at)
        return []
    elif doing == "app":
        services.confirm_app(typed=given.get("code", ""), by=user, at=at)
        messages.success(request, _("The app counts from now on."))
    elif doing == "codes" and had:
        return services.make_codes(by=user, at=at)
    elif doing == "remove":
        named = _uuid(given.get("passkey", ""))
        passkey = get_object_or_404(Passkey, user=user, public_id=named) if named else None
        services.remove_proof(passkey=passkey, password=given.get("password", ""), by=user, at=at)
        return []
    return services.make_codes(by=user, at=at) if has_proof(user) and not had else []


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _page(request: HttpRequest, user: User, *, codes: list[str], refusal: str, status: int) -> HttpResponse:
    app = AuthenticatorApp.objects.filter(user=user).first()
    options, request.session[CHALLENGE] = services.options_to_add(user=user, host=_site(request)["host"])
    zone = "America/New_York"
    facts: dict[str, Any] = {
        "passkeys": [
            {"passkey": row, "added": short_moment(row.added_at, zone), "used": short_moment(row.last_used_at, zone)}
            for row in user.passkeys.order_by("added_at")
        ],
        "app": app,
        "picture": _picture(app) if app and app.confirmed_at is None else "",
        "secret": services.secret_of(app) if app and app.confirmed_at is None else "",
        "options": options,
        "codes": codes,
        "codes_left": codes_left(user),
        "has_proof": has_proof(user),
        "must_enrol": needs_proof(user) and not has_proof(user),
        "refusal": refusal,
        "home": reverse("accounts:home"),
    }
    return render(request, "accounts/proofs/proofs.html", facts, status=status)


def _picture(app: AuthenticatorApp) -> SafeString:
    """Draw what the app's camera reads; its text twin is the secret, written out beside it."""
    out = BytesIO()
    segno.make(services.address_of(app), error="m", micro=False).save(
        out, kind="svg", border=4, scale=4, xmldecl=False, svgns=True, title=_("Code for the authenticator app"),
        light="#fff", omitsize=False,
    )  # fmt: skip
    return mark_safe(out.getvalue().decode())  # noqa: S308  drawn here from our own text


@require_http_methods(["GET", "POST"])
@needs(Permission.KEEP_SIGN_IN_RULES)
def sign_in_rules(request: HttpRequest) -> HttpResponse:
    """Set for each of one's plans whether its people need a second proof."""
    user, plans = actor(request), plans_visible_to(actor(request), Permission.KEEP_SIGN_IN_RULES)
    if request.method == "POST":
        for plan in plans:
            wanted = request.POST.get(f"plan-{plan.public_id}") == "on"
            if wanted != plan.needs_second_proof:
                services.set_sign_in_rule(plan=plan, needs_second_proof=wanted, by=user, at=now())
        messages.success(request, _("Kept. It counts from the next sign-in of each person."))
        return redirect("accounts:sign-in-rules")
    return render(request, "accounts/proofs/rules.html", {"plans": plans})
