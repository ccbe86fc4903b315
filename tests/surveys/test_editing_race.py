"""Several colleagues at one draft at the same instant: one after the other, and none of them lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from surveys import editing
from surveys.models import SurveyVersion
from surveys.publishing import PublishError, draft_from, publish
from surveys.questions.kinds import Kind
from surveys.survey_making import make_survey
from surveys.survey_templates import NPS
from surveys.version_states import StateError
from tests.surveys.makers import NOON, make_version

pytestmark = pytest.mark.django_db(transaction=True)
COLLEAGUES = 6


def at_once(*steps: Callable[[], object]) -> list[str]:
    """Take all steps at the same instant, each on a connection of its own; return what each was told, if anything."""
    barrier = Barrier(len(steps))

    def take(step: Callable[[], object]) -> str:
        try:
            barrier.wait()
            step()
        except (PublishError, StateError) as error:
            return str(error)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(take, steps))


def fresh(draft: SurveyVersion) -> SurveyVersion:
    return SurveyVersion.objects.select_related("survey__brand").get(pk=draft.pk)


def test_everybodys_question_is_there_in_a_place_of_its_own() -> None:
    draft = draft_from(make_version())
    first = draft.questions.earliest("position").pk

    def add() -> object:
        return editing.add_question(draft.pk, Kind.YES_NO, "Done?", "en", languages=["en"], after_id=first)

    def move() -> object:
        return editing.move_question(draft.pk, first, 1)

    assert at_once(*[add] * COLLEAGUES, move) == [""] * (COLLEAGUES + 1)
    rows = list(draft.questions.values_list("position", "key"))
    assert [position for position, _ in rows] == list(range(1, COLLEAGUES + 4))
    assert len({key for _, key in rows}) == COLLEAGUES + 3


def test_a_draft_is_published_once() -> None:
    draft = draft_from(make_version())
    copies = [fresh(draft) for _ in range(COLLEAGUES)]
    told = at_once(*[lambda copy=copy: publish(copy, at=NOON) for copy in copies])
    assert told.count("") == 1
    assert all("Only a draft" in one for one in told if one)
    assert draft.survey.versions.filter(state="published").count() == 1


def test_two_drafts_of_a_survey_are_published_in_turn() -> None:
    version = make_version()
    drafts = [fresh(draft_from(version)) for _ in range(3)]
    assert at_once(*[lambda draft=draft: publish(draft, at=NOON) for draft in drafts]) == ["", "", ""]
    states = sorted(version.survey.versions.values_list("state", flat=True))
    assert states == ["closed", "closed", "closed", "published"]


def test_two_next_drafts_and_two_new_surveys_at_once_are_two() -> None:
    version = make_version()
    brand = version.survey.brand
    assert at_once(*[lambda: draft_from(fresh(version))] * 2, *[lambda: make_survey(NPS, brand)] * 2) == [""] * 4
    assert sorted(version.survey.versions.values_list("number", flat=True)) == [1, 2, 3]
    assert brand.surveys.count() == 3


def test_what_is_added_while_it_is_published_is_in_it_or_refused() -> None:
    draft = draft_from(make_version())
    copy = fresh(draft)

    def add() -> object:
        return editing.add_question(draft.pk, Kind.YES_NO, "Done?", "en", languages=["en"])

    added, published = at_once(add, lambda: publish(copy, at=NOON))
    assert published == ""
    assert draft.questions.count() == (3 if "Start the next draft" in added else 4)
    assert all(draft.questions.values_list("since", flat=True))
