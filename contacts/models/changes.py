from django.db import models


class Era(models.Model):
    """The history of the database that change tokens belong to (`contacts.changes`), by the key of its one row."""

    key = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.key
