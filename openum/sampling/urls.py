"""Addresses of the samples."""

from django.urls import path

from openum.sampling.views import keeping, reading

app_name = "sampling"
urlpatterns = [
    path("samples/", reading.samples, name="samples"),
    path("samples/new/", keeping.new_sample, name="new"),
    path("samples/<uuid:public_id>/", reading.one_sample, name="sample"),
    path("samples/<uuid:public_id>/files/<int:position>/", reading.one_file, name="file"),
    path("samples/<uuid:public_id>/results.csv", reading.results_file, name="results"),
    path("samples/<uuid:public_id>/universe.csv", keeping.universe_file, name="universe"),
    path("samples/<uuid:public_id>/guests/", keeping.admit, name="admit"),
    path("samples/<uuid:public_id>/guests/<uuid:guest_id>/end/", keeping.shut_out, name="shut-out"),
    path("samples/<uuid:public_id>/close/", keeping.close, name="close"),
]
