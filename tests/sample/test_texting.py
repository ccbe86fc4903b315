from itertools import product

import numpy as np
import pytest

from cxsurvey.sample.answers import comments
from cxsurvey.sample.texting import texts, written
from cxsurvey.sample.truth import TRUTH
from surveys.replies import STOPS, Said, read

COUNT = 3_000


def many(answers: dict[str, str], stop: str = "") -> list[tuple[str, ...]]:
    rng = np.random.default_rng(1)
    return [texts(answers, stop, "en", rng, TRUTH) for _ in range(COUNT)]


@pytest.mark.parametrize(("language", "score"), product(("en", "de"), range(11)))
def test_every_way_to_write_a_score_is_read_as_that_score(language: str, score: int) -> None:
    given = [read(template.format(score=score)) for template in written()[language]["score"]]

    assert {(reading.said, reading.score) for reading in given} == {(Said.SCORE, score)}


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_stop_is_read_as_one_and_what_is_unclear_goes_to_a_person(language: str) -> None:
    said = {kind: {read(text).said for text in written()[language][kind]} for kind in ("stop", "unclear")}

    assert said["stop"] <= set(STOPS)
    assert said["unclear"] <= {Said.UNCLEAR, Said.WORDS}


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_comment_is_read_as_words_or_left_to_a_person(language: str) -> None:
    sentences = [sentence for moods in comments()[language].values() for some in moods.values() for sentence in some]

    assert {read(sentence).said for sentence in sentences} <= {Said.WORDS, Said.UNCLEAR, Said.POLITE}


def test_the_share_of_the_truth_writes_back_with_the_comment_behind_the_score() -> None:
    wrote = [sent for sent in many({"score": "9", "reason": "Lovely staff."}) if sent]

    assert len(wrote) / COUNT == pytest.approx(TRUTH.by_text, abs=0.03)
    assert {sent[1:] for sent in wrote} == {("Lovely staff.",)}
    assert {read(sent[0]).score for sent in wrote} == {9}


def test_who_does_nothing_else_seldom_writes_something_unclear() -> None:
    wrote = [sent for sent in many({}) if sent]

    assert len(wrote) / COUNT == pytest.approx(TRUTH.unclear_text, abs=0.008)
    assert {len(sent) for sent in wrote} == {1}


def test_who_wants_no_more_of_it_says_nothing_else() -> None:
    wrote = {sent for sent in many({"score": "9"}, "opt_out") if sent}

    assert {read(text).said for sent in wrote for text in sent} <= set(STOPS)
    assert all(len(sent) == 1 for sent in wrote)
