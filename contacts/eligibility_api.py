"""May this customer be asked, and why not: the gate's answer for other systems, with every rule behind it."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contacts.brands import visible_to
from contacts.frequency import Row
from contacts.gate import Book, read_book, read_named_book
from contacts.intake.fields import YEARS, FieldError, instant
from contacts.models import Customer
from contacts.models.words import CLOCK_EVENTS, Channel, Purpose
from contacts.readers import Reader, reader_of_request
from contacts.scopes import TokenScope
from contacts.why import Told, Why, of_other_brands, question, why

PURPOSES = [purpose.value for purpose in Purpose if purpose not in CLOCK_EVENTS]
BIGGEST = 2**63 - 1
"""Of our numbers of rows: what an address asks beyond it is nobody."""


class MaySeeCustomers(BasePermission):
    """Whether somebody may be asked is seen by who may see customers."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.user.has_perm("contacts.view_customer")


class MaySeeNames(BasePermission):
    """Whoever asks by the id of another system learns whether it is a customer's."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return reader_of_request(request).personal


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantField(serializers.Field[datetime, str, str, Any]):
    """An instant with its offset, of the years that the rules can reckon with."""

    def to_internal_value(self, data: str) -> datetime:
        try:
            at = instant(data)
        except FieldError as error:
            raise serializers.ValidationError(f"Expected {error}; in an address write + as %2B.") from error
        if at.year not in YEARS:
            raise serializers.ValidationError(f"Expected a year from {YEARS[0]} to {YEARS[-1]}.")
        return at


def word(choices: list[str], **options: Any) -> serializers.ChoiceField:
    """Return a field of which one of the choices is expected, and that says so."""
    expected = f"Expected one of {', '.join(choices)}."
    return serializers.ChoiceField(
        choices, error_messages={"invalid_choice": expected, "required": expected}, **options
    )


class EligibilityQuery(serializers.Serializer[Any]):
    channel = word(Channel.values)
    purpose = word(PURPOSES, required=False, help_text="invitation unless given; call where the channel is phone.")
    survey = serializers.CharField(max_length=60, default="", allow_blank=True)
    program = serializers.CharField(max_length=60, default="", allow_blank=True)
    at = InstantField(required=False, help_text="ISO 8601 with offset; now unless given.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what nobody reads, so that a misspelt name is not taken for its default."""
        if unknown := sorted(set(self.initial_data) - set(self.fields)):
            known = f"Unknown parameter. Expected {', '.join(self.fields)}."
            raise serializers.ValidationError({name: [known] for name in unknown})
        return attrs


class NamedEligibilityQuery(EligibilityQuery):
    source = serializers.CharField(  # type: ignore[assignment]  # a field's name, not the field's own source
        max_length=60, help_text="The system that the customer came from."
    )
    external_id = serializers.CharField(max_length=200, help_text="The customer's id there.")


class CountedContact(serializers.Serializer[Row]):
    id = serializers.IntegerField(source="key")
    at = serializers.DateTimeField()
    channel = serializers.CharField()
    purpose = serializers.CharField()
    outcome = serializers.CharField()
    survey = serializers.CharField()
    program = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # as above


class RuleAnswer(serializers.Serializer[Told]):
    rule = serializers.CharField(source="finding.rule")
    kind = serializers.CharField(
        source="finding.kind", help_text="consent, holdout, cap, appointment, answered, wish, holiday, hours or expiry."
    )
    applies = serializers.BooleanField(
        source="finding.applies", help_text="False where the rule has nothing to test in this question."
    )
    passes = serializers.BooleanField(source="finding.passes")
    text = serializers.CharField(help_text="Of a rule that does not pass: what holds the contact back, in words.")
    until = serializers.DateTimeField(
        source="finding.until",
        allow_null=True,
        help_text="First instant from `at` on at which this rule alone passes; null for never.",
    )
    used = serializers.IntegerField(
        source="finding.used", allow_null=True, help_text="Of a cap: what its fullest window that holds `at` has in it."
    )
    limit = serializers.IntegerField(source="finding.limit", allow_null=True, help_text="Of a cap.")
    contacts = CountedContact(
        many=True, help_text="What a cap counts, the oldest first; without the contacts of brands that you do not read."
    )


