"""A comment that says nothing but "stop" is an opt-out, as if the customer had chosen it on the page."""

from datetime import datetime
from typing import cast

from django.db.models import Exists, OuterRef, Q, QuerySet

from analytics.comments import comments
from analytics.themes import Refusal
from contacts import consent
from contacts.models import OptOut
from contacts.models.words import Channel, Via
from contacts.proof import Proof
from surveys.models import Response


def heed(at: datetime) -> int:
    """Record the opt-out of every comment that plainly refuses further surveys; return of how many.

    From the channel by which the question came, or from everything. It is from when it was said, so that what the
    customer said later stands: whoever has taken a no back since is not asked to do so again. Safe to repeat.
    """
    refused = [(kind, response) for kind in (Refusal.EVERYTHING, Refusal.CHANNEL) for response in _refused(kind)]
    said = {comment.response: comment.text for comment in comments([response.pk for _, response in refused])}
    for kind, response in refused:
        consent.opt_out(
            cast("int", response.customer_id),  # only responses of customers are counted
            "" if kind == Refusal.EVERYTHING else response.channel,
            at=min(response.answered_at, at),
            via=Via.CALL if response.channel == Channel.PHONE else Via.LINK,
            proof=Proof(evidence=f"response {response.pk}", wording=said[response.pk], recorded_at=at),
        )
    return len(refused)


def _refused(refusal: Refusal) -> QuerySet[Response]:
    """Comments of this kind in answer to us, with no such opt-out that stands or was taken back after them."""
    concerned = Q(channel="")
    if refusal == Refusal.CHANNEL:
        concerned |= Q(channel=OuterRef("channel"))
    later = Q(reopened_at=None) | Q(reopened_at__gte=OuterRef("answered_at"))
    settled = OptOut.objects.filter(concerned, later, customer=OuterRef("customer"))
    responses = Response.objects.counted().filter(~Exists(settled), reading__refusal=refusal)
    return responses.filter(invitation__isnull=False, channel__in=Channel.values)
