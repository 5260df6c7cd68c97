"""Addresses of the public library."""

from django.urls import path

from openum.criteria import views

app_name = "criteria"
urlpatterns = [
    path("policies/", views.library, name="library"),
    path("policies/<str:key>/<str:version>/", views.guideline, name="guideline"),
]
