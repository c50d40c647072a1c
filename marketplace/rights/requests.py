"""Asking about one's own record, and answering: within a calendar month (UK GDPR Art. 12(3)).

Whoever answers is an administrator of the organisation that leads for the family and sees it whole,
or else of the county council: accountable for the family or for the whole, and not whoever wrote
most of it.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Family, Member, Person, Relation
from cms.models import Organisation, OrganisationKind
from marketplace.notices import notices
from marketplace.people import appointments, memberships
from marketplace.people.models import Lead, Membership, User
from marketplace.people.roles import Role
from marketplace.rights import months, standing
from marketplace.rights.models import OPEN, RequestKind, RequestState, RightsRequest

MONTHS_TO_ANSWER = 1
"""A calendar month: the same day of the next, or its last (ICO's guidance)."""

REVIEWING = ("read", "redacted", "restored")


class NotTheirs(history.Refused):
    """Only she, who decides for her, or who may act for her, asks about her record."""


class NobodyToAnswer(history.Refused):
    """No organisation has anybody who could answer."""


class AlreadyAsked(history.Refused):
    """The same is asked already and waits for its answer."""


class NotForThem(history.Refused):
    """Somebody else answers this request."""


class IsAnswered(history.Refused):
    """The request has its answer."""


class NoWords(history.Refused):
    """An answer says why, in words."""


@transaction.atomic
def ask(
    *,
    person: Person,
    kind: RequestKind,
    user: User,
    by: history.Actor,
    at: datetime,
    words: str = "",
    about: str = "",
    before: str = "",
    wanted: str = "",
    entered_by: User | None = None,
    is_secret: bool = False,
) -> RightsRequest:
    """Ask about a person's record; due in a calendar month. Raises NotTheirs, AlreadyAsked.

    What a person asks herself, while others decide for her, is hers and her confidantes'; so is
    what is asked about a secret of hers. Raises NobodyToAnswer.
    """
    held = standing.of(user=user, person=person, at=at)
    if held is None or by.reference != str(user.reference):
        raise NotTheirs(_("Only the person it is about, or who acts for her, can ask for this."))
    day = timezone.localdate(at)
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    same = RightsRequest.objects.open().filter(person=person, kind=kind, asked_by=user)
    if kind in (RequestKind.ACCESS, RequestKind.ERASURE) and same.exists():
        raise AlreadyAsked(_("You have asked for this already. We are working on it."))
    request = RightsRequest.objects.create(
        person=person,
        kind=RequestKind(kind),
        asked_by=user,
        asked_at=at,
        due_on=months.after(day, MONTHS_TO_ANSWER),
        organisation=answering(person=person, on=day),
        words=words.strip(),
        about=about,
        before=before,
        wanted=wanted.strip(),
        entered_by=entered_by,
        is_confidential=is_secret or (held.is_herself and not person.is_adult_on(day)),
    )
    record(request, verb="asked", before="", by=by, at=at)
    notices.tell_role(
        organisation=request.organisation,
        role=Role.ADMINISTRATOR,
        kind="right_asked",
        subject_kind="rights_request",
        subject=request.reference,
        at=at,
    )
    return request


def answering(*, person: Person, on: date) -> Organisation:
    """Return the organisation that answers for a person's record. Raises NobodyToAnswer.

    That of whoever leads for her family, else a county council, and only where an administrator
    works there. A school, a landlord or the police see of a family what concerns their own work,
    so that they do not read the whole of it for an answer either.
    """
    staffed = Membership.objects.on(on).filter(role=Role.ADMINISTRATOR, user__is_active=True)
    places = Organisation.objects.filter(pk__in=staffed.values("organisation"))
    leads = Lead.objects.on(on).filter(family__in=homes(person=person, on=on))
    leads = leads.exclude(organisation__kind__in=appointments.SEES_HER_PART)
    found = (
        places.filter(pk__in=leads.values("organisation")).order_by("pk").first()
        or places.filter(kind=OrganisationKind.COUNTY_COUNCIL).order_by("pk").first()
    )
    if found is None:
        raise NobodyToAnswer(
            _("Nobody is there yet who could answer this. Ring the people who run this site.")
        )
    return found


def answers(*, user: User, at: datetime) -> QuerySet[RightsRequest]:
    """Return the requests that a user answers: where she is an administrator today.

    A correction is also for whoever entered what is wrong, and, where it is no secret, for who
    leads for the family and sees it whole.
    """
    day = timezone.localdate(at)
    works = Membership.objects.on(day).filter(user=user, user__is_active=True)
    administers = works.filter(role=Role.ADMINISTRATOR)
    led = appointments.leads_whole(user=user, on=day).values("family")
    stays = Member.objects.on(day).filter(family__in=led, person__is_shielded=False)
    correction = Q(kind=RequestKind.CORRECTION)
    return RightsRequest.objects.filter(
        Q(organisation__in=administers.values("organisation"))
        | correction & Q(Exists(works), entered_by=user)
        | correction & Q(Exists(works), person__in=stays.values("person"), is_confidential=False)
    ).exclude(person=user.person_id or 0)


@transaction.atomic
def take(*, request: RightsRequest, user: User, by: history.Actor, at: datetime) -> RightsRequest:
    """Begin to look at a request. Twice changes nothing. Raises NotForThem, IsAnswered."""
    request = locked(request)
    must_answer(request, user=user, by=by, at=at)
    if request.state == RequestState.IN_REVIEW:
        return request
    request.state, request.taken_by, request.taken_at = RequestState.IN_REVIEW, user, at
    request.save(update_fields=["state", "taken_by", "taken_at"])
    record(request, verb="taken", before=RequestState.ASKED, by=by, at=at)
    return request


@transaction.atomic
def refuse(
    *, request: RightsRequest, words: str, user: User, by: history.Actor, at: datetime
) -> RightsRequest:
    """Refuse a request with a plain reason. Raises NotForThem, IsAnswered, NoWords."""
    request = locked(request)
    must_answer(request, user=user, by=by, at=at)
    must_say(words)
    return end(request, state=RequestState.REFUSED, words=words, user=user, by=by, at=at)


@transaction.atomic
def settle(
    *, request: RightsRequest, words: str, user: User, by: history.Actor, at: datetime
) -> RightsRequest:
    """Say that an objection was met, and how. Raises NotForThem, IsAnswered, NoWords."""
    request = locked(request)
    must_answer(request, user=user, by=by, at=at)
    must_say(words)
    if request.kind != RequestKind.OBJECTION:
        raise NotForThem(_("This is answered on its own page."))
    return end(request, state=RequestState.DONE, words=words, user=user, by=by, at=at)


def end(
    request: RightsRequest,
    *,
    state: RequestState,
    words: str,
    user: User | None,
    by: history.Actor,
    at: datetime,
) -> RightsRequest:
    """Write the answer of a locked request, and tell whoever asked."""
    before = request.state
    request.state, request.answer = state, words.strip()
    request.answered_by, request.answered_at = user, at
    request.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    record(request, verb=str(state), before=before, by=by, at=at, text=words.strip())
    notices.tell(
        users=[request.asked_by],
        kind="right_answered",
        subject_kind="rights_request",
        subject=request.reference,
        at=at,
    )
    return request


def locked(request: RightsRequest) -> RightsRequest:
    """Return a request under lock."""
    return (
        RightsRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person", "asked_by__person", "organisation")
        .get(pk=request.pk)
    )


def must_answer(request: RightsRequest, *, user: User, by: history.Actor, at: datetime) -> None:
    """Let in who answers this request, while it waits. Raises NotForThem, IsAnswered."""
    is_theirs = answers(user=user, at=at).filter(pk=request.pk).exists()
    if not is_theirs or by.reference != str(user.reference):
        raise NotForThem(_("Somebody else answers this request."))
    must_be_open(request)


def must_be_open(request: RightsRequest) -> None:
    """Raise IsAnswered where the request has its answer."""
    if request.state not in OPEN:
        raise IsAnswered(_("This was answered already. Open the page again."))


def must_say(words: str) -> None:
    """Raise NoWords where an answer gives no reason."""
    if not words.strip():
        raise NoWords(_("Write the answer in words that they can read."))


def homes(*, person: Person, on: date) -> QuerySet[Family]:
    """Return where a person lives on a day; visiting is not living there."""
    stays = Member.objects.on(on).filter(person=person).exclude(relation=Relation.VISITOR)
    return Family.objects.filter(pk__in=stays.values("family"))


def record(
    request: RightsRequest,
    *,
    verb: str,
    before: str,
    by: history.Actor,
    at: datetime,
    text: str = "",
    reason: str = "",
) -> None:
    """Write a line of the request's history; what a child asks herself stays hers there too.

    A line of the reviewer's work names no person: it would show what a copy leaves out.
    """
    is_hers = verb not in REVIEWING
    history.record(
        by=by,
        at=at,
        verb=verb,
        subject_kind="rights_request",
        subject=request.reference,
        person=request.person if is_hers else None,
        from_state=before,
        to_state=request.state,
        reason=reason,
        text=text,
        is_confidential=request.is_confidential and is_hers,
    )


def reviewer(*, user: User, at: datetime) -> Membership | None:
    """Return the administrator's role a user answers in today, if she holds one."""
    return memberships.current(user=user, on=timezone.localdate(at), among=[Role.ADMINISTRATOR])
