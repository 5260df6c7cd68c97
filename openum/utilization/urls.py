"""Addresses of the metrics of claims."""

from django.urls import path

from openum.utilization import views

app_name = "utilization"
urlpatterns = [
    path("figures/claims/", views.overview, name="overview"),
    path("figures/snapshots/", views.snapshots, name="snapshots"),
    path("figures/snapshots/<uuid:public_id>.pdf", views.snapshot_file, name="snapshot"),
    path("figures/claims/rows/<uuid:public_id>.csv", views.behind_file, name="behind-file"),
    path("figures/claims/<uuid:public_id>.csv", views.figures_file, name="file"),
    path("figures/claims/<uuid:public_id>.xlsx", views.figures_workbook, name="workbook"),
    path("figures/claims/<uuid:public_id>/<slug:metric>/", views.behind, name="behind"),
    path("figures/claims/<slug:metric>/", views.metric_page, name="metric"),
]
