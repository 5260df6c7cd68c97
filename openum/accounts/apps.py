"""The accounts application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, roles and the organizations they act for."""

    name = "openum.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
