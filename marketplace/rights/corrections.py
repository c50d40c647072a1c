"""Putting right what the record says: asked by the person, answered by whoever entered it.

Or by whoever leads for the family, or an administrator. What is accepted goes through the verb
that owns it; where none does, her own words stand beside what was written (UK GDPR Art. 16).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets import corrections, history
from budgets.models import Event, Family, Member, Person, Relation
from marketplace.notices import notices
from marketplace.people.models import Membership, User
from marketplace.rights import requests, standing
from marketplace.rights.models import RequestKind, RequestState, RightsRequest
from marketplace.sharing import facts
from marketplace.sharing.models import Fact, Source

OTHER = "other"

PERSON_TITLES: dict[str, object] = {
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "born_on": gettext_lazy("Birthday, as 2012-06-03"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
}
FAMILY_TITLES: dict[str, object] = {
    "postcode": gettext_lazy("Postcode"),
    "district": gettext_lazy("District"),
}


class NothingToChange(history.Refused):
    """What is wrong, and what is right, are both said."""


class ChangedSince(history.Refused):
    """It says something else by now than when the correction was asked."""


@dataclass(frozen=True)
class Line:
    """One thing that can be put right: its code, what it is called, and what it says now."""

    code: str
    title: str
    now: str
    is_secret: bool = False


def lines(
    *, person: Person, knows_secrets: bool, at: datetime, decided_by: int | None = None
) -> list[Line]:
    """Return what can be put right in a person's record, and last the rest of it.

    `decided_by`: who asks for her, as somebody who decides. She reads where the person lives only
    where she lives there herself.
    """
    found = [
        Line(f"person.{name}", str(title), _said(getattr(person, name)))
        for name, title in PERSON_TITLES.items()
    ]
    family = _home(person, at)
    if family is not None and _is_told_where(family, decided_by, at):
        found += [
            Line(f"family.{name}", str(title), _said(getattr(family, name)))
            for name, title in FAMILY_TITLES.items()
        ]
    known = Fact.objects.standing().filter(person=person)
    found += [
        Line(f"fact.{fact.reference}", _title(fact), _said(fact.value), fact.is_confidential)
        for fact in known.order_by("key", "pk")
        if knows_secrets or not fact.is_confidential
    ]
    return [*found, Line(OTHER, _("Something else"), "")]


@transaction.atomic
def ask(
    *,
    person: Person,
    code: str,
    wanted: str,
    words: str,
    user: User,
    by: history.Actor,
    at: datetime,
) -> RightsRequest:
    """Ask for something to be put right. Raises NothingToChange, and what requests.ask raises."""
    held = standing.of(user=user, person=person, at=at)
    known = lines(
        person=person,
        knows_secrets=bool(held and held.knows_secrets),
        decided_by=held.decided_by if held else None,
        at=at,
    )
    line = next((one for one in known if one.code == code), None)
    if line is None or not wanted.strip() or wanted.strip() == line.now:
        raise NothingToChange(_("Say what is wrong, and what it should say."))
    entered_by = _entered_by(person=person, code=code, at=at)
    request = requests.ask(
        person=person,
        kind=RequestKind.CORRECTION,
        user=user,
        by=by,
        at=at,
        words=words,
        about=code,
        before=line.now,
        wanted=wanted,
        entered_by=entered_by,
        is_secret=line.is_secret,
    )
    if entered_by is not None:
        notices.tell(
            users=[entered_by],
            kind="right_asked",
            subject_kind="rights_request",
            subject=request.reference,
            at=at,
        )
    return request


@transaction.atomic
def accept(
    *, request: RightsRequest, words: str, user: User, by: history.Actor, at: datetime
) -> RightsRequest:
    """Put it right, through the verb that owns it; what it said before is kept as history.

    Raises NotForThem, IsAnswered, NoWords, ChangedSince, and what the owning verb raises.
    """
    request = requests.locked(request)
    requests.must_answer(request, user=user, by=by, at=at)
    requests.must_say(words)
    if request.kind != RequestKind.CORRECTION:
        raise requests.NotForThem(_("There is nothing to put right in this request."))
    _apply(request, by=by, at=at)
    return requests.end(request, state=RequestState.DONE, words=words, user=user, by=by, at=at)


def title(request: RightsRequest) -> str:
    """Return what a correction is about, in words."""
    kind, _dot, name = request.about.partition(".")
    if kind == "fact":
        return _title(Fact.objects.get(reference=name))
    found = PERSON_TITLES.get(name) or FAMILY_TITLES.get(name) or _("Something else")
    return str(found)


def _apply(request: RightsRequest, *, by: history.Actor, at: datetime) -> None:
    person = request.person
    if request.about == OTHER:
        requests.record(
            request, verb="statement", before=request.state, by=by, at=at, text=request.wanted
        )
        return
    known = lines(person=person, knows_secrets=True, at=at)
    now = {line.code: line.now for line in known}.get(request.about)
    if now != request.before:
        raise ChangedSince(_("It says something else by now. Look at it again, and ask anew."))
    kind, _dot, name = request.about.partition(".")
    if kind == "person":
        corrections.correct_person(person=person, field=name, value=request.wanted, by=by, at=at)
        return
    if kind == "fact":
        _correct_fact(request, reference=name, at=at)
        return
    family = _home(person, at)
    assert family is not None  # its lines were there a moment ago
    corrections.correct_family(family=family, field=name, value=request.wanted, by=by, at=at)


def _correct_fact(request: RightsRequest, *, reference: str, at: datetime) -> None:
    """Replace a fact by what she says, in her own name: it is her word, and was accepted."""
    fact = Fact.objects.get(reference=reference)
    said = history.Actor(
        kind=history.ActorKind.PERSON,
        reference=str(request.asked_by.reference),
        on_behalf_of=request.person.reference,
    )
    value = _like(fact.value, request.wanted)
    facts.correct(fact=fact, value=value, came_from=Source.SAID, by=said, at=at)


def _like(before: Any, wanted: str) -> Any:
    """Return what she wants it to say, as the kind of answer that it was."""
    if isinstance(before, bool):
        return wanted.strip().lower() in ("yes", "true")
    if isinstance(before, int):
        try:
            return int(wanted)
        except ValueError as error:
            raise NothingToChange(_("This has to be a number.")) from error
    return wanted


def _title(fact: Fact) -> str:
    return fact.key.replace("_", " ").capitalize()


def _entered_by(*, person: Person, code: str, at: datetime) -> User | None:
    """Return the worker who entered what is wrong, if she still works here."""
    if code.startswith("fact."):
        fact = Fact.objects.select_related("entered_by").get(reference=code.partition(".")[2])
        return _worker(fact.entered_by, at=at)
    subject = person.reference
    family = _home(person, at)
    if code.startswith("family.") and family is not None:
        subject = family.reference
    written = Event.objects.filter(
        subject=subject, verb__in=["add", "corrected"], actor_kind=history.ActorKind.PERSON
    )
    last = written.order_by("-at", "-pk").first()
    if last is None:
        return None
    return _worker(User.objects.filter(reference=last.actor_reference).first(), at=at)


def _worker(user: User | None, *, at: datetime) -> User | None:
    """Return a user where she is somebody who works here still."""
    if user is None or not user.is_active or user.person_id is not None:
        return None
    works = Membership.objects.on(timezone.localdate(at)).filter(user=user)
    return user if works.exists() else None


def _home(person: Person, at: datetime) -> Family | None:
    return requests.homes(person=person, on=timezone.localdate(at)).order_by("pk").first()


def _is_told_where(family: Family, decided_by: int | None, at: datetime) -> bool:
    if decided_by is None:
        return True
    return (
        Member.objects.on(timezone.localdate(at))
        .filter(family=family, person=decided_by)
        .exclude(relation=Relation.VISITOR)
        .exists()
    )


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)
