"""A stream that breaks ends without its last chunk: what came is never taken for the whole file."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, IncompleteRead

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from contacts.models import Touchpoint
from tests.staff import member_of, token_of
from tests.surveys.answer_server import answer_server
from tests.surveys.makers import NOON, make_customer

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 2_500
"""More than one part of a file; the last one fails."""


@pytest.fixture
def token() -> str:
    """Touchpoints, and the token of an analyst."""
    customer = make_customer()
    fields = {"customer": customer, "source": "many", "kind": "call", "occurred_at": NOON, "received_at": NOON}
    Touchpoint.objects.bulk_create(Touchpoint(external_id=str(n), updated_at=NOON, **fields) for n in range(ROWS))
    return token_of(member_of("Analyst"))


@pytest.fixture
def port(suite_env: dict[str, str]) -> Iterator[int]:
    """Give where gunicorn listens, with a table that fails at its end."""
    with answer_server(suite_env, "tests.exports.failing_server") as server:
        yield server.port


def fetched(port: int, token: str, name: str) -> bytes:
    """Return a file. Raises IncompleteRead where it breaks off."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as client:
        client.request("GET", f"/api/v1/exports/{name}", headers={"Authorization": f"Token {token}"})
        answer = client.getresponse()
        assert (answer.status, answer.headers["Transfer-Encoding"]) == (200, "chunked")
        return answer.read()


def broken(port: int, token: str, file_format: str) -> bytes:
    """Return what came of a file before it broke off, which the reader is told."""
    with pytest.raises(IncompleteRead) as said:
        fetched(port, token, f"failing.{file_format}")
    return bytes(said.value.partial)


def test_what_breaks_off_is_noticed_and_no_reader_takes_it(port: int, token: str) -> None:
    assert fetched(port, token, "touchpoints.csv").count(b"\n") == ROWS + 1
    assert 0 < broken(port, token, "csv").count(b"\n") <= ROWS
    broken(port, token, "ndjson")
    with pytest.raises(pa.ArrowInvalid):
        pq.read_table(io.BytesIO(broken(port, token, "parquet")))
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(broken(port, token, "xlsx")))
