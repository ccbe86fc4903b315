"""One call of an endpoint, over real sockets: where it goes, what it carries, and how long it may take."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from recovery.webhooks.addresses import Place, read_place
from recovery.webhooks.calling import LONGEST_ANSWER, call
from tests.recovery.webhooks.receivers import HOST, Receiver, here, receiver

BODY = b'{"type":"webhook.test"}'


@pytest.fixture
def system() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


def inside(port: int, scheme: str = "http") -> Place:
    return read_place(f"{scheme}://{HOST}:{port}/hook?a=1", [f"{HOST}:{port}"], [])


def outside(port: int) -> Place:
    """A place that nobody allowed to be inside, at an unusual port and without TLS, so that a test can listen."""
    return replace(inside(port), inside=False)


def read_all(connected: socket.socket) -> None:
    """Read a whole call: who closes with something unread breaks the connection off."""
    got = connected.recv(65536)
    while got.startswith(b"POST") and BODY not in got and (more := connected.recv(65536)):
        got += more


@contextmanager
def raw_server(*pieces: bytes, pause: float = 0.0) -> Iterator[int]:
    """Answer the first call with these bytes, one piece after another."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connected, _ = listener.accept()
            with connected:
                read_all(connected)
                for piece in pieces:
                    try:
                        connected.sendall(piece)
                    except OSError:
                        return
                    time.sleep(pause)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]


def test_a_call_carries_what_was_given_under_the_name_of_its_host(system: Receiver) -> None:
    system.answer(200, b"taken\n  well")
    answer = call(inside(system.port), BODY, {"webhook-id": "msg_1"}, resolve=here)
    assert (answer.status, answer.text) == (200, "taken well")
    [got] = system.got
    assert (got.path, got.body) == ("/hook?a=1", BODY)
    assert got.headers["host"] == f"{HOST}:{system.port}"
    assert got.headers["webhook-id"] == "msg_1"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"].startswith("cxsurvey-webhooks/")


@pytest.mark.parametrize(
    "addresses",
    [
        *(["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"]),
        *(["8.8.8.8", "127.0.0.1"], ["2606:4700::1111", "fd00::1"]),
    ],
)
def test_a_name_that_leads_inside_is_not_called(system: Receiver, addresses: list[str]) -> None:
    answer = call(outside(system.port), BODY, {}, resolve=lambda host, port: addresses)
    assert answer.status is None
    assert answer.text.startswith(f"Not called: {HOST} leads to ")
    assert system.got == []


