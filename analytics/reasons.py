"""The reasons of decisions, as the database counts them."""

from typing import Any

from django.db.models import CharField, Func


class Rules(Func):
    """Rule, kind and channel of each reason of a decision, as a JSON text: without numbers and instants few differ."""

    output_field = CharField()
    template = (
        "(SELECT json_group_array(json_object('rule', json_extract(value, '$.rule'), 'kind', "
        "json_extract(value, '$.kind'), 'channel', json_extract(value, '$.channel'))) FROM json_each(%(expressions)s))"
    )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="(SELECT coalesce(jsonb_agg(reason - '{used,limit,until}'::text[] ORDER BY place), '[]')::text "
            "FROM jsonb_array_elements(%(expressions)s) WITH ORDINALITY AS reasons(reason, place))",
            **context,
        )
