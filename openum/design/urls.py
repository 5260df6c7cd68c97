"""The living style page."""

from django.urls import path

from openum.design import views

app_name = "design"
urlpatterns = [path("style/", views.style, name="style")]
