"""Answers of passers-by: a place asks whoever is there, or a receipt asks whoever holds it. They count apart."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.functional import cached_property

from contacts.models import Customer, Touchpoint
from surveys.keeping import Seen, Sitting, Standing, keep_page
from surveys.known import hidden, known
from surveys.models import Invitation, OpenLink, Response, SurveyVersion
from surveys.open_marks import Browser, has_answered
from surveys.open_tokens import NAME, read_open, read_receipt
from surveys.page_words import page_words
from surveys.phrases import phrases
from surveys.questionnaires import Sheet, drawn, questionnaire, today
from surveys.questions.kinds import Kind
from surveys.questions.reading import Given
from surveys.speaking import spoken
from surveys.texts import Facts, Words, facts
from surveys.voices import LinkVoice

HOUR = timedelta(hours=1)
CHANNEL = "open link"
"""By which the question came."""
DUPLICATE = "duplicate"
"""Flag of an answer from a browser like one that has answered this link today: a family does that, and a cheat."""
AT_ONCE = timedelta()
"""For so long a finished answer can be changed: whoever comes next must not see it."""


class FullError(ValueError):
    """The link has taken as many answers as it takes within an hour; `again_at`: when it takes one again."""

    def __init__(self, again_at: datetime) -> None:
        super().__init__(f"This link takes answers again at {again_at:%H:%M} UTC.")
        self.again_at = again_at


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token leads to: the version that is asked (None: none, now) and what it is about (None: the place)."""

    link: OpenLink
    version: SurveyVersion | None
    touchpoint: Touchpoint | None = None


