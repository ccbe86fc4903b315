"""What is drawn, what is not, and whether everybody can tell it apart."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from analytics import charts, drawing, scores, shares

PERIOD = "1 Jan 2026 to 31 Mar 2026"
COUNTS = {"purchase": (400, 250, 162), "call": (8, 6, 6), "chat": (4, 3, 2)}
NPS = pd.DataFrame([{"value": kind, **scores.published(*counts)} for kind, counts in COUNTS.items()])
RATES = pd.DataFrame([{"value": kind, **shares.published(n // 3, n)} for kind, n in [("call", 300), ("chat", 12)]])
CHURN = {
    "customers": [20_000, 500, 9],
    "difference": [-8.0, 12.0, None],
    "difference_low": [-9.0, 2.0, None],
    "difference_high": [-7.0, 21.0, None],
}
AGAINST_CHURN = NPS.join(pd.DataFrame(CHURN))
MONTHS = NPS.assign(value=["2026-01", "2026-02", "2026-03"])
DECISIONS = pd.DataFrame(
    [("send", "allowed at once", 80), ("delay", "hours", 30), ("skip", "hours", 2), ("skip", "opt-out", 5)],
    columns=["decision", "reason", "n"],
)
CONTACTS = pd.DataFrame({"contacts": [0, 1, 2], "customers": [60, 30, 10]})
CAPS = pd.DataFrame({"cap": ["invitations", "contacts"], "share": [12.5, 3.0]})

FIGURES: dict[str, Callable[[], go.Figure]] = {
    "nps against churn": lambda: charts.nps_against_churn(AGAINST_CHURN, PERIOD),
    "nps by group": lambda: charts.nps_by_group(NPS, PERIOD),
    "nps by month": lambda: charts.nps_by_month(MONTHS, PERIOD),
    "shares": lambda: charts.share_by_group(RATES, "Answered invitations", PERIOD),
    "categories": lambda: charts.answers_by_category(NPS, PERIOD),
    "decisions": lambda: charts.decisions_by_reason(DECISIONS, PERIOD),
    "contacts": lambda: charts.contacts_per_customer(CONTACTS, PERIOD),
    "caps": lambda: charts.customers_at_caps(CAPS, PERIOD),
}


@pytest.mark.parametrize("name", FIGURES)
def test_axis_says_what_and_when(name: str) -> None:
    title = FIGURES[name]().layout.xaxis.title.text
    what, _, when = title.partition("<br>")
    assert what
    assert when == PERIOD


@pytest.mark.parametrize("name", FIGURES)
def test_page_gives_the_background(name: str) -> None:
    layout = FIGURES[name]().layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.height < 600


@pytest.mark.parametrize("name", ["nps against churn", "nps by group", "nps by month", "categories"])
def test_withheld_groups_are_never_drawn(name: str) -> None:
    text = FIGURES[name]().to_json()
    assert ("purchase" in text) or ("2026-01" in text)
    assert "chat" not in text
    assert "2026-03" not in text.replace(PERIOD, "")


@pytest.mark.parametrize("name", ["nps against churn", "nps by group", "nps by month", "shares"])
def test_wide_intervals_are_grey_and_hollow_and_named(name: str) -> None:
    ok, wide = FIGURES[name]().data
    assert (ok.marker.color, ok.marker.symbol) == (drawing.COLOURS["estimate"], "circle")
    assert (wide.marker.color, wide.marker.symbol) == (drawing.COLOURS["wide"], "circle-open")
    assert "Wide" in wide.name


def test_whiskers_end_at_the_bounds() -> None:
    dot = charts.nps_by_group(NPS, PERIOD).data[0]
    assert dot.x[0] + dot.error_x.array[0] == pytest.approx(34.5)
    assert dot.x[0] - dot.error_x.arrayminus[0] == pytest.approx(23.9)


def test_bubbles_have_areas_by_customers_and_both_intervals() -> None:
    purchase = charts.nps_against_churn(AGAINST_CHURN, PERIOD).data[0]
    assert (list(purchase.x), list(purchase.y), list(purchase.marker.size)) == ([29.3], [-8.0], [20_000])
    assert purchase.marker.sizemode == "area"
    assert (purchase.error_y.array[0], purchase.error_y.arrayminus[0]) == pytest.approx((1.0, 1.0))


def test_bubbles_are_named_beside_their_upright_whiskers_towards_the_middle() -> None:
    frame = pd.concat([AGAINST_CHURN[AGAINST_CHURN["state"] == "ok"]] * 2, ignore_index=True)
    frame = frame.assign(nps=[-20.0, 60.0], low=[-30.0, 50.0], high=[-10.0, 70.0], difference=[5.0, -5.0])
    [bubbles] = charts.nps_against_churn(frame, PERIOD).data
    assert list(bubbles.textposition) == ["top right", "bottom left"]


def test_categories_add_up_to_all_answers() -> None:
    bars = charts.answers_by_category(NPS, PERIOD).data
    assert [bar.name.split(" ")[0] for bar in bars] == ["Unhappy", "Passive", "Happy"]
    assert sum(bar.x[0] for bar in bars) == pytest.approx(100)


def test_decisions_stand_with_their_reason() -> None:
    bars = {
        bar.name: dict(zip(bar.y, bar.x, strict=True)) for bar in charts.decisions_by_reason(DECISIONS, PERIOD).data
    }
    assert bars == {"Allowed": {"allowed at once": 80}, "Waiting": {"hours": 30}, "Refused": {"hours": 2, "opt-out": 5}}


def test_caption_lists_what_is_withheld() -> None:
    assert charts.withheld_note(NPS) == "Not drawn, as under 10 answers: chat (9)."
    assert charts.withheld_note(NPS[:2]) == ""


def test_caption_says_why_larger_groups_are_hidden_too() -> None:
    hidden = NPS.assign(state=["ok", "withheld", "withheld"])
    assert charts.withheld_note(hidden, "customers") == (
        "Not drawn, as under 10 customers: chat (9). "
        f"Not drawn, as the total would then tell what smaller groups said: {hidden['value'][1]} ({hidden['n'][1]})."
    )
    assert charts.withheld_note(hidden[1:2], besides="because").startswith("Not drawn, because: ")


def test_markup_in_a_name_stays_text() -> None:
    figure = charts.nps_by_group(NPS[:1].assign(value="<b>new</b>"), PERIOD)
    assert figure.data[0].y[0].startswith("&lt;b&gt;new&lt;/b&gt;<br>n = 812")


@pytest.mark.parametrize("family", [("unhappy", "passive", "happy"), ("allowed", "waiting", "refused")])
def test_meanings_differ_in_more_than_colour(family: tuple[str, ...]) -> None:
    assert len({drawing.COLOURS[name] for name in family}) == len({drawing.PATTERNS[name] for name in family}) == 3


def linear(colour: str) -> np.ndarray:
    """Red, green and blue as light, 0 to 1."""
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def lab(light: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of light, white D65."""
    xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]] @ light.clip(0, 1)
    x, y, z = np.cbrt(xyz / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


#: How light reaches people without the cones for green and for red (Machado, Oliveira and Fernandes 2009, severity 1).
VISION = {
    "all cones": np.eye(3),
    "no green": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]),
    "no red": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
}


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("pair", combinations(("unhappy", "passive", "happy"), 2))
def test_colours_are_told_apart_with_any_vision(pair: tuple[str, str], vision: str) -> None:
    one, other = (lab(VISION[vision] @ linear(drawing.COLOURS[name])) for name in pair)
    assert np.linalg.norm(one - other) > 20


@pytest.mark.parametrize("page", ["#ffffff", "#16181c"])
@pytest.mark.parametrize("meaning", drawing.COLOURS)
def test_colours_stand_out_from_the_light_and_the_dark_page(meaning: str, page: str) -> None:
    dark, light = sorted((luminance(drawing.COLOURS[meaning]), luminance(page)))
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_nothing_offers_to_send_numbers_away() -> None:
    assert charts.SETTINGS["plotlyServerURL"] == ""
    assert charts.SETTINGS["modeBarButtonsToRemove"] == ["sendChartToCloud"]
