"""Addresses of intake."""

from django.urls import path

from openum.intake import views

app_name = "intake"
urlpatterns = [
    path("intake/", views.submissions, name="submissions"),
    path("intake/<uuid:public_id>/", views.submission, name="submission"),
    path("intake/<uuid:public_id>/close/", views.close, name="close"),
    path("intake/look-alikes/<uuid:public_id>/", views.settle_hint, name="settle_hint"),
]
