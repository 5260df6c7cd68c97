"""Addresses of calls."""

from django.urls import path

from openum.callers import views

app_name = "callers"
urlpatterns = [
    path("calls/", views.calls, name="calls"),
    path("calls/<uuid:public_id>/", views.call, name="call"),
]
