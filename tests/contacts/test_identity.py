import pytest

from contacts.identity import IdentityError, normalise_email, normalise_phone


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("  Ana.Lima@Example.COM ", "ana.lima@example.com"),
        ("ana+survey@example.com", "ana+survey@example.com"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@BÜCHER.example", "ana@xn--bcher-kva.example"),
    ],
)
def test_an_email_address_has_one_way_of_writing(written: str, normal: str):
    assert normalise_email(written) == normal


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ana",
        "ana@",
        "@example.com",
        "ana@example",
        "a@b@example.com",
        "ana@example.com\nBcc: b@example.com",
        "ana@example.com, bo@example.com",
        "ana lima@example.com",
        f"ana@{'x' * 70}.example",
        f"{'x' * 300}@example.com",
        "ana@exam\x00ple.com",
        "ana@\ud800.example",
        "jos\u00e9@example.com",
    ],
)
def test_what_is_no_email_address_is_refused_with_what_was_expected(written: str):
    with pytest.raises(IdentityError, match=r"expected .*email address"):
        normalise_email(written)


@pytest.mark.parametrize(
    ("written", "region", "normal"),
    [
        ("+44 7700 900123", "", "+447700900123"),
        ("+44 (0)7700 900123", "", "+447700900123"),
        ("07700 900123", "GB", "+447700900123"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("+49 30/1234567", "US", "+49301234567"),
        ("٠٧٧٠٠٩٠٠١٢٣", "GB", "+447700900123"),
        ("\uff0b\uff14\uff14 7700 900123", "", "+447700900123"),
    ],
)
def test_a_phone_number_is_written_in_e164(written: str, region: str, normal: str):
    assert normalise_phone(written, region) == normal


@pytest.mark.parametrize(
    ("written", "region"),
    [
        ("", "US"),
        ("07700 900123", ""),
        ("4.477E+11", "GB"),
        ("911", "US"),
        ("1-800-FLOWERS", "US"),
        ("(212) 555-0123 ext. 4", "US"),
        ("+49 30 1234567 89012345", ""),
        ("no phone", "US"),
        ("07700 900123", "XX"),
    ],
)
def test_what_is_no_phone_number_is_refused_with_what_was_expected(written: str, region: str):
    with pytest.raises(IdentityError, match=r"expected a phone number .*like \"\+49"):
        normalise_phone(written, region)
