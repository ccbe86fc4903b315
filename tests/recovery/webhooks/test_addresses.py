"""Where webhooks may lead: every known way to write or embed an address inside is refused."""

import pytest

from recovery.webhooks.addresses import AddressError, Place, is_public, read_place


def read(url: str, *inside: str) -> Place:
    return read_place(url, inside, [443])


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://hooks.example.com", Place("https", "hooks.example.com", 443, "/", inside=False)),
        ("https://HOOKS.example.com./cx?a=1", Place("https", "hooks.example.com", 443, "/cx?a=1", inside=False)),
        ("https://xn--bcher-kva.example:443/", Place("https", "xn--bcher-kva.example", 443, "/", inside=False)),
        ("https://93.184.216.34/", Place("https", "93.184.216.34", 443, "/", inside=False)),
        ("https://[2606:4700::1111]/x", Place("https", "2606:4700::1111", 443, "/x", inside=False)),
    ],
)
def test_public_places_are_read(url: str, place: Place) -> None:
    assert read(url) == place


@pytest.mark.parametrize(
    "url",
    [
        *("", "hooks.example.com", "https://", "https:///x", "ftp://hooks.example.com", "file:///etc/passwd"),
        *("http://hooks.example.com", "https://hooks.example.com:22/", "https://hooks.example.com:99999/"),
        *("https://user@hooks.example.com", "https://user:pass@hooks.example.com", "https://hooks.example.com#x"),
        *("https://hooks.example.com\\@127.0.0.1/", "https://hooks.example.com/ x", "https://hooks.example.com/\n"),
        *("https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://127.1/"),
        *("https://0177.0.0.1/", "https://017700000001/", "https://1.2.3.4.5/", "https://x.0x7f/"),
        *(
            "https://127。0。0。1/",
            "https://127\uff0e0\uff0e0\uff0e1/",
            "https://①②⑦.0.0.1/",
            "https://bücher.example/",
        ),
        *("https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/"),
        *("https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[::1", "https://[127.0.0.1]/"),
        *("https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/", "https://10.0.0.1/"),
        *("https://-x.example/", "https://x..example/", f"https://{'a' * 64}.example/", f"https://{'a.' * 130}com/"),
    ],
)
def test_what_is_no_public_place_is_refused(url: str) -> None:
    with pytest.raises(AddressError):
        read(url)


def test_hosts_inside_are_allowed_one_by_one() -> None:
    assert read("http://crm.internal/x", "crm.internal") == Place("http", "crm.internal", 80, "/x", inside=True)
    assert read("https://crm.internal:8443/", "crm.internal:8443").authority == "crm.internal:8443"
    assert read("http://[::1]:8000/", "[::1]:8000").authority == "[::1]:8000"
    for url in ("http://crm.internal:8000/", "http://other.internal/", "https://crm.internal:22/"):
        with pytest.raises(AddressError):
            read(url, "crm.internal")


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254"),  # noqa: S104
        *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
        *("198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255"),
        *("240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
        *("64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:a00:1::1"),
        *("3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1"),
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)
