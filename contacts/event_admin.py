"""Events of other systems in the admin: who may send them, what came, and what those of a name mean."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.widgets import UnfoldAdminSelectWidget

from contacts.events.desks import DESKS
from contacts.events.desks.guide import first_meaning, steps
from contacts.events.keys import address_key, close, new_key, signing_secrets, token
from contacts.events.meaning import CHOOSABLE, Sample, guess, put_in_force, sample_of
from contacts.events.rows import CONSENT
from contacts.kept_admin import KeptAdmin
from contacts.models import Event, EventMeaning, EventSource
from contacts.models.words import Channel
from contacts.readers import reader_of_request

KEY_SHOWN = "The write key of {} is {} . Keep it where the system that sends can read it: it is not shown again."
ADDRESS_SHOWN = "The address of {} and what to do in the help desk are below, whenever you need them."
COLUMN = "column-"
"""Before the number of a property: the field that says which of our columns it fills."""
KEPT_BESIDE = "keep as attribute"
FIRST_NAMES = 20


@admin.register(EventSource)
class EventSourceAdmin(ModelAdmin):
    """A system that sends events; it is closed and not deleted, because its events belong to it."""

    list_display = ("name", "sender", "state", "strict", "came_last", "not_understood")
    fields = ("name", "sender", "ids_of", "vouches", "strict", "state", "how_to_send", "names")
    readonly_fields = ("state", "how_to_send", "names")
    actions = ("make_key", "close")
    ordering = ("closed_at", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[EventSource]:
        unmapped = Count("events", filter=Q(events__state=Event.State.UNMAPPED))
        found = EventSource.objects.annotate(last=Max("events__received_at"), unmapped=unmapped)
        return found.order_by(*self.ordering)

    def save_model(self, request: HttpRequest, obj: EventSource, form: forms.ModelForm, change: bool) -> None:  # type: ignore[type-arg]  # noqa: FBT001
        if not change:
            obj.created_at = timezone.now()
            _show_key(request, obj, new_key(obj))
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: EventSource, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Lead to the page of a help desk, which says what to do there."""
        if obj.is_desk and "_addanother" not in request.POST:
            return redirect("admin:contacts_eventsource_change", obj.pk)
        answer: HttpResponse = super().response_add(request, obj, post_url_continue)
        return answer

    def get_readonly_fields(self, request: HttpRequest, obj: EventSource | None = None) -> tuple[str, ...]:
        """Customers and touchpoints are kept under the name, by the desk's ids: both stay."""
        return (*self.readonly_fields, *(("name", "sender") if obj else ()))

    def has_delete_permission(self, request: HttpRequest, obj: EventSource | None = None) -> bool:
        return False

    @admin.action(description="Make a new write key or address; the old one opens no more", permissions=["change"])
    def make_key(self, request: HttpRequest, sources: QuerySet[EventSource]) -> None:
        for source in EventSource.objects.filter(pk__in=sources.values("pk")):
            key = new_key(source)
            source.save(update_fields=["write_key_hash"])
            _show_key(request, source, key)

    @admin.action(description="Close: take no more events", permissions=["change"])
    def close(self, request: HttpRequest, sources: QuerySet[EventSource]) -> None:
        for source in EventSource.objects.filter(pk__in=sources.values("pk")):
            close(source, timezone.now())
        messages.success(request, "Closed. What came stays, and whoever sends more is told that the key opens nothing.")

    @admin.display(description="State")
    def state(self, source: EventSource) -> str:
        return f"Closed since {source.closed_at:%Y-%m-%d}" if source.closed_at else "Open"

    @admin.display(description="Last event")
    def came_last(self, source: Any) -> Any:
        return source.last or "None yet"

    @admin.display(description="Not understood")
    def not_understood(self, source: Any) -> int:
        return int(source.unmapped)

    @admin.display(description="How to send")
    def how_to_send(self, source: EventSource) -> SafeString | str:
        if source.pk and source.is_desk:
            return _steps(source)
        return (
            "Give Segment's or RudderStack's client the address of this installation as its host, and the write key. "
            "docs/events.md has an example for each. For a help desk, what to do stands here once the source is saved."
        )

    @admin.display(description="What came")
    def names(self, source: EventSource) -> SafeString | str:
        """The names of its events, those first that nobody has said the meaning of, with the way to say it."""
        counted = Event.objects.filter(source=source.pk).exclude(name="").values("name")
        rows = counted.annotate(count=Count("pk"), unmapped=Count("pk", filter=Q(state=Event.State.UNMAPPED)))
        known = dict(EventMeaning.objects.filter(source=source.pk).values_list("name", "pk"))
        found = rows.order_by("-unmapped", "-count", "name")[:FIRST_NAMES]
        if not found:
            return "Nothing yet."
        lines = ((_meaning_url(source.pk, row["name"], known.get(row["name"])), _told(row)) for row in found)
        return format_html('<ul class="cx">{}</ul>', format_html_join("", '<li><a href="{}">{}</a></li>', lines))


