"""Questionnaires for tests: published versions with the questions and words that matter to the test."""

from typing import Any

from surveys.models import Question, Survey, SurveyVersion, Translation
from surveys.questions.kinds import MAKES, Kind
from tests.surveys.makers import NOON, make_brand, numbers

WORDED = ("text", "help", "low", "high", "unit")


def ask(key: str, kind: str = "nps", *, options: str = "", rows: str = "", **given: Any) -> dict[str, Any]:
    """Return a question; `options` and `rows` are keys, which capitalised are also their words."""
    details = dict(given.pop("details", {}))
    details |= {name: keys.split() for name, keys in {"options": options, "rows": rows}.items() if keys}
    words = {name: given.pop(name) for name in WORDED if name in given}
    words = {"text": f"About {key}?"} | words
    for prefix, keys in {"option": options, "row": rows}.items():
        words |= {f"{prefix}:{one}": one.capitalize() for one in keys.split()}
    return {"key": key, "kind": kind, "details": details, "words": words} | given


def page(key: str, kind: str = "nps", **given: Any) -> dict[str, Any]:
    """Return a question that begins a page."""
    return ask(key, kind, starts_page=True, **given)


def make_asked(*questions: dict[str, Any], languages: tuple[str, ...] = ("en",), **fields: Any) -> SurveyVersion:
    """Return a published version that asks these questions; every language but English says what it is in brackets."""
    own = {name: fields.pop(name) for name in ("change_for", "review_url", "brand") if name in fields}
    slug = f"survey-{next(numbers)}"
    survey = Survey.objects.create(slug=slug, name=slug, **{"brand": own.pop("brand", None) or make_brand()} | own)
    values = {"number": 1, "state": "published", "published_at": NOON, "seconds": 30} | fields
    version = SurveyVersion.objects.create(survey=survey, **values)
    words: list[Translation] = []
    for position, question in enumerate(questions, start=1):
        columns = {name: value for name, value in question.items() if name != "words"}
        row = Question.objects.create(version=version, position=position, **columns)
        words += _worded(version, row, question["words"], languages)
    words += _worded(version, None, {"title": "How was {visit}?", "thanks": "Thank you."}, languages)
    Translation.objects.bulk_create(words)
    return version


def every_kind() -> list[dict[str, Any]]:
    """Return a question of every kind, on three pages."""
    return [
        page("intro", "statement", text="We have a few questions.\n\nThey are about your last visit."),
        ask("score", "nps", required=True, low="Not at all likely", high="Extremely likely"),
        ask("happy", "csat", details={"faces": True}),
        ask("rated", "csat", low="Very bad", high="Very good"),
        ask("easy", "ces", low="Strongly disagree", high="Strongly agree"),
        ask("stars", "stars"),
        ask("again", "yes_no", help="Think of the next year."),
        page("why", "choice", options="speed price staff", details={"other": True, "none": True}),
        ask("used", "choices", options="app shop phone", details={"other": True, "none": True, "least": 1, "most": 2}),
        ask("parts", "matrix", options="bad fair good", rows="speed price staff courtesy"),
        ask("order", "ranking", options="speed price staff"),
        page("nickname", "short_text", details={"most": 40}),
        ask("reason", "text"),
        ask("times", "number", unit="visits", details={"least": 0, "most": 99}),
        ask("day", "date", details={"earliest": "2020-01-01", "latest": "today"}),
        ask("call_me", "contact_wish", help="Only about this answer."),
    ]


assert {question["kind"] for question in every_kind()} == set(MAKES) == set(Kind)


def _worded(
    version: SurveyVersion, question: Question | None, words: dict[str, str], languages: tuple[str, ...]
) -> list[Translation]:
    return [
        Translation(
            version=version,
            question=question,
            language=language,
            field=field,
            text=text if language == "en" else f"{text} [{language}]",
        )
        for language in languages
        for field, text in words.items()
    ]
