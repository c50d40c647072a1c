"""The ladder's verbs, up to what money is needed for (report §5.4.2, design §4)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Family, Goal, Member, Person, Plan
from cms.models import Organisation, Service, Step, Term
from marketplace.people.models import User
from marketplace.referrals import (
    acts,
    again,
    assessments,
    eligibility,
    facts,
    ladder,
    offers,
    parties,
    promises,
    routes,
    turned_away,
    yeses,
)
from marketplace.referrals.models import (
    Application,
    PromiseKind,
    Referral,
    Rung,
    TurningPoint,
    YesHow,
    YesThrough,
)
from marketplace.sharing import sharing
from marketplace.sharing.models import Basis


class NotVisible(history.Refused):
    """Nobody refers a person whose record she may not open."""


class NotOffered(history.Refused):
    """The service is withdrawn, or a check it needs has run out."""


class NotEligible(history.Refused):
    """A rule of the service is not met; `result` says which, `turned` whom it turns away."""

    def __init__(self, result: eligibility.Result, *, turned: turned_away.Turned) -> None:
        super().__init__(
            _("This is for people in another situation. %(rules)s")
            % {"rules": " ".join(result.failed)}
        )
        self.result = result
        self.turned = turned


class AnswersMissing(history.Refused):
    """Something the service must know was not answered; `missing` names the questions."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(_("Some questions still need an answer."))
        self.missing = missing


class NotTheirs(history.Refused):
    """Only the person, or who decides for her, says yes."""


class AlreadySettled(history.Refused):
    """A yes stands as it was said once money was set aside on it."""


class NotYourSitting(history.Refused):
    """The sitting is the referrer's, so nobody else ends it."""


class Ended(history.Refused):
    """The referral has ended, so it cannot be changed."""


@transaction.atomic
def refer(
    *,
    person: Person,
    family: Family,
    service: Service,
    by: history.Actor,
    at: datetime,
    plan: Plan | None = None,
    goal: Goal | None = None,
    need: Term | None = None,
    barrier: Term | None = None,
    met_by: str = "",
    instead_of: str = "",
    is_weighed: bool = False,
    beside: Referral | None = None,
    is_confidential: bool = False,
    came: routes.Came | None = None,
) -> Referral:
    """Put a person on the ladder's first rung for a service.

    `is_weighed` says that what is asked before buying was asked (`commissions.weigh`). What serves
    a confidential goal is confidential too. Asking again after a decline is always
    allowed. Raises NotVisible, NotOffered, again.AlreadyAsked, again.Meanwhile.
    """
    user = parties.user_of(by)
    if user is None or not may_refer(user=user, person=person, by=by, at=at):
        raise NotVisible(_("There is nobody here whom you can refer."))
    _must_belong(family=family, person=person, plan=plan, goal=goal)
    if not Service.objects.offered(timezone.localdate(at)).filter(pk=service.pk).exists():
        raise NotOffered(_("“%(service)s” is not offered now.") % {"service": service.name})
    is_secret = is_confidential or service.is_confidential or bool(goal and goal.is_confidential)
    came = came or routes.Came(routes.of(user=user, by=by, at=at))
    asking = again.one_open(
        person=person, family=family, service=service, is_confidential=is_secret, user=user, at=at
    )
    with asking as is_apart:
        referral = Referral.objects.create(
            family=family,
            person=person,
            service=service,
            plan=plan,
            goal=goal,
            need=need,
            barrier=barrier,
            met_by=met_by,
            instead_of=instead_of,
            weighed_at=at if is_weighed else None,
            beside=beside,
            referrer=user,
            referrer_organisation=_organisation(by),
            is_confidential=is_secret,
            is_apart=is_apart,
            asked_at=at,
            route=came.route,
            enquiry=came.enquiry,
            reopened_from=came.reopened_from,
            reopen_note=came.note,
        )
    ladder.write(referral=referral, verb="signpost", before="", by=by, at=at)
    offers.freeze_standard(referral=referral, at=at)
    ladder.publish(referral)
    return referral


@transaction.atomic
def check_eligibility(
    *, referral: Referral, answers: Mapping[str, Any], by: history.Actor, at: datetime
) -> Referral:
    """Check who can have the service, against what is known and these answers.

    Raises NotAllowed, NotEligible, AnswersMissing.
    """
    referral = ladder.locked(referral)
    act = allowed(referral=referral, step=Step.CHECK_ELIGIBILITY, by=by, at=at)
    must_be_eligible(referral=referral, answers=answers, point=TurningPoint.CHECK, at=at)
    climbed = ladder.climb(referral=referral, act=act, by=by, at=at, facts=answers)
    facts.land(referral=climbed, answers=answers, by=by, at=at)
    return climbed


