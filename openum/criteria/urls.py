"""Addresses of the public library, and of the editor of guidelines."""

from django.urls import path

from openum.criteria.editor import views as editor
from openum.criteria.simulation import views as impact
from openum.criteria.views import fhir, library, policy

app_name = "criteria"
urlpatterns = [
    path("policies/", library.library, name="library"),
    path("policies/changes.atom", library.feed, name="feed"),
    path("policies/<str:key>/", policy.newest, name="newest"),
    path("policies/<str:key>/compare/", policy.compare, name="compare"),
    path("policies/<str:key>/fhir/<str:kind>", fhir.canonical, name="canonical"),
    path("policies/<str:key>/fhir/<str:kind>/<str:name>", fhir.canonical, name="canonical-named"),
    path("policies/<str:key>/<str:version>/", policy.guideline, name="guideline"),
    path("policies/<str:key>/<str:version>/policy.pdf", policy.policy_file, name="pdf"),
    path("policies/<str:key>/<str:version>/flow.svg", policy.flow_chart, name="flow"),
    path("policies/<str:key>/<str:version>/document.md", policy.source, name="source"),
    path("policies/<str:key>/<str:version>/fhir/", fhir.everything, name="fhir"),
    path("policies/<str:key>/<str:version>/fhir/<str:kind>", fhir.resource, name="fhir-one"),
    path("policies/<str:key>/<str:version>/fhir/<str:kind>/<str:name>", fhir.resource, name="fhir-named"),
    path("guidelines/", editor.drafts, name="drafts"),
    path("guidelines/impact/", impact.simulations, name="simulations"),
    path("guidelines/impact/<uuid:public_id>/", impact.simulation, name="simulation"),
    path("guidelines/impact/<uuid:public_id>/counts.csv", impact.simulation_file, name="simulation-file"),
    path("guidelines/start/", editor.start, name="draft-start"),
    path("guidelines/<uuid:draft_id>/", editor.editor, name="editor"),
    path("guidelines/<uuid:draft_id>/step/", editor.step, name="draft-step"),
]
