"""How many leave the sample's survey after a chat, and on which page, is found by the report Delivery."""

from datetime import datetime, timedelta

import pytest

from analytics.period import Period
from analytics.scope import Scope
from analytics.stopping import stop_rows
from contacts.models import Brand
from cxsurvey.sample.answers import Invited, react
from cxsurvey.sample.chat_survey import CHAT, CHAT_PAGES, SATISFIED
from cxsurvey.sample.journey import Due, carry_out
from cxsurvey.sample.truth import TRUTH
from surveys.defaults import ensure_survey
from surveys.models import Invitation, Response
from tests.surveys.makers import NOON, make_invitation, make_touchpoint

ASKED = 500
LATER = NOON + timedelta(days=60)


def answer(invitation: Invitation, number: int) -> int:
    """Let the customer of the sample answer; return after which page she leaves, 0 where she says nothing."""
    reaction = react(Invited(f"chat-{number}", "chat", "resolved", "Chat Leeds", "email", "en", 0))._replace(stop="")
    carry_out(Due(NOON + reaction.after, invitation.pk, reaction))
    return reaction.pages if reaction.answers else 0


@pytest.mark.django_db
@pytest.mark.one_database
def test_who_leaves_after_which_page_is_found() -> None:
    version = ensure_survey(CHAT, NOON, Brand.objects.create(slug="shop", name="Shop"))
    asked = [
        make_invitation(version, touchpoint=make_touchpoint(kind="chat"), state="sent", sent_at=NOON)
        for _ in range(ASKED)
    ]
    left = [answer(invitation, number) for number, invitation in enumerate(asked)]

    rows = stop_rows(Scope(Period(None, None, LATER)))

    assert [(row["page"], row["n"], row["count"]) for row in rows] == [
        (page, sum(one >= page for one in left), left.count(page)) for page in (1, 2)
    ]
    for row in rows:
        assert row["low"] is not None
        assert row["high"] is not None
        assert row["low"] <= 100 * TRUTH.leaves_page <= row["high"]
    finished = Response.objects.filter(finished_at__isnull=False)
    assert finished.count() == left.count(CHAT_PAGES)
    whole = finished.latest("pk")
    assert whole.started_at
    assert whole.seconds == pytest.approx((_end(whole) - whole.started_at).total_seconds(), abs=2)
    assert set(whole.answers.values_list("question__key", flat=True)) >= {"score", SATISFIED}
    assert set(Response.objects.exclude(pk__in=finished).filter(page__lt=3).values_list("answers__question__key")) <= {
        ("score",),
        ("reason",),
    }


def _end(response: Response) -> datetime:
    assert response.finished_at
    return response.finished_at
