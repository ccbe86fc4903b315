"""Customers and their addresses, by source and external id."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings

from contacts.erasing import stay_in_peace
from contacts.intake import fields
from contacts.intake.adding import add_rows
from contacts.intake.changes import compare, known_rows, save
from contacts.intake.erased import without_erased
from contacts.intake.rows import Column, Line, Subject, Tally, Values
from contacts.intake.tables import Reject
from contacts.many_rows import add_or_change, add_unless_there
from contacts.models import Account, Brand, Customer, Identifier, ImportRun

ADDRESSES = (Identifier.Type.EMAIL, Identifier.Type.PHONE)


class Record(NamedTuple):
    """A customer's record and the record that stands for the whole person."""

    id: int
    person_id: int


def records_of(source: str, external_ids: Collection[str], at: datetime) -> dict[str, Record]:
    """Return the records by external id; those that were never heard of are created."""
    found = known_records(source, external_ids)
    unknown = sorted(set(external_ids) - found.keys())
    if unknown:
        # Another import may be creating the same ones.
        rows = [{"external_id": key} for key in unknown]
        add_unless_there(Customer, rows, source=source, created_at=at, updated_at=at)
        found |= known_records(source, unknown)
    return found


def known_records(source: str, external_ids: Collection[str]) -> dict[str, Record]:
    """Return by external id the records that are there."""
    rows = Customer.objects.filter(source=source, external_id__in=external_ids)
    return {
        key: Record(pk, merged_into or pk)
        for key, pk, merged_into in rows.values_list("external_id", "id", "merged_into_id")
    }


class Known:
    """The records of a source that have been asked for, each looked up once: what is found stays for a transaction."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._found: dict[str, Record] = {}

    def among(self, external_ids: Collection[str]) -> dict[str, Record]:
        """Return by external id the records that are there by now."""
        if missing := [key for key in external_ids if key not in self._found]:
            self._found |= known_records(self.source, missing)
        return {key: self._found[key] for key in external_ids if key in self._found}


def _check(values: Values, _at: datetime) -> None:
    if values.get("phone"):
        values["phone"] = fields.phone(values["phone"], values.get("country") or settings.DEFAULT_PHONE_REGION)


def _write(lines: Sequence[Line], source: str, at: datetime) -> Tally:
    lines, rejects = without_erased(lines, source, "external_id")
    lines, unknown = _with_brands(lines)
    rejects += unknown
    _resolve_accounts(lines, source)
    for line in lines:
        for kind in ADDRESSES:
            if not line.values.get(kind):  # no address in the file does not mean that the one we know is wrong
                line.values.pop(kind, None)
    known = known_rows(Customer.objects, source, lines, ADDRESSES)
    _add_addresses(known)
    changes = compare(lines, known)
    ids = save(Customer.objects, source, changes.rows, ADDRESSES, created_at=at, updated_at=at)
    _write_addresses(changes.rows, known, ids, at)
    stay_in_peace(ids.values(), at=at)
    changes.tally.rejects += rejects
    return changes.tally


def _with_brands(lines: Sequence[Line]) -> tuple[list[Line], list[Reject]]:
    """Replace each brand's key by its row; no brand in the file leaves the one that is known. None is made here."""
    if not any("brand" in line.values for line in lines):
        return list(lines), []
    brands = dict(Brand.objects.values_list("slug", "pk"))
    kept, rejects = [], []
    for line in lines:
        key = line.values.pop("brand", "")
        if key and key not in brands:
            rejects.append(Reject(line.number, "brand", key, f"the key of a brand: {', '.join(sorted(brands))}"))
            continue
        if key:
            line.values["brand_id"] = brands[key]
        kept.append(line)
    return kept, rejects


def _resolve_accounts(lines: Sequence[Line], source: str) -> None:
    """Replace each account's external id by its row, created where it is new."""
    wanted = {line.values["account"] for line in lines if line.values.get("account")}
    add_unless_there(Account, [{"external_id": key} for key in sorted(wanted)], source=source)
    accounts = Account.objects.filter(source=source, external_id__in=wanted)
    ids = dict(accounts.values_list("external_id", "id"))
    for line in lines:
        if "account" in line.values:
            line.values["account_id"] = ids.get(line.values.pop("account"))


def _add_addresses(known: dict[str, Values]) -> None:
    """Add to what is known the address of each kind that was seen last."""
    by_id = {values["id"]: values for values in known.values()}
    addresses = Identifier.objects.filter(customer__in=by_id, type__in=ADDRESSES, issuer="")
    newest_last = addresses.order_by("last_seen_at", "id")
    for customer_id, kind, value in newest_last.values_list("customer_id", "type", "value"):
        by_id[customer_id][kind] = value


def _write_addresses(rows: dict[str, Values], known: dict[str, Values], ids: dict[str, int], at: datetime) -> None:
    """Keep an address that is new for its customer, or note that it was seen again; a closed one stays closed."""
    new = [
        {"customer_id": ids[key], "type": kind, "value": row[kind]}
        for key, row in rows.items()
        for kind in ADDRESSES
        if "id" not in row and kind in row
    ]
    if new:
        add_rows(Identifier, new, first_seen_at=at, last_seen_at=at)
    see(
        (
            {"customer_id": ids[key], "type": kind.value, "issuer": "", "value": row[kind]}
            for key, row in rows.items()
            for kind in ADDRESSES
            if "id" in row and kind in row and row[kind] != known.get(key, {}).get(kind)
        ),
        at,
    )


def see(identifiers: Iterable[Values], at: datetime) -> None:
    """Keep by which addresses and ids customers are known, or note that these were seen again."""
    once = ("customer_id", "type", "issuer", "value")
    add_or_change(Identifier, [*identifiers], once, ["last_seen_at"], first_seen_at=at, last_seen_at=at)


CUSTOMERS = Subject(
    name=ImportRun.Subject.CUSTOMERS,
    columns=(
        Column(
            "external_id",
            fields.customer_key,
            required=True,
            also=("id", "customer", "customerid", "customerno", "customernumber", "contactid", "userid"),
        ),
        Column("name", fields.text_up_to(200), also=("fullname", "customername")),
        Column("email", fields.email, also=("emailaddress", "mail")),
        Column("phone", fields.one_line, also=("mobile", "mobilephone", "phonenumber", "telephone", "cell", "tel")),
        Column("timezone", fields.zone, field="time_zone", also=("tz",)),
        Column("language", fields.language, also=("lang", "locale")),
        Column("country", fields.country, also=("countrycode",)),
        Column("brand", fields.text_up_to(50), also=("brandname", "brandkey")),
        Column("account", fields.key, also=("accountid", "company", "companyid", "household", "householdid")),
        Column("value", fields.amount, empty=None, also=("customervalue", "revenue", "lifetimevalue", "clv")),
    ),
    check=_check,
    write=_write,
)
