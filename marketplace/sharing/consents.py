"""A yes to sharing: given to plain words, for named recipients, until a day; and taken back.

One yes is about one person and one subject. What rests on it is a `Reason` with that yes in it:
withdrawing closes all of them in one transaction, and pages, sockets, messages and downloads ask
the reasons (UK GDPR Art. 7(3): as easy to take back as to give).
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Person
from cms.models import Organisation
from marketplace.people import appointments
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role
from marketplace.sharing import sharing
from marketplace.sharing.models import (
    Basis,
    Consent,
    ConsentHow,
    Information,
    Purpose,
    Reason,
    ReasonKind,
    Scope,
)

# The version of the form's words; a new wording is a new version.
FORM = "2026-11"


class NotTheirs(history.Refused):
    """Only she, who decides for her, or an advocate who acts for her says yes or no."""


class NothingToShare(history.Refused):
    """A yes says who may know, and what."""


class NobodyThere(history.Refused):
    """Nobody holds that role at the organisation, so nobody could be told."""


class WrongDay(history.Refused):
    """A yes was told on a day that has come, and ends on a day to come."""


@dataclass(frozen=True)
class Recipient:
    """One role at one organisation that may know."""

    organisation: Organisation
    role: Role


@transaction.atomic
def give(
    *,
    person: Person,
    given_by: Person,
    how: ConsentHow,
    recipients: Collection[Recipient],
    opens: Collection[Information],
    purpose: Purpose,
    words: str,
    by: history.Actor,
    at: datetime,
    ends_at: datetime | None = None,
    told_on: date | None = None,
) -> Consent:
    """Let the recipients know the named kinds of information about a person, until an end.

    Said signed in by who may say it, or told to her advocate (on which day), who writes it down.
    Raises NotTheirs, NothingToShare, NobodyThere, WrongDay.
    """
    _may_give(person=person, given_by=given_by, how=how, by=by, at=at)
    if not recipients or not opens or not words.strip():
        raise NothingToShare(_("Choose who may know, and what they may know."))
    _must_work_there(recipients, on=timezone.localdate(at))
    if ends_at is not None and ends_at <= at:
        raise WrongDay(_("Choose a day to come. After that day they cannot see it any more."))
    consent = _write(
        person=person,
        given_by=given_by,
        how=how,
        purpose=purpose,
        subject=uuid.uuid4(),
        words=words,
        by=by,
        at=at,
        ends_at=ends_at,
        told_on=told_on,
    )
    for recipient in recipients:
        sharing.open_reason(
            person=person,
            organisation=recipient.organisation,
            role=recipient.role,
            kind=ReasonKind.SHARED,
            scope=Scope.RECORD,
            basis=Basis.CONSENT,
            purpose=purpose,
            consent=consent,
            opens=opens,
            ends_at=ends_at,
            subject=consent.subject,
            at=at,
        )
    return consent


@transaction.atomic
def asked(
    *,
    person: Person,
    subject: UUID,
    purpose: Purpose,
    words: str,
    is_confidential: bool,
    by: history.Actor,
    at: datetime,
) -> Consent:
    """Return the yes that stands for what was asked for, or write down that asking was one.

    A yes that was taken back is only said again by who may say it. Raises sharing.NoYes.
    """
    about = Consent.objects.select_for_update(no_key=True).filter(person=person, subject=subject)
    standing = about.standing(at).first()
    if standing is not None:
        return standing
    user = sharing.user_of(by)
    was_said = about.exists()
    may = sharing.decides(person=person, is_confidential=is_confidential, by=by, at=at)
    if user is None or (was_said and not may):
        raise sharing.NoYes(_("The yes to this was taken back. It needs a new one first."))
    for lapsed in about.filter(withdrawn_at=None):
        sharing.take_back(lapsed, by=by, at=at)
    given_by, how = _whose(person=person, user=user, on=timezone.localdate(at))
    return _write(
        person=person,
        given_by=given_by,
        how=how,
        purpose=purpose,
        subject=subject,
        words=words,
        is_confidential=is_confidential,
        by=by,
        at=at,
        told_on=None if how == ConsentHow.SIGNED_IN else timezone.localdate(at),
    )


@transaction.atomic
def withdraw(*, consent: Consent, by: history.Actor, at: datetime) -> Consent:
    """Take a yes back: whatever rests on it closes now, with it; twice changes nothing.

    Raises NotTheirs.
    """
    consent = (
        Consent.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person")
        .get(pk=consent.pk)
    )
    person = consent.person
    if not sharing.decides(person=person, is_confidential=consent.is_confidential, by=by, at=at):
        raise NotTheirs(_("Only the person it is about, or who decides for her, can stop this."))
    if consent.is_withdrawn:
        return consent
    sharing.close(resting_on(consent, at=at), by=by, at=at)
    sharing.take_back(consent, by=by, at=at)
    _record(consent, verb="withdrawn", before="given", after="withdrawn", by=by, at=at)
    return Consent.objects.get(pk=consent.pk)


def resting_on(consent: Consent, *, at: datetime) -> Iterable[Reason]:
    """Return what rests on a yes now, locked, in the order of its keys."""
    return list(
        Reason.objects.live(at)
        .select_for_update(no_key=True, of=("self",))
        .select_related("person", "organisation")
        .filter(consent=consent)
        .order_by("pk")
    )


def _may_give(
    *, person: Person, given_by: Person, how: ConsentHow, by: history.Actor, at: datetime
) -> None:
    day = timezone.localdate(at)
    user = sharing.user_of(by)
    if user is not None and given_by in families.deciders(person=person, on=day):
        if how == ConsentHow.SIGNED_IN and user.person_id == given_by.pk:
            return
        told = how in (ConsentHow.TOLD_ADVOCATE, ConsentHow.ON_PAPER)
        if told and appointments.represents(user=user, person=person, on=day):
            return
    raise NotTheirs(_("Only the person it is about, or who decides for her, can say yes to this."))


def _must_work_there(recipients: Iterable[Recipient], *, on: date) -> None:
    for recipient in recipients:
        works = Membership.objects.on(on).filter(
            organisation=recipient.organisation, role=recipient.role
        )
        if not works.exists():
            raise NobodyThere(
                _("Nobody at %(place)s does this now.") % {"place": recipient.organisation.name}
            )


def _whose(*, person: Person, user: User, on: date) -> tuple[Person, ConsentHow]:
    """Return who said the yes that asking was, and how it came to us."""
    deciders = families.deciders(person=person, on=on)
    for decider in (person, *deciders):
        if user.person_id == decider.pk:
            return decider, ConsentHow.SIGNED_IN
    if appointments.represents(user=user, person=person, on=on):
        return (deciders or [person])[0], ConsentHow.TOLD_ADVOCATE
    return (deciders or [person])[0], ConsentHow.TOLD_WORKER


def _write(
    *,
    person: Person,
    given_by: Person,
    how: ConsentHow,
    purpose: Purpose,
    subject: UUID,
    words: str,
    by: history.Actor,
    at: datetime,
    ends_at: datetime | None = None,
    told_on: date | None = None,
    is_confidential: bool = False,
) -> Consent:
    is_told = how != ConsentHow.SIGNED_IN
    if is_told and (told_on is None or told_on > timezone.localdate(at)):
        raise WrongDay(_("Say on which day the yes was said. It cannot be a day to come."))
    consent = Consent.objects.create(
        person=person,
        given_by=given_by,
        how=how,
        told_to=User.objects.get(reference=by.reference) if is_told else None,
        told_on=told_on if is_told else None,
        form=FORM,
        words=words.strip(),
        purpose=purpose,
        subject=subject,
        is_confidential=is_confidential,
        given_at=at,
        ends_at=ends_at,
    )
    _record(consent, verb="given", before="", after="given", by=by, at=at)
    return consent


def _record(
    consent: Consent, *, verb: str, before: str, after: str, by: history.Actor, at: datetime
) -> None:
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="consent",
        subject=consent.reference,
        person=consent.person,
        from_state=before,
        to_state=after,
        reason=consent.how,
        is_confidential=consent.is_confidential,
    )
