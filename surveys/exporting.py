"""A survey version as a document, and as a file of one of the formats that people have."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from surveys.formats import own, surveyjs_writing, xlsform_writing
from surveys.formats.document import Document, Exported, FormatError, Item, Texts
from surveys.models import Question, SurveyVersion
from surveys.questions.conditions import ConditionError
from surveys.questions.details import DetailsError
from surveys.texts import VERSION_FIELDS, spec


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files: its name for people, how a file of it ends, its type (RFC 6838), and what writes it."""

    name: str
    ending: str
    media_type: str
    write: Callable[[Document], Exported]


FORMATS: Mapping[str, Format] = {
    "json": Format("cxsurvey JSON", "json", "application/json", lambda document: Exported(own.write(document))),
    "surveyjs": Format("SurveyJS JSON", "surveyjs.json", "application/json", surveyjs_writing.write),
    "xlsform": Format(
        "XLSForm (Excel)",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        xlsform_writing.write,
    ),
}
"""By the word that stands for it in addresses and commands. Translations as PO: `surveys.translating`."""


def document(version: SurveyVersion) -> Document:
    """Return everything of a version as plain data. Four statements at most.

    Raises FormatError for a draft with a question whose settings are none.
    """
    survey, words = version.survey, _words(version)
    return Document(
        slug=survey.slug,
        name=survey.name,
        language=survey.brand.default_language.casefold(),
        items=tuple(_item(question, words.get(question.pk, {})) for question in version.questions.all()),
        words=_only(words.get(None, {}), VERSION_FIELDS),
        occasion=survey.occasion,
        change_for=int(survey.change_for.total_seconds()),
        review_url=survey.review_url,
        modules_asked=version.modules_asked,
        hidden_fields=tuple(version.hidden_fields),
    )


def file_name(version: SurveyVersion, ending: str) -> str:
    """Return the name of an exported file: the survey's key, the version's number and the ending."""
    return f"{version.survey.slug}-{version.number}.{ending}"


def _item(question: Question, words: Texts) -> Item:
    try:
        item = Item(spec(question), aspect=question.aspect, compass=question.compass)
    except (DetailsError, ConditionError) as error:
        raise FormatError(f"{error} Correct it first.", f"“{question.key}”") from error
    return Item(item.spec, _only(words, item.fields), item.aspect, item.compass)


def _only(words: Texts, fields: Collection[str]) -> Texts:
    """The texts without those of options that are no longer there."""
    kept = {tag: {name: texts[name] for name in fields if name in texts} for tag, texts in words.items()}
    return {tag: texts for tag, texts in kept.items() if texts}


def _words(version: SurveyVersion) -> dict[int | None, Texts]:
    """Every text by question id (None: of the version), language and field."""
    found: dict[int | None, dict[str, dict[str, str]]] = {}
    rows = version.translations.values_list("question", "language", "field", "text")
    for question, language, field, text in rows.exclude(text="").order_by("pk"):
        found.setdefault(question, {}).setdefault(language.casefold(), {})[field] = text
    return dict(found)
