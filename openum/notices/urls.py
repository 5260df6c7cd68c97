"""Addresses of letters; they carry public ids only."""

from django.urls import path

from openum.notices import views

app_name = "notices"
urlpatterns = [
    path("letters/preview/<uuid:public_id>/", views.preview, name="preview"),
    path("letters/<uuid:public_id>/", views.letter, name="letter"),
    path("letters/<uuid:public_id>/letter.pdf", views.letter_pdf, name="pdf"),
    path("letters/<uuid:public_id>/translate/", views.translate, name="translate"),
    path("letters/<uuid:public_id>/release/", views.release, name="release"),
]
