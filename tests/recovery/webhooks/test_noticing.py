"""What happened becomes an event once, and a delivery for each endpoint that wants it; nothing is missed."""

from datetime import timedelta
from typing import Any

import pytest

from analytics.models import ChurnRun, CustomerRisk
from contacts import consent
from contacts.models import Customer, OptOut
from contacts.proof import Proof
from recovery.models import WebhookDelivery, WebhookEvent, WebhookMark
from recovery.retention import KINDS
from recovery.webhooks import noticing
from recovery.webhooks.marks import SLACK
from recovery.webhooks.noticing import notice, send_test
from surveys.models import Answer, Response
from tests.recovery.webhooks.receivers import EVERYTHING, MINUTE, make_endpoint
from tests.surveys.answered import make_response, question
from tests.surveys.makers import NOON, make_customer, make_open_link, make_version

pytestmark = pytest.mark.django_db
LATER = NOON + MINUTE
DAY = timedelta(days=1)


def noticed(at: Any = LATER) -> list[str]:
    """Look for what is new; return the types of the events that were made of it."""
    known = set(WebhookEvent.objects.values_list("pk", flat=True))
    notice(at)
    return sorted(WebhookEvent.objects.exclude(pk__in=known).values_list("type", flat=True))


def newest(type_: str) -> WebhookEvent:
    return WebhookEvent.objects.filter(type=type_).latest("pk")


def finish(response: Response, at: Any) -> None:
    Response.objects.filter(pk=response.pk).update(finished_at=at, updated_at=at)


def change(response: Response, at: Any) -> None:
    Response.objects.filter(pk=response.pk).update(answered_at=at, updated_at=at)


def test_an_answer_is_told_when_it_begins_ends_and_changes() -> None:
    make_endpoint()
    response = make_response(9)
    assert noticed() == ["response.created"]
    finish(response, LATER)
    assert noticed(LATER + MINUTE) == ["response.finished"]
    assert noticed(LATER + 2 * MINUTE) == []
    change(response, LATER + 2 * MINUTE)
    assert noticed(LATER + 3 * MINUTE) == ["response.changed"]
    change(response, LATER + DAY)
    assert noticed(LATER + DAY + MINUTE) == ["response.changed"]
    assert newest("response.changed").data["response"]["updated_at"] == "2026-05-06T12:01:00Z"


def test_an_answer_that_comes_all_at_once_is_told_at_once_however_late_it_came() -> None:
    make_endpoint()
    make_response(2, finished_at=NOON - 3 * DAY, answered_at=NOON - 3 * DAY)
    assert noticed() == ["response.created", "response.finished", "score.low"]
    assert noticed(LATER + DAY) == noticed(LATER + 2 * DAY) == []


def test_what_was_there_before_anybody_was_told_is_not_told() -> None:
    response = make_response(2, finished_at=NOON)
    consent.opt_out(make_customer().pk, "", at=NOON, via="link")
    make_endpoint(at=LATER)
    assert noticed(LATER + MINUTE) == []
    change(response, LATER + MINUTE)
    assert noticed(LATER + 2 * MINUTE) == ["response.changed", "score.low"]


def test_nobody_looks_while_nobody_is_told() -> None:
    make_response(2)
    assert (noticed(), WebhookMark.objects.exists()) == ([], False)
    endpoint = make_endpoint()
    make_response(2)
    endpoint.delete()
    assert (noticed(), WebhookMark.objects.exists()) == ([], False)


@pytest.mark.parametrize(
    ("kind", "number", "low"),
    [("nps", 6, True), ("nps", 7, False), ("contact_wish", 1, False), ("yes_no", 0, False)],
)
def test_a_low_score_is_what_opens_a_follow_up(kind: str, number: int, *, low: bool) -> None:
    make_endpoint(events=["score.low"])
    version = make_version()
    asked = question(version, "nps")
    type(asked).objects.filter(pk=asked.pk).update(kind=kind)
    Answer.objects.create(response=make_response(None, version=version), question=asked, number=number)
    assert noticed() == ["score.low"] * low


def test_a_low_score_is_told_once_for_each_question() -> None:
    make_endpoint(events=["score.low"])
    response = make_response(3)
    assert noticed() == ["score.low"]
    Answer.objects.filter(response=response).delete()
    Answer.objects.create(response=response, question=question(response.version, "nps"), number=1)
    change(response, LATER)
    assert noticed(LATER + MINUTE) == []


def test_a_score_that_becomes_low_is_told() -> None:
    make_endpoint(events=["score.low"])
    response = make_response(9, finished_at=NOON)
    assert noticed() == []
    Answer.objects.filter(response=response).update(number=2)
    change(response, LATER)
    assert noticed(LATER + MINUTE) == ["score.low"]
    assert newest("score.low").data["score"]["number"] == 2


def test_only_what_customers_answered_whom_we_asked_is_told() -> None:
    make_endpoint()
    version = make_version()
    make_response(1, test=True, version=version)
    make_response(1, source="delighted", invitation=None, version=version)
    make_response(1, open_link=make_open_link(version), version=version)
    assert noticed() == []


def test_a_no_and_its_being_taken_back_are_told() -> None:
    make_endpoint()
    customer = make_customer()
    consent.opt_out(customer.pk, "sms", at=NOON - 3 * DAY, via="reply", proof=Proof(wording="stop"))
    assert noticed() == ["customer.opted_out"]
    consent.opt_out(customer.pk, "sms", at=LATER, via="link")
    assert noticed(LATER + MINUTE) == []
    consent.reopen(customer.pk, "sms", at=LATER + MINUTE, via="link")
    assert noticed(LATER + 2 * MINUTE) == ["customer.reopened"]
    told = newest("customer.reopened").data["opt_out"]
    assert (told["channel"], told["reopened_via"]) == ("sms", "link")


