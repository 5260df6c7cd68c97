"""Addresses of intake."""

from django.urls import path

from openum.intake import views
from openum.intake.correcting import views as correcting
from openum.intake.forwarding import views as forwarding
from openum.intake.moving import views as moving
from openum.intake.papers import views as papers
from openum.intake.provisional import views as provisional
from openum.intake.refiling import views as refiling

app_name = "intake"
urlpatterns = [
    path("intake/", views.submissions, name="submissions"),
    path("intake/papers/", papers.upload, name="upload"),
    path("intake/papers/<uuid:public_id>/", papers.paper, name="paper"),
    path("intake/papers/<uuid:public_id>/fields/", papers.fields, name="fields"),
    path("intake/papers/<uuid:public_id>/fields/<str:key>/", papers.field, name="field"),
    path("intake/papers/<uuid:public_id>/services/", papers.service, name="service"),
    path("intake/papers/<uuid:public_id>/pages/", papers.order, name="order"),
    path("intake/papers/<uuid:public_id>/pages/<uuid:page_id>.jpg", papers.picture, name="picture"),
    path("intake/papers/<uuid:public_id>/enter/", papers.enter, name="enter"),
    path("intake/receipts/<uuid:public_id>/", correcting.propose, name="propose_receipt"),
    path("intake/receipts/proposed/<uuid:public_id>/", correcting.settle, name="settle_receipt"),
    path("intake/documents/<uuid:public_id>/move/", moving.move, name="move"),
    path("intake/moved/", moving.moved, name="moved"),
    path("intake/moved/<uuid:public_id>/undo/", moving.undo, name="undo_move"),
    path("intake/requests/<uuid:public_id>/move/", refiling.move, name="refile"),
    path("intake/requests/moved/<uuid:public_id>/back/", refiling.back, name="refile_back"),
    path("intake/forwarded/", forwarding.forwarded, name="forwarded"),
    path("intake/forwarded/<uuid:public_id>/", forwarding.forwarding, name="forwarding"),
    path("intake/forwarded/<uuid:public_id>/request", forwarding.package, name="package"),
    path("intake/<uuid:public_id>/unknown/", provisional.take, name="take_provisional"),
    path("intake/provisional/", provisional.people, name="provisional"),
    path("intake/provisional/<uuid:public_id>/", provisional.person, name="provisional_person"),
    path("intake/<uuid:public_id>/forward/", forwarding.forward, name="forward"),
    path("intake/<uuid:public_id>/", views.submission, name="submission"),
    path("intake/<uuid:public_id>/close/", views.close, name="close"),
    path("intake/look-alikes/<uuid:public_id>/", views.settle_hint, name="settle_hint"),
]
