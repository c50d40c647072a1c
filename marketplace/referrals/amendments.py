"""Putting an application right after it was sent: the service is told, and both sides read it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Question, Step
from marketplace.notices import notices
from marketplace.people.roles import Role
from marketplace.referrals import ladder, parties, referrals
from marketplace.referrals.models import Amendment, Application, Outcome, Referral, StepTaken

# Whoever took one of these went by what was told.
DECIDING = (Step.DECIDE_ELIGIBILITY, Step.ASSESS, Step.DIAGNOSE, Step.COMMISSION, Step.BOOK)


class NotTheirsToAmend(history.Refused):
    """Only who speaks for the person says what she meant to say."""


class NothingSent(history.Refused):
    """No form was sent, so there is nothing to put right."""


class TooLateToAmend(history.Refused):
    """Somebody has decided by what was told: that stands, and a new fact goes to whoever did."""


class NothingChanged(history.Refused):
    """Every answer is as it was."""


@transaction.atomic
def amend(
    *,
    referral: Referral,
    answers: Mapping[str, Any],
    why: str,
    by: history.Actor,
    at: datetime,
) -> list[Amendment]:
    """Put answers to a service's own questions right, until somebody has decided by them.

    An answer that is not named stays; an empty one is taken out. Each change is kept with what
    was there before. Raises NotTheirsToAmend, NothingSent, TooLateToAmend, NothingChanged,
    referrals.AnswersMissing, referrals.Ended.
    """
    referral = ladder.locked(referral)
    _must_be_theirs(referral, by=by, at=at)
    application = _must_be_open(referral)
    questions = {question.key: question for question in referral.service.questions.all()}
    before = dict(application.answers)
    after = _merged(before, answers, questions)
    changed = [key for key in questions if before.get(key) != after.get(key)]
    _must_be_whole(changed, after, questions)
    made = [
        Amendment.objects.create(
            application=application,
            question=key,
            asked=questions[key].text,
            before=before.get(key),
            after=after.get(key),
            why=why.strip(),
            actor_reference=by.reference,
            organisation=by.organisation,
            at=at,
        )
        for key in changed
    ]
    application.answers = after
    application.save(update_fields=["answers"])
    ladder.write(
        referral=referral, verb="amend", before=referral.rung, by=by, at=at, text=why.strip()
    )
    _tell_service(referral, at=at)
    ladder.publish(referral)
    return made


def can_amend(*, referral: Referral, by: history.Actor, at: datetime) -> bool:
    """Tell whether the actor may put this application right now."""
    try:
        _must_be_theirs(referral, by=by, at=at)
        _must_be_open(referral)
    except history.Refused:
        return False
    return True


def _must_be_theirs(referral: Referral, *, by: history.Actor, at: datetime) -> None:
    if not parties.is_for_family(referral=referral, by=by, at=at):
        raise NotTheirsToAmend(_("Only the family, its advocate or who asked can change this."))


def _must_be_open(referral: Referral) -> Application:
    if not referral.is_open:
        raise referrals.Ended(_("This has ended. You can ask for it again."))
    application = Application.objects.filter(referral=referral).first()
    if application is None:
        raise NothingSent(_("No form was sent yet, so there is nothing to change."))
    decided = StepTaken.objects.filter(referral=referral, step__in=DECIDING, outcome=Outcome.DONE)
    if decided.exists():
        raise TooLateToAmend(
            _("%(owner)s has decided by what it was told. Ring them if something is different now.")
            % {"owner": referral.service.owner.name}
        )
    return application


def _merged(
    before: Mapping[str, Any], answers: Mapping[str, Any], questions: Mapping[str, Question]
) -> dict[str, Any]:
    """Return the answers as they are now: only to what this service asks."""
    said = {key: value for key, value in answers.items() if key in questions}
    both = {**before, **said}
    return {key: value for key, value in both.items() if value not in (None, "")}


def _must_be_whole(
    changed: list[str], after: Mapping[str, Any], questions: Mapping[str, Question]
) -> None:
    if not changed:
        raise NothingChanged(_("Nothing is different. Change an answer first."))
    missing = tuple(key for key in changed if questions[key].is_required and key not in after)
    if missing:
        raise referrals.AnswersMissing(missing)


def _tell_service(referral: Referral, *, at: datetime) -> None:
    notices.tell_role(
        organisation=referral.service.owner,
        role=Role.INTAKE_WORKER,
        kind="answers_changed",
        subject_kind="referral",
        subject=referral.reference,
        at=at,
    )
