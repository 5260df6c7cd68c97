"""Addresses of the suggestions of help."""

from django.urls import path

from openum.attention import views

app_name = "attention"
urlpatterns = [
    path("attention/", views.people, name="people"),
    path("attention/<uuid:public_id>/", views.person, name="person"),
]
