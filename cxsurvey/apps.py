"""The project as a Django app: its commands, its system checks and the heartbeat table; when the admin is loaded."""

import atexit
import gc
from collections.abc import Sequence

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import apps as admin_apps
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core.checks import CheckMessage, Tags, register
from django.db import connections

from cxsurvey.checks import production_settings


class CxsurveyConfig(AppConfig):
    """Once Django is ready, registers the system checks and keeps what is loaded from the garbage collector."""

    default = True
    name = "cxsurvey"
    verbose_name = "Operations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(production_settings, Tags.security)
        # A search writes into whatever it looks at: the processes that the queue forks would share nothing.
        gc.freeze()
        # At the end nobody collects what is kept so: SQLite's log of changes would stay beside the file, and who copies
        # the file alone would lose what is in the log.
        atexit.register(connections.close_all)


class AdminConfig(admin_apps.SimpleAdminConfig):
    """The admin without its pages: `cxsurvey.urls` loads them, which takes longer than most commands and jobs."""

    default_site = "cxsurvey.login.login_views.StaffSite"

    def ready(self) -> None:
        register(check_dependencies, Tags.admin)
        register(admin_pages, Tags.admin)


def admin_pages(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Return what Django finds wrong with the pages of the admin, which nothing may have loaded so far."""
    admin.autodiscover()
    return check_admin_app(app_configs)
