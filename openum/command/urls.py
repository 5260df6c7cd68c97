"""Addresses of the director's page."""

from django.urls import path

from openum.command import views

app_name = "command"
urlpatterns = [
    path("command/", views.dashboard, name="dashboard"),
    path("command.csv", views.dashboard_file, name="file"),
    path("command/<slug:figure>/", views.behind, name="behind"),
]
