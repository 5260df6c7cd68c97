"""Addresses of the claims examiner."""

from django.urls import path

from openum.payment import views

app_name = "payment"
urlpatterns = [
    path("authorizations/claims/", views.examine, name="examine"),
    path("authorizations/billing/", views.own_line, name="own-line"),
]
