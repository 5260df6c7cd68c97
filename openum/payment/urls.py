"""Addresses of the claims examiner."""

from django.urls import path

from openum.payment import views

app_name = "payment"
urlpatterns = [path("authorizations/claims/", views.examine, name="examine")]
