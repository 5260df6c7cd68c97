"""Addresses of complaints."""

from django.urls import path

from openum.grievances import portal
from openum.grievances.views import complaints, disputes

app_name = "grievances"
urlpatterns = [
    path("complaints/", complaints.docket, name="docket"),
    path("complaints/new/", complaints.take_in, name="take_in"),
    path("complaints/trend/", complaints.trend, name="trend"),
    path("complaints/<uuid:public_id>/", complaints.grievance_page, name="grievance"),
    path("disputes/", disputes.disputes, name="disputes"),
    path("disputes/<uuid:public_id>/", disputes.dispute_page, name="dispute"),
    path("requests/disputes/", portal.my_disputes, name="my_disputes"),
    path("requests/disputes/<uuid:public_id>/", portal.dispute, name="file_dispute"),
    path("my/complaints/", portal.complain, name="complain"),
]
