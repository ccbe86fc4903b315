"""Every periodic job: what it is called, what it runs, when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django_q.models import Schedule

from cxsurvey.models import Heartbeat

WORKER = "worker"
BOUNCES = "surveys.bounce_tasks.read_bounce_mailbox"
WORKER_SILENCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Job:
    """A function without arguments, by dotted path, and its times as cron text in the organisation's time zone.

    `seconds`: after which the queue ends it; 0 is the queue's own limit.
    """

    name: str
    path: str
    cron: str
    seconds: int = 0


JOBS = (
    Job("plan and deliver", "surveys.tasks.plan_and_deliver", "* * * * *"),
    Job("take in events", "contacts.tasks.take_in_events", "* * * * *"),
    Job("import files", "cxsurvey.tasks.look_into_folder", "* * * * *"),
    Job("give back what is cancelled", "surveys.tasks.give_back_cancelled", "* * * * *"),
    Job("read the bounce mailbox", BOUNCES, "*/5 * * * *"),
    Job("close calls that are over", "surveys.call_tasks.close_cases", "* * * * *"),
    Job("see to unhappy answers", "recovery.tasks.see_to_answers", "* * * * *"),
    Job("write exports", "cxsurvey.tasks.write_exports", "* * * * *", seconds=6 * 60 * 60),
    Job("delete old exports", "cxsurvey.tasks.forget_exports", "17 * * * *"),
    Job("tell other systems", "recovery.tasks.tell_others", "* * * * *"),
    Job("find themes in comments", "analytics.tasks.find_themes", "*/15 * * * *"),
    Job("send scheduled reports", "analytics.tasks.send_reports", "* * * * *"),
    Job("plan whom to ask", "cxsurvey.tasks.plan_contacts", "3 0 * * *", seconds=60 * 60),
    Job("learn who may leave", "analytics.tasks.learn_churn", "7 4 * * *"),
    Job("count months that are over", "analytics.tasks.count_months", "57 1-5 * * *"),
    Job("show that the worker is alive", "cxsurvey.tasks.beat", "* * * * *"),
    Job("erase again whom a backup brought back", "cxsurvey.tasks.erase_again", "* * * * *"),
    Job("find records of one person", "cxsurvey.tasks.find_same_people", "17 * * * *"),
    Job("forget what was kept for long enough", "cxsurvey.tasks.forget_old", "7 2 * * *", seconds=2 * 60 * 60),
    Job("learn how long surveys take", "surveys.tasks.learn_seconds", "47 3 * * *"),
    Job("forget who answered at open links", "surveys.tasks.forget_open_marks", "7 * * * *"),
)


def install_schedules(at: datetime, jobs: tuple[Job, ...] = JOBS) -> None:
    """Make the queue's schedules equal `jobs`, and note that this was done at `at`; unlisted ones go.

    Any number of processes may call it at once. The queue does not keep names unique, so a lock does.
    """
    with transaction.atomic():
        Heartbeat.objects.get_or_create(name="schedules", defaults={"at": at})
        Heartbeat.objects.select_for_update().get(name="schedules")
        Schedule.objects.exclude(name__in=[job.name for job in jobs]).delete()
        for job in jobs:
            options = repr({"q_options": {"timeout": job.seconds}}) if job.seconds else None
            wanted = {"func": job.path, "cron": job.cron, "schedule_type": Schedule.CRON, "repeats": -1}
            wanted["kwargs"] = options
            installed = Schedule.objects.filter(name=job.name)
            if installed.filter(**wanted).count() != 1 or installed.count() != 1:
                installed.delete()
                Schedule.objects.create(name=job.name, **wanted)  # sets the next run by the cron text
        Heartbeat.objects.filter(name="schedules").update(at=at)


def beat(at: datetime) -> None:
    """Note that a worker ran a job at `at`."""
    Heartbeat.objects.update_or_create(name=WORKER, defaults={"at": at})


def last_beat() -> datetime | None:
    """Return when a worker last ran its canary job, or None if none ever did."""
    return Heartbeat.objects.filter(name=WORKER).values_list("at", flat=True).first()
