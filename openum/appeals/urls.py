"""Addresses of appeals: the docket and its pages for staff, the one-tap page for members and practices."""

from django.urls import path

from openum.appeals import portal
from openum.appeals.views import docket, interests, one, outside, representative, taking_in

app_name = "appeals"
urlpatterns = [
    path("appeals/", docket.docket, name="docket"),
    path("appeals/new/", taking_in.deniable, name="deniable"),
    path("appeals/new/<uuid:public_id>/", taking_in.take_in, name="take_in"),
    path("appeals/outside/", outside.outside_page, name="outside"),
    path("appeals/interests/", interests.interests_page, name="interests"),
    path("appeals/files/<uuid:public_id>/", one.packet, name="packet"),
    path("appeals/<uuid:public_id>/", one.appeal_page, name="appeal"),
    path("appeals/<uuid:public_id>/representative/", representative.representative_page, name="representative"),
    path("appeals/<uuid:public_id>/step/", one.act, name="act"),
    path("appeals/<uuid:public_id>/decide/", one.decide, name="decide"),
    path("appeals/<uuid:public_id>/documents/<uuid:document_id>/", one.open_document, name="open_document"),
    path("appeal/<uuid:public_id>/", portal.file, name="file"),
    path("appeal/<uuid:public_id>/outside/", portal.ask_outside, name="ask_outside"),
    path("appeal/<uuid:public_id>/again/", portal.ask_again, name="ask_again"),
    path("appeal/<uuid:public_id>/alone/", portal.end_representative, name="end_representative"),
]
