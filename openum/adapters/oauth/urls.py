from django.urls import path

from openum.adapters.oauth import views

app_name = "oauth"

urlpatterns = [
    path("oauth/token", views.token, name="token"),
    path("oauth/register", views.register, name="register"),
    path("oauth/<path:rest>", views.anything_else, name="anything-else"),
]
