from django.conf import settings
from django.db import models


class ImportRun(models.Model):
    """One file brought in: what it was, what became of its rows, and which were rejected."""

    class Subject(models.TextChoices):
        CUSTOMERS = "customers", "Customers"
        TOUCHPOINTS = "touchpoints", "Touchpoints"
        RESPONSES = "responses", "Responses"
        CONTACTS = "contacts", "Contacts"

    class State(models.TextChoices):
        PREVIEWED = "previewed", "Previewed"
        DONE = "done", "Done"
        UNREADABLE = "unreadable", "Unreadable"

    subject = models.CharField(max_length=12, choices=Subject)
    source = models.CharField(max_length=60)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField(null=True, help_text="The uploaded file until it is imported, compressed with zlib.")
    mapping = models.JSONField(default=dict, blank=True, help_text="Header in the file -> our column.")
    state = models.CharField(max_length=10, choices=State)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    rejects = models.JSONField(default=list, blank=True, help_text="The first 1,000: line, column, value, expected.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.get_subject_display()} from {self.file_name}"
