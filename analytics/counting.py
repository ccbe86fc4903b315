"""Answers counted in groups, and customers who answered more than once in one: where every score comes from.

The database counts answers once, into cells of all that they are grouped by, and sums the cells for each grouping; only
the sums come to us. One statement that grouped the answers anew for each grouping would read them seven times, and the
cells themselves may be as many as answers where there are thousands of agents. Conditions and groups are the ORM's;
what is written here are names of ours.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

from django.db import connection
from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat, TruncMonth
from django.utils import timezone

from analytics.metrics import Definition, MetricKey
from analytics.people import OF_ANSWER
from analytics.scope import Scope
from contacts.models.words import Channel

Grouping = Literal["overall", "kind", "stage", "channel", "team", "agent", "product", "month"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
Stages = Mapping[str, Sequence[str]]
"""Name of a journey stage -> the kinds of touchpoints in it, in the order of the journey."""

ASKED = ("what", "served_by", "asked_by")
"""What is known of everybody who was asked: the touchpoint's kind and how it ended, its team, how the question came."""
TEXT = CharField()
NOTHING = Value("", TEXT)


class Tally(NamedTuple):
    """So many answers (`n`) of a group, of which `top` count for the metric and `bottom` against it.

    `scope`: the place among the scopes that were asked for. They are the answers of one cell of those who were asked;
    `asked_by` is empty where the answer did not come to a question of ours, so that nobody knows who kept silent.
    """

    scope: int
    metric: MetricKey
    by: Grouping
    value: str
    what: str
    served_by: str
    asked_by: str
    n: int
    top: int
    bottom: int


class Repeat(NamedTuple):
    """So many `customers`, each with `n` answers in a group (2 or more), of which `top` count, `bottom` against."""

    scope: int
    metric: MetricKey
    by: Grouping
    value: str
    n: int
    top: int
    bottom: int
    customers: int


class Alike(NamedTuple):
    """So many `customers`, each with `n` answers (1 or more) in a cell of crossed groupings; `values` is the cell."""

    metric: MetricKey
    values: tuple[str, ...]
    n: int
    top: int
    bottom: int
    customers: int


class Counted(NamedTuple):
    """Everything that scores are made of: answers by cell, and who answered several times."""

    tallies: list[Tally]
    repeats: list[Repeat]


def counts(
    scopes: Sequence[Scope], metrics: Iterable[Definition], groupings: Sequence[Grouping], stages: Stages
) -> Counted:
    """Count the answers of each scope, metric, grouping, group and cell of those asked; one statement.

    And the customers with several answers in a group, by what these were; merged records are one.
    """
    wanted, groups = list(metrics), _grouped(groupings, stages)
    cells, in_cells = _of_all(scopes, wanted, groups | _known())
    given, in_given = _of_all(scopes, wanted, groups | {"person": OF_ANSWER})
    statement = (
        f"WITH cells AS ({cells}), given AS ({given}), {OFTEN}, "  # noqa: S608
        f"each_of_them AS ({_each(groupings)}) {_summed(groupings)} UNION ALL "
        "SELECT place, metric, grouped, value, '', '', '', n, top, bottom, COUNT(*) FROM each_of_them "
        "GROUP BY place, metric, grouped, value, n, top, bottom"
    )
    found = Counted([], [])
    for place, metric, by, value, *cell, n, top, bottom, customers in _rows(statement, [*in_cells, *in_given]):
        if customers:
            found.repeats.append(Repeat(place, metric, by, value, n, top, bottom, customers))
        else:
            found.tallies.append(Tally(place, metric, by, value, cell[0], cell[1], cell[2], n, top, bottom))
    return found


def alike(scopes: Sequence[Scope], metrics: Iterable[Definition], crossed: Sequence[Grouping]) -> list[Alike]:
    """Count the answers of the scopes by customer, for each metric and cell of these groupings; one statement.

    A cell whose answers lie in two of the scopes has rows from both. It is told by how many customers answered alike,
    and so holds all that a score and its interval are made of.
    """
    columns = _grouped(crossed, {})
    given, in_given = _of_all(scopes, list(metrics), columns | {"person": OF_ANSWER})
    values, names = ", ".join(map(_text, crossed)), ", ".join(columns)
    statement = (
        f"WITH given AS ({given}) SELECT metric, {values}, n, top, bottom, COUNT(*) FROM given "  # noqa: S608
        f"GROUP BY place, metric, {names}, n, top, bottom"
    )
    return [Alike(metric, tuple(rest[:-4]), *rest[-4:]) for metric, *rest in _rows(statement, in_given)]


