"""The life of a version: draft, published, closed, archived; every step is one conditional update."""

from django.db import transaction

from surveys.models import SurveyVersion

State = SurveyVersion.State
#: Which step leads from where to where. Publishing has more to do (`surveys.publishing`).
STEPS = {
    "close": (State.PUBLISHED, State.CLOSED),
    "archive": (State.CLOSED, State.ARCHIVED),
}
DONE = {
    "close": "is closed: nobody is invited any more, and links that are out say so.",
    "archive": "is archived: its answers stay in every figure.",
}


class StateError(ValueError):
    """The version is not in the state that the step needs; the text says what to do."""


def step(version: SurveyVersion, name: str) -> None:
    """Close or archive a version. Raises StateError where it is in another state, or somebody was faster."""
    before, after = STEPS[name]
    if not SurveyVersion.objects.filter(pk=version.pk, state=before).update(state=after):
        raise StateError(f"Only a {before} version can be {after}. Somebody may have been faster: look again.")
    version.state = after


def steps_from(state: str) -> list[str]:
    """Return the names of the steps that a version in this state can take."""
    return [name for name, (before, _) in STEPS.items() if before == state]


@transaction.atomic
def discard(version_id: int) -> None:
    """Delete a draft, which nobody was ever asked, with what colleagues answered to try it. Raises StateError."""
    draft = lock_draft(version_id)
    draft.responses.filter(test=True).delete()
    draft.delete()


def lock_draft(version_id: int) -> SurveyVersion:
    """Return the draft, locked until the transaction ends, so that it is written by one step at a time.

    Raises StateError for what is no draft, or none any more.
    """
    version = (
        SurveyVersion.objects.select_for_update(of=("self",))
        .select_related("survey__brand")
        .filter(pk=version_id)
        .first()
    )
    if version is None or version.state != State.DRAFT:
        raise StateError(
            "This version is no draft any more, and what is published never changes. Start the next draft."
        )
    return version
