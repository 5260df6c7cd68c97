"""Addresses of the public library."""

from django.urls import path

from openum.criteria.views import library, policy

app_name = "criteria"
urlpatterns = [
    path("policies/", library.library, name="library"),
    path("policies/changes.atom", library.feed, name="feed"),
    path("policies/<str:key>/", policy.newest, name="newest"),
    path("policies/<str:key>/compare/", policy.compare, name="compare"),
    path("policies/<str:key>/<str:version>/", policy.guideline, name="guideline"),
    path("policies/<str:key>/<str:version>/policy.pdf", policy.policy_file, name="pdf"),
    path("policies/<str:key>/<str:version>/flow.svg", policy.flow_chart, name="flow"),
    path("policies/<str:key>/<str:version>/document.md", policy.source, name="source"),
]
