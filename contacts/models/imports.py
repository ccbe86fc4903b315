from django.db import models
from django.db.models import Q

from contacts.models.jobs import Job

LONGEST_KEY = 100
"""Characters of the key by which a client says that a request is the same as before."""


class ImportRun(Job):
    """One file brought in: what it was, what became of its rows, and which were rejected.

    A previewed one waits for somebody to look at it; then it is a job. `file` is the upload's name in the folder of
    uploads (`contacts/import_files.py`), empty once nothing of it is left there. `place` and `line` say how far it is
    imported, `rejects_size` how much of the reject file is true: they are written with the rows themselves.
    """

    class Subject(models.TextChoices):
        CUSTOMERS = "customers", "Customers"
        TOUCHPOINTS = "touchpoints", "Touchpoints"
        RESPONSES = "responses", "Responses"
        CONTACTS = "contacts", "Contacts"
        CONSENTS = "consents", "Consents"

    PREVIEWED = "previewed"

    state = models.CharField(max_length=10, choices=[(PREVIEWED, "Previewed"), *Job.State.choices])
    subject = models.CharField(max_length=12, choices=Subject)
    source = models.CharField(max_length=60)
    file_name = models.CharField(max_length=200)
    file = models.CharField(max_length=60, blank=True, editable=False)
    file_size = models.PositiveBigIntegerField("bytes", default=0)
    digest = models.CharField("SHA-256", max_length=64, blank=True)
    sheet = models.CharField(max_length=100, blank=True, help_text="Of a workbook.")
    time_zone = models.CharField(max_length=64, blank=True, help_text="Of times that the file gives without an offset.")
    mapping = models.JSONField(default=dict, blank=True, help_text="Header in the file -> our column.")
    place = models.PositiveBigIntegerField("bytes done", default=0)
    line = models.PositiveBigIntegerField("lines done", default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    blank = models.PositiveIntegerField(default=0)
    rejects = models.JSONField(default=list, blank=True, help_text="The first 1,000: line, column, value, expected.")
    rejects_size = models.PositiveBigIntegerField(default=0, editable=False)
    taken_from = models.CharField("taken from the folder", max_length=400, blank=True)
    request_key = models.CharField(max_length=LONGEST_KEY, blank=True, editable=False)

    class Meta(Job.Meta):
        constraints = [
            *Job.Meta.constraints,
            # A client that sends the same request again gets the same import.
            models.UniqueConstraint(fields=["by", "request_key"], condition=~Q(request_key=""), name="import_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} from {self.file_name}"
