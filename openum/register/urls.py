"""Addresses of the register."""

from django.urls import path

from openum.register import views

app_name = "register"
urlpatterns = [
    path("rules/", views.register, name="register"),
    path("rules/<uuid:public_id>/", views.one_policy, name="policy"),
]
