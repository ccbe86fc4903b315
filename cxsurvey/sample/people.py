"""Makes up who the customers are: names, addresses, time zones, languages. No address reaches anybody.

Email addresses lie in the domains of RFC 2606, telephone numbers in ranges kept for fiction (`data/phones.toml`).
"""

import tomllib
import unicodedata
from collections.abc import Sequence
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from cxsurvey.sample.truth import TRUTH, Truth

EMAIL_DOMAINS = ("example.com", "example.org", "example.net")
LANGUAGES = {"DE": "de"}
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


class Person(NamedTuple):
    """A made-up customer. `home_zone` is where she lives, `time_zone` what is on file: the same, or empty.

    `email` and `phone` are empty where there is no such address.
    """

    external_id: str
    name: str
    email: str
    phone: str
    language: str
    country: str
    home_zone: str
    time_zone: str


class Number(NamedTuple):
    """A telephone number that nobody has, and where its area lies."""

    country: str
    zone: str
    digits: str


def people(external_ids: Sequence[str], truth: Truth = TRUTH) -> list[Person]:
    """Return one person for each id, in order; the same ids and truth give the same people, each number once."""
    rng = np.random.default_rng([truth.seed, 1])
    numbers = _numbers(len(external_ids), rng, truth)
    names = load_toml("names.toml")
    has_email = rng.random(len(external_ids)) < truth.with_email
    has_phone = rng.random(len(external_ids)) < truth.with_phone
    knows_zone = rng.random(len(external_ids)) < truth.with_time_zone
    made = []
    for place, (external_id, number) in enumerate(zip(external_ids, numbers, strict=True)):
        language = LANGUAGES.get(number.country, "en")
        first, last = (names[language][part][rng.integers(len(names[language][part]))] for part in ("first", "last"))
        made.append(
            Person(
                external_id=external_id,
                name=f"{first} {last}",
                email=_email(first, last, place) if has_email[place] else "",
                phone=number.digits if has_phone[place] else "",
                language=language,
                country=number.country,
                home_zone=number.zone,
                time_zone=number.zone if knows_zone[place] else "",
            )
        )
    return made


def load_toml(name: str) -> dict[str, Any]:
    """Return a table of the sample's `data/` directory."""
    return tomllib.loads(resources.files("cxsurvey.sample").joinpath("data", name).read_text(encoding="utf-8"))


def fiction_numbers() -> list[Number]:
    """Return every number of `data/phones.toml`."""
    return [
        Number(area["country"], area["time_zone"], f"{prefix}{line:0{area['digits']}}")
        for area in load_toml("phones.toml")["area"]
        for prefix in area["prefixes"]
        for line in range(10 ** area["digits"])
    ]


def _numbers(count: int, rng: np.random.Generator, truth: Truth) -> list[Number]:
    """Draw `count` different numbers, countries in the shares of the truth."""
    by_country: dict[str, list[Number]] = {}
    for number in fiction_numbers():
        by_country.setdefault(number.country, []).append(number)
    shuffled = {country: iter(rng.permutation(len(by_country[country]))) for country in truth.countries}
    drawn = rng.choice(list(truth.countries), size=count, p=list(truth.countries.values()))
    return [by_country[country][next(shuffled[country])] for country in drawn]


def _email(first: str, last: str, place: int) -> str:
    """Return an address that no other place gets."""
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".translate(UMLAUTS)).encode("ascii", "ignore").decode()
    return f"{plain.replace(chr(39), '').lower()}.{place + 1}@{EMAIL_DOMAINS[place % len(EMAIL_DOMAINS)]}"
