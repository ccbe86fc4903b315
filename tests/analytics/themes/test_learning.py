"""Themes are learned from a codebook's words, better from corrections, always the same; every reason is exact."""

import math

import pytest

from analytics.themes import Codebook, Correction, Model, Theme, assign, explain, probabilities, train
from tests.analytics.themes.corpus import BOOK, micro_f1, planted

JUDGED = [one.judged() for one in planted(200, seed=2)]
UNJUDGED = [one.text for one in planted(300, seed=1)]
FRESH = planted(400, seed=3)


@pytest.fixture(scope="module")
def corrected() -> Model:
    return train(BOOK, [], JUDGED)


@pytest.fixture(scope="module")
def seeded() -> Model:
    return train(BOOK, UNJUDGED, [])


def f1(model: Model) -> float:
    found = [set[str]() for _ in FRESH]
    for theme, likely in probabilities(model, [one.text for one in FRESH]).items():
        for index, probability in enumerate(likely):
            if probability >= 0.5:
                found[index].add(theme)
    return micro_f1([one.themes for one in FRESH], found)


def test_200_corrections_in_two_languages_find_what_was_planted(corrected: Model) -> None:
    assert corrected.untaught == {}
    assert f1(corrected) >= 0.95


def test_the_codebooks_words_are_a_start_that_corrections_improve(seeded: Model, corrected: Model) -> None:
    precise = [one for one in FRESH if BOOK.seeded(one.text)]
    found = assign(seeded, [one.text for one in precise[:60]])
    truth = [one.themes for one in precise[:60]]
    hits = sum(theme.theme in planted for planted, themes in zip(truth, found, strict=True) for theme in themes)
    assert hits / sum(map(len, found)) > 0.9
    assert 0.5 < f1(seeded) < f1(corrected)


def test_a_few_corrections_put_right_what_the_words_say() -> None:
    comments = ["the queue was long", "no queue at all", "a short queue", "queue again", "what a queue"] * 4
    comments += ["nice people", "good coffee", "fine"] * 4
    wrong = [Correction("the message queue of the printer jams", {"waiting": False})] * 5
    book = Codebook([Theme("waiting", "Waiting", {"en": ["queue"]})])
    before, after = train(book, comments, []), train(book, comments, wrong)
    text = ["the message queue of my printer jams"]
    assert probabilities(after, text)["waiting"][0] < probabilities(before, text)["waiting"][0]


def test_the_same_input_gives_the_same_model(corrected: Model) -> None:
    again = train(BOOK, [], JUDGED)
    texts = [one.text for one in FRESH[:50]]
    assert probabilities(again, texts) == probabilities(corrected, texts)


def test_the_words_weights_and_the_start_are_exactly_the_probability(corrected: Model) -> None:
    for one in FRESH[:40]:
        for found in assign(corrected, [one.text])[0]:
            explanation = explain(corrected, one.text, found.theme)
            logit = explanation.start + math.fsum(word.weight for word in explanation.words)
            assert 1 / (1 + math.exp(-logit)) == pytest.approx(found.probability, abs=1e-9)
            assert found.because == [word for word in explanation.words if word.weight > 0][:5]


def test_the_words_that_decided_are_those_of_the_theme(corrected: Model) -> None:
    [[found]] = assign(corrected, ["Hallo. die Lieferung war schnell"])
    assert (found.theme, found.because[0].word) == ("delivery", "lieferung")


def test_a_word_that_nobody_wrote_before_weighs_what_its_letters_do(corrected: Model) -> None:
    [[found]] = assign(corrected, ["Lieferungsverzug"])
    assert found.theme == "delivery"


@pytest.mark.parametrize("text", ["", "12 34", "[email]", "!!!"])
def test_a_comment_without_words_has_no_theme(corrected: Model, text: str) -> None:
    assert assign(corrected, [text]) == [[]]
    assert all(likely == [0.0] for likely in probabilities(corrected, [text]).values())


def test_a_theme_with_too_few_comments_stays_untaught_and_says_why() -> None:
    book = Codebook([Theme("rare", "Rare", {"en": ["zebra"]}), Theme("bare", "Bare")])
    model = train(book, ["a zebra", "nothing", "more"], [])
    assert "Comments that belong to it: 1; 5 are needed" in model.untaught["rare"]
    assert "Comments that belong to it: 0;" in model.untaught["bare"]
    assert assign(model, ["a zebra"]) == [[]]
    with pytest.raises(ValueError, match="nothing is learned"):
        explain(model, "a zebra", "rare")


def test_a_theme_that_every_comment_has_cannot_be_learned() -> None:
    model = train(Codebook([Theme("all", "All", {"en": ["we"]})]), ["we waited", "we paid"] * 10, [])
    assert "Comments that do not belong to it: 0;" in model.untaught["all"]


def test_nothing_to_learn_from_and_nothing_to_read_is_no_error(corrected: Model) -> None:
    assert train(BOOK, [], []).untaught.keys() == {theme.key for theme in BOOK.themes}
    assert train(Codebook([]), ["hello"], []).untaught == {}
    assert assign(corrected, []) == []
