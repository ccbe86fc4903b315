import json
from typing import Any

from django.core.management.base import BaseCommand

from contacts.policies import version_in_force


class Command(BaseCommand):
    help = "Print the policy in force as import_policy reads it (docs/frequency.md)."

    def handle(self, **_options: Any) -> None:
        self.stdout.write(json.dumps(version_in_force().document, indent=2, ensure_ascii=False))
