"""What touchpoints have said so far: the values to choose from where somebody filters or defines by them."""

from contacts.brands import visible_to
from contacts.models import Touchpoint
from contacts.readers import EVERYTHING, Reader


def came_in(field: str, reader: Reader = EVERYTHING) -> list[str]:
    """Return every value of a column of the touchpoints so far that somebody may read, in order. One statement."""
    rows = visible_to(reader, Touchpoint.objects.order_by(field))
    return list(rows.values_list(field, flat=True).distinct())
