"""Touchpoints of a range of customers -> turns at the gate -> invitations, all in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from django.db import connection
from numpy import ma, strings

from contacts.columns import Column, read_columns, write_columns
from contacts.copying import among_ids, micros_of
from contacts.frequency import Reason
from contacts.frequency.zone_arrays import MICROSECOND, Bools, Floats, Ints, Places
from contacts.gate.customers import Customers, lock_customers
from contacts.gate.rounds import Terms, Turns
from contacts.gate.wave import Served, serve
from contacts.models.words import Purpose
from contacts.texts import Texts
from surveys.asking import give_way
from surveys.candidates import draw
from surveys.channels.gateways import served
from surveys.following import Following
from surveys.links import signing_key
from surveys.models import Invitation, Program, SurveyVersion

SAMPLING = Reason("sampling", "sampling")


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
            purpose=Purpose.INVITATION.value,
            seconds=self.version.seconds,
            priority=program.priority,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Touchpoints that programs have to decide about: arrays of one length.

    `program`: the place of the program. `occurred`: in microseconds since the epoch.
    """

    program: Places
    touchpoint: Ints
    customer: Ints
    occurred: Ints
    simulated: Bools

    def some(self, chosen: Bools) -> "Candidates":
        """Some of them."""
        return Candidates(*(getattr(self, field.name)[chosen] for field in fields(self)))


def invite(
    touchpoints: Mapping[str, Sequence[int]],
    programs: Mapping[str, Inviting],
    at: datetime,
    wave_id: int,
    following: Following | None = None,
) -> list[Served]:
    """Decide about touchpoints (program id -> their ids) and invite those whom the gate lets through.

    All programs compete in one order: by priority, then the least slack of a target, then the oldest experience, then a
    stable hash. Those of a program that is planned no more are left undecided. `following`: the plan for the targets.
    """
    planned = [program_id for program_id in touchpoints if program_id in programs]
    if not planned:
        return []
    invitings = [programs[program_id] for program_id in planned]
    found = _read([touchpoints[program_id] for program_id in planned])
    customers = lock_customers(found.customer)
    # Whoever was erased meanwhile is not there any more.
    found = found.some(np.isin(found.customer, customers.ids))
    turns = _turns(found, customers, invitings, following)
    service = serve(turns, customers, at=at)
    give_way(service.gave_way)
    by_program = {inviting.terms.program: inviting for inviting in invitings}
    for one in service.served:
        _write(by_program[one.answers.terms.program], one, turns, customers, at, wave_id)
    return service.served


