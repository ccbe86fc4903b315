"""Why? A customer's page that answers one question: may this person be asked, if not why not, and when next."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from contacts.brands import visible_to
from contacts.gate import Ask, Book, read_book
from contacts.guarded import admin_page, show
from contacts.hiding import shown
from contacts.models import Customer
from contacts.models.words import CLOCK_EVENTS, Channel, Purpose
from contacts.readers import Reader, reader_of_request
from contacts.why import of_other_brands, question, why
from contacts.why_words import idle_rules, rule_lines, say_why
from contacts.year import read_year, year_before
from contacts.year_picture import draw_year
from surveys.models import Program, Survey

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
PURPOSES = [(purpose.value, purpose.label) for purpose in Purpose if purpose not in CLOCK_EVENTS]


class QuestionForm(forms.Form):
    """What to ask the gate about; what is left out is an invitation by email, now."""

    field_order = ("channel", "purpose", "survey", "program", "at")
    channel = forms.ChoiceField(label="By", choices=Channel.choices, required=False)
    purpose = forms.ChoiceField(label="For", choices=[("", "What the channel is for"), *PURPOSES], required=False)
    at = forms.DateTimeField(
        label="When",
        required=False,
        validators=[MinValueValidator(FIRST), MaxValueValidator(LAST)],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, reader: Reader, *args: Any) -> None:
        super().__init__(*args)
        offered = (
            ("Survey", visible_to(reader, Survey.objects.all())),
            ("Program", visible_to(reader, Program.objects.all())),
        )
        for label, found in offered:
            choices = [("", "None in particular"), *found.order_by("name").values_list("slug", "name")]
            self.fields[label.lower()] = forms.ChoiceField(label=label, choices=choices, required=False)
        self.order_fields(self.field_order)
        self.fields["at"].help_text = f"By the clock of {timezone.get_default_timezone_name()}; empty means now."


def why_page(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show the gate's answer to the question in the address, every rule behind it, and the customer's year."""
    now, reader = timezone.now(), reader_of_request(request)
    customer = shown(get_object_or_404(Customer, pk=customer_id), reader)
    form = QuestionForm(reader, request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    about = {name: asked.get(name, "") for name in ("purpose", "survey", "program")}
    ask = question(customer.pk, asked.get("channel") or Channel.EMAIL, asked.get("at") or now, **about)
    book = read_book(customer.pk, year_before(ask.at))
    answer = why(book, ask)
    hidden = of_other_brands(answer, reader_of_request(request))
    return show(
        request,
        "cxsurvey/why.html",
        400 if form.errors else 200,
        title=f"Why? {customer}",
        customer=customer,
        why=answer,
        purpose=Purpose(ask.purpose).label,
        channel=Channel(answer.channel).label,
        sentence=say_why(answer, now),
        lines=rule_lines(answer, now, hidden),
        idle=idle_rules(answer),
        others=_other_channels(book, ask, now),
        picture=draw_year(read_year(book, answer, hidden)),
        form=form,
    )


def _other_channels(book: Book, ask: Ask, now: datetime) -> list[tuple[Channel, str, str]]:
    """Channel, decision and sentence for the same question by the other channels, each for its own purpose."""
    asks = [
        question(ask.customer_id, channel, ask.at, survey=ask.survey, program=ask.program)
        for channel in Channel
        if channel not in ask.channels
    ]
    answers = [why(book, other) for other in asks]
    return [(Channel(other.channel), other.explanation.verdict.decision, say_why(other, now)) for other in answers]


urlpatterns = [admin_page("customers/<int:customer_id>/why/", why_page, "customer-why", "contacts.view_customer")]
