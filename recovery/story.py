"""What this room knows of a person's story: what we did about an unhappy answer."""

from collections.abc import Collection, Iterator

from contacts.brands import visible_to
from contacts.readers import Reader
from contacts.story import Moment
from recovery.models import FollowUp


def moments(records: Collection[int], reader: Reader) -> Iterator[Moment]:
    """Yield, in no order, the person's follow-ups: opened, every note, closed."""
    theirs = visible_to(reader, FollowUp.objects.filter(customer__in=records))
    for follow_up in theirs.select_related("owner").prefetch_related("notes__by"):
        owner = str(follow_up.owner) if follow_up.owner else "nobody yet"
        opened = f"Follow-up opened: {follow_up.get_trigger_display().lower()}"
        yield Moment(follow_up.opened_at, "follow-up", opened, f"Owner: {owner}", "waiting")
        for note in follow_up.notes.all():
            yield Moment(note.at, "follow-up", f"Note by {note.by or 'cxsurvey'}", note.text, personal=True)
