from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.test import Client

from cxsurvey.models import SampleState
from cxsurvey.sample.access import Access, ensure_user
from cxsurvey.sample.summary import summary
from cxsurvey.sample.welcome import open_invitation, welcome
from surveys.models import Invitation, PlannedTarget
from tests.sample.conftest import NOW


def demo() -> str:
    out = StringIO()
    call_command("demo", "--no-serve", stdout=out)
    return out.getvalue()


def test_an_interrupted_demo_is_finished_and_a_finished_one_left_alone(last_days: SampleState) -> None:
    first = demo()
    sent, weeks = Invitation.objects.count(), SampleState.objects.get().weeks

    assert SampleState.objects.get().is_whole
    assert PlannedTarget.objects.filter(supply__gt=0).count() == 4
    assert demo().splitlines()[3:] == first.splitlines()[3:]
    assert (Invitation.objects.count(), SampleState.objects.get().weeks) == (sent, weeks)


def test_the_summary_says_what_is_real_and_what_happened(sent: Invitation, last_days: SampleState) -> None:
    lines = summary(last_days, NOW)

    assert len(lines) == 9
    assert "Fader and Hardie" in lines[0]
    assert "end on 17 November 2026" in lines[0]
    assert lines[1].startswith("Simulated")
    assert f"{Invitation.objects.filter(state='sent').count()} sent" in lines[5]


def test_the_summary_does_without_answers(loaded: SampleState) -> None:
    assert any("too few answers" in line for line in summary(loaded, NOW))


def test_every_address_that_is_named_can_be_opened(sent: Invitation, last_days: SampleState) -> None:
    client, access = Client(), Access("secret", "token")
    client.force_login(ensure_user())
    words = [word for line in welcome("http://testserver", access, NOW) for word in line.split()]
    named = [word.removeprefix("http://testserver") for word in words if word.startswith("http://testserver")]

    assert len(named) == 5
    assert {path: client.get(path).status_code for path in named} == dict.fromkeys(named, 200)


def test_the_open_link_is_the_newest_that_can_be_answered(sent: Invitation) -> None:
    Invitation.objects.update(language="en")

    assert open_invitation(NOW) == Invitation.objects.filter(state="sent").order_by("sent_at", "pk").last()
    assert open_invitation(NOW + timedelta(days=90)) is None
