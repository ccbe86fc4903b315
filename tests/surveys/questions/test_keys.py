"""Keys are made from texts, and follow a question into every condition."""

import pytest

from surveys.questions.conditions import Condition, Jump, Operator
from surveys.questions.conditions import Test as Check
from surveys.questions.keys import is_key, key_from, renamed, renamed_jumps


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("How fast was {brand}?", "how_fast_was"),
        ("Überzeugt Sie der Preis?", "uberzeugt_sie_der_preis"),
        ("Wie groß war's, heißt es?", "wie_gross_wars_heisst_es"),
        ("How likely is it that you would recommend us to a friend?", "how_likely_is_it_that_you_would"),
        ("x" * 90, "x" * 32),
        ("a -- b __ c", "a_b_c"),
        ("<script>alert(1)</script>", "script_alert_1_script"),
        ("{{ settings.SECRET_KEY }}", "nps"),
        ("كيف كانت زيارتك؟", "nps"),
        ("", "nps"),
        ("End", "end_2"),
        ("Other", "other_2"),
    ],
)
def test_a_key_is_made_from_the_first_words(text: str, key: str) -> None:
    made = key_from(text, (), otherwise="nps")
    assert made == key
    assert is_key(made)


def test_no_key_is_given_twice() -> None:
    assert key_from("How fast?", {"how_fast"}, otherwise="nps") == "how_fast_2"
    assert key_from("How fast?", {"how_fast", "how_fast_2"}, otherwise="nps") == "how_fast_3"


@pytest.mark.parametrize("text", ["", "A", "a b", "a.b", "end", "other", "none", "é", "a__b", "x" * 61, "\uff11"])
def test_what_is_no_key(text: str) -> None:
    assert not is_key(text)


def test_a_new_key_is_put_where_the_old_one_stood() -> None:
    about = Condition((Check("a", Operator.ANSWERED), Check("b", Operator.IS, "a")), any=True)
    after = Condition((Check("z", Operator.ANSWERED), Check("b", Operator.IS, "a")), any=True)
    assert renamed(about, "a", "z") == after
    assert renamed(None, "a", "z") is None
    jumps = (Jump("a"), Jump("b", about))
    assert renamed_jumps(jumps, "a", "z") == (Jump("z"), Jump("b", after))
