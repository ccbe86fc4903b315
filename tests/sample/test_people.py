import re

import phonenumbers
import pytest
from phonenumbers import timezone

from cxsurvey.sample.people import Person, fiction_numbers, people

EXAMPLE_DOMAIN = re.compile(r"[a-z.-]+\.\d+@example\.(com|org|net)")
FICTION = (
    re.compile(r"\+1[2-9]\d\d55501\d\d"),
    re.compile(r"\+44(207946|121496|131496|161496)0\d{3}"),
    re.compile(r"\+49(3023125|6990009|4066969|2214710|8999998)\d{3}"),
)


@pytest.fixture(scope="module")
def crowd() -> list[Person]:
    return people([f"{number:05}" for number in range(23_570)])


def test_the_same_ids_give_the_same_people(crowd: list[Person]) -> None:
    again = people([person.external_id for person in crowd])

    assert again == crowd


def test_every_number_is_in_a_range_kept_for_fiction(crowd: list[Person]) -> None:
    phones = [person.phone for person in crowd if person.phone]

    strange = [phone for phone in phones if not any(kept.fullmatch(phone) for kept in FICTION)]

    assert len(phones) > 10_000
    assert strange == []


def test_every_number_range_is_valid_and_lies_in_its_zone() -> None:
    first_of_each = [number for number in fiction_numbers() if number.digits.endswith("00")]

    for number in first_of_each:
        parsed = phonenumbers.parse(number.digits)
        assert phonenumbers.is_valid_number(parsed), number
        assert phonenumbers.region_code_for_number(parsed) == number.country
        assert timezone.time_zones_for_number(parsed) == (number.zone,)


def test_every_email_address_lies_in_an_example_domain(crowd: list[Person]) -> None:
    emails = [person.email for person in crowd if person.email]

    assert len(emails) > 20_000
    assert [email for email in emails if not EXAMPLE_DOMAIN.fullmatch(email)] == []


def test_nobody_shares_an_address(crowd: list[Person]) -> None:
    for addresses in ([person.email for person in crowd], [person.phone for person in crowd]):
        known = [address for address in addresses if address]
        assert len(set(known)) == len(known)


def test_shares_are_those_of_the_truth(crowd: list[Person]) -> None:
    germans = [person for person in crowd if person.country == "DE"]

    assert len(germans) / len(crowd) == pytest.approx(0.16, abs=0.01)
    assert {person.language for person in germans} == {"de"}
    assert sum(not person.time_zone for person in crowd) / len(crowd) == pytest.approx(0.10, abs=0.01)
    assert sum(not person.email for person in crowd) / len(crowd) == pytest.approx(0.07, abs=0.01)


def test_a_zone_on_file_is_the_home_zone(crowd: list[Person]) -> None:
    assert all(person.time_zone in ("", person.home_zone) for person in crowd)
