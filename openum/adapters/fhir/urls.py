from types import ModuleType

from django.urls import URLPattern, path

from openum.adapters.fhir import reads, views, well_known
from openum.adapters.fhir.crd import views as crd
from openum.adapters.fhir.dtr import shelf
from openum.adapters.fhir.dtr import views as dtr
from openum.adapters.fhir.dtr.client import launches
from openum.adapters.fhir.dtr.client import views as client
from openum.adapters.fhir.subscriptions import views as subscriptions

app_name = "fhir"


def _of_type(kind: str, served_by: ModuleType, prefix: str = "") -> tuple[URLPattern, ...]:
    """Return where resources of a type are searched and read."""
    base, of_type = f"fhir/<str:base>/{kind}", {"kind": kind}
    return (
        path(base, served_by.search, of_type, name=f"{prefix}search-{kind}"),
        path(f"{base}/_search", served_by.search, of_type, name=f"{prefix}search-form-{kind}"),
        path(f"{base}/<str:identity>", served_by.read, of_type, name=f"{prefix}read-{kind}"),
    )


urlpatterns = [
    path("crd/<str:base>/cds-services", crd.discovery, name="crd-discovery"),
    path("crd/<str:base>/cds-services/<str:name>", crd.service, name="crd-service"),
    path("fhir/<str:base>/Claim/$submit", views.submit, name="submit"),
    path("fhir/<str:base>/Claim/$inquire", views.inquire, name="inquire"),
    path("fhir/<str:base>/$submit-attachment", views.submit_attachment, name="submit-attachment"),
    path("fhir/<str:base>/Claim/$submit-attachment", views.submit_attachment, name="claim-submit-attachment"),
    path("fhir/<str:base>/Subscription", subscriptions.subscriptions, name="subscriptions"),
    path("fhir/<str:base>/Subscription/_search", subscriptions.search, name="subscription-search"),
    path("fhir/<str:base>/Subscription/$status", subscriptions.status, name="subscriptions-status"),
    path("fhir/<str:base>/Subscription/<str:public_id>", subscriptions.subscription, name="subscription"),
    path("fhir/<str:base>/Subscription/<str:public_id>/$status", subscriptions.status, name="subscription-status"),
    path("fhir/<str:base>/Subscription/<str:public_id>/$events", subscriptions.events, name="subscription-events"),
    path("fhir/<str:base>/Questionnaire/$questionnaire-package", dtr.package, name="dtr-package"),
    path("fhir/<str:base>/$questionnaire-package", dtr.package, name="dtr-package-of-base"),
    path("fhir/<str:base>/Questionnaire/$next-question", dtr.next_question, name="dtr-next-question"),
    path("fhir/<str:base>/Questionnaire/$log-questionnaire-errors", dtr.log_errors, name="dtr-log-errors"),
    path("fhir/<str:base>/ValueSet/$expand", dtr.expand, name="dtr-expand"),
    path("fhir/<str:base>/ValueSet/<str:identity>/$expand", dtr.expand, name="dtr-expand-one"),
    *(route for kind in shelf.KINDS for route in _of_type(kind, dtr, "dtr-")),
    path("fhir/<str:base>/metadata", views.metadata, name="metadata"),
    path("fhir/<str:base>/.well-known/smart-configuration", well_known.smart_configuration, name="smart-configuration"),
    path("fhir/<str:base>/.well-known/udap", well_known.udap_metadata, name="udap-metadata"),
    path("fhir/<str:base>/Bundle/<str:public_id>", reads.told_bundle, name="told-bundle"),
    *(route for kind in reads.KINDS for route in _of_type(kind, reads)),
    path("forms/launch/", launches.launch, name="launch"),
    path("forms/launched/", launches.launched, name="launched"),
    path("forms/", client.forms, name="forms"),
    path("forms/<uuid:public_id>/", client.form, name="form"),
    path("forms/<uuid:public_id>/save/", client.save, name="form-save"),
    path("forms/<uuid:public_id>/records/", client.records, name="form-records"),
    path("forms/<uuid:public_id>/response/", client.response, name="form-response"),
    path("forms/<uuid:public_id>/throw-away/", client.throw_away, name="form-throw-away"),
    path("fhir/<path:rest>", views.anything_else, name="anything-else"),
]
