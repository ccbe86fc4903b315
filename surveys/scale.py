"""The groups of the 0 to 10 recommendation scale: the one place that knows their bounds.

Source: Reichheld, "The One Number You Need to Grow", Harvard Business Review, December 2003.
"""

DETRACTORS = range(7)
PASSIVES = range(7, 9)
PROMOTERS = range(9, 11)


def mood(score: int | None) -> str:
    """Return the word, and with it the colour, that pages have for a score: unhappy, passive, happy; empty for none."""
    if score is None:
        return ""
    return "unhappy" if score in DETRACTORS else "passive" if score in PASSIVES else "happy"
