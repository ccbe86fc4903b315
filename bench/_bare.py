"""The bare claim: the wave of `bench._world` in SQL that does nothing else, in chunks of 20,000 customers.

Each chunk is one transaction: the customers are locked in the order of their ids, all is decided from the cache of
newest contacts in one statement, and four more write the ledger, decisions, invitations and the cache. How much a cap
holds is counted in the ledger where the cache does not tell, as in the product. Days are 24 hours here and every day
opens at the same hour, so that a few customers get another answer near a change of the clocks.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max

from bench._world import AT, DAY, POLICY, PROGRAM, ZONES
from contacts.copying import micros_of, stored
from contacts.frequency import parse_policy
from contacts.frequency.caps import Cap
from contacts.frequency.facts import RELEASED, Row
from contacts.frequency.zone_arrays import micros
from contacts.models import ContactKind, Customer, PolicyVersion
from contacts.models.newest import DEPTH
from surveys.links import signing_key
from surveys.models import Program, SurveyVersion

CHUNK = 20_000
MICROS_OF_DAY = 86_400_000_000
OPEN_MICROS = 13 * 3_600_000_000
"""From 08:00 to 21:00."""
DIALECTS = {
    "postgresql": {
        "lock": "SELECT count(*) FROM (SELECT FROM contacts_customer WHERE id BETWEEN {first} AND {last} "
        "ORDER BY id FOR NO KEY UPDATE) locked",
        "greatest": "greatest",
        "instant": "(timestamptz 'epoch' + {0} * interval '1 microsecond')",
        "text": "to_char(timestamp 'epoch' + {0} * interval '1 microsecond', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
        "json": "{0}::jsonb",
        "false": "false",
        "next_id": "nextval(pg_get_serial_sequence('contacts_contact', 'id'))",
    },
    "sqlite": {
        "lock": "SELECT 1",  # the transaction has locked the file
        "greatest": "max",
        "instant": "datetime({0} / 1000000, 'unixepoch')",
        "text": "strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', {0} / 1000000, 'unixepoch')",
        "json": "{0}",
        "false": "0",
        "next_id": "(SELECT seq FROM sqlite_sequence WHERE name = 'contacts_contact') + row_number() OVER ()",
    },
}


def claim() -> dict[str, object]:
    """Plan the wave; returns how many were decided about and asked."""
    statements = [_decide(), *_write()]
    dialect = DIALECTS[connection.vendor]
    last = Customer.objects.aggregate(last=Max("pk"))["last"]
    _create_zones()
    totals = [0, 0]
    for first in range(1, last + 1, CHUNK):
        bounds = {"first": first, "last": first + CHUNK - 1}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(dialect["lock"].format(**bounds))
            for statement in statements:
                cursor.execute(statement, bounds if "%(" in statement else None)
            cursor.execute("SELECT count(*), count(contact_id) FROM chosen")
            totals = [total + more for total, more in zip(totals, cursor.fetchone(), strict=True)]
            cursor.execute("DROP TABLE chosen")
    return {"touchpoints": totals[0], "asked": totals[1]}


def _create_zones() -> None:
    """A table of the zones with the last opening at or before AT, from which on every day opens at the same hour."""
    opening = {zone: _opened(ZoneInfo(zone)) for zone in ZONES}
    rows = ", ".join(f"('{zone}', CAST('{micros(at)}' AS bigint))" for zone, at in opening.items())
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE zone (name varchar(64), opened bigint)")
        cursor.execute(f"INSERT INTO zone VALUES {rows}")


def _opened(zone: ZoneInfo) -> datetime:
    opening = AT.astimezone(zone).replace(hour=8, minute=0)
    return opening if opening <= AT else opening - timedelta(days=1)


class _CapColumns:
    """What the decision computes about one cap, by name: `used_`, `until_`, `begin_`."""

    def __init__(self, number: int, cap: Cap) -> None:
        days = int(cap.window.days)  # type: ignore[union-attr]  # the policy of the benchmark has days only
        kinds = [kind for kind in ContactKind.objects.all() if cap.counts(_row(kind))]
        everything = len(kinds) == ContactKind.objects.count()
        ids = ", ".join(str(kind.pk) for kind in kinds)
        self.number, self.cap, self.span = number, cap, days * MICROS_OF_DAY
        self.begin, self.begin_text = micros(AT - days * DAY), stored(AT - days * DAY)
        self.flags = [
            f"CASE WHEN at_{n} > {self.begin}{'' if everything else f' AND kind_{n} IN ({ids})'} THEN 1 ELSE 0 END"
            for n in range(1, DEPTH + 1)
        ]

    def flag_columns(self) -> str:
        return ", ".join(f"{flag} AS flag_{self.number}_{n}" for n, flag in enumerate(self.flags, 1))

    def known(self) -> str:
        """How many of the newest contacts count, and the one whose end makes room."""
        sums = [" + ".join(f"flag_{self.number}_{m}" for m in range(1, n + 1)) for n in range(1, DEPTH + 1)]
        places = range(self.cap.limit, DEPTH + 1)
        nth = " ".join(f"WHEN {sums[n - 1]} = {self.cap.limit} THEN at_{n}" for n in places)
        return f"{sums[-1]} AS known_{self.number}, CASE {nth} END + {self.span} AS until_{self.number}"

    def used(self) -> str:
        """What the cap holds, counted in the ledger where the cache may not show all."""
        channels = " AND channel IN ({})".format(", ".join(f"'{name}'" for name in sorted(self.cap.channels)))
        released = ", ".join(f"'{outcome}'" for outcome in sorted(RELEASED))
        counted = (
            f"SELECT count(*) FROM contacts_contact contact WHERE contact.customer_id = known.customer_id "
            f"AND at > '{self.begin_text}' AND at <= '{stored(AT)}' AND outcome NOT IN ({released}) "
            f"AND purpose NOT IN ('response', 'decline'){channels if self.cap.channels else ''}"
        )
        known = f"known_{self.number}"
        return (
            f"CASE WHEN {known} < {self.cap.limit} THEN 0 WHEN at_{DEPTH} > {self.begin} THEN ({counted}) "
            f"ELSE {known} END AS used_{self.number}"
        )

    def reason(self, text: str) -> str:
        until = text.format(f"until_{self.number}")
        return _when(
            f"used_{self.number} > 0",
            f'\'{{"rule": "{self.cap.name}", "kind": "cap", "used": \' || used_{self.number} || '
            f'\', "limit": {self.cap.limit}, "until": "\' || {until} || \'", "channel": "email"}}, \'',
        )


def _row(kind: ContactKind) -> Row:
    return Row(AT, kind.channel, kind.purpose, "delivered", kind.survey, kind.program, kind.source)


def _when(condition: str, text: str) -> str:
    return f"CASE WHEN {condition} THEN {text} ELSE '' END"


def _fixed(rule: str, kind: str) -> str:
    return f'\'{{"rule": "{rule}", "kind": "{kind}", "channel": "email"}}, \''


def _decide() -> str:
    """The statement that decides about a chunk: into the temporary table `chosen`."""
    dialect, at = DIALECTS[connection.vendor], micros(AT)
    caps = [_CapColumns(n, cap) for n, cap in enumerate(parse_policy(POLICY).caps)]
    untils = [f"CASE WHEN used_{cap.number} > 0 THEN until_{cap.number} ELSE {at} END" for cap in caps]
    since_opening = f"(room - opened) %% {MICROS_OF_DAY}"
    return f"""
