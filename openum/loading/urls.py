"""Addresses of loading claims."""

from django.urls import path

from openum.loading import views

app_name = "loading"
urlpatterns = [
    path("claims-data/", views.loads, name="loads"),
    path("claims-data/<uuid:public_id>/", views.load, name="load"),
    path("claims-data/files/<uuid:public_id>/aside/", views.aside, name="aside"),
    path("claims-data/files/<uuid:public_id>/aside.csv", views.aside_csv, name="aside-file"),
    path("claims-data/files/<uuid:public_id>/take-back/", views.take_back, name="take-back"),
]
