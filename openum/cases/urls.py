"""Addresses of the case file."""

from django.urls import path

from openum.cases import pages, views

app_name = "cases"
urlpatterns = [
    path("cases/", views.find, name="find"),
    path("cases/<uuid:public_id>/", views.case_file, name="case"),
    path("cases/<uuid:public_id>/notes/", views.add_note, name="add_note"),
    path("cases/<uuid:public_id>/seal/", views.break_seal, name="break_seal"),
    path("documents/<uuid:public_id>/", views.document, name="document"),
    path("documents/<uuid:public_id>/pages/<int:number>.jpg", pages.page_picture, name="page_picture"),
]
