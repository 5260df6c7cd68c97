"""Addresses of staff pages about forms."""

from django.urls import path

from openum.forms import views

app_name = "forms"
urlpatterns = [path("held-forms/", views.held_forms, name="held")]
