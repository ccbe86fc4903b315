"""The page /health/: can this installation do its work? 200 if so, 503 if not; HTML, JSON or text by Accept."""

from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timesince import timesince
from health_check.base import HealthCheck
from health_check.checks import Database
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView

from cxsurvey.migrating import unapplied_migrations
from cxsurvey.schedules import WORKER_SILENCE, last_beat


class DatabaseAnswers(Database):
    """The database answers a query."""

    def __repr__(self) -> str:
        return "database"


class MigrationsApplied(HealthCheck):
    """The tables are those that the code expects."""

    def __repr__(self) -> str:
        return "migrations"

    async def run(self) -> None:
        """Raise ServiceUnavailable while migrations are missing."""
        if missing := await sync_to_async(unapplied_migrations)():
            raise ServiceUnavailable(f"{missing} not applied; run manage.py migrate")


class WorkerAlive(HealthCheck):
    """Some worker has run its canary job within the last five minutes."""

    def __repr__(self) -> str:
        return "worker"

    async def run(self) -> None:
        """Raise ServiceUnavailable when the last sign of life is too old or there is none."""
        at, now = await sync_to_async(last_beat)(), timezone.now()
        if at is None:
            raise ServiceUnavailable("has not run a job yet; start it with manage.py run or manage.py qcluster")
        if now - at > WORKER_SILENCE:
            raise ServiceUnavailable(f"has run no job for {timesince(at, now)}; restart it")


class HealthView(HealthCheckView):
    """Names each check with OK or what is wrong. Open to everybody, so it shows nothing else."""

    template_name = "cxsurvey/health.html"
    checks = (DatabaseAnswers, MigrationsApplied, WorkerAlive)

    async def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer 503, which load balancers understand, where the library would say 500."""
        response: HttpResponse = await super().get(request, *args, **kwargs)
        if response.status_code == 500:
            response.status_code = 503
        return response
