"""The API does what its OpenAPI document says, whatever it is asked: judged by schemathesis."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import hypothesis
import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.staff import token_of
from tests.surveys.answered import make_response
from tests.surveys.makers import make_customer, make_touchpoint, make_version

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
QUICK, WHOLE = 4, 200
"""Questions to an operation that keep to the document, and as many that do not."""


@pytest.fixture
def examples(pytestconfig: pytest.Config) -> int:
    return WHOLE if pytestconfig.getoption("whole") else QUICK


@pytest.fixture(autouse=True)
def connected() -> Iterator[None]:
    """Keep the test's connection through requests, as the client of Django's tests does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def headers() -> dict[str, str]:
    """The token of somebody who may do everything, and something to be read."""
    version = make_version()
    for score in (0, 7, 10):
        make_response(score, "In my words", version=version, touchpoint=make_touchpoint(make_customer(), kind="call"))
    root = User.objects.create(username="root", is_superuser=True)
    return {"Authorization": f"Token {token_of(root)}"}


def test_whatever_it_is_asked_the_api_answers_as_described(examples: int, headers: dict[str, str]) -> None:
    document = schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())
    operations = [cast("Any", found).ok() for found in document.get_all_operations()]
    assert len(operations) > 15
    found = [problem for operation in operations for problem in problems(operation, examples, headers)]
    assert found == [], "\n\n".join(found)


def problems(operation: Any, examples: int, headers: dict[str, str]) -> list[str]:
    """What is found when an operation is asked as it is described, and otherwise."""
    told = []
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        try:
            asker(operation, mode, examples, headers)()
        except Unsatisfiable:
            continue  # there is nothing about it that could be said wrongly
        except FailureGroup as error:
            told.append(f"{operation.label}: {error}")
    return told


def asker(operation: Any, mode: GenerationMode, examples: int, headers: dict[str, str]) -> Callable[[], None]:
    """Return what asks an operation so often, the same in every run."""

    @hypothesis.settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(mode))
    def ask(case: Any) -> None:
        case.validate_response(case.call(headers=headers), checks=CHECKS)

    return ask
