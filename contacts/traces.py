"""By what a person is found in texts and files that belong to nobody, however her addresses are spelled there."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import chain
from operator import or_
from typing import Any
from urllib.parse import quote_plus

import phonenumbers
from django.db.models import Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Replace

from contacts.models import Customer, Identifier
from contacts.sharing import ADDRESS_TYPES

SEPARATORS = " -().+/"
"""What people put between the digits of a number."""
SHORTEST = 7
"""Digits of a number that tells whose it is without its country code."""
LONGEST = 600
"""Characters that a name or an address takes up at most, with what is around it."""
_BETWEEN = r"[\s().\-/]{0,3}"
_CELL_BEGINS, _CELL_ENDS = r"""(?<=[,;\t"'\r\n>|])\s*""", r"""\s*(?=[,;\t"'\r\n<|])"""


@dataclass(frozen=True, slots=True)
class Traces:
    """`emails` and `phones` (E.164) are looked for anywhere in a text, `names` (also her ids) where they are all of it.

    All of them are in lower case (`str.casefold`).
    """

    emails: frozenset[str]
    phones: frozenset[str]
    names: frozenset[str]

    def are_in(self, text: str) -> bool:
        """Whether a text is one of the names or holds one of the addresses."""
        text = text.strip().casefold()
        return text in self.names or any(pattern.search(text) for pattern in self._addresses())

    def are_mentioned_in(self, text: str) -> bool:
        """Whether one of the addresses or names stands anywhere in a text, as a word."""
        text = text.casefold()
        words = (rf"(?<!\w){re.escape(name)}(?!\w)" for name in self.names)
        return self.are_in(text) or any(re.search(word, text) for word in words)

    def are_in_cells(self, pieces: Iterable[bytes]) -> bool:
        """Whether one of the addresses stands in a file of rows, or one of the names is a cell of it."""
        names = "|".join(map(re.escape, sorted(self.names)))
        patterns = [*self._addresses(), *([re.compile(f"{_CELL_BEGINS}(?:{names}){_CELL_ENDS}")] if names else [])]
        end = "\n"
        for piece in chain(pieces, (b"\n",)):
            text = end + piece.decode(errors="ignore").casefold()
            if any(pattern.search(text) for pattern in patterns):
                return True
            end = text[-LONGEST:]
        return False

    def rows_with(self, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
        """Return the rows in whose column, a text or JSON, one of the addresses stands, however it is spelled."""
        text = Cast(column, TextField())
        written = [Q(whole__icontains=form) for email in self.emails for form in (email, quote_plus(email))]
        dialled = [Q(digits__icontains=_digits(phone)) for phone in self.phones]
        if not written and not dialled:
            return rows.none()
        spelled: QuerySet[Any] = rows.alias(whole=text, digits=without(SEPARATORS, text))
        return spelled.filter(reduce(or_, [*written, *dialled]))

    def _addresses(self) -> list[re.Pattern[str]]:
        return _patterns(self.emails, self.phones)


NOWHERE = Traces(frozenset(), frozenset(), frozenset())
"""Of somebody who is not to be looked for outside her own rows."""


def traces(records: Collection[int]) -> Traces:
    """Return by what the person with these records can be found. Two statements."""
    identifiers = Identifier.objects.filter(customer__in=records).values_list("type", "value")
    people = Customer.objects.filter(pk__in=records, erased_at=None).values_list("name", "external_id")
    known = [(type_, value.casefold()) for type_, value in identifiers]
    names = {text.casefold() for texts in people for text in texts if text}
    return Traces(
        emails=frozenset(value for type_, value in known if type_ == Identifier.Type.EMAIL),
        phones=frozenset(value for type_, value in known if type_ == Identifier.Type.PHONE),
        names=frozenset(names | {value for type_, value in known if type_ not in ADDRESS_TYPES.values()}),
    )


def without(characters: str, text: Func) -> Func:
    """Return SQL for a text without these characters."""
    for character in characters:
        text = Replace(text, Value(character), Value(""), output_field=TextField())
    return text


@lru_cache(maxsize=8)  # of whom is looked for in one text after the other
def _patterns(emails: frozenset[str], phones: frozenset[str]) -> list[re.Pattern[str]]:
    mailed = (rf"(?<![\w.+-]){re.escape(one)}(?![\w-])|{re.escape(quote_plus(one).casefold())}" for one in emails)
    return [re.compile(pattern) for pattern in (*mailed, *map(_spelled, phones))]


def _digits(phone: str) -> str:
    """What stands in every spelling of a number."""
    code, home = _parts(phone)
    return home if len(home) >= SHORTEST else code + home


def _parts(phone: str) -> tuple[str, str]:
    """Country code and the rest of a number in E.164, both in digits; of anything else its digits."""
    digits = re.sub(r"\D", "", phone)
    try:
        code = str(phonenumbers.parse(phone).country_code)
    except phonenumbers.NumberParseException:
        return "", digits
    return code, digits.removeprefix(code)


def _spelled(phone: str) -> str:
    code, home = _parts(phone)
    before = rf"(?:(?:\+|00)?{_BETWEEN}{_apart(code)}{_BETWEEN})"
    national = rf"{before}?0?{_BETWEEN}" if len(home) >= SHORTEST else before
    return rf"(?<!\d){national}{_apart(home)}(?!\d)"


def _apart(digits: str) -> str:
    return _BETWEEN.join(digits)
