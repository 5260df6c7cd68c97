"""Addresses of reviews after the service."""

from django.urls import path

from openum.retrospective import portal
from openum.retrospective.views import claims, findings, leads, patterns

app_name = "retrospective"
urlpatterns = [
    path("claim-review/", leads.leads, name="leads"),
    path("claim-review/leads.csv", leads.leads_file, name="leads-file"),
    path("claim-review/leads/<uuid:public_id>/", leads.lead, name="lead"),
    path("claim-review/lines/<uuid:public_id>/", claims.claim, name="claim"),
    path("claim-review/lines/<uuid:public_id>/<slug:step>/", claims.act, name="act"),
    path("claim-review/patterns/", patterns.board, name="patterns"),
    path("claim-review/providers/<str:npi>/letter.pdf", patterns.feedback_letter, name="feedback"),
    path("claim-review/providers/<str:npi>/pack.csv", patterns.feedback_file, name="feedback-file"),
    path("claim-review/findings/", findings.findings, name="findings"),
    path("requests/findings/<uuid:public_id>/", portal.reply, name="reply"),
    path("claim-review/findings.csv", findings.findings_file, name="findings-file"),
]
