"""The project as a Django app: its commands, its system checks and the heartbeat table."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from cxsurvey.checks import production_settings


class CxsurveyConfig(AppConfig):
    """Registers the system checks once Django is ready."""

    name = "cxsurvey"
    verbose_name = "Operations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(production_settings, Tags.security)