def _show_key(request: HttpRequest, source: EventSource, key: str) -> None:
    told = ADDRESS_SHOWN.format(source) if source.is_desk else KEY_SHOWN.format(source, key)
    messages.success(request, told)


def _steps(source: EventSource) -> SafeString:
    """What to do in the help desk, with this source's own address and token."""
    address = settings.SITE_URL + reverse("desk-in", args=[source.name, address_key(source)])
    lines = ((step,) for step in steps(source, address, token(source)))
    checked = signing_secrets(source, chosen_there=DESKS[source.sender].chooses)
    return format_html(
        '<ol class="cx-steps">{}</ol><p>{}</p>',
        format_html_join("", "<li>{}</li>", lines),
        "Signatures are checked." if checked else "Signatures are not checked yet: the secret is not set.",
    )


def _meaning_url(source_id: int, name: str, meaning_id: int | None) -> str:
    if meaning_id:
        return reverse("admin:contacts_eventmeaning_change", args=[meaning_id])
    return reverse("admin:contacts_eventmeaning_add", query={"source": source_id, "name": name})


def _told(row: Mapping[str, Any]) -> str:
    waiting = f", {row['unmapped']:,} not understood: say what they mean" if row["unmapped"] else ""
    return f"{row['name']}: {row['count']:,}{waiting}"


def _newest(sample: Sample) -> SafeString | str:
    if sample.properties and not sample.events:
        return "What these events hold is hidden from you: only the names of their properties stand here."
    if not sample.events:
        return "No events of this name have come yet. When some have, their properties stand here."
    event = sample.events[0]
    told = json.dumps(event.body, indent=1, ensure_ascii=False)
    return format_html(
        'The newest event of this name, as it came: <code class="break-words">{}</code>', " ".join(told.split())
    )


class MeaningForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the events of a name are; and for each property that they were seen with, which of our columns it fills."""

    sample: Sample

    class Meta:
        model = EventMeaning
        fields = ("source", "name", "becomes", "kind", "channel", "direction", "purpose")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.instance.columns if self.instance.pk else guess(list(self.sample.properties))
        for number, title in enumerate(self.sample.properties):
            self.fields[f"{COLUMN}{number}"].initial = chosen.get(title, "")

    def clean(self) -> dict[str, Any]:
        """Ask for what the events become needs, and say of what does not fit where it belongs."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        becomes = told.get("becomes", EventMeaning.Becomes.NOTHING)
        self._ask_for_more(becomes, told.get("channel", ""))
        titles = {f"{COLUMN}{number}": title for number, title in enumerate(self.sample.properties)}
        taken: dict[str, str] = {}
        for field, title in titles.items():
            column = told.get(field, "")
            if column and column not in CHOOSABLE[becomes]:
                self.add_error(field, f"{column} is none of what these events become has. Choose “{KEPT_BESIDE}”.")
            elif column in taken.values():
                self.add_error(field, f"{column} is filled by another property already. Choose it once.")
            elif column:
                taken[title] = column
        self.instance.columns = taken
        return told

    def _ask_for_more(self, becomes: str, channel: str) -> None:
        if becomes == EventMeaning.Becomes.TOUCHPOINT:
            self._need("kind", "channel")
        elif becomes == EventMeaning.Becomes.MESSAGE:
            self._need("purpose")
            if channel not in Channel.values:
                self.add_error("channel", f"Say by which channel the message went: {', '.join(Channel.values)}.")
        elif becomes in CONSENT and channel not in ("", *Channel.values):
            self.add_error("channel", f"Say what it is about: {', '.join(Channel.values)}, or leave it empty for all.")

    def _need(self, *names: str) -> None:
        for name in names:
            if name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, "This is needed for what these events become.")


