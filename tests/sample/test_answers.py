from datetime import timedelta
from itertools import product

import numpy as np
import pytest

from cxsurvey.sample.answers import Invited, Reaction, comments, react, react_to_check
from cxsurvey.sample.chat_survey import CHAT_PAGES, EASE, SATISFIED
from cxsurvey.sample.truth import TRUTH, answer_chance, further_scores, logistic, satisfaction, score_chances


def invited(number: int, kind: str = "service_call", outcome: str = "resolved", **facts: object) -> Invited:
    given = {"team": "Leeds", "channel": "email", "language": "en", "contacts": 0} | facts
    return Invited(touchpoint=f"{kind}-{number}", kind=kind, outcome=outcome, **given)  # type: ignore[arg-type]


def reactions(count: int, **facts: object) -> list[Reaction]:
    return [react(invited(number, **facts)) for number in range(count)]  # type: ignore[arg-type]


def test_the_same_invitation_gets_the_same_reaction() -> None:
    assert reactions(50) == reactions(50)
    assert len({reaction.after for reaction in reactions(50)}) == 50


@pytest.mark.parametrize(("outcome", "contacts"), [("resolved", 0), ("unresolved", 0), ("unresolved", 3)])
def test_as_many_answer_as_the_truth_says(outcome: str, contacts: int) -> None:
    count = 3_000
    satisfied = satisfaction("service_call", outcome, "Leeds", contacts)
    answering = [answer_chance("email", score, contacts) for score in range(11)]
    expected = float(score_chances(satisfied) @ np.array(answering))

    answered = sum(bool(one.answers) for one in reactions(count, outcome=outcome, contacts=contacts))

    assert answered / count == pytest.approx(expected, abs=3.3 * np.sqrt(expected / count))


def test_scores_of_those_who_answer_are_the_truth_seen_through_their_silence() -> None:
    chances = score_chances(satisfaction("chat", "unresolved", "Leeds", 0))
    seen = chances * np.array([answer_chance("sms", score, 0) for score in range(11)])
    unhappy = float(seen[:7].sum() / seen.sum())

    taken = reactions(4_000, kind="chat", outcome="unresolved", channel="sms")
    given = [int(one.answers["score"]) for one in taken if one.answers]

    share = sum(score <= 6 for score in given) / len(given)
    assert share == pytest.approx(unhappy, abs=3.3 * np.sqrt(unhappy * (1 - unhappy) / len(given)))


def test_answers_to_an_sms_come_sooner() -> None:
    def median(channel: str) -> timedelta:
        return sorted(one.after for one in reactions(400, channel=channel))[200]

    assert median("sms") < timedelta(hours=1) < median("email") < timedelta(days=1)


def test_comments_are_in_the_customers_language() -> None:
    said = {one.answers.get("reason") for one in reactions(2_000, language="de", outcome="unresolved")} - {None}
    german = tuple(
        sentence for words in comments()["de"].values() for sentence in (*words["service_call"], *words["closing"])
    )

    assert len(said) > 30
    assert all(comment and comment.startswith(german) for comment in said)


def test_there_are_thirty_comments_for_every_mood_and_kind() -> None:
    for language, feels, kind in product(
        ("en", "de"), ("unhappy", "passive", "happy"), ("purchase", "service_call", "chat", "delivery")
    ):
        words = comments()[language][feels]
        assert len(set(words[kind])) * (len(set(words["closing"])) + 1) >= 30


def test_some_ask_to_stop_or_to_be_asked_less() -> None:
    stops = [one.stop for one in reactions(4_000)]

    assert stops.count("opt_out") / 4_000 == pytest.approx(TRUTH.opts_out, abs=0.005)
    assert stops.count("ask_less") / 4_000 == pytest.approx(TRUTH.asks_less, abs=0.006)


def test_the_unhappy_want_to_be_called_more_often() -> None:
    given = [one.answers for one in reactions(6_000, outcome="unresolved") if one.answers]
    unhappy = ["call_me" in answers for answers in given if int(answers["score"]) <= 6]
    others = ["call_me" in answers for answers in given if int(answers["score"]) > 6]

    assert sum(unhappy) / len(unhappy) > 5 * sum(others) / len(others)


def test_most_who_answer_say_that_it_is_fixed() -> None:
    said = [react_to_check(f"check-{number}", "email").answers for number in range(2_000)]
    given = [answers["fixed"] for answers in said if answers]

    assert len(given) / 2_000 == pytest.approx(TRUTH.fixed_answers, abs=0.04)
    assert given.count("1") / len(given) == pytest.approx(TRUTH.fixed_yes, abs=0.04)


def test_answers_take_as_long_as_reading_and_writing_and_come_from_devices() -> None:
    taken = [one for one in reactions(3_000, outcome="unresolved") if one.answers]
    brief = sorted(one.seconds for one in taken if "reason" not in one.answers)
    written = sorted(one.seconds for one in taken if "reason" in one.answers)

    assert brief[len(brief) // 2] == pytest.approx(TRUTH.seconds_to_read, abs=2)
    assert written[len(written) // 2] > 2 * brief[len(brief) // 2]
    assert brief[0] >= 2
    for device, share in TRUTH.devices.items():
        seen = sum(one.device == device for one in taken) / len(taken)
        assert seen == pytest.approx(share, abs=3.3 * np.sqrt(share * (1 - share) / len(taken)))
    assert {one.device for one in reactions(100, channel="sms")} == {"phone"}


def test_what_is_said_about_a_chat_follows_its_own_cuts_and_the_score() -> None:
    rng, count = np.random.default_rng(5), 4_000
    satisfied = satisfaction("chat", "resolved", "Chat Leeds", 0)
    scores = rng.choice(11, count, p=score_chances(satisfied)).tolist()
    said = [further_scores(score, rng.random(), satisfied) for score in scores]

    for key, cuts in TRUTH.chat_cuts.items():
        for answer, cut in enumerate(cuts, start=1):
            expected = float(logistic(np.array(cut - satisfied)))
            share = sum(one[key] <= answer for one in said) / count
            assert share == pytest.approx(expected, abs=3.3 * np.sqrt(expected / count))
    unhappy = [one[SATISFIED] for one, score in zip(said, scores, strict=True) if score <= 6]
    happy = [one[SATISFIED] for one, score in zip(said, scores, strict=True) if score >= 9]
    assert max(unhappy) <= min(happy)


def test_some_leave_after_each_page_of_the_chat_survey() -> None:
    taken = [one for one in reactions(6_000, kind="chat") if one.answers]
    assert {one.pages for one in taken} == {1, 2, CHAT_PAGES}
    assert all({"score", SATISFIED, EASE} <= one.answers.keys() for one in taken)
    for page in (1, 2):
        came = [one for one in taken if one.pages >= page]
        left = sum(one.pages == page for one in came) / len(came)
        assert left == pytest.approx(TRUTH.leaves_page, abs=3.3 * np.sqrt(TRUTH.leaves_page / len(came)))
    assert {one.pages for one in reactions(200)} == {1}
