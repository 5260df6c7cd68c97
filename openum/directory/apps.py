"""The directory application."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Members, coverage, products, practitioners, facilities, networks, codes and published policies."""

    name = "openum.directory"
    label = "directory"
    default_auto_field = "django.db.models.BigAutoField"
