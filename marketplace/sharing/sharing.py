"""Who may know: the one gate in front of everything about a family (design §5)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import DateTimeField, Exists, Model, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Family, Person
from cms.models import Organisation
from marketplace.notices import topics
from marketplace.people import appointments
from marketplace.people.models import User
from marketplace.people.roles import Power
from marketplace.sharing import gate, grounds, looks
from marketplace.sharing.models import (
    PURPOSE_OF,
    Basis,
    Consent,
    Information,
    Purpose,
    Reason,
    ReasonKind,
    Scope,
)
from marketplace.sharing.paths import paths

Row = TypeVar("Row", bound=Model)


class NotFound(history.Refused):
    """No such record for this user: absent and forbidden look the same."""


class Forbidden(history.Refused):
    """The user's own organisation has it, but her role there may not open it."""


class NotTheirs(history.Refused):
    """Somebody else's yes: only she, or who acts for her, takes it back."""


class NoYes(history.Refused):
    """The sharing would rest on a yes that nobody said, or that was taken back."""


class CannotBeStopped(history.Refused):
    """The sharing rests on the law or a public duty, not on consent."""


def visible(queryset: QuerySet[Row], *, user: User, at: datetime) -> QuerySet[Row]:
    """Narrow any queryset about families to what this user may know at this moment.

    Own household, appointment, lead, or an open reason. Confidential rows are for the person
    herself, an advocate she may confide in, and whoever was asked about that very thing. It stays
    one query, and whatever ended has ended when it runs. What an emergency opens is read on a page
    of its own, and not here (emergencies.py).
    """
    if not user.is_active:
        return queryset.none()
    path = paths(queryset.model)
    # A socket keeps its user for hours, so the row is asked, not the object.
    is_active = Exists(User.objects.filter(pk=user.pk, is_active=True))
    found = gate.Keys(model=queryset.model, path=path, user=user, at=at)
    return queryset.filter(is_active, pk__in=found)


def open_record(
    queryset: QuerySet[Row], *, reference: UUID, user: User, at: datetime, kind: str
) -> Row:
    """Open one record and write down that it was looked at.

    Raises NotFound where the user may not know of it, Forbidden where her own organisation has
    it and only her role is in the way.
    """
    row = visible(queryset, user=user, at=at).filter(reference=reference).first()
    if row is None:
        raise _refusal(queryset.filter(reference=reference), user=user, at=at)
    record_look(row=row, reference=reference, user=user, at=at, kind=kind)
    return row


def record_look(
    *,
    row: Model,
    reference: UUID,
    user: User,
    at: datetime,
    kind: str,
    request: UUID | None = None,
) -> None:
    """Write one look a person the record is about; looking at oneself is not recorded."""
    looks.record(row=row, reference=reference, user=user, at=at, kind=kind, request=request)


@transaction.atomic
def open_reason(
    *,
    person: Person,
    kind: ReasonKind,
    scope: Scope,
    basis: Basis,
    subject: UUID,
    at: datetime,
    organisation: Organisation | None = None,
    role: str = "",
    user: User | None = None,
    is_confidential: bool = False,
    purpose: Purpose | None = None,
    consent: Consent | None = None,
    ends_at: datetime | None = None,
    opens: Iterable[Information] = tuple(Information),
) -> Reason:
    """Let an organisation's role, or one user, know about a person because of a subject.

    A user's reason that names an organisation too holds while she works there. `opens` says which
    kinds of information a whole record opens; a purpose that is not named is that of its kind.
    What is open for the same subject is kept where it says the same, and replaced where it does
    not. Raises NoYes where the basis is consent and no yes stands.
    """
    if basis == Basis.CONSENT:
        _must_stand(consent, person=person, at=at)
    opened = frozenset(opens)
    said = {
        "kind": kind,
        "scope": scope,
        "basis": basis,
        "is_confidential": is_confidential,
        "purpose": purpose or PURPOSE_OF[kind],
        "consent": consent if basis == Basis.CONSENT else None,
        "ends_at": ends_at,
        **{f"opens_{each}": each in opened for each in Information},
    }
    holder = {"person": person, "organisation": organisation, "role": role, "user": user}
    reason, is_new = Reason.objects.select_for_update(no_key=True).get_or_create(
        **holder, subject=subject, closed_at=None, defaults={**said, "opened_at": at}
    )
    is_same = all(getattr(reason, name) == value for name, value in said.items())
    if is_new or (is_same and not reason.is_lapsed(at)):
        return reason
    reason.closed_at = reason.ends_at if reason.is_lapsed(at) else max(at, reason.opened_at)
    reason.save(update_fields=["closed_at"])
    return Reason.objects.create(**holder, subject=subject, opened_at=at, **said)


