"""Addresses of the door for people: the guided request, the capture, the receipt."""

from django.urls import path

from openum.submission import portal, views
from openum.submission.telephone import views as telephone

app_name = "submission"
urlpatterns = [
    path("requests/new/", portal.new, name="new"),
    path("requests/new/codes/", portal.codes, name="codes"),
    path("requests/new/<uuid:public_id>/save/", portal.save, name="save"),
    path("requests/new/<uuid:public_id>/papers/", portal.papers, name="papers"),
    path("requests/new/<uuid:public_id>/check/", portal.check, name="check"),
    path("requests/new/<uuid:public_id>/<slug:step>/", portal.step, name="step"),
    path("receipts/<uuid:public_id>/", portal.receipt, name="receipt"),
    path("capture/calls/", telephone.calls, name="calls"),
    path("capture/calls/<uuid:public_id>/", telephone.call, name="call"),
    path("capture/", views.capture, name="capture"),
    path("capture/<uuid:public_id>/", views.capture_one, name="capture_one"),
]
