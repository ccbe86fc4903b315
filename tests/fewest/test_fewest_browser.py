"""The page Fewest contacts in a browser: drawn, read and used by keyboard, on a phone by night and a desk by day."""

import numpy as np
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cxsurvey.fewest.keeping import plan_contacts
from surveys.models import Target
from tests.browsing import assert_for_everybody, in_every_window, log_in
from tests.fewest.world import DAY, Coming, make_people, make_touchpoints
from tests.surveys.makers import make_program, make_version

pytestmark = pytest.mark.django_db(transaction=True)


def make_plan() -> None:
    """A target that can be met this month, and one that cannot."""
    now = timezone.now()
    kinds = {"app": Coming(60, 0.2), "claim": Coming(2, 0.2)}
    make_touchpoints(kinds, make_people(2000, now), now - 28 * DAY, 27, np.random.default_rng(1))
    version = make_version()
    for kind, margin in (("app", 50), ("claim", 10)):
        program = make_program(version, slug=kind, name=f"After: {kind}", kinds=[kind], starts_at=now)
        Target.objects.create(program=program, value=kind, margin=margin)
    plan_contacts(now)


def test_the_plan_is_drawn_and_another_margin_is_a_key_away(page: Page, live_server: LiveServer) -> None:
    make_plan()
    log_in(page.context, live_server)
    for _ in in_every_window(page, f"{live_server.url}/admin/fewest-contacts/"):
        expect(page.locator(".drawing .main-svg").first).to_be_visible()
        slider, said = page.get_by_role("slider").first, page.locator(".cx-slider output").first
        before = said.inner_text()
        assert "as it is now" in before
        slider.focus()
        page.keyboard.press("ArrowLeft")
        expect(said).not_to_have_text(before)
        expect(said).to_contain_text("than now")
        page.get_by_text("As a table").first.click()
        expect(page.get_by_role("columnheader", name="Missing answers").first).to_be_visible()
        expect(page.get_by_role("heading", name="What cannot be reached, and what would help")).to_be_visible()
        assert_for_everybody(page, ".cx")
