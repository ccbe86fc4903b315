"""What an address takes, and addresses that several persons have: a number's caps and a no hold for all of them."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.db.models import Exists, Func, JSONField, OuterRef, QuerySet, Subquery

from contacts.lines import Line, line_of
from contacts.models import Identifier
from contacts.models.customers import PERSON
from contacts.models.words import Channel
from contacts.records import among

ADDRESS_TYPES = {
    Channel.EMAIL: Identifier.Type.EMAIL,
    Channel.SMS: Identifier.Type.PHONE,
    Channel.PHONE: Identifier.Type.PHONE,
}
"""What a message by each channel is addressed to."""
CHANNELS_TO: Mapping[str, tuple[str, ...]] = {
    type_: tuple(channel for channel, addressed in ADDRESS_TYPES.items() if addressed == type_)
    for type_ in ADDRESS_TYPES.values()
}
"""By which channels an address of each type is reached, where it takes them (`unfit_line`)."""
BY_NUMBER = frozenset(CHANNELS_TO[Identifier.Type.PHONE])
"""The channels that reach a phone number."""
TAKES_NO: Mapping[str, frozenset[Line]] = {
    Channel.EMAIL: frozenset(),
    Channel.SMS: frozenset(Line),
    Channel.PHONE: frozenset({Line.PREMIUM}),
}
"""The kinds of lines that get nothing by a channel: no SMS arrives there, or the call itself costs money."""


ELSEWHERE = (
    "EXISTS (SELECT 1 FROM contacts_identifier other WHERE other.type = own.type AND other.issuer = own.issuer "
    "AND other.value = own.value AND other.customer_id <> own.customer_id)"
)
"""What `on_another_record` asks of an identifier, for SQL in which it is `own`."""


class Address(NamedTuple):
    """An email address or a phone number, whoever has it."""

    type: str
    value: str


class ListOf(Func):
    """A value of all rows of a subquery, as a list; none of no rows."""

    function = "jsonb_agg"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="json_group_array", **context)


def addresses() -> QuerySet[Identifier]:
    """All that somebody can be contacted at."""
    return Identifier.objects.filter(type__in=set(ADDRESS_TYPES.values()), issuer="")


def on_another_record() -> Exists:
    """Whether another customer record has the address of an identifier too: one look into an index for each."""
    return Exists(_elsewhere())


def holders_elsewhere() -> Subquery:
    """Ids of the persons on other records that have the address of an identifier too: one look into an index for each.

    A person with the address on several records is there several times, also the identifier's own.
    """
    return Subquery(_elsewhere().annotate(holders=ListOf(PERSON)).values("holders"))


def unfit_line(value: str, channel: str) -> Line | None:
    """What kind of line an address is, where it takes nothing by a channel to addresses of its type; else None."""
    line = line_of(value)
    return line if line in TAKES_NO[channel] else None


def channels_refused(type_: str, opt_outs: Collection[str]) -> set[str]:
    """Which channels to an address of this type these opt-outs close; `all` closes every one of them."""
    channels = set(CHANNELS_TO[type_])
    return channels if "all" in opt_outs else channels.intersection(opt_outs)


def sharing_a_number(records: Collection[int]) -> set[int]:
    """Ids of all persons who have a phone number of these records on another record too: one statement."""
    own = Identifier.objects.filter(among("customer", records), type=Identifier.Type.PHONE, issuer="")
    return set().union(*own.filter(on_another_record()).values_list(holders_elsewhere(), flat=True))


def _elsewhere() -> QuerySet[Identifier]:
    """The identifiers of other customer records that are the same as one of an outer query."""
    alike = Identifier.objects.filter(type=OuterRef("type"), issuer=OuterRef("issuer"), value=OuterRef("value"))
    return alike.exclude(customer=OuterRef("customer"))
