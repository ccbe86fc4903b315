"""What events of a name mean: what there is to choose from, and putting what was chosen into force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contacts.events.rows import flat
from contacts.events.told import properties_of
from contacts.intake import CONSENTS, CONTACTS, TOUCHPOINTS
from contacts.intake.rows import guessed_mapping
from contacts.models import Event, EventMeaning

Becomes = EventMeaning.Becomes
SAMPLE = 20
"""Events that are looked at for what those of a name tell."""
OF_TOUCHPOINTS = tuple(
    column.name
    for column in TOUCHPOINTS.columns
    if column.name not in ("external_id", "customer", "kind", "occurred_at", "direction")
)
OF_MESSAGES = tuple(column.name for column in CONTACTS.columns if column.name in ("survey", "outcome"))
OF_CONSENTS = tuple(column.name for column in CONSENTS.columns if column.name in ("shown", "version", "wording"))
CHOOSABLE = {
    Becomes.TOUCHPOINT.value: OF_TOUCHPOINTS,
    Becomes.MESSAGE.value: OF_MESSAGES,
    Becomes.OPT_OUT.value: OF_CONSENTS,
    Becomes.OPT_IN.value: OF_CONSENTS,
    Becomes.NOTHING.value: (),
}
"""What they become -> our columns that a property may fill."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the newest events of a name told: property -> its values in them, newest first, at most three."""

    events: Sequence[Event]
    properties: Mapping[str, Sequence[str]]


def sample_of(source_id: int, name: str) -> Sample:
    """Return a sample of the newest events of a name. One statement."""
    events = list(Event.objects.filter(source=source_id, name=name).order_by("-occurred_at")[:SAMPLE])
    properties: dict[str, list[str]] = {}
    for event in events:
        for title, text in flat(properties_of(event.type, event.body)).items():
            values = properties.setdefault(title, [])
            if text not in values and len(values) < 3:
                values.append(text)
    return Sample(events, properties)


def guess(properties: Sequence[str]) -> dict[str, str]:
    """Return which of our columns properties mean, as far as their names show it."""
    found = guessed_mapping(TOUCHPOINTS, properties)
    return {title: column for title, column in found.items() if column in OF_TOUCHPOINTS}


def put_in_force(meaning: EventMeaning) -> int:
    """Let events that waited for this take their turn; return how many. What was taken in before stays as it is."""
    waited = Event.objects.filter(source=meaning.source_id, name=meaning.name)
    waited = waited.filter(state__in=(Event.State.UNMAPPED, Event.State.UNUSED, Event.State.REFUSED))
    return waited.exclude(type="").update(state=Event.State.WAITING, detail="")
