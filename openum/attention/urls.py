"""Addresses of the suggestions of help."""

from django.urls import path

from openum.attention import views

app_name = "attention"
urlpatterns = [
    path("attention/", views.people, name="people"),
    path("attention/lists/", views.lists_page, name="lists"),
    path("attention/lists.csv", views.lists_file, name="lists_file"),
    path("attention/lists/<uuid:public_id>/", views.listed, name="listed"),
    path("attention/<uuid:public_id>/", views.person, name="person"),
]
