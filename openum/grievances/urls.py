"""Addresses of complaints."""

from django.urls import path

from openum.grievances import portal, views

app_name = "grievances"
urlpatterns = [
    path("complaints/", views.docket, name="docket"),
    path("complaints/new/", views.take_in, name="take_in"),
    path("complaints/trend/", views.trend, name="trend"),
    path("complaints/<uuid:public_id>/", views.grievance_page, name="grievance"),
    path("my/complaints/", portal.complain, name="complain"),
]
