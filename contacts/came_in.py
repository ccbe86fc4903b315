"""What touchpoints have said so far: the values to choose from where somebody filters or defines by them."""

from contacts.models import Touchpoint


def came_in(field: str) -> list[str]:
    """Return every value of a column of the touchpoints so far, in order. One statement."""
    return list(Touchpoint.objects.order_by(field).values_list(field, flat=True).distinct())
