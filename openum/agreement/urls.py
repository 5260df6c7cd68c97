"""Addresses of the rounds of reading."""

from django.urls import path

from openum.agreement.views import keeping, reading

app_name = "agreement"
urlpatterns = [
    path("agreement/", reading.rounds, name="rounds"),
    path("agreement/new/", keeping.new_round, name="new"),
    path("agreement/<uuid:public_id>/", keeping.one_round, name="round"),
    path("agreement/<uuid:public_id>.csv", keeping.results_file, name="file"),
    path("agreement/<uuid:public_id>/close/", keeping.close, name="close"),
    path("agreement/<uuid:public_id>/read/<int:number>/", reading.read, name="read"),
    path("agreement/<uuid:public_id>/hand-in/", reading.hand_in, name="hand-in"),
    path("agreement/<uuid:public_id>/mine/", reading.mine, name="mine"),
]
