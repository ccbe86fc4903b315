"""Whose rows are whose: how each table reaches its brand, in one place, and the step that leaves out those of others.

Rows about customers belong to the customer's brand, what is asked to the survey's, and what joins both to whoever reads
both. A customer without a brand, and all about one, is read only by who reads all brands. What the rules count is not
asked here: the gate counts every contact with a person, whichever brand's it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q, QuerySet

from contacts.models import Customer
from contacts.readers import Reader
from contacts.records import read_records


@dataclass(frozen=True, slots=True)
class OfBrand:
    """Rows of a brand: every path leads to one that the reader reads.

    A path behind the first may lead nowhere: an answer at an open link is of no customer.
    """

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """Rows that somebody made or gets: who reads only some brands sees those whose `path` leads to him."""

    path: str


@dataclass(frozen=True, slots=True)
class Shared:
    """What all brands share: everybody reads it, and who reads all brands changes it."""


@dataclass(frozen=True, slots=True)
class House:
    """What is about the whole house: only who reads all brands reads it."""


Row = TypeVar("Row", bound=Model)
Belonging = OfBrand | Own | Shared | House
OF_CUSTOMER, OF_SURVEY = OfBrand(("customer__brand",)), OfBrand(("survey__brand",))
OF_VERSION = OfBrand(("version__survey__brand",))
OF_BOTH = OfBrand(("version__survey__brand", "customer__brand"))


def _below(path: str, both: OfBrand = OF_BOTH) -> OfBrand:
    return OfBrand(tuple(f"{path}__{one}" for one in both.paths))


BELONGS: Mapping[str, Belonging] = {
    "contacts.brand": OfBrand(("pk",)),
    "contacts.customer": OfBrand(("brand",)),
    "contacts.account": OfBrand(("customers__brand",)),
    "contacts.proposal": OfBrand(("first__brand", "second__brand")),
    **dict.fromkeys(
        (
            *("contacts.identifier", "contacts.touchpoint", "contacts.appointment", "contacts.optout", "contacts.wish"),
            *("contacts.event", "contacts.override", "contacts.contact", "contacts.decision"),
            *("contacts.newestcontacts", "contacts.consentevent", "analytics.customerrisk"),
        ),
        OF_CUSTOMER,
    ),
    "contacts.importrun": Own("by"),
    "surveys.survey": OfBrand(("brand",)),
    "surveys.look": OfBrand(("brand",)),
    **dict.fromkeys(("surveys.surveyversion", "surveys.program", "surveys.openlink"), OF_SURVEY),
    **dict.fromkeys(("surveys.question", "surveys.translation"), OF_VERSION),
    "surveys.pause": OfBrand(("program__survey__brand",)),
    "surveys.target": OfBrand(("program__survey__brand",)),
    "surveys.plannedtarget": OfBrand(("target__program__survey__brand",)),
    "surveys.plannedgroup": OfBrand(("planned__target__program__survey__brand",)),
    "surveys.openmark": OfBrand(("open_link__survey__brand",)),
    **dict.fromkeys(("surveys.invitation", "surveys.response", "surveys.callcase"), OF_BOTH),
    "surveys.incomingsms": OfBrand(("customer__brand", "invitation__version__survey__brand")),
    "surveys.attempt": _below("invitation"),
    **dict.fromkeys(("surveys.outboxmessage", "surveys.providerevent"), _below("attempt__invitation")),
    "surveys.callattempt": _below("case"),
    "surveys.answer": _below("response"),
    **dict.fromkeys(
        ("analytics.commentreading", "analytics.commenttheme", "analytics.themecorrection", "recovery.followup"),
        _below("response"),
    ),
    "recovery.followupnote": _below("follow_up__response"),
    "analytics.feed": Own("by"),
    "analytics.scheduledreport": Own("recipients"),
    "analytics.reportmail": Own("recipient"),
    "cxsurvey.exportrun": Own("by"),
    **dict.fromkeys(
        (
            *("contacts.policy", "contacts.policyversion", "contacts.contactkind"),
            *("analytics.journeystage", "analytics.metric", "analytics.theme", "analytics.themewords"),
            *("analytics.churnrule", "analytics.driverweight", "recovery.improvement"),
        ),
        Shared(),
    ),
    **dict.fromkeys(
        (
            *(
                "contacts.holdout",
                "contacts.brandlimit",
                "contacts.era",
                "contacts.erased",
                "contacts.erasuredue",
                "contacts.compared",
            ),
            *("contacts.eventsource", "contacts.eventmeaning"),
            *("surveys.wave", "surveys.waverange", "surveys.allowance", "surveys.opensecret"),
            *("surveys.providerrequest", "surveys.contactplan"),
            *("analytics.countedmonth", "analytics.monthchange", "analytics.churnrun"),
            *("recovery.webhookendpoint", "recovery.webhookevent", "recovery.webhookdelivery"),
            *("recovery.webhookattempt", "recovery.webhookmark"),
            *("cxsurvey.heartbeat", "cxsurvey.apitoken", "cxsurvey.auditentry", "cxsurvey.samplestate"),
            *("cxsurvey.exportpace", "cxsurvey.loginsession", "cxsurvey.guesses", "cxsurvey.authenticatorapp"),
            *("cxsurvey.passkey", "cxsurvey.recoverycode", "cxsurvey.retention"),
        ),
        House(),
    ),
}
"""The name of every model of ours -> whose its rows are. One that is not here belongs to the house."""


def belonging(model: type[Model]) -> Belonging:
    """Return whose the rows of a model are."""
    return BELONGS.get(model._meta.label_lower, House())  # noqa: SLF001 - public in all but name


def visible_to(reader: Reader, rows: QuerySet[Row]) -> QuerySet[Row]:
    """Return those of the rows that a reader may read; all of them for who reads all brands."""
    if reader.brands is None:
        return rows
    match belonging(rows.model):
        case OfBrand(paths):
            return _of_brands(rows, paths, reader.brands)
        case Own(path):
            return rows.filter(**{path: reader.user_id})
        case Shared():
            return rows
        case House():
            return rows.none()


def records_read(customer_id: int, reader: Reader) -> list[int]:
    """Return the ids of those records of the person behind a record that somebody may read, in order."""
    records = sorted(record.id for record in read_records([customer_id]))
    if reader.brands is None:
        return records
    return list(visible_to(reader, Customer.objects.filter(pk__in=records)).order_by("pk").values_list("pk", flat=True))


def _of_brands(rows: QuerySet[Row], paths: tuple[str, ...], brands: frozenset[int]) -> QuerySet[Row]:
    first, *others = ({f"{path}__in": sorted(brands)} for path in paths)
    if _leads_to_many(rows.model, paths[0]):
        found = rows.model._default_manager.filter(**first)  # noqa: SLF001 - as above
        return rows.filter(pk__in=found.values("pk"))
    wanted = Q(**first)
    for path, other in zip(paths[1:], others, strict=True):
        wanted &= Q(**other) | Q(**{f"{path.removesuffix('__brand')}__isnull": True})
    return rows.filter(wanted)


def _leads_to_many(model: type[Model], path: str) -> bool:
    try:
        field: Any = model._meta.get_field(path.partition("__")[0])  # noqa: SLF001 - as above
    except FieldDoesNotExist:  # pk
        return False
    return bool(field.one_to_many or field.many_to_many)
