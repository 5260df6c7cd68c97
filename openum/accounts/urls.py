"""Addresses of signing in."""

from django.urls import path

from openum.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.sign_in, name="login"),
    path("sign-out/", views.sign_out, name="logout"),
    path("welcome/", views.welcome, name="welcome"),
]
