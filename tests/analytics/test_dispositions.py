"""Response rates by AAPOR: the formulas on worked figures, and the rows of the report over real cases."""

import re
from collections import Counter

import pytest

from analytics import reports
from analytics.calls import call_rows, disposition_rows
from analytics.dispositions import Counts, counts, e, rr1, rr3
from analytics.period import Period
from analytics.scope import Scope
from contacts.readers import EVERYTHING
from cxsurvey.call_rates import call_rates
from surveys.calls.dispositions import Disposition
from tests.analytics.world import days_ago
from tests.surveys.makers import NOON, make_case, make_program

EVER = Scope(Period(None, None, NOON))

#: 600 interviews, 30 partial, 150 refusals, 20 break-offs, 100 never available, 200 of unknown eligibility, 100 not
#: eligible: 900 are known to be eligible and 100 not, so that e is 0.9.
WORKED = {"1.1": 600, "1.2": 30, "2.11": 150, "2.12": 20, "2.21": 100, "3.11": 50, "3.13": 150, "4.30": 60, "4.41": 40}


def test_codes_are_counted_in_the_groups_of_the_formulas() -> None:
    assert counts(WORKED) == Counts(
        complete=600, partial=30, refusal=170, non_contact=100, other=0, unknown=200, not_eligible=100
    )
    assert counts({"2.32": 3}) == Counts(other=3)


def test_a_worked_example() -> None:
    cases = counts(WORKED)

    assert e(cases) == pytest.approx(900 / 1000)
    assert rr1(cases) == pytest.approx(600 / (600 + 30 + 170 + 100 + 200))
    assert rr3(cases, e(cases)) == pytest.approx(600 / (600 + 30 + 170 + 100 + 0.9 * 200))


@pytest.mark.parametrize(
    ("known", "rate"), [(1.0, 600 / 1100), (0.0, 600 / 900), (0.5, 600 / 1000)], ids=["as RR1", "none", "half"]
)
def test_the_share_of_unknown_cases_that_is_eligible_moves_rr3(known: float, rate: float) -> None:
    assert rr3(counts(WORKED), known) == pytest.approx(rate)


def test_where_nothing_is_known_no_rate_is_made_up() -> None:
    nobody, never_reached = Counts(), counts({"3.13": 40})

    assert (rr1(nobody), e(nobody), rr3(nobody, None)) == (None, None, None)
    assert (rr1(never_reached), e(never_reached), rr3(never_reached, e(never_reached))) == (0, None, None)
    assert rr1(counts({"4.41": 5})) is None


def test_rr3_is_never_below_rr1() -> None:
    for unknown in range(0, 50, 7):
        for not_eligible in range(0, 50, 7):
            cases = Counts(complete=10, refusal=5, unknown=unknown, not_eligible=not_eligible)
            least, estimate = rr1(cases), rr3(cases, e(cases))
            assert least is not None
            assert estimate is not None
            assert least <= estimate <= 10 / 15


@pytest.mark.parametrize("code", ["", "5.1", "1.3", "2.4"])
def test_an_unknown_code_is_an_error(code: str) -> None:
    with pytest.raises(ValueError, match="no final disposition code"):
        counts({code: 1})


def test_every_code_of_ours_is_counted() -> None:
    for disposition in Disposition:
        assert counts({disposition: 1}) != Counts()


@pytest.mark.parametrize("disposition", [Disposition.NOT_WORKING, Disposition.NUMBER_CHANGED])
def test_a_named_customer_with_a_wrong_number_stays_in_the_base(disposition: Disposition) -> None:
    cases = counts({"1.1": 6, disposition: 4})
    assert (cases.unknown, cases.not_eligible, rr1(cases), e(cases)) == (4, 0, 0.6, 1.0)


@pytest.fixture
def closed(db: None) -> None:
    """6 interviews, 2 refusals, 1 never reached and 1 wrong number of one program; 1 case of another; 1 still open."""
    calls, others = (make_program(name=name, contact_channels=["phone"]) for name in ("Calls", "Others"))
    for code in ["1.1"] * 6 + ["2.11"] * 2 + ["3.13", "3.92"]:
        make_case(program=calls, state="closed", disposition=code, closed_at=NOON)
    make_case(program=others, state="closed", disposition="1.1", closed_at=days_ago(200))
    make_case(program=calls)


def test_each_program_has_its_rates(closed: None) -> None:
    calls, others = call_rows(disposition_rows(EVER))

    assert (calls["value"], calls["n"], calls["count"], calls["share"]) == ("Calls", 10, 6, 60.0)
    assert (calls["e"], calls["rr3"]) == (100.0, 60.0)
    assert calls["low"] is not None
    assert calls["low"] < 60 < (calls["high"] or 0)
    assert others["state"] == "withheld"
    assert (others["n"], others["share"], others["rr3"], others["e"]) == (1, None, None, None)


def test_every_closed_case_is_in_the_table_of_codes_once(closed: None) -> None:
    rows = disposition_rows(EVER)

    assert Counter({(row["program"], row["code"]): row["n"] for row in rows}) == {
        ("Calls", "1.1"): 6,
        ("Calls", "2.11"): 2,
        ("Calls", "3.13"): 1,
        ("Calls", "3.92"): 1,
        ("Others", "1.1"): 1,
    }
    assert rows[1]["disposition"] == "Refusal"


def test_a_case_belongs_to_the_period_in_which_it_was_closed(closed: None) -> None:
    assert [row["program"] for row in disposition_rows(Scope(Period(None, days_ago(100), NOON)))] == ["Others"]
    assert [row["value"] for row in call_rates(NOON, EVERYTHING)] == ["Calls"]


def test_the_report_shows_rates_and_codes(closed: None) -> None:
    numbers = reports.build(Scope(Period(None, None, NOON)))
    assert [row["value"] for row in numbers["calls"]] == ["Calls", "Others"]

    shown = reports.REPORTS["delivery"].context(numbers)["sections"]
    sections = {section.key: section for section in shown}

    assert [cell.text for cell in sections["calls"].rows[0]][:4] == ["Calls", "10", "6", "60.0"]
    assert len(sections["calls"].charts) == 1
    assert re.search(r"10th edition, 2023", sections["calls"].lead)
    assert [cell.text for cell in sections["dispositions"].rows[0]] == ["Calls", "1.1", "Complete", "6"]