@transaction.atomic
def apply(
    *,
    referral: Referral,
    answers: Mapping[str, Any],
    basis: Basis,
    by: history.Actor,
    at: datetime,
) -> Referral:
    """Send the service what it asks for, and nothing else, on a recorded basis.

    Raises NotAllowed, AnswersMissing.
    """
    referral = ladder.locked(referral)
    act = allowed(referral=referral, step=Step.TAKE_APPLICATION, by=by, at=at)
    questions = list(referral.service.questions.all())
    given = {q.key: answers[q.key] for q in questions if answers.get(q.key) not in (None, "")}
    missing = tuple(q.key for q in questions if q.is_required and q.key not in given)
    if missing:
        raise AnswersMissing(missing)
    Application.objects.create(
        referral=referral, answers=given, basis=basis, verified_at=at, sent_at=at
    )
    return ladder.climb(referral=referral, act=act, by=by, at=at)


@transaction.atomic
def decide_eligibility(
    *,
    referral: Referral,
    by: history.Actor,
    at: datetime,
    answers: Mapping[str, Any] | None = None,
) -> Referral:
    """Decide that the person can have the service; only how much is open.

    By the published criteria, with what is known and these answers. Raises NotAllowed,
    NotEligible, AnswersMissing.
    """
    referral = ladder.locked(referral)
    act = allowed(referral=referral, step=Step.DECIDE_ELIGIBILITY, by=by, at=at)
    given = answers or {}
    must_be_eligible(referral=referral, answers=given, point=TurningPoint.DECIDE, at=at)
    climbed = ladder.climb(referral=referral, act=act, by=by, at=at, facts=given)
    if given:
        facts.land(referral=climbed, answers=given, by=by, at=at)
    return climbed