def close_reasons(*, subject: UUID, at: datetime, kind: ReasonKind | None = None) -> int:
    """Close the reasons that a subject opened (of one kind, or all); they stop at once."""
    live = Reason.objects.live(at).filter(subject=subject)
    if kind is not None:
        live = live.filter(kind=kind)
    return live.update(closed_at=at)


@transaction.atomic
def stop(*, reason: Reason, by: history.Actor, at: datetime) -> Reason:
    """Stop a sharing that rests on the person's yes; twice changes nothing.

    Who can give that yes can take it back: she herself, who decides for her, or an advocate who
    acts for her. A yes on which nothing rests any more is taken back with the last that did.
    Raises NotTheirs, CannotBeStopped.
    """
    reason = (
        Reason.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person", "organisation")
        .get(pk=reason.pk)
    )
    if not decides(person=reason.person, is_confidential=reason.is_confidential, by=by, at=at):
        raise NotTheirs(_("Only the person it is about, or who decides for her, can stop this."))
    if not reason.can_be_stopped:
        raise CannotBeStopped(
            _("This sharing does not need your yes, so it cannot be stopped here. %(basis)s.")
            % {"basis": Basis(reason.basis).label}
        )
    if not reason.is_live(at):
        return reason
    close([reason], by=by, at=at)
    resting = Reason.objects.live(at).filter(consent=reason.consent)
    if reason.consent is not None and not resting.exists():
        take_back(reason.consent, by=by, at=at)
    return reason


def close(reasons: Iterable[Reason], *, by: history.Actor, at: datetime) -> None:
    """Close reasons that rest on a yes, write it down, and let open pages know."""
    for reason in reasons:
        reason.closed_at = max(at, reason.opened_at)
        reason.save(update_fields=["closed_at"])
        history.record(
            by=by,
            at=at,
            verb="stopped",
            subject_kind="sharing",
            subject=reason.reference,
            person=reason.person,
            from_state="open",
            to_state="closed",
            is_confidential=reason.is_confidential,
        )
        _announce(reason, at=at)


def take_back(consent: Consent, *, by: history.Actor, at: datetime) -> None:
    """Mark a yes as taken back, once nothing rests on it any more."""
    Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(
        withdrawn_at=Greatest("given_at", Value(at, output_field=DateTimeField())),
        withdrawn_by=by.reference,
    )


def decides(*, person: Person, is_confidential: bool, by: history.Actor, at: datetime) -> bool:
    """Tell whether an actor may say yes or no to sharing for a person.

    She herself, who decides for her, or an advocate who acts for her. What is confidential is for
    her and an advocate who acts for her and is told such things: nobody else learns of it.
    """
    user, day = user_of(by), timezone.localdate(at)
    if user is None:
        return False
    if user.person_id == person.pk:
        return True
    if is_confidential:
        return speaks_in_confidence(user=user, person=person, day=day)
    deciders = families.deciders(person=person, on=day)
    return user.person_id in [decider.pk for decider in deciders] or appointments.represents(
        user=user, person=person, on=day
    )


def user_of(by: history.Actor) -> User | None:
    """Return the active user that an actor is, or None."""
    if by.kind != history.ActorKind.PERSON:
        return None
    return User.objects.filter(reference=by.reference, is_active=True).first()


def speaks_in_confidence(*, user: User, person: Person, day: date) -> bool:
    """Tell whether an advocate both acts for a person and is told what she tells nobody else."""
    confided = appointments.of(user=user, on=day, power=Power.CONFIDE)
    represented = appointments.of(user=user, on=day, power=Power.REPRESENT)
    return (confided.filter(person=person) & represented.filter(person=person)).exists()


def _must_stand(consent: Consent | None, *, person: Person, at: datetime) -> None:
    standing = Consent.objects.standing(at).filter(person=person)
    if consent is None or not standing.filter(pk=consent.pk).exists():
        raise NoYes(_("This needs a yes. Ask first, and write down how it was said."))


def _announce(reason: Reason, *, at: datetime) -> None:
    """Let every open page that this reason fed ask again whether it may."""
    topics.publish(topics.referral(reason.subject))
    if reason.organisation is not None:
        topics.publish(topics.inbox(reason.organisation.reference))
    homes = grounds.households([reason.person_id], timezone.localdate(at))
    for family in Family.objects.filter(pk__in=homes):
        topics.publish(topics.plan(family.reference))


def _refusal(rows: QuerySet[Row], *, user: User, at: datetime) -> history.Refused:
    path, day = paths(rows.model), timezone.localdate(at)
    colleagues = grounds.reasons_of_colleagues(user, at)
    theirs = gate.any_of(rows.model, grounds.under(path, colleagues, day=day))
    is_ours = not path.is_private and path.author is None
    if user.is_active and is_ours and rows.filter(pk__in=theirs).exists():
        return Forbidden(
            _("Your organisation has this record, but your role there cannot open it.")
        )
    return NotFound(_("There is nothing here that you can open."))
