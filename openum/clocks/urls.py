"""Addresses of time."""

from django.urls import path

from openum.clocks import views

app_name = "clocks"
urlpatterns = [path("time/<uuid:public_id>/", views.time_of_request, name="time")]
