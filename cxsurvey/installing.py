"""What an installation needs beside its tables: roles, periodic jobs, and a first survey to ask."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User

from cxsurvey.roles import install_roles
from cxsurvey.schedules import install_schedules
from surveys.defaults import ensure_brand, ensure_nps_survey
from surveys.models import Survey


def install(at: datetime) -> None:
    """Bring roles and jobs to what this version of the code says; give an empty installation its first survey.

    Safe to repeat. Needs the migrations to be applied.
    """
    install_roles()
    install_schedules(at)
    if not Survey.objects.exists():
        ensure_nps_survey(at, ensure_brand())


def first_logins() -> list[str]:
    """Return what is to be done so that people can log in."""
    lines = (
        []
        if User.objects.filter(is_superuser=True, is_active=True).exists()
        else ["Nobody administers this installation yet. Make the first login: python manage.py createsuperuser"]
    )
    how = "asks everybody for a second factor" if settings.TWO_FACTOR == "required" else "offers a second factor"
    return [*lines, f"The login at {settings.SITE_URL}/admin/ {how}. Locked out: python manage.py let_in USERNAME"]
