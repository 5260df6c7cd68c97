"""The registration pages: who connects, with which keys, and who let them in."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from openum.accounts.connections import services
from openum.accounts.connections.forms import (
    MAKE,
    AddKeysForm,
    AddressForm,
    OriginsForm,
    RegisterForm,
    ServerForm,
)
from openum.accounts.connections.keys import NewPair, new_pair
from openum.accounts.connections.pace import pace_of
from openum.accounts.connections.queries import clients_visible_to, held_for
from openum.accounts.connections.traffic import COUNTED, traffic_of
from openum.accounts.gate import actor, needs
from openum.accounts.models import ApiClient, User
from openum.accounts.queries import user_may
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import short_moment
from openum.vocabulary.errors import OpenUMError

Forms = dict[str, AddKeysForm | AddressForm | ServerForm | OriginsForm]
_EITHER = (Permission.REGISTER_CONNECTIONS, Permission.APPROVE_CONNECTIONS)


def state_of(client: ApiClient) -> tuple[str, str, str]:
    """Return the word, the shape and the tone of a client's state."""
    if client.revoked_at is not None:
        return _("revoked"), "square", "muted"
    if client.is_active:
        return _("active"), "check", "ok"
    return _("waiting for approval"), "triangle", "attention"


def _row(client: ApiClient) -> dict[str, Any]:
    words, shape, tone = state_of(client)
    used = short_moment(client.last_used_at, client.plan.time_zone)
    return {"client": client, "words": words, "shape": shape, "tone": tone, "used": used}


@require_GET
@needs(*_EITHER)
def connections(request: HttpRequest) -> HttpResponse:
    """Show the clients that concern me: those that wait first, the revoked last."""
    user, at = actor(request), now()
    clients = list(clients_visible_to(user).order_by("name", "pk"))
    traffic, pace = traffic_of(clients, at=at), pace_of(clients, at=at)
    rows = [{**_row(client), "traffic": traffic.get(client.pk), "pace": pace.get(client.pk)} for client in clients]
    rows.sort(key=lambda row: (row["client"].revoked_at is not None, row["client"].is_active))
    facts = {"rows": rows, "days": COUNTED.days, "may_register": user_may(user, Permission.REGISTER_CONNECTIONS)}
    return render(request, "accounts/connections/list.html", facts)


@sensitive_variables("pair")
@require_http_methods(["GET", "POST"])
@needs(Permission.REGISTER_CONNECTIONS)
def new(request: HttpRequest) -> HttpResponse:
    """Register a client; a private key that was made for it is shown on the answer, once."""
    user = actor(request)
    if request.method == "GET":
        return render(request, "accounts/connections/new.html", {"form": RegisterForm(user=user)})
    form, refusal, status = RegisterForm(request.POST, user=user), "", 422
    if form.is_valid():
        try:
            pair = _pair_for(form)
            client = services.register(
                wish=form.wish(pair.public if pair else None), plan=form.plan_chosen,
                organization=form.organization_chosen, by=user, at=now(),
            )  # fmt: skip
        except OpenUMError as error:
            refusal, status = error.sentence, error.status
        else:
            return _shown_once(request, client, pair) if pair else redirect("accounts:connection", client.public_id)
    return render(request, "accounts/connections/new.html", {"form": form, "refusal": refusal}, status=status)


def _pair_for(form: RegisterForm) -> NewPair | None:
    if form.cleaned_data["source"] != MAKE:
        return None
    services.check_may_have_pair(form.plan_chosen)
    return new_pair()


def _shown_once(request: HttpRequest, client: ApiClient, pair: NewPair) -> HttpResponse:
    return render(request, "accounts/connections/pair.html", {"client": client, "pair": pair})


