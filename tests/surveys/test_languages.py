"""Languages by their tags and names, and in which direction they are written."""

import pytest

from surveys.languages import is_tag, name, named, tag_of
from surveys.speaking import direction


@pytest.mark.parametrize("tag", ["en", "de", "nb", "pt-br", "zh-hant", "so", "az-arab", "ckb"])
def test_a_tag_is_one(tag: str) -> None:
    assert is_tag(tag)
    assert tag_of(f"{name(tag)} ({tag})") == tag


@pytest.mark.parametrize("tag", ["", "e", "english", "EN", "en_gb", "en-", "../en", "en-x-private-tag"])
def test_what_is_no_tag_is_none(tag: str) -> None:
    assert not is_tag(tag)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        *(
            ("German (de)", "de"),
            ("German", "de"),
            ("de", "de"),
            ("pt_BR", "pt-br"),
            ("Somali (so)", "so"),
            ("tlh", ""),
        ),
        *(("Norwegian Bokmal", "nb"), ("Klingon", ""), ("", ""), ("My words (draft)", ""), ("deutsch (DE)", "de")),
    ],
)
def test_a_tag_is_found_in_what_people_write(text: str, tag: str) -> None:
    assert tag_of(text) == tag


def test_every_name_is_told_once() -> None:
    assert (name("de-at"), name("xx")) == ("German", "xx")
    assert len(named()) > 90
    assert list(named().values()) == sorted(named().values())


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        *(("ar", "rtl"), ("fa-af", "rtl"), ("ckb", "rtl"), ("ps", "rtl"), ("yi", "rtl"), ("AR-eg", "rtl")),
        *(("en", "ltr"), ("ku", "ltr"), ("az-arab", "rtl"), ("ks-deva", "ltr"), ("pa-latn", "ltr"), ("", "ltr")),
    ],
)
def test_a_language_is_written_from_its_side(tag: str, written: str) -> None:
    assert direction(tag) == written
