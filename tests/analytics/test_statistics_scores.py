"""The worked examples of docs/statistics.md on scores in a notebook: each number in bold is what the code gives."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from django.conf import settings

from analytics import scores, weighting
from analytics.churn.after_problems import odds_after_problems
from analytics.inclusion import with_inclusion

TEXT = (settings.BASE_DIR / "docs" / "statistics.md").read_text(encoding="utf-8")
REFERENCE = settings.BASE_DIR / "tests" / "analytics" / "reference" / "raking.json"


def section(title: str) -> str:
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def hidden() -> Iterator[str]:
    table = {"calls": (40, 20, 10), "visits": (9, 8, 7), "chats": (3, 3, 3)}
    yield str(sum(sum(table[group]) for group in scores.withheld(table)))


def weighted() -> Iterator[str]:
    found = scores.nps(300, 200, 100, weights_sq=900)
    yield from (f"{found.n_eff:.0f}", f"{found.low:.1f}", f"{found.high:.1f}")


def comparing() -> Iterator[str]:
    two = scores.nps_difference((60, 30, 30), (40, 40, 40))
    yield from (f"{two.low:.1f}", f"{two.high:.1f}", f"{two.p_value:.3f}")
    groups: dict[str, scores.Score | scores.Counts] = {
        "branch": (210, 120, 90),
        "app": (400, 260, 190),
        "phone": (160, 150, 170),
        "chat": (130, 100, 95),
        "courier": (10, 9, 11),
    }
    found = scores.compare(groups)
    yield f"{found.homogeneity.chi2:.2f}"
    [pair] = [pair for pair in found.pairs if (pair.a, pair.b) == ("branch", "courier")]
    yield from (f"{pair.p_value:.3f}", f"{pair.p_holm:.3f}", f"{pair.p_bh:.3f}")
    ranks = {rank.group: rank for rank in found.ranks}
    yield from (f"{ranks['courier'].keeps:.0%}", f"{ranks['courier'].shrunken:.1f}", f"{ranks['phone'].worst:.2f}")
    before, after = [1] * 40 + [0] * 30 + [-1] * 30, [1] * 50 + [0] * 25 + [-1] * 25
    change = scores.paired_change(before, after)
    yield from (f"{change.low:.1f}", f"{change.high:.1f}")


def clustered() -> Iterator[str]:
    found = scores.clustering([1, 1, 0, -1, -1, -1, 1, 0, 0, 1, 1, 1], "aabbbbcddeef")
    yield from (f"{found.se:.1f}", f"{found.se_iid:.1f}", f"{found.design_effect:.2f}")


def sizes() -> Iterator[str]:
    margin = scores.sample_size(10, variance=0.6, response_rate=0.2)
    yield from map(str, (margin.answers, margin.contacts, scores.sample_size_difference(10).answers))
    yield str(scores.answers_for_margin(20, (50, 30, 20)))


def boxes() -> Iterator[str]:
    found = scores.ces(45, 60)
    yield from (f"{found.low:.1f}", f"{found.high:.1f}")


def weights() -> Iterator[str]:
    invited = pd.DataFrame({"better": [0] * 40 + [1] * 40, "responded": [1] * 10 + [0] * 30 + [1] * 20 + [0] * 20})
    found = weighting.response_weights(invited)
    yield from (f"{found.values.max():.0f}", f"{found.values.min():.0f}", f"{found.n_eff:.1f}")
    cells = json.loads(REFERENCE.read_text())["cases"][0]["cells"]
    answers = pd.DataFrame(
        [(cell["seg"], cell["chan"], y) for cell in cells for name, y in NAMES.items() for _ in range(cell[name])],
        columns=["segment", "channel", "y"],
    )
    margins = {"segment": {"mass": 8000, "vip": 2000}, "channel": {"app": 4500, "branch": 5500}}
    raked = weighting.rake(answers, margins)
    yield from (f"{raked.values.min():.1f}", f"{raked.values.max():.1f}")
    yield f"{weighting.weighted_nps(answers['y'], raked).nps:.1f}"
    yield f"{weighting.standard_error(answers['y'], raked):.2f}"
    bounds = weighting.bounds(scores.nps(500, 250, 250), answered=1000, invited=4000)
    yield from (f"{bound.nps:.0f}" for bound in bounds[1:])


def cells() -> Iterator[str]:
    found = weighting.cell_weights(pd.DataFrame({"how": ["late", "on time"], "asked": 400, "answered": [100, 200]}))
    late, on_time = found
    counts = weighting.weighted_counts([(100, 20, 50, late), (200, 100, 40, on_time)])
    yield f"{scores.nps(counts.top, counts.middle, counts.bottom, weights_sq=counts.weights_sq).nps + 0:.1f}"


def after_problems() -> Iterator[str]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    silent = [1] * 40 + [0] * 20 + [1] * 30 + [0] * 60
    touched = pd.DataFrame({"customer": range(150), "kind": "call", "problem": [True] * 60 + [False] * 90, "at": at})
    bought = touched.loc[[not one for one in silent], ["customer", "at"]].assign(at=at + timedelta(days=5))
    [found] = odds_after_problems(touched, bought, observed_until=at + timedelta(days=91), horizon=timedelta(days=90))
    yield from (f"{figure:.2f}" for figure in (found.odds, found.low, found.high) if figure is not None)


def asked_about() -> Iterator[str]:
    planned = pd.DataFrame(
        {
            "customer": [place // 2 for place in range(60)],
            "program": 1,
            "kind": "call",
            "design": 0.5,
            "sampled": True,
            "eligible": True,
            "asked": [place < 45 for place in range(60)],
        }
    )
    found = with_inclusion(planned).iloc[0]
    yield from (f"{found['inclusion']:.3f}", f"{found['weight']:.2f}")


NAMES = {"det": -1, "pas": 0, "pro": 1}
EXAMPLES = {
    "When a number is shown: `state`": hidden,
    "NPS": weighted,
    "Weighted scores, changes and ranks on the page": cells,
    "Churn models": after_problems,
    "Whom the rules left out: inclusion and weights": asked_about,
    "Comparing scores": comparing,
    "Several answers of one customer": clustered,
    "How many answers it takes": sizes,
    "CSAT and CES": boxes,
    "Weights for who did not answer": weights,
}


@pytest.mark.parametrize(("title", "numbers"), EXAMPLES.items())
def test_numbers_of_the_examples_are_those_of_the_code(title: str, numbers: Callable[[], Iterator[str]]) -> None:
    text = " ".join(section(title).split())
    for number in numbers():
        assert f"**{number}**" in text, number