@dataclass(frozen=True, kw_only=True)
class PlaceVoice(LinkVoice):
    """How to speak to a passer-by at a link."""

    link: OpenLink

    @cached_property
    def facts(self) -> Facts:
        """Return what the placeholders stand for: of the touchpoint that a receipt is about, else of the place."""
        if self.about.touchpoint:
            return facts(self.about, self.asked.words)
        return place_facts(self.link, self.about.version, self.asked.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSitting(Sitting):
    """A passer-by at a questionnaire, whom nobody could call; `link` is the one that asks."""

    link: OpenLink

    def standing(self, response: Response | None) -> Standing:
        """Return how far it has come with what is stored of the response."""
        standing = Sitting.standing(self, response)  # super() does not know a class with slots
        return Standing(_without_calls(standing.sheet), standing.answers, standing.sent)


def open_place(token: str, key: str, at: datetime) -> Opened | None:
    """Return what a token leads to; None where we did not make it, or the touchpoint is not there any more.

    `key`: what stands behind it, a receipt's token or the name of an answer; may be empty.
    """
    found = read_open(token)
    link = OpenLink.objects.select_related("survey__brand__look").filter(pk=found).first() if found else None
    if link is None:
        return None
    touchpoint = None
    if key and not NAME.fullmatch(key):
        receipt = read_receipt(link, key)
        touchpoint = Touchpoint.objects.filter(pk=receipt, customer__erased_at=None).first() if receipt else None
        if touchpoint is None:
            return None
    return Opened(link, _version(link, at), touchpoint)


def voice_at(
    opened: Opened, version: SurveyVersion, address: str, *, chosen: str, accepted: Sequence[str], at: datetime
) -> LinkVoice:
    """Return how to speak to a passer-by: in the language that was chosen, else the browser's, else the brand's."""
    brand = version.survey.brand
    written = questionnaire(version, brand.default_language).languages
    by_choice = spoken(written, [chosen], "")
    asked = questionnaire(version, by_choice or spoken(written, accepted, brand.default_language))
    nobody = Customer()
    invitation = Invitation(version=version, customer=nobody, touchpoint=opened.touchpoint, closes_at=at)
    return PlaceVoice(
        customer=nobody,
        words=page_words(asked.words.language),
        asked=asked,
        brand=brand,
        about=invitation,
        address=address,
        chosen=by_choice,
        link=opened.link,
    )


def sitting_at(opened: Opened, voice: LinkVoice, key: str, at: datetime) -> OpenSitting:
    """Return the sitting of whoever answers under a key. Only a hash of the name of an answer is stored."""
    version, touchpoint = voice.invitation.version, opened.touchpoint
    name = f"receipt {touchpoint.pk}" if touchpoint else f"open {hashlib.sha256(key.encode()).hexdigest()}"
    found_by = {"source": "cxsurvey", "external_id": name}
    kept = hidden(version.hidden_fields, touchpoint)
    columns = {
        **found_by,
        "open_link_id": opened.link.pk,
        "touchpoint_id": touchpoint.pk if touchpoint else None,
        "version_id": version.pk,
        "channel": CHANNEL,
        "simulated": touchpoint.simulated if touchpoint else False,
        "attributes": {"hidden": kept} if kept else {},
    }
    answers = known(voice.asked.words.questions, None, touchpoint, today(None, at))
    sheet = _without_calls(drawn(voice.asked, version, name, answers))
    return OpenSitting(
        link=opened.link,
        sheet=sheet,
        version=version,
        customer=None,
        begun=True,  # whether it was is looked up while the link is held
        columns=lambda: columns,
        found_by=found_by,
        change_for=AT_ONCE,
    )


def full_until(link: OpenLink, at: datetime) -> datetime | None:
    """Return when a link takes an answer again; None where it takes one now. One statement."""
    recent = Response.objects.filter(open_link=link, answered_at__gt=at - HOUR).order_by("-answered_at")
    oldest = recent.values_list("answered_at", flat=True)[link.per_hour - 1 : link.per_hour].first()
    return oldest + HOUR if oldest else None


@transaction.atomic
def keep(
    sitting: OpenSitting, number: int, given: Given, *, at: datetime, seen: Seen, browser: Browser, back: bool = False
) -> int:
    """Store what a page sent, as `surveys.keeping.keep_page` does, and return the number of the page to go on with.

    A new answer is taken only while the link has room: whoever begins one holds the link, so that the limit is kept
    over all workers. Raises FullError and what `keep_page` raises; then nothing is changed.
    """
    link = OpenLink.objects.select_for_update(no_key=True).get(pk=sitting.link.pk)
    if sitting.stored():
        return keep_page(sitting, number, given, at=at, seen=seen, back=back)
    if again_at := full_until(link, at):
        raise FullError(again_at)
    leads_to = keep_page(sitting, number, given, at=at, seen=seen, back=back)
    if (response := sitting.stored()) and has_answered(link, browser, at=at):
        found = {DUPLICATE, *response.attributes.get("flags", ())}
        response.attributes["flags"] = sorted(found)
        response.save(update_fields=["attributes"])
    return leads_to


def _version(link: OpenLink, at: datetime) -> SurveyVersion | None:
    """The version that the link asks now."""
    if link.closed_at and link.closed_at <= at:
        return None
    version = link.survey.versions.filter(state=SurveyVersion.State.PUBLISHED).first()
    if version:
        version.survey = link.survey  # with its brand and look, which are read already
    return version


def place_facts(link: OpenLink, version: SurveyVersion, words: Words) -> Facts:
    """Return what the placeholders stand for at a place: the visit is this one, so no day is named."""
    experience = phrases(words.language).experience(link.kind)
    return Facts(
        name="",
        brand=version.survey.brand.name,
        experience=experience,
        visit=experience,
        date="",
        seconds=str(version.seconds),
        link="",
    )


def _without_calls(sheet: Sheet) -> Sheet:
    """The sheet without the question whether we may call: we would not know whom."""
    calls = {question.key for question in sheet.questions if question.kind == Kind.CONTACT_WISH}
    return replace(sheet, undrawn={*sheet.undrawn, *calls})
