"""Hands over the follow-ups of answers in a month that lies far back, without their words."""

from contacts.past import Past
from recovery.models import FollowUp
from recovery.retention import put_away


def hand_over(past: Past) -> None:
    """Hand over those whose answers were handed over."""
    moved = FollowUp.objects.filter(response__customer=past.to)
    put_away(moved.values_list("pk", flat=True))
    moved.update(customer=past.to)
