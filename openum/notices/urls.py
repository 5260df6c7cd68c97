"""Addresses of letters; they carry public ids only."""

from django.urls import path

from openum.notices import desk_views, stay_views, views

app_name = "notices"
urlpatterns = [
    path("letters/desk/", desk_views.delivery, name="desk"),
    path("letters/templates/", desk_views.templates, name="templates"),
    path("letters/<uuid:public_id>/again/", desk_views.again, name="again"),
    path("letters/<uuid:public_id>/handed/", desk_views.handed, name="handed"),
    path("letters/<uuid:public_id>/returned/<uuid:sending_id>/", desk_views.returned, name="returned"),
    path("letters/stay/<uuid:public_id>/", stay_views.stay, name="stay"),
    path("letters/stay/<uuid:public_id>/<slug:step>/", stay_views.write, name="write"),
    path("letters/preview/<uuid:public_id>/end/", views.preview_end, name="preview-end"),
    path("letters/preview/<uuid:public_id>/", views.preview, name="preview"),
    path("letters/<uuid:public_id>/", views.letter, name="letter"),
    path("letters/<uuid:public_id>/letter.pdf", views.letter_pdf, name="pdf"),
    path("letters/<uuid:public_id>/translate/", views.translate, name="translate"),
    path("letters/<uuid:public_id>/release/", views.release, name="release"),
]
