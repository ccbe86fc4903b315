"""What comes out of a mold is what the templates would have written for this customer alone."""

from dataclasses import replace
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils.text import normalize_newlines

from contacts.models import Brand
from surveys.fields import filled
from surveys.looks import shades_of
from surveys.models import Look
from surveys.molds import Body, body
from surveys.phrases import phrases
from surveys.questions.kinds import Kind
from surveys.texts import Facts, QuestionWords, Words, fill

LINK = "https://x.example/s/1-abc?a=1&b=2"
FACTS = Facts("Ada", "Northwind", "your visit", "your visit on May 5", "May 5", "20", LINK)
SCORE = QuestionWords(
    key="score",
    kind=Kind.NPS,
    required=True,
    text="{brand}: would you tell {name}?",
    low="No & never, {name}",
    high="Yes {date}",
)
WORDS = Words(
    language="en",
    title="",
    thanks="",
    subject="",
    message="{name}\n\nHello {name}, about {visit} ({date})\r\nfrom {brand} <b>{seconds} s</b>\n\n{link} {name}",
    sms="",
    reminder_subject="",
    reminder_message="",
    reminder_sms="",
    questions=(SCORE,),
)
BRAND = Brand(name="North & <Wind>", legal_lines="North Ltd\nReg. <12>")


def rendered(words: Words, brand: Brand, known: Facts) -> Body:
    """Written without a mold: every fact in its place before the templates are rendered."""
    question = filled(words.questions[0], known)
    scores = range(11) if question.kind == Kind.NPS else ()
    context: dict[str, Any] = {
        "language": words.language,
        "direction": "ltr",
        "phrases": phrases(words.language),
        "brand": brand,
        "paragraphs": fill(normalize_newlines(words.message), known).strip().split("\n\n"),
        "question": question,
        "scores": [(number, f"{known.link}?score={number}") for number in scores],
        "ends": [("0", question.low), ("10", question.high)] if scores else [],
        "link": known.link,
        "shades": shades_of(brand),
    }
    return Body(render_to_string("surveys/mail.txt", context), render_to_string("surveys/mail.html", context))


@pytest.mark.parametrize(
    "name", ["Ada", "", "<script>", "{link} & {brand}", 'O\'Hara "x"', "\\1 \\g<0>", "%s {0}", "李"]
)
@pytest.mark.parametrize("changed", [{}, {"date": "", "visit": "your visit"}, {"brand": ""}, {"link": ""}])
def test_a_cast_body_is_the_rendered_one(name: str, changed: dict[str, str]) -> None:
    known = replace(FACTS, name=name, **changed)
    assert body(WORDS, BRAND, known) == rendered(WORDS, BRAND, known)


def test_a_survey_without_a_score_too() -> None:
    words = replace(WORDS, language="de", questions=(replace(SCORE, kind=Kind.TEXT),))
    assert body(words, BRAND, FACTS) == rendered(words, BRAND, FACTS)
    assert "score=" not in body(words, BRAND, FACTS).html


def test_no_customer_gets_what_is_known_of_another() -> None:
    for name in ("Ada", "Bob", ""):
        known = replace(FACTS, name=name, link=f"{LINK}{name}")
        assert body(WORDS, BRAND, known) == rendered(WORDS, BRAND, known)


def test_a_brand_that_is_renamed_has_its_new_name_in_the_next_message() -> None:
    body(WORDS, BRAND, FACTS)
    renamed = Brand(name="Southwind", legal_lines="")
    assert body(WORDS, renamed, FACTS) == rendered(WORDS, renamed, FACTS)


def test_a_brand_that_changes_its_colour_has_it_in_the_next_message() -> None:
    plain = body(WORDS, BRAND, FACTS).html
    assert "background: #1f4e79; color: #ffffff" in plain
    assert "background: #9cc9f2; color: #0d1a27" in plain
    red = Brand(name="North & <Wind>", legal_lines=BRAND.legal_lines)
    red.look = Look(brand=red, colour="#b3261e")
    assert body(WORDS, red, FACTS) == rendered(WORDS, red, FACTS)
    coloured = body(WORDS, red, FACTS).html
    assert coloured.count("#b3261e") == 2
    assert "#1f4e79" not in coloured
    assert body(WORDS, BRAND, FACTS).html == plain


def test_other_words_have_a_mold_of_their_own() -> None:
    body(WORDS, BRAND, FACTS)
    other = replace(WORDS, message="{name}, a reminder.")
    assert body(other, BRAND, FACTS).text.startswith("Ada, a reminder.")


def test_a_fact_that_looks_like_a_mark_stays_as_it_is() -> None:
    known = replace(FACTS, name="\0link\0")
    assert body(WORDS, BRAND, known).text.startswith("\0link\0\n\nHello \0link\0, about")
