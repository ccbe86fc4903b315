"""A user may begin so many exports a minute, over all processes; whoever begins more is told when to go on."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from cxsurvey.export_pace import take
from tests.staff import member_of, program_of
from tests.surveys.makers import NOON

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("allowed", [1, 6, 7])
def test_so_many_at_once_and_then_one_after_another(settings: Settings, allowed: int) -> None:
    settings.EXPORTS_PER_MINUTE = allowed
    user = member_of("Analyst").pk
    assert [take(user, NOON) for _ in range(allowed)] == [0] * allowed
    wait = take(user, NOON)
    assert 60 / allowed <= wait < 60 / allowed + 1
    assert take(user, NOON + (wait - 2) * SECOND) in (1, 2)
    assert (take(user, NOON + wait * SECOND), take(user, NOON + wait * SECOND) > 0) == (0, True)
    assert take(user, NOON + timedelta(hours=1)) == 0


def test_each_user_has_an_own_rate_and_no_limit_is_none(settings: Settings) -> None:
    settings.EXPORTS_PER_MINUTE = 1
    analyst, manager = member_of("Analyst").pk, member_of("CX manager").pk
    assert (take(analyst, NOON), take(manager, NOON), take(analyst, NOON)) == (0, 0, 60)
    settings.EXPORTS_PER_MINUTE = 0
    assert take(analyst, NOON) == 0


def test_the_api_says_when_to_go_on_and_other_addresses_are_free(settings: Settings) -> None:
    settings.EXPORTS_PER_MINUTE = 2
    program = program_of("Analyst")
    statuses = [program.get("/api/v1/exports/touchpoints.csv").status_code for _ in range(2)]
    refused = program.get("/api/v1/exports/decisions.csv")
    assert (statuses, refused.status_code) == ([200, 200], 429)
    assert 28 <= int(refused["Retry-After"]) <= 30
    assert program.get("/api/v1/scores/").status_code == 200
    assert [program.get(f"/api/v1/exports/{pk}").status_code for pk in ("", "7/")] == [200, 404]
    asked = program.post("/api/v1/exports/", {"table": "touchpoints", "format": "csv"}, content_type="application/json")
    assert asked.status_code == 429
