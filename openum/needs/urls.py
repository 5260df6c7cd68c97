"""Addresses of needs, for people."""

from django.urls import path

from openum.needs import portal

app_name = "needs"
urlpatterns = [
    path("needs/", portal.check, name="check"),
    path("needs/<uuid:public_id>/", portal.answer, name="answer"),
]
