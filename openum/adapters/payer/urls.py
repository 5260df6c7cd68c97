"""Addresses for claims systems."""

from django.urls import path

from openum.adapters.payer import views

app_name = "payer"
urlpatterns = [
    path("payer/authorizations/feed", views.feed, name="authorization-feed"),
    path("payer/claims/match", views.claim_match, name="claim-match"),
]
