"""The health page: 200 when the work gets done, 503 with the reason when not."""

from datetime import timedelta

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from cxsurvey.schedules import WORKER_SILENCE, beat


def health(client: Client, accept: str = "application/json") -> tuple[int, dict[str, str]]:
    answer = client.get("/health/", headers={"Accept": accept})
    return answer.status_code, answer.json()


def test_all_is_well_after_a_recent_beat(client: Client, db):
    beat(timezone.now() - WORKER_SILENCE + timedelta(seconds=30))

    assert health(client) == (200, {"database": "OK", "migrations": "OK", "worker": "OK"})


def test_a_worker_that_never_ran_is_told_from_one_that_stopped(client: Client, db):
    status, never = health(client)
    beat(timezone.now() - timedelta(minutes=12))
    _, stopped = health(client)

    assert status == 503
    assert "has not run a job yet" in never["worker"]
    assert "has run no job for 12\xa0minutes" in stopped["worker"]


def test_missing_migrations_are_counted(client: Client, db):
    beat(timezone.now())
    MigrationRecorder.Migration.objects.filter(app="django_q").latest("id").delete()

    status, found = health(client)

    assert status == 503
    assert "1 not applied; run manage.py migrate" in found["migrations"]


def test_people_see_a_page_without_script_or_outside_request(client: Client, db):
    answer = client.get("/health/", headers={"Accept": "text/html"})

    assert answer.status_code == 503
    page = answer.content.decode()
    assert "<h1>Something needs attention</h1>" in page
    assert "http" not in page
    assert "<script" not in page
    nonce = page.split('<style nonce="')[1].split('"')[0]
    assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_page_is_only_looked_at(client: Client, db, method: str):
    assert getattr(client, method)("/health/").status_code == 405


def test_it_is_never_kept_by_a_cache(client: Client, db):
    assert "no-store" in client.get("/health/").headers["Cache-Control"]