CREATE TEMPORARY TABLE chosen AS
WITH cached AS MATERIALIZED ({_cached(caps)}
), known AS (SELECT cached.*, {", ".join(cap.known() for cap in caps)} FROM cached
), counted AS MATERIALIZED (SELECT known.*, {", ".join(cap.used() for cap in caps)} FROM known
), roomy AS (SELECT counted.*, {dialect["greatest"]}({", ".join(untils)}) AS room FROM counted
), possible AS MATERIALIZED (
    SELECT roomy.*, CASE WHEN refused THEN NULL WHEN {since_opening} < {OPEN_MICROS} THEN room
        ELSE room - {since_opening} + {MICROS_OF_DAY} END AS possible FROM roomy
)
SELECT customer_id, touchpoint_id, address_id, expires, possible,
    CASE WHEN possible IS NULL OR possible > expires THEN 'skip' WHEN possible = {at} THEN 'send' ELSE 'delay' END
    AS result,
    CASE WHEN possible <= expires THEN {dialect["next_id"]} END AS contact_id,
    '[' || rtrim({" || ".join(_reasons(caps))}, ', ') || ']' AS reasons
FROM possible"""


def _cached(caps: Sequence[_CapColumns]) -> str:
    """The touchpoints of a chunk that are not decided about, with the newest contacts of their customers."""
    program, instants = Program.objects.get(), ", ".join(f"at_{n}" for n in range(1, DEPTH + 1))
    return f"""
    SELECT customer.id AS customer_id, touchpoint.id AS touchpoint_id, address.id AS address_id, opened,
        {micros_of("touchpoint.occurred_at")} + {micros(AT + program.worth) - micros(AT)} AS expires,
        opt_out.id IS NOT NULL AS refused, {instants}, {", ".join(cap.flag_columns() for cap in caps)}
    FROM contacts_customer customer
    JOIN contacts_newestcontacts newest ON newest.customer_id = customer.id
    JOIN zone ON zone.name = customer.time_zone
    JOIN contacts_touchpoint touchpoint ON touchpoint.customer_id = customer.id AND touchpoint.kind = 'purchase'
        AND touchpoint.occurred_at BETWEEN '{stored(program.starts_at)}' AND '{stored(AT - program.delay)}'
    JOIN contacts_identifier address ON address.customer_id = customer.id AND address.type = 'email'
        AND address.closed_at IS NULL
    LEFT JOIN contacts_optout opt_out ON opt_out.customer_id = customer.id AND opt_out.reopened_at IS NULL
        AND opt_out.channel IN ('', 'email')
    WHERE customer.id BETWEEN %(first)s AND %(last)s
        -- Counted, because as a join it is planned for the empty table of the last ANALYZE and compares all with all.
        AND (SELECT count(*) FROM contacts_decision decided WHERE decided.touchpoint_id = touchpoint.id
            AND decided.program = '{PROGRAM}' AND decided.stage = 'plan') = 0"""


def _reasons(caps: Sequence[_CapColumns]) -> list[str]:
    """Texts for SQL, each a reason as JSON with a comma behind it, or empty where it does not hold."""
    dialect, at = DIALECTS[connection.vendor], micros(AT)
    opens = f"(CASE WHEN {at} - opened < {OPEN_MICROS} THEN {at} ELSE opened + {MICROS_OF_DAY} END)"
    hours = (
        f'\'{{"rule": "hours", "kind": "hours", "until": "\' || {dialect["text"].format(opens)} '
        '|| \'", "channel": "email"}, \''
    )
    return [
        _when("refused", _fixed("opt-out", "consent")),
        *(cap.reason(dialect["text"]) for cap in caps),
        _when(f"{opens} > {at}", hours),
        _when("NOT refused AND possible > expires", _fixed("expiry", "expiry")),
    ]


def _write() -> list[str]:
    """The statements that write what was decided."""
    dialect, program = DIALECTS[connection.vendor], Program.objects.select_related("survey").get()
    version = SurveyVersion.objects.get(state=SurveyVersion.State.PUBLISHED)
    policy, at = PolicyVersion.objects.get(in_force=True), stored(AT)
    possible, no = dialect["instant"].format("possible"), dialect["false"]
    alike = f"'email', 'invitation', '{program.survey.slug}', '{program.slug}'"
    kind, _ = ContactKind.objects.get_or_create(
        channel="email", purpose="invitation", survey=program.survey.slug, program=program.slug, source="cxsurvey"
    )
    moved = ", ".join(f"{name}_{n} = newest.{name}_{n - 1}" for name in ("at", "kind") for n in range(2, DEPTH + 1))
    return [
        f"""
