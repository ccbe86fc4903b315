import numpy as np
import pytest
from django.conf import settings

from cxsurvey.sample.truth import TRUTH, answer_chance, satisfaction, score_chances, true_nps, with_odds

DOCUMENT = (settings.BASE_DIR / "docs" / "sample.md").read_text()


def test_with_odds_multiplies_the_odds() -> None:
    assert with_odds(0.5, 3.0) == pytest.approx(0.75)
    assert with_odds(0.2, 1.0) == pytest.approx(0.2)


def test_score_chances_are_an_ordered_logit() -> None:
    chances = score_chances(0.4)

    assert chances.sum() == pytest.approx(1)
    at_most_six = chances[:7].sum()
    assert np.log(at_most_six / (1 - at_most_six)) == pytest.approx(TRUTH.cuts[6] - 0.4)


def test_each_contact_takes_its_share_from_the_score_up_to_the_third() -> None:
    none, one, three, five = (satisfaction("purchase", "", "", contacts) for contacts in (0, 1, 3, 5))

    assert one - none == pytest.approx(TRUTH.fatigue_on_score)
    assert three - none == pytest.approx(3 * TRUTH.fatigue_on_score)
    assert five == three


def test_teams_differ_by_the_truth() -> None:
    denver, tampa = (satisfaction("service_call", "resolved", team, 0) for team in ("Denver", "Tampa"))

    assert denver - tampa == pytest.approx(0.6)


def test_the_unhappy_answer_less_and_so_do_those_we_contacted() -> None:
    assert answer_chance("email", 6, 0) == pytest.approx(answer_chance("email", 7, 0) * TRUTH.unhappy_answer)
    assert answer_chance("sms", 9, 2) == pytest.approx(answer_chance("sms", 9, 0) * TRUTH.fatigue_on_answering**2)


def test_nps_of_the_truth() -> None:
    chances = score_chances(0.3)

    assert true_nps(0.3) == pytest.approx(100 * (chances[9] + chances[10] - chances[:7].sum()))


@pytest.mark.parametrize(("kind", "outcome"), TRUTH.satisfaction)
def test_the_document_names_the_scores_of_the_truth(kind: str, outcome: str) -> None:
    by_contacts = " | ".join(f"{true_nps(satisfaction(kind, outcome, '', contacts)):.1f}" for contacts in range(4))

    assert f"| {kind} | {outcome or '-'} | {TRUTH.satisfaction[kind, outcome]:+.2f} | {by_contacts} |" in DOCUMENT


@pytest.mark.parametrize("kind", TRUTH.placing)
def test_the_document_names_the_odds_of_the_truth(kind: str) -> None:
    placing = TRUTH.placing[kind]
    chance = f"{placing.per_visit}" + (f" + {placing.per_customer} / visits" if placing.per_customer else "")
    odds = f"x {placing.before_silence} | {placing.wrong} | x {placing.wrong_before_silence} |"

    assert f"| {kind} | {chance} | {odds}" in DOCUMENT


def test_the_document_names_the_other_numbers_of_the_truth() -> None:
    for team, effect in TRUTH.by_team.items():
        assert f"{team} {effect:+}" in DOCUMENT.replace("\n", " ")
    for numbers in (
        f"up to the third, on satisfaction | {TRUTH.fatigue_on_score} |",
        f"x {TRUTH.fatigue_on_answering} |",
        f"without a contact about surveys | {TRUTH.held_out} |",
        f"{TRUTH.answers_by['email']}, {TRUTH.answers_by['sms']} |",
        f"x {TRUTH.unhappy_answer} |",
        f"{TRUTH.opts_out}, {TRUTH.asks_less} |",
        f"{TRUTH.fixed_answers}, {TRUTH.fixed_yes} |",
        f"{TRUTH.silence_days} days after the touchpoint",
        f"{TRUTH.fatigue_days} days before the invitation",
    ):
        assert numbers in DOCUMENT, numbers


def test_the_document_names_the_truth_of_chats() -> None:
    for cuts in TRUTH.chat_cuts.values():
        assert ", ".join(map(str, cuts)) in DOCUMENT
    assert f"leave after the first page; of the others, after the second | {TRUTH.leaves_page} |" in DOCUMENT
    assert f"| seconds on each further page | {TRUTH.seconds_a_page:g} |" in DOCUMENT
