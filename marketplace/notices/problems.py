"""Problems that readers of the catalogue tell of: to its owner, and back to who told."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import problems
from cms.models import Organisation, Problem, ReaderProblem, Service
from marketplace.notices import notices
from marketplace.notices.models import Watch
from marketplace.people import memberships
from marketplace.people.models import User
from marketplace.people.roles import Role

SUBJECT = "problem"


@transaction.atomic
def report(
    *,
    service: Service,
    code: ReaderProblem,
    words: str,
    key: uuid.UUID,
    at: datetime,
    watcher: User | None = None,
) -> Problem:
    """Put what a reader found on its owner's review list, and tell those who work through it.

    `key` is the form's, so that a form sent twice is one problem; who told is not kept, but for
    `watcher`, who asked to hear what came of it, and only until then.
    """
    said = _("%(kind)s: “%(words)s”") % {"kind": code.label, "words": words}
    problem = problems.report(
        source=problems.READER,
        source_id=key.hex,
        code=code,
        sentence=said if words else str(code.label),
        at=at,
        service=service,
    )
    notices.tell(
        users=answerers(organisation=service.owner, at=at),
        kind="problem_for_you",
        subject_kind=SUBJECT,
        subject=problem.reference,
        at=at,
    )
    if watcher is not None:
        Watch.objects.get_or_create(
            user=watcher,
            subject=problem.reference,
            defaults={"subject_kind": SUBJECT, "created_at": at},
        )
    return problem


@transaction.atomic
def settle(*, problem: Problem, answer: str, by: str, at: datetime) -> Problem:
    """Take a problem off the review list, and tell who waits to hear what was done."""
    was_open = problem.is_open
    problem = problems.settle(problem=problem, answer=answer, by=by, at=at)
    watches = Watch.objects.filter(subject=problem.reference).select_related("user")
    if was_open:
        notices.tell(
            users=[watch.user for watch in watches],
            kind="problem_settled",
            subject_kind=SUBJECT,
            subject=problem.reference,
            at=at,
        )
    watches.delete()
    return problem


def answerers(*, organisation: Organisation, at: datetime) -> list[User]:
    """Return who works through an owner's review list: its editors, or else its commissioners."""
    on = timezone.localdate(at)
    editors = memberships.holders(organisation=organisation, role=Role.EDITOR, on=on)
    return editors or memberships.holders(organisation=organisation, role=Role.COMMISSIONER, on=on)