INSERT INTO contacts_contact (id, customer_id, at, address_id, channel, purpose, survey, program, outcome, source,
    external_id, tags, seconds, priority, expires_at, simulated, recorded_at, updated_at)
SELECT contact_id, customer_id, {possible}, address_id, {alike}, 'reserved', 'cxsurvey', '',
    {dialect["json"].format("'[]'")}, {version.seconds}, {program.priority},
    {dialect["instant"].format("expires")}, {no}, '{at}', '{at}' FROM chosen WHERE contact_id IS NOT NULL
""",
        f"""
INSERT INTO contacts_decision (customer_id, touchpoint_id, contact_id, channel, purpose, survey, program, result,
    allowed_at, reasons, counted, stage, at, policy_version_id, probability, decided_at)
SELECT customer_id, touchpoint_id, contact_id, {alike}, result, {possible}, {dialect["json"].format("reasons")},
    {dialect["json"].format("'[]'")}, 'plan', '{at}', {policy.pk}, {program.share}, '{at}' FROM chosen
""",
        f"""
INSERT INTO surveys_invitation (touchpoint_id, customer_id, contact_id, channel, address_id, language, due_at,
    expires_at, closes_at, simulated, program_id, version_id, purpose, link_key, created_at, state, state_reason,
    claimed_by)
SELECT touchpoint_id, customer_id, contact_id, 'email', address_id, 'en', {possible},
    {dialect["instant"].format("expires")},
    {dialect["instant"].format(f"(possible + {program.link_days * MICROS_OF_DAY})")}, {no}, {program.pk}, {version.pk},
    'invitation', '{signing_key()}', '{at}', 'planned', '', '' FROM chosen WHERE contact_id IS NOT NULL
""",
        f"""
UPDATE contacts_newestcontacts AS newest SET at_1 = chosen.possible, kind_1 = {kind.pk}, {moved}
FROM chosen WHERE chosen.customer_id = newest.customer_id AND chosen.contact_id IS NOT NULL
""",
    ]
