"""Addresses of time."""

from django.urls import path

from openum.clocks.views import deadlines, time

app_name = "clocks"
urlpatterns = [
    path("time/<uuid:public_id>/", time.time_of_request, name="time"),
    path("deadlines/", deadlines.overview, name="deadlines"),
    path("deadlines/hours/<int:hour>/", deadlines.hour, name="hour"),
    path("deadlines/escalations/<uuid:public_id>/", deadlines.note, name="note"),
    path("deadlines/breaches/", deadlines.breaches, name="breaches"),
    path("deadlines/breaches.csv", deadlines.breaches_file, name="breaches-file"),
    path("deadlines/breaches/<uuid:public_id>/", deadlines.breach, name="breach"),
]
