"""Addresses of signing in."""

from django.urls import path

from openum.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.sign_in, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("welcome/", views.welcome, name="welcome"),
]
