"""Two languages side by side: what is missing, what is wrong with placeholders, and what is kept."""

import pytest

from surveys.models import SurveyVersion, Translation
from surveys.publishing import draft_from
from surveys.texts import words
from surveys.translating import TranslatingError, keep, languages, lines, sheet, warnings
from tests.surveys.makers import make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> SurveyVersion:
    return draft_from(make_version())


def test_every_text_stands_beside_its_translation(draft: SurveyVersion) -> None:
    side_by_side = sheet(draft, "en", "de")
    entries = {entry.context: entry for entry in side_by_side.entries}
    assert list(entries)[:5] == ["title", "score.text", "score.help", "score.low", "score.high"]
    assert entries["score.low"].source == "Not at all likely"
    assert entries["score.low"].target == "Sehr unwahrscheinlich"
    assert side_by_side.missing == []
    assert (languages(draft), side_by_side.to_translate) == (["en", "de"], 14)


def test_a_language_that_nobody_wrote_lacks_everything(draft: SurveyVersion) -> None:
    side_by_side = sheet(draft, "en", "ar")
    assert len(side_by_side.missing) == side_by_side.to_translate == 14
    assert [line.context for line in lines(side_by_side)] == [entry.context for entry in side_by_side.missing]


def test_a_text_without_an_original_is_not_missing(draft: SurveyVersion) -> None:
    [unwritten] = [entry for entry in sheet(draft, "en", "de").entries if entry.context == "score.help"]
    assert not unwritten.missing


@pytest.mark.parametrize(
    ("field", "source", "target", "found"),
    [
        ("title", "How was {visit}?", "Wie war {visit}?", ()),
        ("title", "How was {visit}?", "", ()),
        ("title", "How was {visit}?", "Wie war es?", ("{visit} is in the original and not here.",)),
        ("title", "How was it?", "Wie war {visit}?", ("{visit} is here and not in the original.",)),
        ("title", "Hello", "Hallo {vorname}", ("{vorname} is no placeholder: it stays as it is.",)),
        ("sms", "Hello {link}", "Hallo", ("{link} is in the original and not here.",)),
        ("sms", "", "Hallo", ("Without {link} nobody can answer.",)),
        ("sms", "", "Hallo {link}", ("{link} is here and not in the original.",)),
    ],
)
def test_placeholders_are_watched(field: str, source: str, target: str, found: tuple[str, ...]) -> None:
    assert warnings(field, source, target) == found


def test_what_is_written_is_what_customers_get(draft: SurveyVersion) -> None:
    texts = {"title": "Hvordan var {visit}?", "score.text": "Vil du anbefale {brand}?"}
    assert keep(draft, "nb", texts) == 2
    spoken = words(draft, "nb")
    assert (spoken.language, spoken.title, spoken.questions[0].text) == ("nb", texts["title"], texts["score.text"])


def test_only_what_is_another_text_is_a_change(draft: SurveyVersion) -> None:
    before = draft.translations.count()
    texts = {entry.context: entry.target for entry in sheet(draft, "en", "de").entries}
    assert keep(draft, "de", texts | {"title": "Neu", "score.low": ""}) == 2
    assert draft.translations.get(language="de", field="title").text == "Neu"
    assert draft.translations.count() == before - 1


def test_a_language_keeps_the_spelling_of_its_tag(draft: SurveyVersion) -> None:
    Translation.objects.create(version=draft, language="pt-BR", field="title", text="Antes")
    keep(draft, "pt-br", {"title": "Depois"})
    assert draft.translations.get(field="title", language__iexact="pt-br").text == "Depois"


def test_nothing_is_kept_where_somebody_else_was_quicker(draft: SurveyVersion) -> None:
    keep(draft, "de", {"title": "Von Bo"})
    with pytest.raises(TranslatingError, match="Somebody else has changed “Title of the page” to “Von Bo” meanwhile"):
        keep(
            draft,
            "de",
            {"score.low": "Nie", "title": "Von Ada"},
            {"title": "Wie zufrieden", "score.low": "Sehr unwahrscheinlich"},
        )
    assert draft.translations.get(language="de", field="low").text == "Sehr unwahrscheinlich"


def test_the_same_change_by_two_is_no_conflict(draft: SurveyVersion) -> None:
    keep(draft, "de", {"title": "Gleich"})
    assert keep(draft, "de", {"title": "Gleich"}, {"title": "vorher"}) == 0


def test_a_published_version_never_changes() -> None:
    version = make_version()
    with pytest.raises(TranslatingError, match="A published version never changes"):
        keep(version, "de", {"title": "Neu"})
    assert version.translations.get(language="de", field="title").text.startswith("Wie zufrieden")


@pytest.mark.parametrize("texts", [{"title": "x", "gone.text": "y"}, {"title": "x" * 10_001}])
def test_what_cannot_be_kept_keeps_nothing(draft: SurveyVersion, texts: dict[str, str]) -> None:
    with pytest.raises(TranslatingError):
        keep(draft, "de", texts)
    assert draft.translations.get(language="de", field="title").text.startswith("Wie zufrieden")
