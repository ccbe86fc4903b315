"""What the queue wakes in this room."""

from analytics import comments


def find_themes() -> None:
    """Find the themes of comments that are new, or that the codebook has changed since."""
    comments.find_themes()