OFTEN = (
    "often AS (SELECT place, metric, person FROM given GROUP BY place, metric, person HAVING SUM(n) > 1), "
    "theirs AS (SELECT given.* FROM given JOIN often USING (place, metric, person))"
)
"""Whoever answered once in a scope is in no group twice, and is left out at the start."""
SUMS = ", ".join(f"CAST(SUM({name}) AS bigint) AS {name}" for name in ("n", "top", "bottom"))


def _summed(groupings: Sequence[Grouping]) -> str:
    """The sums of the cells of each grouping, which no customers are told of."""
    asked = ", ".join(ASKED)
    return " UNION ALL ".join(
        f"SELECT place, metric, '{by}' AS grouped, {_text(by)} AS value, {asked}, {SUMS}, 0 AS customers"  # noqa: S608
        f" FROM cells GROUP BY {_columns('place', 'metric', by, *ASKED)}"
        for by in groupings
    )


def _each(groupings: Sequence[Grouping]) -> str:
    """The customers with several answers in a group, one by one."""
    return " UNION ALL ".join(
        f"SELECT place, metric, '{by}' AS grouped, {_text(by)} AS value, {SUMS} FROM theirs"  # noqa: S608
        f" GROUP BY {_columns('place', 'metric', by, 'person')} HAVING SUM(n) > 1"
        for by in groupings
    )


def _of_all(
    scopes: Sequence[Scope], metrics: Sequence[Definition], columns: Mapping[str, Combinable]
) -> tuple[str, Sequence[Any]]:
    """The statement that counts the answers of each scope in cells of these columns, as the ORM writes it."""
    first, *others = (_cells(place, scope, metrics, columns) for place, scope in enumerate(scopes))
    found: tuple[str, Sequence[Any]] = (first.union(*others, all=True) if others else first).query.sql_with_params()
    return found


def _cells(
    place: int, scope: Scope, metrics: Sequence[Definition], columns: Mapping[str, Combinable]
) -> QuerySet[Any, Any]:
    wanted, top, bottom = (
        Q(*(part(one) for one in metrics), _connector=Q.OR)
        for part in (Definition.answers, Definition.top, Definition.bottom)
    )
    key = Case(*(When(question__kind=one.question_kind, then=Value(one.key)) for one in metrics), output_field=TEXT)
    answers = scope.answers().filter(wanted).order_by()
    cells = answers.values(place=Value(place), metric=key, **columns)
    counted: QuerySet[Any, Any] = cells.annotate(
        n=Count("pk"), top=Count("pk", filter=top), bottom=Count("pk", filter=bottom)
    )
    return counted


def _grouped(groupings: Sequence[Grouping], stages: Stages) -> dict[str, Combinable]:
    """The columns by which the groupings group; kind to product are those of the touchpoint.

    Where an answer is about none, the channel is the one by which the question came. The month is that of the answer
    in the organisation's zone.
    """
    about = {name: Coalesce(f"response__touchpoint__{name}", NOTHING) for name in ("kind", "team", "agent", "product")}
    whens = [When(response__touchpoint__kind__in=kinds, then=Value(name)) for name, kinds in stages.items()]
    known: dict[str, Combinable] = {
        **about,
        "stage": Case(*whens, default=NOTHING, output_field=TEXT),
        "channel": Coalesce("response__touchpoint__channel", F("response__channel")),
        "month": TruncMonth("response__answered_at", tzinfo=timezone.get_default_timezone()),
    }
    return {_value(by): known[by] for by in groupings if by != "overall"}


def _known() -> dict[str, Combinable]:
    """What is known of everybody who was asked, as `analytics.asked` counts those."""
    about = "response__touchpoint__"
    called = When(response__call_case__isnull=False, then=Value(Channel.PHONE.value))
    came_by = Case(called, default=Coalesce("response__invitation__channel", NOTHING), output_field=TEXT)
    return {
        "what": what_happened(about),
        "served_by": Coalesce(f"{about}team", NOTHING),
        "asked_by": came_by,
    }


def what_happened(prefix: str) -> Combinable:
    """The kind of a touchpoint and how it ended; empty where there is none. `prefix` leads to it."""
    return Coalesce(Concat(f"{prefix}kind", Value(" "), f"{prefix}outcome"), NOTHING, output_field=TEXT)


def _value(by: Grouping) -> str:
    """What names the groups of a grouping; the total is one group, and has no column."""
    return "'all'" if by == "overall" else f"by_{by}"


def _text(by: Grouping) -> str:
    """The name of a group as text; a month comes as its first instant, of which 2026-03 is enough."""
    return "SUBSTR(CAST(by_month AS text), 1, 7)" if by == "month" else _value(by)


def _columns(*names: str) -> str:
    """The columns to group by; a grouping stands for its own."""
    return ", ".join(f"by_{name}" if name in GROUPINGS else name for name in names if name != "overall")


def _rows(statement: str, parameters: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        yield from cursor.fetchall()
