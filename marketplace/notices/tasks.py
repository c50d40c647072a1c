"""The nudge: send what is due now, and not at the next sweep. Losing one loses nothing."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from marketplace.notices import outbox


@task()
def send_now() -> int:
    """Send what is due now, in a worker."""
    return outbox.sweep(at=timezone.now())


def nudge_on_commit() -> None:
    """Ask a worker to send, once the transaction is committed and once for all of it."""
    if all(entry[1] is not nudge for entry in connection.run_on_commit):
        transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Ask a worker to send; one nudge that waits is enough, also where no worker runs."""
    if not _nudges().filter(status="READY").exists():
        send_now.enqueue()


def forget(*, at: datetime) -> int:
    """Delete the nudges that have done their work, and return how many."""
    number, _each = _nudges().filter(finished_at__lte=at).delete()
    return number


def _nudges() -> "QuerySet[DBTaskResult[[], int]]":
    return DBTaskResult.objects.filter(task_path=send_now.module_path)
