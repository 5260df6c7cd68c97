from django.urls import path

from openum.adapters.fhir import views
from openum.adapters.fhir.crd import views as crd

app_name = "fhir"

urlpatterns = [
    path("crd/<str:base>/cds-services", crd.discovery, name="crd-discovery"),
    path("crd/<str:base>/cds-services/<str:name>", crd.service, name="crd-service"),
    path("fhir/<str:base>/Claim/$submit", views.submit, name="submit"),
    path("fhir/<str:base>/Claim/$inquire", views.inquire, name="inquire"),
    path("fhir/<str:base>/metadata", views.metadata, name="metadata"),
    path("fhir/<str:base>/.well-known/smart-configuration", views.smart_configuration, name="smart-configuration"),
    path("fhir/<path:rest>", views.anything_else, name="anything-else"),
]
