"""The determination application."""

from django.apps import AppConfig


class DeterminationConfig(AppConfig):
    """The decision on each line, its rationale, the authorization and its use."""

    name = "openum.determination"
    label = "determination"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Offer the approval on the nurse's page; contribute to the case page; show the ledger and authorizations;
        remind people of their yearly statement and of what waits for a second clinician.
        """
        from openum.criteria import ledger
        from openum.determination.duties import own_statement
        from openum.determination.going_on import earlier_authorization
        from openum.determination.offers import approval
        from openum.determination.queries import used_services
        from openum.determination.readings import own_readings
        from openum.determination.sections import register_sections
        from openum.determination.standing import authorization_in_force
        from openum.needs import standing
        from openum.review.actions import register
        from openum.review.beside import register_earlier
        from openum.work.own_duties import register as register_duties

        register(approval)
        ledger.register(used_services)
        standing.register(authorization_in_force)
        register_earlier(earlier_authorization)
        register_duties(own_statement)
        register_duties(own_readings)
        register_sections()
