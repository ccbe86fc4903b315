"""What a published policy names that is not here: only where surveys and programs are known can that be said."""

from collections.abc import Iterator, Mapping
from typing import Any

from contacts.models.words import OURS
from surveys.models import Program, Survey


def scope_warnings(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield, with place and remedy, what keeps a cap from ever testing one of our contacts.

    No reason to refuse a policy: a survey may be made after it, and a cap for it is then in force at once.
    """
    known = {
        "surveys": set(Survey.objects.values_list("slug", flat=True)),
        "programs": set(Program.objects.values_list("slug", flat=True)),
    }
    for n, cap in enumerate(document.get("caps", [])):
        for scope, keys in known.items():
            for key in cap.get(scope, []):
                if key not in keys:
                    yield _unknown(f"caps[{n}].{scope}", scope.removesuffix("s"), key, keys)
        if cap.get("sources") and OURS not in cap["sources"]:
            yield f'caps[{n}].sources: what is sent from here has the source "{OURS}"; add it, or the cap stops nothing'
        if cap.get("tags"):
            yield f"caps[{n}].tags: nothing that is sent from here has tags, so the cap stops nothing; drop them"


def _unknown(place: str, what: str, key: str, known: set[str]) -> str:
    there = f"known: {', '.join(sorted(known))}" if known else "there is none yet"
    return f'{place}: no {what} is called "{key}" ({there}); correct it, unless it is still to be made'
