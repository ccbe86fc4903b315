"""What a customer gets who asks what is known of her: everything, to be read and for machines, and what it means."""

import io
import zipfile
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from contacts.models import Customer
from contacts.persons import read_records
from cxsurvey import retention
from cxsurvey.own_data import own_data
from recovery.models import WebhookEndpoint
from surveys.data_in_words import Rows, data_file, data_sections
from surveys.own_page_words import own_page_words
from surveys.page_words import page_words
from surveys.texts import zone

README = """All that {organisation} keeps about one person in its customer surveys, as of {at}.

data.html   the same to be read, in any browser
data.json   the same for programs; its part "legend" says what each part and column is

WHAT FOR. To ask customers about experiences with us, at most as often as our rules and their wishes allow, to see to
what they complained about, and to count their answers.

FROM WHERE. From the customer, and from these of our systems: {sources}.

WHO IS TOLD. {told}

HOW LONG. {kept}

DECISIONS BY PROGRAMS. Whether and when somebody is asked is decided by rules, each with its reasons in the part
"{decisions}". How likely somebody is to leave, where it was reckoned, is in the part "{risks}".

RIGHTS. To have this corrected or erased, to object, to have it in this form, and to complain to the authority for data
protection. Behind the link of every message is a page on which most of it works at once.
"""


def sections(customer: Customer) -> Collection[tuple[str, Rows]]:
    """Return everything that is kept about the person of a record, to be read, in the language of the staff."""
    return data_sections(_data(customer), settings.LANGUAGE_CODE, zone(customer))


def archive(customer: Customer, at: datetime) -> bytes:
    """Return a zip archive with everything that is kept about the person of a record, in her own language."""
    data, language = _data(customer), page_words(customer.language).language
    own = own_page_words(language)
    page = {"own_words": own, "language": language, "sections": data_sections(data, language, zone(customer))}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("README.txt", _readme(customer, at))
        parts.writestr("data.html", render_to_string("cxsurvey/own_data_file.html", page))
        parts.writestr("data.json", data_file(data, language))
    return file.getvalue()


def _data(customer: Customer) -> dict[str, list[dict[str, object]]]:
    return own_data(_records(customer), customer.time_zone)


def _records(customer: Customer) -> list[int]:
    return [record.id for record in read_records([customer.pk])]


def _readme(customer: Customer, at: datetime) -> str:
    own = own_page_words(settings.LANGUAGE_CODE)
    told = WebhookEndpoint.objects.filter(personal=True).order_by("name").values_list("name", flat=True)
    sources = Customer.objects.filter(pk__in=_records(customer)).order_by("source").values_list("source", flat=True)
    return README.format(
        organisation=settings.ORGANISATION_NAME,
        at=f"{timezone.localtime(at):%Y-%m-%d %H:%M}",
        sources=", ".join(dict.fromkeys(sources)),
        told=f"Providers that carry our messages, and these systems: {', '.join(told)}."
        if told
        else "Providers that carry our messages, and nobody else.",
        kept="; ".join(_kept()) + ".",
        decisions=own.sections["decisions"],
        risks=own.sections["risks"],
    )


def _kept() -> list[str]:
    days = retention.all_days()
    told = {kind.name: days[kind.key] for kind in retention.KINDS}
    return [f"{name}: {f'{kept:,} days' if kept else 'for good'}" for name, kept in told.items()]
