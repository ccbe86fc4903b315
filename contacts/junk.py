"""Values that stand for nobody in particular, which systems and people write where they have none. Pure.

One list for files, events and help desks: an id or an address that many share by accident would make them one person.
"""

NO_ID = frozenset({"null", "none", "nil", "nan", "n/a", "#n/a", "undefined", "-"})
"""What exports write where there is no id."""
NOBODY = NO_ID | {"anonymous", "guest", "unknown", "test", "na", "(not set)", "[object object]"}
"""What systems call whoever they do not know."""
_READS_NO_MAIL = frozenset({"noreply", "donotreply", "nomail", "noemail", "mailerdaemon", "postmaster", "bounces"})
_FILLERS = frozenset({"none", "null", "na", "unknown", "anonymous", "nobody", "test", "asdf", "abc", "xxx", "fake"})
"""Mailboxes, without their marks: nobody's at all; and nobody's where the domain is as empty a word."""
_EMPTY_DOMAINS = _FILLERS | {"example", "mail", "email", "domain", "invalid", "localhost"}
OF_ROLES = (
    *("info", "marketing", "sales", "support", "service", "contact", "kontakt", "office", "hello", "team", "help"),
    *("admin", "webmaster", "abuse", "security", "billing", "accounts", "reception", "enquiries", "mail"),
)
"""Mailboxes that more people than one may read (RFC 2142, and others): kept, and shown to be looked at."""
_ROW = "01234567890123456789"
_ALIKE, _IN_A_ROW = 7, 9
"""So many digits alike, or in the order of the keys, are at the end of no phone number that anybody was given."""


def is_junk_id(text: str) -> bool:
    """Whether an id of a customer stands for nobody: a placeholder's word, or nothing but zeros and marks."""
    return text.strip().casefold() in NOBODY or not text.strip("0-_.{} ")


def is_junk_email(address: str) -> bool:
    """Whether a normalised email address is nobody's: one that reads no mail, or one made up to fill a field."""
    mailbox, _, domain = address.rpartition("@")
    word = "".join(filter(str.isalnum, mailbox.partition("+")[0]))
    return word in _READS_NO_MAIL or (word in _FILLERS and domain.partition(".")[0] in _EMPTY_DOMAINS)


def is_junk_phone(number: str) -> bool:
    """Whether a phone number in E.164 was made up to fill a field: one digit over and over, or 12345678."""
    row = number[-_IN_A_ROW:]
    return len(set(number[-_ALIKE:])) == 1 or row in _ROW or row in _ROW[::-1]