def _read(touchpoint_ids: Sequence[Sequence[int]]) -> Candidates:
    """The candidates of each program, whose touchpoints these are."""
    parts = []
    for n, ids in enumerate(touchpoint_ids):
        among, parameter = among_ids("id", ids)
        found = read_columns(
            f"SELECT id, customer_id, {micros_of('occurred_at')}, simulated FROM contacts_touchpoint WHERE {among}",
            parameter,
            touchpoint=np.int64,
            customer=np.int64,
            occurred=np.int64,
            simulated=np.bool_,
        )
        parts.append({"program": np.full(len(found["touchpoint"]), n), **found})
    return Candidates(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _turns(
    found: Candidates, customers: Customers, invitings: Sequence[Inviting], following: Following | None
) -> Turns:
    """The candidates in the order in which they are served."""
    programs = [inviting.program for inviting in invitings]
    priority = np.array([program.priority for program in programs])[found.program]
    share = np.array([program.share for program in programs])[found.program]
    worth = np.array([program.worth // MICROSECOND for program in programs])[found.program]
    drawn = _drawn(found, [program.slug for program in programs], (share < 1) | _tied(priority, found.occurred))
    # What a made-up customer answers is made up, also about a real touchpoint.
    simulated = found.simulated | customers.simulated[customers.places(found.customer)]
    lots = _lots(found, programs, share, drawn, following)
    order = np.lexsort((drawn, found.occurred, lots.slack, -priority))
    return Turns(
        terms=[inviting.terms for inviting in invitings],
        term=found.program[order],
        customer=found.customer[order],
        touchpoint=found.touchpoint[order],
        expires=(found.occurred + worth)[order],
        simulated=simulated[order],
        probability=lots.probability[order],
        refused=~lots.drawn[order],
        refusal=SAMPLING,
    )


class Lots(NamedTuple):
    """With which probability each candidate is drawn, who is, and the slack of the target; arrays of one length."""

    probability: Floats
    drawn: Bools
    slack: Floats


def _lots(
    found: Candidates, programs: Sequence[Program], share: Floats, drawn: Floats, following: Following | None
) -> Lots:
    """By the program's share, and for what counts for a target by the plan."""
    lots = Lots(share.astype(np.float64), drawn < share, np.full(len(share), np.inf))
    if following:
        ids = {program.pk: found.touchpoint[found.program == n].tolist() for n, program in enumerate(programs)}
        places = {
            (programs[program].pk, touchpoint): n
            for n, (program, touchpoint) in enumerate(
                zip(found.program.tolist(), found.touchpoint.tolist(), strict=True)
            )
        }
        for name, chance in following.chances(ids).items():
            for column, value in zip(lots, chance, strict=True):
                column[places[name]] = value
    return lots


def _tied(priority: Ints, occurred: Ints) -> Bools:
    """Which candidates are equal in both to another."""
    order = np.lexsort((occurred, priority))
    same = (np.diff(priority[order]) == 0) & (np.diff(occurred[order]) == 0)
    tied = np.zeros(len(order), np.bool_)
    tied[order[1:][same]] = tied[order[:-1][same]] = True
    return tied


def _drawn(found: Candidates, slugs: Sequence[str], wanted: Bools) -> Floats:
    """The draw of each candidate for whom it is wanted, because it decides about something; 0 for the others."""
    drawn = np.zeros(len(wanted))
    those = np.flatnonzero(wanted)
    if those.size:
        among, parameter = among_ids("id", found.touchpoint[those].tolist())
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, source, external_id FROM contacts_touchpoint WHERE {among}", parameter)
            keys = {pk: key for pk, *key in cursor.fetchall()}
        touchpoints = zip(found.program[those].tolist(), found.touchpoint[those].tolist(), strict=True)
        drawn[those] = [draw(slugs[program], *keys[touchpoint]) for program, touchpoint in touchpoints]
    return drawn


def _write(inviting: Inviting, one: Served, turns: Turns, customers: Customers, at: datetime, wave_id: int) -> None:
    """Write an invitation for each turn that got a place."""
    placed = np.flatnonzero(one.contacts)
    if not placed.size:
        return
    answers, those = one.answers, one.answers.turns[placed]
    program, version = inviting.program, inviting.version
    language = customers.language[customers.places(turns.customer[those])]
    language = np.where(language == "", version.survey.brand.default_language, language)
    columns: dict[str, Column] = {
        "touchpoint_id": turns.touchpoint[those],
        "customer_id": turns.customer[those],
        "contact_id": one.contacts[placed],
        "channel": Texts.chosen(answers.terms.channels, answers.channel[placed]),
        "address_id": ma.masked_equal(answers.address[placed], 0),
        "language": Texts.of(strings.encode(language, "utf-8")),
        "due_at": answers.allowed[placed],
        "expires_at": turns.expires[those],
        "closes_at": answers.allowed[placed] + timedelta(days=program.link_days) // MICROSECOND,
        "simulated": turns.simulated[those],
    }
    about = {
        "program_id": program.pk,
        "version_id": version.pk,
        "wave_id": wave_id,
        "purpose": Purpose.INVITATION.value,
    }
    write_columns(Invitation, columns, link_key=signing_key(), created_at=at, **about)
