"""The worked examples of docs/statistics.md, "Themes in comments"."""

import pytest
from django.conf import settings

from analytics import comments
from analytics.scores import SHOWN_FROM
from analytics.themes import Codebook, Theme, keyness, learning, masking, shares
from analytics.themes.assigning import BELONGS_FROM
from analytics.themes.keyness import PRIOR

TEXT = (settings.BASE_DIR / "docs" / "statistics.md").read_text(encoding="utf-8").partition("## Themes in comments")[2]
BOOK = Codebook([Theme("waiting", "Waiting")])
WAITING = [{"waiting"}] * 30 + [set[str]()] * 10


def test_the_shares_of_the_example_are_right() -> None:
    [plain], [weighted] = shares(BOOK, WAITING), shares(BOOK, WAITING, [3.0] * 20 + [1.0] * 20)
    assert f"{plain.share:.1f}%, from {plain.low:.1f} to {plain.high:.1f}." in TEXT
    assert f"**{weighted.share:.1f}%** of **{weighted.n_eff:.1f}** comments" in TEXT
    assert f"from **{weighted.low:.1f}** to **{weighted.high:.1f}**" in TEXT


def test_the_words_of_the_example_are_right() -> None:
    unhappy = ["slow queue"] * 30 + ["slow service"] * 10
    others = ["friendly service"] * 50 + ["slow but friendly"] * 10
    [slow] = [word for word in keyness(unhappy, others) if word.word == "slow"]
    told = f"**{slow.times:.1f}** times as often, from **{slow.times_low:.1f}** to **{slow.times_high:.1f}**"
    assert told in " ".join(TEXT.split())
    assert f"z = **{slow.z:.1f}**" in TEXT


def test_the_limits_that_the_text_names_are_those_of_the_code() -> None:
    assert (learning.LEAST, learning.ENOUGH, masking.NUMBER_DIGITS, SHOWN_FROM) == (5, 10, 7, 10)
    assert (comments.LEARNED_FROM, BELONGS_FROM) == (2000, 0.5)
    assert pytest.approx(0.1) == PRIOR