@admin.register(EventMeaning)
class EventMeaningAdmin(ModelAdmin):
    """What events of a name mean, with the newest of them beside it; saved, those that waited take their turn."""

    form = MeaningForm
    list_display = ("name", "source", "becomes", "kind", "channel")
    list_filter = ("source", ("becomes", ChoicesDropdownFilter))
    list_select_related = ("source",)
    search_fields = ("name", "kind")
    search_help_text = "Name of the events, or kind of touchpoint"
    ordering = ("source", "name")

    def get_form(self, request: HttpRequest, obj: EventMeaning | None = None, **kwargs: Any) -> Any:
        """Return a form with a field for each property that the events were seen with."""
        sample = self._sample(request, obj)
        choices = [("", KEPT_BESIDE), *((name, name) for name in dict.fromkeys(sum(CHOOSABLE.values(), ())))]
        columns = {
            f"{COLUMN}{number}": forms.ChoiceField(
                label=title,
                choices=choices,
                required=False,
                widget=UnfoldAdminSelectWidget,
                help_text=f"Such as {', '.join(value[:40] for value in values)}" if values else "",
            )
            for number, (title, values) in enumerate(sample.properties.items())
        }
        kwargs["form"] = type("MeaningForm", (MeaningForm,), {"sample": sample, **columns})
        return super().get_form(request, obj, **kwargs | {"fields": MeaningForm.Meta.fields})

    def get_fieldsets(self, request: HttpRequest, obj: EventMeaning | None = None) -> Any:
        sample = self._sample(request, obj)
        properties = [f"{COLUMN}{number}" for number in range(len(sample.properties))]
        told = {"fields": properties, "description": _newest(sample)}
        return [(None, {"fields": [*MeaningForm.Meta.fields]}), ("Which property fills which column", told)]

    def get_readonly_fields(self, request: HttpRequest, obj: EventMeaning | None = None) -> tuple[str, ...]:
        return ("source", "name") if obj else ()

    def save_model(self, request: HttpRequest, obj: EventMeaning, form: forms.ModelForm, change: bool) -> None:  # type: ignore[type-arg]  # noqa: FBT001
        super().save_model(request, obj, form, change)
        waiting = put_in_force(obj)
        if waiting:
            messages.info(request, f"{waiting:,} that waited for this take their turn within a minute.")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what events of a help desk most likely mean; whoever saves it says so."""
        told: dict[str, Any] = super().get_changeform_initial_data(request)
        source = str(told.get("source", ""))
        desk = EventSource.objects.filter(pk=source).first() if source.isdecimal() else None
        return first_meaning(told.get("name", "")) | told if desk and desk.is_desk else told

    def _sample(self, request: HttpRequest, obj: EventMeaning | None) -> Sample:
        told = request.POST or request.GET
        source, name = (obj.source_id, obj.name) if obj else (told.get("source", ""), told.get("name", ""))
        found = sample_of(int(source), name) if str(source).isdecimal() else Sample((), {})
        return found if reader_of_request(request).personal else Sample((), dict.fromkeys(found.properties, ()))


@admin.register(Event)
class EventAdmin(KeptAdmin):
    """What came, as it came, and what became of it."""

    list_display = ("received_at", "source", "name_or_type", "user_id", "state", "detail")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        "source",
        ("type", ChoicesDropdownFilter),
        ("received_at", RangeDateTimeFilter),
    )
    list_select_related = ("source",)
    search_fields = ("name", "user_id", "message_id")
    search_help_text = "Name of the event, or id of the customer or of the message"
    ordering = ("-pk",)

    @admin.display(description="What", ordering="name")
    def name_or_type(self, event: Event) -> str:
        return event.name or event.get_type_display() or "Nothing that can be read"