class EligibilityAnswer(serializers.Serializer[Why]):
    customer = serializers.IntegerField(source="person.id", help_text="Our number of the person.")
    at = serializers.DateTimeField(source="ask.at")
    channel = serializers.CharField()
    purpose = serializers.CharField(source="ask.purpose")
    survey = serializers.CharField(source="ask.survey")
    program = serializers.CharField(source="ask.program")
    decision = serializers.ChoiceField(("send", "delay", "skip"), source="explanation.verdict.decision")
    allowed_at = serializers.DateTimeField(
        source="explanation.verdict.at",
        allow_null=True,
        help_text="First instant from `at` on at which all rules pass; null for never.",
    )
    policy = serializers.CharField(
        source="version.policy.slug",
        allow_null=True,
        help_text="The policy in force; null where none is and the default applies.",
    )
    policy_version = serializers.IntegerField(source="version.number", allow_null=True)
    zones = serializers.ListField(
        source="explanation.zones",
        child=serializers.CharField(),
        help_text="The time zones that the customer can be in; all rules pass in all of them.",
    )
    zone_known = serializers.BooleanField(help_text="False: the zones are assumed.")
    rules = RuleAnswer(many=True, help_text="Every rule, also those that pass.")


class EligibilityView(APIView):
    """May this customer be asked at an instant, if not why not, and when next? Nothing is reserved or written."""

    permission_classes = (MaySeeCustomers,)
    token_scopes = {"GET": TokenScope.PERSONAL}

    @extend_schema(operation_id="customer_eligibility", parameters=[EligibilityQuery], responses=EligibilityAnswer)
    def get(self, request: Request, customer_id: int) -> Response:
        """Return the decision and every rule behind it; `customer_id` is our number of the customer."""
        if customer_id > BIGGEST:
            raise Http404
        return answer(partial(read_book, customer_id), read(EligibilityQuery, request), reader_of_request(request))


class NamedEligibilityView(APIView):
    """The same for a customer whom you know by the id in the system that they came from."""

    permission_classes = (MaySeeCustomers, MaySeeNames)
    token_scopes = {"GET": TokenScope.PERSONAL}

    @extend_schema(
        operation_id="named_customer_eligibility", parameters=[NamedEligibilityQuery], responses=EligibilityAnswer
    )
    def get(self, request: Request) -> Response:
        """Return the decision and every rule behind it for the customer of `source` and `external_id`."""
        asked, reader = read(NamedEligibilityQuery, request), reader_of_request(request)
        named = {name: asked.pop(name) for name in ("source", "external_id")}
        if reader.brands is not None and not visible_to(reader, Customer.objects.filter(**named)).exists():
            raise Http404
        return answer(partial(read_named_book, *named.values()), asked, reader)


def read(shape: type[EligibilityQuery], request: Request) -> dict[str, Any]:
    """Return what the address asks. Raises ValidationError that names the parameter and what was expected."""
    query = shape(data=request.query_params)
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def answer(book_at: Callable[[datetime], Book], asked: dict[str, Any], reader: Reader) -> Response:
    """Return the gate's answer to a question from a customer's book. Raises Http404 where there is no such customer.

    Every contact counts; listed are those that somebody may read.
    """
    at = asked.pop("at", None) or timezone.now()
    book = book_at(at)
    person = next(iter(book.persons.values()), None)
    if person is None:
        raise Http404
    found = why(book, question(person.id, at=at, **asked))
    told, hidden = EligibilityAnswer(found).data, of_other_brands(found, reader)
    for rule in told["rules"]:
        rule["contacts"] = [contact for contact in rule["contacts"] if contact["id"] not in hidden]
    return Response(told, headers={"Cache-Control": "no-store"})


urlpatterns = [
    path("customers/<int:customer_id>/eligibility/", EligibilityView.as_view(), name="eligibility"),
    path("customers/eligibility/", NamedEligibilityView.as_view(), name="eligibility-by-name"),
]