@transaction.atomic
def assess(
    *,
    referral: Referral,
    by: history.Actor,
    at: datetime,
    quantity: int | None = None,
    answers: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Referral:
    """Assess how much (units of the price) and freeze a quote: what the facts give by default.

    Another of the published amounts needs a reason. Knows nothing of budgets (report §5.4.2).
    Raises NotAllowed, AnswersMissing, assessments.NotABand, assessments.NeedsReason,
    offers.OutOfRange.
    """
    referral = ladder.locked(referral)
    act = allowed(referral=referral, step=Step.ASSESS, by=by, at=at)
    given = answers or {}
    result = assessments.weigh(referral=referral, answers=given, at=at)
    if result.missing:
        raise AnswersMissing(result.missing)
    before = acts.amount_pence(referral)
    units = assessments.settle(
        referral=referral, result=result, quantity=quantity, reason=reason, at=at
    )
    offers.freeze(referral=referral, quantity=units, at=at)
    if referral.has_yes and acts.amount_pence(referral) != before:
        yeses.clear(referral)  # it was said to another amount
    climbed = ladder.climb(referral=referral, act=act, by=by, at=at, facts=given)
    if given:
        asked = [one.band.criterion for one in result.weighed]
        facts.land(referral=climbed, answers=given, asked=asked, by=by, at=at)
    return climbed


@transaction.atomic
def diagnose(*, referral: Referral, by: history.Actor, at: datetime) -> Referral:
    """Note that the specialist found the cause; what it is stays with her. Raises NotAllowed."""
    referral = ladder.locked(referral)
    act = allowed(referral=referral, step=Step.DIAGNOSE, by=by, at=at)
    return ladder.climb(referral=referral, act=act, by=by, at=at)


@transaction.atomic
def say_yes(
    *,
    referral: Referral,
    person: Person,
    how: YesHow,
    by: history.Actor,
    at: datetime,
    through: YesThrough | None = None,
    told_on: date | None = None,
) -> Referral:
    """Record a person's yes: said signed in, or told to the advocate.

    What was told says through what, and on which day (today by default). Raises
    NotTheirs, yeses.SaysNotHow, Ended, AlreadySettled.
    """
    referral = ladder.locked(referral)
    if not referral.is_open:
        raise Ended(_("This has ended. You can ask for it again."))
    if Step.COMMISSION in acts.taken(referral):
        raise AlreadySettled(_("The money is set aside already, with the yes that was said."))
    if not yeses.may_say(referral=referral, person=person, how=how, by=by, at=at):
        raise NotTheirs(_("Only the person, or who decides for them, can say yes to this."))
    yeses.write(referral=referral, person=person, how=how, through=through, told_on=told_on, at=at)
    promises.keep(referral=referral, kinds=(PromiseKind.SAY_YES,), at=at)
    ladder.write(referral=referral, verb="say_yes", before=referral.rung, by=by, at=at, reason=how)
    if referral.handed_over_rung:
        ladder.expect(referral=referral, at=at)
    ladder.publish(referral)
    return referral


@transaction.atomic
def book(*, referral: Referral, by: history.Actor, at: datetime) -> Referral:
    """Note that a time is agreed; `bookings.accept` calls this. Raises NotAllowed."""
    referral = ladder.locked(referral)
    act = allowed(referral=referral, step=Step.BOOK, by=by, at=at)
    return ladder.climb(referral=referral, act=act, by=by, at=at)


@transaction.atomic
def fall_through(
    *, referral: Referral, by: history.Actor, at: datetime, reason: str = ""
) -> Referral:
    """Step down to commissioned: the booking fell through, the money stays set aside."""
    return ladder.step_down(
        referral=ladder.locked(referral),
        arrow="fall_through",
        undone=(Step.BOOK,),
        by=by,
        at=at,
        reason=reason,
    )


@transaction.atomic
def hand_over(*, referral: Referral, by: history.Actor, at: datetime) -> Referral:
    """End the referrer's sitting: write down once how far it came, and whose turn it is now.

    Raises NotYourSitting.
    """
    referral = ladder.locked(referral)
    if referral.handed_over_rung:
        return referral
    if ladder.is_taken_over(referral=referral, by=by):
        raise NotYourSitting(_("Only who asked for this can hand it over."))
    ladder.freeze_handover(referral=referral, at=at)
    ladder.write(referral=referral, verb="hand_over", before=referral.rung, by=by, at=at)
    ladder.expect(referral=referral, at=at)
    if referral.rung != Rung.SIGNPOSTED and Step.BOOK not in acts.remaining(referral)[:1]:
        ladder.tell_owner(referral=referral, at=at)
    ladder.publish(referral)
    return referral


def eligible(*, referral: Referral, answers: Mapping[str, Any], at: datetime) -> eligibility.Result:
    """Return what the service's rules say of what is known and these answers."""
    known = facts.of(referral=referral, day=timezone.localdate(at), answers=answers)
    return eligibility.evaluate(facts.criteria(referral.service), known)


def must_be_eligible(
    *, referral: Referral, answers: Mapping[str, Any], point: TurningPoint, at: datetime
) -> None:
    """Refuse where a rule is not met, or something is not known. Raises as named."""
    result = eligible(referral=referral, answers=answers, at=at)
    if result.met is False:
        failed = [one.criterion for one in result.answers if one.met is False]
        turned = turned_away.Turned.of(referral, criteria=failed, point=point)
        raise NotEligible(result, turned=turned)
    if result.missing:
        raise AnswersMissing(result.missing)


def allowed(*, referral: Referral, step: Step, by: history.Actor, at: datetime) -> acts.Act:
    """Return the act where it is allowed. Raises NotAllowed with why not and who can."""
    act = acts.act_for(referral=referral, step=step, by=by, at=at)
    if not act.allowed:
        raise acts.NotAllowed(act)
    return act


def _must_belong(*, family: Family, person: Person, plan: Plan | None, goal: Goal | None) -> None:
    is_home = Member.objects.filter(family=family, person=person).exists()
    is_plan_theirs = plan is None or plan.family_id == family.pk
    is_goal_theirs = goal is None or goal.plan.family_id == family.pk
    if not (is_home and is_plan_theirs and is_goal_theirs):
        raise NotVisible(_("There is nobody here whom you can refer."))


def _organisation(by: history.Actor) -> Organisation | None:
    if by.organisation is None:
        return None
    return Organisation.objects.get(reference=by.organisation)


def may_refer(*, user: User, person: Person, by: history.Actor, at: datetime) -> bool:
    """Tell whether she may ask for this person; at home, for herself and whom she decides for."""
    if not sharing.visible(Person.objects.filter(pk=person.pk), user=user, at=at).exists():
        return False
    if by.organisation is not None or user.person_id is None:
        return True
    deciders = families.deciders(person=person, on=timezone.localdate(at))
    return user.person_id in {person.pk, *(decider.pk for decider in deciders)}
