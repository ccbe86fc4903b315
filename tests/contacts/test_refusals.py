"""What customers refused outlives the database: a backup that is restored forgets nobody's no."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from contacts import consent, refusals
from contacts.models import Customer, OptOut
from contacts.proof import Proof
from tests.contacts.makers import NOON
from tests.surveys.makers import make_customer

HOUR = timedelta(hours=1)


@pytest.fixture
def ada(db: None) -> Customer:
    return make_customer(email="ada@x.example", phone="+4740612345")


def forget() -> None:
    """What restoring a backup of yesterday does."""
    OptOut.objects.all().delete()


def standing(customer: Customer) -> list[str]:
    rows = OptOut.objects.filter(customer=customer, reopened_at=None).order_by("channel")
    return list(rows.values_list("channel", flat=True))


def bring_back() -> int:
    return consent.bring_back(refusals.journal())


def test_a_no_holds_again_as_it_was_said(ada: Customer) -> None:
    consent.opt_out(ada.pk, "sms", at=NOON, via="reply")
    forget()
    assert bring_back() == 1
    again = OptOut.objects.get()
    assert (again.customer, again.channel, again.at, again.via) == (ada, "sms", NOON, "reply")


def test_bringing_back_what_is_there_changes_nothing(ada: Customer) -> None:
    consent.opt_out(ada.pk, "", at=NOON, via="link")
    assert bring_back() == 0
    forget()
    assert (bring_back(), bring_back()) == (1, 0)
    assert standing(ada) == [""]


def test_only_what_the_backup_does_not_know_is_said_again(ada: Customer) -> None:
    consent.opt_out(ada.pk, "sms", at=NOON, via="reply")
    consent.reopen(ada.pk, "sms", at=NOON + HOUR, via="link")
    consent.opt_out(ada.pk, "email", at=NOON + 2 * HOUR, via="link")
    OptOut.objects.filter(channel="email").delete()
    bring_back()
    assert standing(ada) == ["email"]


@pytest.mark.django_db(transaction=True)
def test_the_last_word_counts() -> None:
    ada = make_customer(email="ada@x.example")
    consent.opt_out(ada.pk, "", at=NOON, via="link")
    consent.reopen(ada.pk, "email", at=NOON + HOUR, via="link")
    forget()
    bring_back()
    assert standing(ada) == ["phone", "sms"]


@pytest.mark.django_db(transaction=True)
def test_what_the_staff_took_back_stays_a_no() -> None:
    ada = make_customer(email="ada@x.example")
    consent.opt_out(ada.pk, "sms", at=NOON, via="staff")
    consent.reopen(ada.pk, "sms", at=NOON + HOUR, via="staff")
    forget()
    bring_back()
    assert standing(ada) == ["sms"]


def test_a_record_that_came_in_anew_is_found_by_its_address(ada: Customer) -> None:
    consent.opt_out(ada.pk, "sms", at=NOON, via="reply")
    Customer.objects.filter(pk=ada.pk).update(erased_at=NOON)
    ada.delete()
    other = make_customer(phone="+4740612345")
    bring_back()
    assert standing(other) == ["sms"]


@pytest.mark.django_db(transaction=True)
def test_a_yes_holds_for_nobody_else_who_has_the_number() -> None:
    ada, bo = make_customer(phone="+4740612345"), make_customer(phone="+4740612345")
    consent.opt_out(ada.pk, "sms", at=NOON, via="reply")
    consent.opt_out(bo.pk, "sms", at=NOON + HOUR, via="reply")
    consent.reopen(ada.pk, "sms", at=NOON + 2 * HOUR, via="reply")
    forget()
    bring_back()
    assert (standing(ada), standing(bo)) == ([], ["sms"])


@pytest.mark.django_db(transaction=True)
def test_a_no_is_noted_before_its_commit_and_a_yes_after() -> None:
    ada = make_customer(email="ada@x.example")
    with transaction.atomic():
        consent.opt_out(ada.pk, "sms", at=NOON, via="reply")
        transaction.set_rollback(True)
    assert [word.said for word in refusals.noted(refusals.journal())] == ["no"]
    consent.opt_out(ada.pk, "sms", at=NOON, via="reply")
    with transaction.atomic():
        consent.reopen(ada.pk, "sms", at=NOON + HOUR, via="reply")
        transaction.set_rollback(True)
    assert {word.said for word in refusals.noted(refusals.journal())} == {"no"}


def test_the_file_tells_nobody_who_it_was(ada: Customer) -> None:
    consent.opt_out(ada.pk, "sms", at=NOON, via="reply", proof=Proof(wording="Leave me alone, says Ada"))
    kept = refusals.journal().read_text()
    assert not [text for text in ("Ada", "ada@", "x.example", "Leave", "+47") if text in kept]
    assert refusals.journal().stat().st_mode & 0o077 == 0


def test_a_line_that_was_cut_off_is_passed_over(ada: Customer) -> None:
    consent.opt_out(ada.pk, "sms", at=NOON, via="reply")
    with refusals.journal().open("a") as file:
        file.write("2026-05-05T12:00")
    forget()
    assert bring_back() == 1


def test_the_command_says_what_it_did(ada: Customer, tmp_path: Path) -> None:
    consent.opt_out(ada.pk, "sms", at=NOON, via="reply")
    forget()
    out = StringIO()
    call_command("bring_back_refusals", str(refusals.journal()), stdout=out)
    assert (out.getvalue(), standing(ada)) == ("Customer records with words that were brought back: 1.\n", ["sms"])
    with pytest.raises(CommandError, match="There is no file"):
        call_command("bring_back_refusals", str(tmp_path / "nothing"))
    (tmp_path / "other").write_text("a,b\n")
    with pytest.raises(CommandError, match="no file of refusals"):
        call_command("bring_back_refusals", str(tmp_path / "other"))
