"""Touchpoints of a range of customers -> turns at the gate -> invitations, all in the caller's transaction."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from contacts.copying import among_ids, copy_rows, micros_of, stored
from contacts.frequency import Reason
from contacts.frequency.zone_arrays import EPOCH
from contacts.gate.rounds import Terms, Turn
from contacts.gate.wave import Served, serve
from contacts.models.words import Purpose
from surveys.asking import give_way
from surveys.candidates import draw
from surveys.channels.gateways import served
from surveys.links import signing_key
from surveys.models import Invitation, Program, SurveyVersion

SAMPLING = Reason("sampling", "sampling")


class Candidate(NamedTuple):
    """A touchpoint that a program has to decide about; `rank` says who is served first when two compete."""

    rank: tuple[int, int, float]
    turn: Turn
    language: str


class Inviting(NamedTuple):
    """A program that is planned, with the published version of its survey."""

    program: Program
    version: SurveyVersion

    @property
    def terms(self) -> Terms:
        """What the program's turns at the gate have in common."""
        program = self.program
        return Terms(
            program=program.slug,
            survey=program.survey.slug,
            channels=served(program.contact_channels),
            purpose=Purpose.INVITATION,
            seconds=self.version.seconds,
            priority=program.priority,
            probability=program.share,
        )

    def candidates(self, touchpoint_ids: Sequence[int]) -> Iterator[Candidate]:
        """Yield the candidates; one outside the sample carries its refusal."""
        terms, program = self.terms, self.program
        for pk, customer, occurred, language, made_up, by_made_up, *key in _read(touchpoint_ids):
            drawn = draw(program.slug, *key)
            expires = EPOCH + timedelta(microseconds=occurred) + program.worth
            # What a made-up customer answers is made up, also about a real touchpoint.
            simulated = bool(made_up or by_made_up)
            turn = Turn(terms, customer, pk, expires, simulated, None if drawn < program.share else SAMPLING)
            yield Candidate((-program.priority, occurred, drawn), turn, language)

    def write(self, placed: Sequence[Served], languages: Mapping[int, str], at: datetime) -> None:
        """Write an invitation for each turn that got a place."""
        default = self.version.survey.brand.default_language
        days = timedelta(days=self.program.link_days)
        rows = (
            (
                turn.touchpoint_id,
                turn.customer_id,
                contact_id,
                answer.channel,
                answer.address_id,
                languages[turn.touchpoint_id] or default,
                stored(answer.allowed_at),
                stored(turn.expires),
                stored(answer.allowed_at + days),
                turn.simulated,
            )
            for answer, contact_id, _ in placed
            for turn in [answer.turn]
            if answer.allowed_at
        )
        copy_rows(
            Invitation,
            (
                *("touchpoint_id", "customer_id", "contact_id", "channel", "address_id"),
                *("language", "due_at", "expires_at", "closes_at", "simulated"),
            ),
            rows,
            program_id=self.program.pk,
            version_id=self.version.pk,
            purpose=Purpose.INVITATION,
            link_key=signing_key(),
            created_at=stored(at),
        )


def invite(touchpoints: Mapping[str, Sequence[int]], programs: Mapping[str, Inviting], at: datetime) -> list[Served]:
    """Decide about touchpoints (program id -> their ids) and invite those whom the gate lets through.

    All programs compete in one order: by priority, then the oldest experience, then a stable hash. Those of a program
    that is planned no more are left undecided.
    """
    found = [
        candidate
        for program_id, ids in touchpoints.items()
        if program_id in programs
        for candidate in programs[program_id].candidates(ids)
    ]
    found.sort(key=lambda candidate: candidate.rank)
    decided = serve([candidate.turn for candidate in found], at=at)
    give_way(decision for one in decided for decision in one.gave_way)
    languages = {candidate.turn.touchpoint_id: candidate.language for candidate in found}
    for inviting in programs.values():
        slug = inviting.program.slug
        placed = [one for one in decided if one.contact_id and one.answer.turn.terms.program == slug]
        inviting.write(placed, languages, at)
    return decided


def _read(touchpoint_ids: Sequence[int]) -> list[tuple[int, int, int, str, bool, bool, str, str]]:
    among, parameter = among_ids("touchpoint.id", touchpoint_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT touchpoint.id, touchpoint.customer_id, {micros_of('touchpoint.occurred_at')}, customer.language, "
            "touchpoint.simulated, customer.simulated, touchpoint.source, touchpoint.external_id "
            "FROM contacts_touchpoint touchpoint JOIN contacts_customer customer "
            f"ON customer.id = touchpoint.customer_id WHERE {among}",
            parameter,
        )
        rows: list[tuple[int, int, int, str, bool, bool, str, str]] = cursor.fetchall()
    return rows