@sensitive_variables("pair")
@require_http_methods(["GET", "POST"])
@needs(*_EITHER)
def connection(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a client: how it connects, its keys, its state; change what may be changed."""
    user = actor(request)
    client = get_object_or_404(clients_visible_to(user), public_id=public_id)
    forms: Forms = {
        "paste": AddKeysForm(), "address": AddressForm(),
        "server": ServerForm(initial={"fhir_server": client.fhir_server}),
        "origins": OriginsForm(initial={"browser_origins": client.browser_origins}),
    }  # fmt: skip
    if request.method == "GET":
        return _page(request, client, user, forms)
    do, refusal, status = request.POST.get("do", ""), "", 422
    try:
        if do == "make":
            return _shown_once(request, client, services.make_sandbox_key(client=client, by=user, at=now()))
        if do in forms:
            form = forms[do] = type(forms[do])(request.POST)
            if not form.is_valid():
                return _page(request, client, user, forms, status=422)
        _change(do, request, client, user, forms)
    except OpenUMError as error:
        refusal, status = error.sentence, error.status
        client.refresh_from_db()
        return _page(request, client, user, forms, refusal=refusal, status=status)
    return redirect("accounts:connection", client.public_id)


def _change(do: str, request: HttpRequest, client: ApiClient, user: User, forms: Forms) -> None:
    at = now()
    if do == "paste":
        services.add_keys(client=client, keys=forms["paste"].cleaned_data["keys"], by=user, at=at)
        messages.success(request, _("The key is in use. Remove the old one when the system signs with the new one."))
    elif do == "address":
        services.read_keys_from(client=client, url=forms["address"].cleaned_data["jwks_url"], by=user, at=at)
        messages.success(request, _("Keys are read from this address from now on."))
    elif do == "remove":
        key = get_object_or_404(client.keys, key_id=request.POST.get("key", ""), removed_at__isnull=True)
        services.remove_key(client=client, key=key, by=user, at=at)
        messages.success(request, _("The key is removed. What it signs proves nothing any more."))
    elif do == "server":
        services.set_server(client=client, url=forms["server"].cleaned_data["fhir_server"], by=user, at=at)
        messages.success(request, _("Its own server is asked for what a hook did not bring, from now on."))
    elif do == "try":
        version = services.try_server(client=client, by=user, at=at)
        messages.success(
            request, _("The server answered as a FHIR server, version %(version)s.") % {"version": version}
        )
    elif do == "origins":
        services.set_origins(client=client, origins=forms["origins"].cleaned_data["browser_origins"], by=user, at=at)
        messages.success(request, _("Browsers may call us from these pages from now on."))
    elif do == "approve":
        services.approve(client=client, by=user, at=at)
        messages.success(request, _("The system may connect now."))
    elif do == "revoke":
        services.revoke(client=client, by=user, at=at)
        messages.success(request, _("The system is shut out, with every token it held."))


def _page(
    request: HttpRequest, client: ApiClient, user: User, forms: Forms, *,
    refusal: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    zone = client.plan.time_zone
    keys = [
        {"key": key, "added": short_moment(key.added_at, zone), "used": short_moment(key.last_used_at, zone)}
        for key in client.keys.filter(removed_at__isnull=True).order_by("added_at", "pk")
    ]
    facts = _row(client) | {
        "keys": keys, "forms": forms, "refusal": refusal, "addresses": _addresses(request),
        "requested": short_moment(client.requested_at, zone), "approved": short_moment(client.approved_at, zone),
        "revoked": short_moment(client.revoked_at, zone),
        "may_approve": client.plan_id in held_for(user, Permission.APPROVE_CONNECTIONS)[0]
        and client.requested_by_id != user.pk and not client.is_active and client.revoked_at is None,
        "may_change": client.revoked_at is None,
    }  # fmt: skip
    return render(request, "accounts/connections/one.html", facts, status=status)


def _addresses(request: HttpRequest) -> dict[str, str]:
    """Return the addresses that a client needs, as it will use them."""
    base = request.build_absolute_uri(reverse("fhir:metadata", args=["2.2"]))
    return {
        "token": request.build_absolute_uri(reverse("oauth:token")),
        "fhir": base.removesuffix("/metadata"),
        "crd": request.build_absolute_uri(reverse("fhir:crd-discovery", args=["2.2"])),
    }