def test_a_name_that_leads_elsewhere_a_moment_later_is_looked_up_once(system: Receiver) -> None:
    """DNS rebinding: the first answer is public (and of nobody), every later one private. Nobody asks twice."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if asked[1:] else ["3000::1"]

    answer = call(outside(system.port), BODY, {}, resolve=rebinding, patience=0.3)
    assert (answer.status, asked, system.got) == (None, [HOST], [])
    assert not answer.text.startswith("Not called")


def test_the_connection_is_made_to_the_address_that_was_judged(system: Receiver) -> None:
    asked: list[str] = []

    def turning(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.2"] if asked[1:] else ["127.0.0.1"]

    assert call(inside(system.port), BODY, {}, resolve=turning).status == 204
    assert (asked, len(system.got)) == ([HOST], 1)


def test_the_systems_own_lookup_finds_loopback_under_any_way_of_writing(system: Receiver) -> None:
    for host in ("localhost", "2130706433", "0x7f.1", "127.1", "0177.0.0.1"):
        answer = call(replace(outside(system.port), host=host), BODY, {})
        assert answer.text.startswith("Not called"), host
    assert system.got == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_answer_leads_elsewhere(system: Receiver, status: int) -> None:
    with receiver() as secret:
        system.answer(status, Location=f"http://127.0.0.1:{secret.port}/")
        assert call(inside(system.port), BODY, {}, resolve=here).status == status
    assert secret.got == []


def test_no_proxy_of_the_environment_is_used(system: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert call(inside(system.port), BODY, {}, resolve=here).status == 204
    assert proxy.got == []


def test_an_answer_that_drips_is_broken_off() -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\nX-A: ", *[b"x"] * 50, pause=0.05) as port:
        answer = call(inside(port), BODY, {}, resolve=here, patience=0.3)
    assert (answer.status, answer.text) == (None, "No whole answer within 0.3 seconds.")
    assert answer.seconds < 1.5


def test_a_text_that_drips_leaves_the_status_to_count() -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", *[b"x"] * 50, pause=0.05) as port:
        answer = call(inside(port), BODY, {}, resolve=here, patience=0.3)
    assert answer.status == 200
    assert answer.seconds < 1.5


def test_of_a_long_answer_only_the_beginning_is_read(system: Receiver) -> None:
    system.answer(500, b"x" * 1000 * LONGEST_ANSWER, Retry_After="7")
    answer = call(inside(system.port), BODY, {}, resolve=here)
    assert (answer.status, answer.text, answer.retry_after) == (500, "x" * 200, "7")


@pytest.mark.parametrize(
    ("piece", "told"),
    [
        (b"", "What came back is no HTTP answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "What came back is no HTTP answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "What came back is no HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000, "What came back is no HTTP answer"),
    ],
)
def test_what_is_no_answer_is_told(piece: bytes, told: str) -> None:
    with raw_server(piece) as port:
        answer = call(inside(port), BODY, {}, resolve=here, patience=2)
    assert (answer.status, answer.text.startswith(told)) == (None, True), answer.text


def test_where_nobody_answers_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert call(inside(port), BODY, {}, resolve=here).text.startswith("No connection")
    nowhere = replace(outside(443), host="nowhere.invalid")

    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    assert call(nowhere, BODY, {}, resolve=unknown).text == "The name nowhere.invalid has no address."


def test_the_next_address_is_tried_where_the_first_does_not_answer(system: Receiver) -> None:
    answer = call(inside(system.port), BODY, {}, resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"])
    assert answer.status == 204


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a certificate for the host, with its key."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-keyout", str(path), "-out", str(path.with_suffix(".crt")), "-days", "2", "-subj", f"/CN={HOST}"]
    made += ["-addext", f"subjectAltName=DNS:{HOST}"]
    subprocess.run(made, check=True, capture_output=True)
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


@contextmanager
def tls_server(certificate: Path) -> Iterator[tuple[int, list[str | None]]]:
    """Answer one call over TLS; give the port and the names that were asked for."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda connected, name, own: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            raw, _ = listener.accept()
            try:
                with context.wrap_socket(raw, server_side=True) as connected:
                    read_all(connected)
                    connected.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], names


def test_over_tls_the_name_is_asked_for_and_its_certificate_looked_at(certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate.with_suffix(".crt")))
    with tls_server(certificate) as (port, names):
        assert call(inside(port, "https"), BODY, {}, resolve=here, context=trusting).status == 204
    assert names == [HOST]
    with tls_server(certificate) as (port, _):
        told = call(inside(port, "https"), BODY, {}, resolve=here).text
        assert told.startswith(f"The certificate of {HOST} is not to be trusted: self-signed certificate")
    other = replace(inside(443, "https"), host="other.test")
    with tls_server(certificate) as (port, _):
        told = call(replace(other, port=port), BODY, {}, resolve=here, context=trusting).text
        assert told.startswith("The certificate of other.test is not to be trusted: Hostname mismatch")


def test_a_handshake_that_never_ends_is_broken_off() -> None:
    with raw_server(b"\x16", *[b"\x03"] * 20, pause=0.05) as port:
        answer = call(inside(port, "https"), BODY, {}, resolve=here, patience=0.3)
    assert (answer.status, answer.seconds < 1.5) == (None, True)
