from django.urls import path

from openum.adapters.fhir import views

app_name = "fhir"

urlpatterns = [
    path("fhir/<str:base>/Claim/$submit", views.submit, name="submit"),
    path("fhir/<str:base>/Claim/$inquire", views.inquire, name="inquire"),
    path("fhir/<str:base>/metadata", views.metadata, name="metadata"),
    path("fhir/<path:rest>", views.anything_else, name="anything-else"),
]
