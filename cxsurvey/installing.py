"""What an installation needs beside its tables: roles, periodic jobs, and a first survey to ask."""

from datetime import datetime

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
