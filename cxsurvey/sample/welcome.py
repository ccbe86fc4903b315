"""What there is to open once the demo is served."""

from datetime import datetime

from cxsurvey.sample.access import USER, Access
from surveys.links import token
from surveys.models import Invitation


def welcome(url: str, access: Access, at: datetime) -> list[str]:
    """Return a line for each address under `url`, with what it takes to get in."""
    invitation = open_invitation(at)
    header = f"storage_options={{'Authorization': 'Token {access.token}'}}"
    lines = {
        "Admin": f"{url}/admin/ (user {USER}, password {access.password})",
        "Messages": f"{url}/outbox/ (after you have logged in)",
        "Calls": f"{url}/calls/",
        "Report": f"{url}/admin/report/",
        "Survey": f"{url}/s/{token(invitation)}" if invitation else "every link has run out by now",
        "Python": f"pandas.read_csv('{url}/api/v1/exports/responses.csv', {header})",
    }
    return ["", *(f"{heading:<12}{text}" for heading, text in lines.items()), "Ctrl-C stops everything."]


def open_invitation(at: datetime) -> Invitation | None:
    """Return the newest invitation of a program that can still be answered."""
    sent = Invitation.objects.filter(state=Invitation.State.SENT, program__isnull=False, closes_at__gt=at)
    return sent.filter(response=None, language="en").order_by("-sent_at", "-pk").first()
