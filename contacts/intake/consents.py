"""Consents that another system took down: what was said, when, to which words; each is kept, and takes effect."""

from collections.abc import Sequence
from datetime import datetime

from contacts import consent
from contacts.intake import fields
from contacts.intake.customers import known_records
from contacts.intake.erased import without_erased
from contacts.intake.rows import Column, Line, Subject, Tally, Values
from contacts.intake.tables import Reject
from contacts.models import ConsentEvent, ImportRun
from contacts.models.words import Channel, Via
from contacts.persons import lock_records
from contacts.proof import Proof, keep

Said = ConsentEvent.Said
_SAID = {
    **dict.fromkeys(("no", "optout", "unsubscribe", "unsubscribed", "stop", "withdrawn", "denied", "false"), "opt_out"),
    **dict.fromkeys(("yes", "optin", "subscribe", "subscribed", "start", "given", "granted", "true"), "opt_in"),
}
_CHANNELS = {"mail": "email", "text": "sms", "call": "phone", "telephone": "phone"}
_UNKNOWN = "a customer of the source {}; import the customers first, or name the source they are of"
_HERS = "a yes that the customer gave later than her no: she said no here in person, and only she can take it back"


def _check(values: Values, at: datetime) -> None:
    fields.happened(values["at"], at, "at")


def _write(lines: Sequence[Line], source: str, at: datetime) -> Tally:
    lines, rejects = without_erased(lines, source, "customer")
    records = known_records(source, {line.values["customer"] for line in lines})
    lock_records(record.id for record in records.values())  # in one order, so that nobody waits crosswise
    kept = ConsentEvent.objects.filter(source=source, customer__in=[record.id for record in records.values()])
    known = set(kept.values_list("customer", "evidence"))
    tally = Tally(rejects=rejects)
    for line in sorted(lines, key=lambda line: line.values["at"]):
        record = records.get(line.values["customer"])
        if record is None:
            tally.rejects.append(Reject(line.number, "customer", line.values["customer"], _UNKNOWN.format(source)))
        elif (record.id, _evidence(line.values)) in known:
            tally.unchanged += 1
        elif _say(record.id, line.values, source, at):
            tally.created += 1
        else:
            tally.rejects.append(Reject(line.number, "said", line.values["said"], _HERS))
    return tally


def _say(record: int, values: Values, source: str, at: datetime) -> bool:
    """Let a word take effect where nothing later was said, and keep it; return False where that is not ours to do."""
    channel, said_at = values.get("channel", ""), values["at"]
    proof = Proof(
        evidence=_evidence(values),
        wording=values.get("wording", ""),
        shown=values.get("shown", ""),
        language=values.get("language", ""),
        version=values.get("version", ""),
        source=source,
        recorded_at=at,
    )
    said = Said(values["said"])
    later = ConsentEvent.objects.filter(customer=record, channel__in=["", channel], at__gt=said_at)
    if later.filter(said__in=[Said.OPT_OUT, Said.OPT_IN]).exists():
        keep(record, said, channel, proof, at=said_at, via=Via.IMPORT)
        return True
    try:
        if said == Said.OPT_OUT:
            standing = consent.opt_out(record, channel, at=said_at, via=Via.IMPORT, proof=proof)
            if standing.at != said_at:  # there was one already, which stands; this word is kept beside it
                keep(record, said, channel, proof, at=said_at, via=Via.IMPORT)
        else:
            consent.reopen(record, channel, at=said_at, via=Via.IMPORT, proof=proof)
    except consent.ConsentError:
        return False
    return True


def _evidence(values: Values) -> str:
    return f"its id there: {values['external_id']}"


CONSENTS = Subject(
    name=ImportRun.Subject.CONSENTS,
    columns=(
        Column("external_id", fields.key, required=True, also=("id", "consent", "consentid", "eventid")),
        Column(
            "customer",
            fields.customer_key,
            required=True,
            also=("customerid", "customerno", "customernumber", "userid", "contactid"),
        ),
        Column(
            "at",
            fields.instant,
            required=True,
            also=("date", "datetime", "time", "timestamp", "consentedat", "saidat", "optinat", "optoutat"),
        ),
        Column(
            "said", fields.word([Said.OPT_OUT, Said.OPT_IN], _SAID), required=True, also=("consentstatus", "status")
        ),
        Column("channel", fields.word(Channel.values, _CHANNELS), also=("medium", "via")),
        Column("shown", fields.text_up_to(5000), also=("text", "consenttext", "statement", "legaltext")),
        Column("version", fields.text_up_to(120), also=("textversion", "consentversion", "form")),
        Column("language", fields.language, also=("lang", "locale")),
        Column("wording", fields.text_up_to(5000), also=("words", "comment", "note")),
    ),
    check=_check,
    write=_write,
    attributes=False,
)