def learn(*customers: Customer, at: Any = NOON) -> None:
    ChurnRun.objects.all().delete()
    run = ChurnRun.objects.create(at=at, days=90)
    CustomerRisk.objects.bulk_create(
        CustomerRisk(run=run, customer=one, probability=0.5, base=0.0, reasons=[], gone_quiet=False)
        for one in customers
    )


def test_customers_at_risk_are_told_when_they_come_onto_the_list() -> None:
    make_endpoint(events=["customer.churn_risk"])
    ada, ben, cleo = make_customer(), make_customer(), make_customer()
    assert noticed() == []
    learn(ada, ben)
    assert noticed() == ["customer.churn_risk"] * 2
    assert noticed(LATER + MINUTE) == []
    learn(ada, cleo, at=NOON + DAY)
    assert noticed(NOON + DAY) == ["customer.churn_risk"]
    assert newest("customer.churn_risk").customer == cleo
    learn(ada, ben, at=NOON + 2 * DAY)
    assert noticed(NOON + 2 * DAY) == []
    learn(ada, at=NOON + 28 * DAY)
    learn(ada, ben, at=NOON + 40 * DAY)
    assert noticed(NOON + 40 * DAY) == ["customer.churn_risk"] * 2


def test_each_endpoint_gets_what_it_wants() -> None:
    everything, some, nothing = make_endpoint(), make_endpoint(events=["score.low"]), make_endpoint(events=[])
    make_response(1)
    notice(LATER)
    told = WebhookDelivery.objects.values_list("endpoint", "event__type")
    assert sorted(told) == [
        (everything.pk, "response.created"), (everything.pk, "score.low"), (some.pk, "score.low"),
    ]  # fmt: skip
    assert not nothing.deliveries.exists()


def test_a_change_is_told_to_whoever_is_not_told_of_the_end() -> None:
    endpoint = make_endpoint(events=["response.changed"])
    response = make_response(9, finished_at=NOON)
    notice(LATER)
    change(response, LATER)
    notice(LATER + MINUTE)
    assert list(endpoint.deliveries.values_list("event__type", flat=True)) == ["response.changed"]


def test_many_are_told_in_lots_and_none_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noticing, "MOST", 2)
    make_endpoint(events=["customer.opted_out"])
    for _ in range(5):
        consent.opt_out(make_customer().pk, "", at=NOON, via="import")
    assert [notice(LATER + MINUTE * n) for n in range(3)] == [True, True, False]
    assert WebhookEvent.objects.count() == 5


def test_looking_again_and_again_makes_nothing_twice_and_moves_the_mark() -> None:
    make_endpoint()
    make_response(1, finished_at=NOON)
    for n in range(10, 60, 10):
        notice(NOON + n * MINUTE)
    assert WebhookEvent.objects.count() == 3
    mark = WebhookMark.objects.get()
    assert (mark.seen_response, mark.seen_at) == (Response.objects.get().pk, NOON + 40 * MINUTE - SLACK)


def test_of_erased_customers_nothing_new_is_told_but_that_they_want_no_more() -> None:
    make_endpoint(personal=True)
    response = make_response(1, "words", finished_at=NOON)
    Customer.objects.update(erased_at=LATER)
    Response.objects.filter(pk=response.pk).update(updated_at=LATER)
    OptOut.objects.create(customer_id=response.customer_id or 0, channel="", at=LATER, via="link", wording="please")
    assert noticed(LATER + MINUTE) == ["customer.opted_out"]
    event = WebhookEvent.objects.get()
    assert (event.data["customer"], event.personal) == ({"id": response.customer_id}, {})


def test_a_test_is_told_to_one_endpoint() -> None:
    endpoint = make_endpoint()
    make_endpoint()
    send_test(endpoint, NOON)
    send_test(endpoint, NOON)
    assert list(WebhookDelivery.objects.values_list("endpoint", "event__type")) == [(endpoint.pk, "webhook.test")] * 2


def test_old_events_are_forgotten_with_all_that_hangs_on_them() -> None:
    make_endpoint()
    make_response(1)
    notice(LATER)
    make_response(1)
    notice(LATER + DAY)
    [told] = [kind for kind in KINDS if kind.key == "told"]
    assert told.count(LATER + MINUTE) == 2
    told.forget(LATER + MINUTE, LATER + DAY, lambda: False)
    assert set(WebhookEvent.objects.values_list("made_at", flat=True)) == {LATER + DAY}
    assert WebhookDelivery.objects.count() == 2


def test_looking_costs_the_same_whatever_there_is(django_assert_max_num_queries: Any) -> None:
    make_endpoint(personal=True)
    version = make_version()
    for score in (1, 2, 9):
        make_response(score, "words", version=version, finished_at=NOON)
        consent.opt_out(make_customer().pk, "", at=NOON, via="link")
    with django_assert_max_num_queries(40):
        notice(LATER)
    with django_assert_max_num_queries(17):
        notice(LATER + MINUTE)


def test_every_type_can_be_found_and_is_offered() -> None:
    assert [*noticing.KINDS, noticing.Type.CHURN_RISK] == EVERYTHING
