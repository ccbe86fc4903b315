"""What stands for nobody, wherever it comes from."""

import pytest

from contacts.intake import fields
from contacts.junk import is_junk_email, is_junk_id, is_junk_phone


@pytest.mark.parametrize(
    "text", ["", "0", "000-000", " NULL ", "Unknown", "{0}", "anonymous", "N/A", "[object Object]"]
)
def test_ids_that_are_nobodys(text: str) -> None:
    assert is_junk_id(text)


@pytest.mark.parametrize("text", ["7", "007", "u0", "123456", "nullarbor", "Guest-7"])
def test_ids_that_are_somebodys(text: str) -> None:
    assert not is_junk_id(text)


@pytest.mark.parametrize(
    "address",
    ["noreply@shop.example", "no-reply+7@a.example", "do_not.reply@a.example", "test@test.com", "none@none.de"],
)
def test_addresses_that_are_nobodys(address: str) -> None:
    assert is_junk_email(address)


@pytest.mark.parametrize(
    "address", ["ada@example.com", "test@shop.example", "unknown@home.example", "replyne@a.example"]
)
def test_addresses_that_are_somebodys(address: str) -> None:
    assert not is_junk_email(address)


@pytest.mark.parametrize("number", ["+15555555555", "+12345678901", "+49123456789", "+490000000", "+19876543210"])
def test_numbers_that_are_nobodys(number: str) -> None:
    assert is_junk_phone(number)


@pytest.mark.parametrize("number", ["+12125550123", "+49301234567", "+447700900123", "+12125555550"])
def test_numbers_that_are_somebodys(number: str) -> None:
    assert not is_junk_phone(number)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (fields.customer_key, "unknown"),
        (fields.customer_key, "0"),
        (fields.email, "NoReply@Shop.example"),
        (lambda text: fields.phone(text, "US"), "555 555 5555"),
    ],
)
def test_files_do_not_take_them(read: object, text: str) -> None:
    assert callable(read)
    with pytest.raises(fields.FieldError):
        read(text)


def test_what_is_no_customers_may_be_called_so() -> None:
    assert fields.key("unknown") == "unknown"
