"""Addresses of the figures: kept by the plan, read by anybody."""

from django.urls import path

from openum.programme.views import operations, own, posted, reports, worth

app_name = "programme"
urlpatterns = [
    path("figures/", reports.reports, name="reports"),
    path("figures/check/", reports.check_file, name="check"),
    path("figures/operations/", operations.operations_page, name="operations"),
    path("figures/operations.csv", operations.operations_file, name="operations-file"),
    path("figures/operations.xlsx", operations.operations_workbook, name="operations-workbook"),
    path("figures/operations/cases/", operations.operations_behind, name="operations-behind"),
    path("figures/worth/", worth.adviser, name="adviser"),
    path("figures/worth.csv", worth.adviser_file, name="adviser-file"),
    path("figures/worth/requests/", worth.behind, name="behind"),
    path("figures/worth/proposals/<uuid:public_id>/", worth.answer, name="answer"),
    path("figures/exemptions/", worth.exemptions, name="exemptions"),
    path("figures/exemptions.csv", worth.exemptions_file, name="exemptions-file"),
    path("figures/exemptions.yaml", worth.exemptions_draft, name="exemptions-draft"),
    path("exemptions/", own.own_progress, name="own-progress"),
    path("figures/<slug:plan>/<slug:law>/<str:key>/<int:year>/", reports.report, name="report"),
    path("public-metrics/", posted.posted, name="posted"),
    path("public-metrics/<uuid:public_id>/", posted.posted_report, name="posted-report"),
    path("public-metrics/<uuid:public_id>.json", posted.posted_json, name="posted-json"),
    path("public-metrics/<uuid:public_id>.csv", posted.posted_file, name="posted-file"),
]
