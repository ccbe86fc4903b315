"""The views in the database for dbt and tools that speak SQL."""

from argparse import ArgumentParser
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from cxsurvey import sql_views


class Command(BaseCommand):
    help = "Make the SQL views of the exports anew, let a role read them, or print them as a source of dbt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reader", metavar="ROLE", help="let this role of PostgreSQL read them and nothing else")
        parser.add_argument("--dbt", action="store_true", help="print them as a source of dbt, in YAML")

    def handle(self, *, reader: str | None, dbt: bool, **options: Any) -> None:
        sql_views.install()
        if reader:
            self.let_read(reader)
        if dbt:
            self.stdout.write(yaml.safe_dump(sql_views.as_dbt_source(), sort_keys=False, allow_unicode=True))
            return
        for view in sql_views.VIEWS:
            self.stdout.write(f"{view.name}: {', '.join(column.name for column in view.columns)}")

    def let_read(self, reader: str) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("SQLite has no roles: who may read the file may read all of it. Give a copy of it away.")
        try:
            sql_views.let_read(reader)
        except DatabaseError as error:
            raise CommandError(f"{str(error).strip()}. docs/analysts.md says how the role is made.") from error
