"""What the queue runs for the installation itself."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone
from django_q.tasks import async_task

from contacts.comparing import compare_new, last_compared
from cxsurvey import erasing, exports, import_folder, import_work, retention, schedules
from cxsurvey.login import guesses, telling
from cxsurvey.login.session_store import SessionStore
from surveys.verifying import verify_addresses

BUDGET = timedelta(seconds=45)
"""Of one task: then others get their turn, and the rest waits for the next one."""
NIGHT = timedelta(minutes=100)
"""Of the task that forgets; what is left goes the next night."""
FIRST = timedelta(days=365)
"""So far back the first comparison of records looks for answers."""


def beat() -> None:
    """Show that a worker takes jobs."""
    schedules.beat(timezone.now())


def forget_old() -> None:
    """Forget logins and guesses that have ended, and every kind of data that was kept for long enough."""
    SessionStore.clear_expired()
    guesses.forget(timezone.now())
    until = timezone.now() + NIGHT
    retention.forget_old(timezone.now(), lambda: timezone.now() > until)


def plan_contacts() -> None:
    """Plan whom to ask for the targets of this month. Safe to run any number of times at once."""
    # The solver is heavy, and no other job needs it.
    from cxsurvey.fewest import keeping

    now = timezone.now()
    keeping.plan_contacts(now)
    keeping.forget_plans(now - keeping.KEPT)


def tell_staff(user_id: int, news: str) -> None:
    """Tell somebody of the staff by mail what happened to the own login."""
    if user := User.objects.filter(pk=user_id).exclude(email="").first():
        telling.send(user, telling.News[news], timezone.now())


def send_forgotten_password(email: str) -> None:
    """Send everybody of the staff with this address a link to choose a password; to nobody where there is none."""
    for user in User.objects.filter(email__iexact=email, is_active=True, is_staff=True):
        telling.send(user, telling.News.FORGOTTEN, timezone.now())


def write_exports() -> None:
    """Write the exports that wait, now. Safe to run any number of times at once."""
    exports.write_waiting(timezone.now)


def forget_exports() -> None:
    """Delete the files of exports whose days are over."""
    exports.forget_files(timezone.now())


def erase_again() -> None:
    """Erase again whom a restored backup brought back."""
    erasing.erase_again(timezone.now())


def find_same_people() -> None:
    """Note which addresses were answered from, then merge or propose records that may be one person."""
    now = timezone.now()
    verify_addresses(last_compared() or now - FIRST, now)
    compare_new(now, enough=lambda: timezone.now() > now + BUDGET)


def bring_in_files() -> None:
    """Work on imports that were asked for. Safe to run any number of times at once."""
    until = timezone.now() + BUDGET
    if import_work.work(timezone.now, lambda: timezone.now() > until):
        async_task("cxsurvey.tasks.bring_in_files")


def look_into_folder() -> None:
    """Take files that were put into the folder of imports, then work on what waits."""
    import_folder.look(timezone.now())
    bring_in_files()
