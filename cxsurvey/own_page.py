"""What a customer may know and do behind her link: one function of each room, put together."""

from datetime import datetime, timedelta

from contacts import own_data as of_contacts
from contacts.arms import Arm
from contacts.gate import eligibilities
from contacts.models.words import Channel, Purpose, Via
from contacts.own_data import OwnData
from contacts.persons import read_records
from contacts.policies import rules_in_force
from cxsurvey.erasing import erase
from cxsurvey.own_data import own_data
from recovery import own_data as of_recovery
from recovery.models import FollowUp
from surveys import own_data as of_surveys
from surveys.models import Invitation
from surveys.own_pages import Became, OwnFacts, OwnSteps

RECENT = timedelta(days=90)
WRITTEN: dict[str, str] = {Channel.EMAIL: Purpose.INVITATION, Channel.SMS: Purpose.INVITATION}


def facts(invitation: Invitation, at: datetime) -> OwnFacts:
    """Return what is known of the person behind an invitation, for her own page. Reads only."""
    records = _records(invitation)
    asked = {"survey": invitation.version.survey.slug, "program": invitation.program.slug if invitation.program else ""}
    verdicts = eligibilities(invitation.customer_id, WRITTEN, at=at, **asked).values()
    possible = [verdict.at for verdict in verdicts if verdict.at]
    first = min(possible, default=None)
    _, policy, arms = rules_in_force()
    arm = arms.of_person(records)
    limited = arm == Arm.OTHER_LIMIT and arms.limits(policy) and arms.rule
    return OwnFacts(
        contacts=of_contacts.contacts_between(records, at - RECENT, at),
        again_at=first if first and first > at else None,
        never=first is None,
        became=_became(records),
        arm=Arm.USUAL if arm == Arm.OTHER_LIMIT and not limited else arm,
        limits=(arms.limit, limited.limit) if limited else (0, 0),
    )


def data(invitation: Invitation) -> OwnData:
    """Return everything that is kept about the person behind an invitation."""
    records = _records(invitation)
    return own_data(records, invitation.customer.time_zone)


def erase_by_link(invitation: Invitation, at: datetime) -> None:
    """Erase everything about the person behind an invitation."""
    erase(invitation.customer_id, at=at, via=Via.LINK)


OWN_STEPS = OwnSteps(facts=facts, data=data, erase=erase_by_link)


def _became(records: list[int]) -> Became:
    answered_at, follow_up = of_surveys.last_answer(records), of_recovery.last_follow_up(records)
    if follow_up is None:
        return Became(answered_at)
    is_open = follow_up.state == FollowUp.State.OPEN
    return Became(
        answered_at, follow_up.due_at if is_open else None, None if is_open else follow_up.closed_at, follow_up.action
    )


def _records(invitation: Invitation) -> list[int]:
    return [record.id for record in read_records([invitation.customer_id])]
