"""The three groups: their rights are those of the table, and the start page shows what they may see."""

import pytest
from django.contrib.auth.models import Group

from cxsurvey.roles import ROLES, install_roles
from recovery.followups import open_due
from tests.staff import client_of
from tests.surveys.answered import make_response
from tests.surveys.makers import NOON

pytestmark = pytest.mark.django_db
MANAGER, ANALYST, INTERVIEWER = "CX manager", "Analyst", "Interviewer"


def test_rights_are_put_back_as_the_table_says() -> None:
    group = Group.objects.get(name=ANALYST)
    group.permissions.clear()
    install_roles()
    assert group.permissions.count() == len(ROLES[ANALYST])


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_start_page_shows_each_role_what_it_may_see(role: str) -> None:
    make_response(1)
    open_due(NOON)
    page = client_of(role).get("/admin/").content.decode()
    assert ("NPS, the last 7 days" in page) == (role in {MANAGER, ANALYST})
    assert ("Unhappy, and nobody owns it" in page) == (role in {MANAGER, INTERVIEWER})
