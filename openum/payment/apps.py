"""The payment application."""

from django.apps import AppConfig


class PaymentConfig(AppConfig):
    """Authorizations as claims systems and claims examiners need them."""

    name = "openum.payment"
    label = "payment"
    default_auto_field = "django.db.models.BigAutoField"
