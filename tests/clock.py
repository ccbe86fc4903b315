"""A clock that tests set, in place of the one that edges read; steps are told the time anyway."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.utils import timezone


@dataclass
class Clock:
    """What the clock on the wall shows."""

    at: datetime

    def pass_by(self, **span: float) -> None:
        """Let time pass: `days`, `hours`, `minutes`."""
        self.at += timedelta(**span)


def set_clock(monkeypatch: pytest.MonkeyPatch, at: datetime) -> Clock:
    """Put the clock to an instant for the rest of the test."""
    clock = Clock(at)
    monkeypatch.setattr(timezone, "now", lambda: clock.at)
    return clock
