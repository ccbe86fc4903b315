"""What the pages of the editor show, read from the tables and put into words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils.timesince import timesince

from contacts.models.words import Channel
from surveys.costs import Cost, estimate
from surveys.differences import Difference, compare_versions
from surveys.drafts import Item, Sheet, sheet
from surveys.editing import fingerprints
from surveys.hints import Hint, hints
from surveys.models import SurveyVersion
from surveys.publishing import last_published, reworded, unfinished
from surveys.sentences import say_condition, say_jumps, title
from surveys.trial_links import trial_url

QUOTED = re.compile(r"“([^”]+)”")


@dataclass(frozen=True, slots=True)
class Missing:
    """A sentence about what keeps a draft from being published, and the id of the question that it is about, if any."""

    text: str
    question_id: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A question in the list: its item, what stands for it as it is, when it is asked and where it leads, in words."""

    item: Item
    fingerprint: str
    condition: str
    jumps: Sequence[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a draft stands: what it costs, what is missing until it can be published, and what is worth a look."""

    cost: Cost
    missing: Sequence[Missing]
    hints: Sequence[Hint]


def standing(shown: Sheet) -> Standing:
    """Return where a draft stands."""
    ids = {item.key: item.row.pk for item in shown.items}
    found = [
        Missing(text, next((ids[key] for key in QUOTED.findall(text) if key in ids), None))
        for text in unfinished(shown.version)
    ]
    return Standing(estimate(shown.version), found, hints(shown.version))


def lines(shown: Sheet) -> list[list[Line]]:
    """Return the questions by page as the list shows them."""
    prints = fingerprints(shown.version)
    return [
        [
            Line(
                item,
                prints[item.row.pk],
                say_condition(item.show_if, shown.asked) if item.show_if else "",
                say_jumps(item.jumps, shown.asked),
            )
            for item in page
        ]
        for page in shown.pages
    ]


def preview_address(version: SurveyVersion, language: str, at: datetime) -> str:
    """Return the path of the survey as a customer sees it; what is answered there is kept as a test."""
    return trial_url(version.pk, 0, language, Channel.EMAIL, at).removeprefix(settings.SITE_URL)


def differences(before: SurveyVersion, now: SurveyVersion) -> list[Difference]:
    """Return what differs between two versions, in every language of either."""
    first = now.survey.brand.default_language.casefold()
    languages = {first, *sheet(before, first).languages, *sheet(now, first).languages}
    ordered = [first, *sorted(languages - {first})]
    return compare_versions([sheet(before, one) for one in ordered], [sheet(now, one) for one in ordered])


def changes_for_customers(version: SurveyVersion) -> tuple[SurveyVersion | None, list[Difference]]:
    """Return the version that was published last, if any, and what a draft changes about it."""
    before = last_published(version.survey)
    return before, differences(before, version) if before else []


def in_other_words(shown: Sheet) -> list[tuple[str, str]]:
    """Return key and title of the questions that go on with a series, but in other words."""
    return [(key, title(shown.asked[key])) for key in reworded(shown.version)]


def last_change(version: SurveyVersion, besides: int, at: datetime) -> str:
    """Say who changed a draft last besides one user, and how long ago; nothing where nobody did."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(SurveyVersion), object_id=str(version.pk)
    )
    entry = entries.exclude(user=besides).select_related("user").order_by("-pk").first()
    return f"{entry.user}, {timesince(entry.action_time, at)} ago" if entry else ""
