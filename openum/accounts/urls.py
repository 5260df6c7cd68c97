"""Addresses of signing in, and of the systems that connect."""

from django.urls import path

from openum.accounts import views
from openum.accounts.connections import views as connections

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.sign_in, name="login"),
    path("sign-out/", views.sign_out, name="logout"),
    path("welcome/", views.welcome, name="welcome"),
    path("connections/", connections.connections, name="connections"),
    path("connections/new/", connections.new, name="connection-new"),
    path("connections/<uuid:public_id>/", connections.connection, name="connection"),
]
