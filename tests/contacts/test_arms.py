"""Who is in which arm: by a lot that is always the same, and independent of all others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.arms import NOBODY, Arm, Arms
from contacts.frequency import parse_policy
from contacts.lots import lot
from tests.contacts.makers import cap

IDS = range(20_000)
CAP = cap(2, "30 days")
POLICY = parse_policy({"caps": [CAP, cap(1, "7 days", "invitations")]})


def held(share: float, salt: str = "salt") -> set[int]:
    return set(Arms(salt, share).apart(IDS))


def test_about_the_share_is_held_out() -> None:
    assert len(held(0.05)) == pytest.approx(1000, abs=4 * (20_000 * 0.05 * 0.95) ** 0.5)


def test_growing_the_share_keeps_those_who_are_in() -> None:
    assert held(0.02) < held(0.05) < held(0.1)


def test_another_salt_draws_others() -> None:
    assert len(held(0.1) & held(0.1, "other")) == pytest.approx(200, abs=60)


def test_the_lot_has_nothing_to_do_with_a_program_s_sample() -> None:
    samples = np.array([lot("after-call", "crm", str(n)) for n in IDS])
    lots = np.array([lot("salt", str(n)) for n in IDS])
    assert abs(np.corrcoef(samples, lots)[0, 1]) < 0.03


@given(st.integers(1, 10**12), st.floats(0, 0.25), st.floats(0, 0.25))
def test_nobody_is_in_two_arms_and_the_arms_do_not_move_each_other(pk: int, share: float, other: float) -> None:
    both = Arms("salt", share, other, CAP, 1).of_record(pk)
    alone = Arms("salt", share).of_record(pk)
    assert both == alone or (alone, both) == (Arm.USUAL, Arm.OTHER_LIMIT)


def test_a_person_of_several_records_has_the_strictest_arm() -> None:
    lower, higher = (Arms("salt", 0.2, 0.2, CAP, limit) for limit in (1, 4))
    record = {arm: next(pk for pk in IDS if lower.of_record(pk) == arm) for arm in Arm}
    usual, out, other = record[Arm.USUAL], record[Arm.HELD_OUT], record[Arm.OTHER_LIMIT]
    assert lower.of_person([usual, out, other]) == Arm.HELD_OUT
    assert (lower.of_person([usual, other]), higher.of_person([usual, other])) == (Arm.OTHER_LIMIT, Arm.USUAL)
    assert NOBODY.of_person([usual, out]) == Arm.USUAL


def test_another_limit_changes_that_one_number_and_nothing_else() -> None:
    arms = Arms("salt", 0.0, 0.1, CAP, 4)
    changed = arms.policy_of(Arm.OTHER_LIMIT, POLICY)
    assert [one.limit for one in changed.caps] == [4, 1]
    assert (changed.hours, changed.holidays, changed.zones) == (POLICY.hours, POLICY.holidays, POLICY.zones)
    assert arms.policy_of(Arm.USUAL, POLICY) is arms.policy_of(Arm.HELD_OUT, POLICY) is POLICY


@pytest.mark.parametrize("now", [cap(1, "30 days"), cap(2, "60 days"), cap(2, "30 days", channels=["sms"])])
def test_another_limit_ends_with_the_rule_that_it_was_chosen_for(now: dict[str, object]) -> None:
    policy = parse_policy({"caps": [now]})
    assert Arms("salt", 0.0, 0.1, CAP, 4).policy_of(Arm.OTHER_LIMIT, policy) is policy
