"""Addresses of signing in, and of the systems that connect."""

from django.urls import path

from openum.accounts import views
from openum.accounts.connections import views as connections
from openum.accounts.proofs import views as proofs

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.sign_in, name="login"),
    path("sign-in/second/", proofs.second, name="second"),
    path("sign-in/rules/", proofs.sign_in_rules, name="sign-in-rules"),
    path("my-account/proofs/", proofs.proofs, name="proofs"),
    path("sign-out/", views.sign_out, name="logout"),
    path("typed/", views.typed_before, name="typed"),
    path("welcome/", views.welcome, name="welcome"),
    path("broken-seals/", views.seals, name="seals"),
    path("connections/", connections.connections, name="connections"),
    path("connections/new/", connections.new, name="connection-new"),
    path("connections/<uuid:public_id>/", connections.connection, name="connection"),
]
