"""What a customer may see of what this room found out about her."""

from collections.abc import Collection

from analytics.models import CommentTheme, CustomerRisk
from contacts.own_data import OwnData, rows

RISK_COLUMNS = ("run__at", "probability", "gone_quiet")
THEME_COLUMNS = ("response__answered_at", "theme__name")


def own_data(records: Collection[int]) -> OwnData:
    """Return what was reckoned about the person with these records, the oldest first (GDPR, article 15(1)(h))."""
    themes = CommentTheme.objects.filter(response__customer__in=records)
    return {
        "risks": rows(CustomerRisk.objects.filter(customer__in=records).order_by("run"), RISK_COLUMNS),
        "themes": rows(themes.order_by("response__answered_at", "theme__name"), THEME_COLUMNS),
    }
