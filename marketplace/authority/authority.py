"""May this person do this step on this service, and if not, why not and who can (design §5)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Family, Plan, PlanStatus
from cms.models import Organisation, Service, Step
from marketplace.authority import uses
from marketplace.authority.models import Rule, RuleQuerySet
from marketplace.people import competences, memberships
from marketplace.people.models import User
from marketplace.people.roles import Role
from pricing import money

PROVIDER_STEPS = frozenset({Step.BOOK, Step.DIAGNOSE})


@dataclass(frozen=True)
class Refusal:
    """One reason why not: a code for counting, a plain sentence for reading."""

    code: str
    sentence: str


@dataclass(frozen=True)
class Decision:
    """Whether it is allowed, why not where it isn't, and the rule that decided.

    `needs_approval` is true where the only thing in the way is a limit or an interest, so that
    one named next level may say yes instead.
    """

    allowed: bool
    reasons: tuple[Refusal, ...] = ()
    rule: Rule | None = None
    needs_approval: bool = False


@dataclass(frozen=True)
class WhoCan:
    """Somebody who may do the step: an organisation, a role there, and how to reach it."""

    organisation: str
    role: str
    contact: str


def decide(
    *,
    by: history.Actor,
    step: Step,
    service: Service,
    family: Family | None,
    amount_pence: int = 0,
    at: datetime,
) -> Decision:
    """Decide whether `by` may take `step` on a service now.

    `amount_pence` is the whole life of the commission. No rule means no; the most specific rule
    wins; everything is judged on the day (report §5.4.3).
    """
    day = timezone.localdate(at)
    if by.kind != history.ActorKind.PERSON:
        return _no("not_a_person", _("Only a person can take this step."))
    roles = _roles(by=by, family=family, day=day)
    if not roles:
        return _no("no_role", _("You have no role that can do this today."))
    if _acts_for(by=by, organisation=service.owner, role=Role.INTAKE_WORKER, roles=roles):
        return Decision(allowed=True)
    if step in PROVIDER_STEPS and _acts_for(
        by=by, organisation=service.provider, role=Role.PROVIDER_WORKER, roles=roles
    ):
        return Decision(allowed=True)
    rule = _rule(by=by, step=step, service=service, roles=roles, day=day)
    if rule is None:
        return _no(
            "no_rule",
            _("%(owner)s has not agreed that your organisation can do this on “%(service)s”.")
            % {"owner": service.owner.name, "service": service.name},
        )
    return _judge(
        rule=rule, by=by, service=service, family=family, amount_pence=amount_pence, day=day
    )


def who_can(
    *, step: Step, service: Service, amount_pence: int = 0, at: datetime
) -> tuple[WhoCan, ...]:
    """Return who may take the step: the owner's intake first, then the holders of rules."""
    day = timezone.localdate(at)
    found = [_contact(organisation=service.owner, role=Role.INTAKE_WORKER)]
    if step in PROVIDER_STEPS:
        found.insert(0, _contact(organisation=service.provider, role=Role.PROVIDER_WORKER))
    rules = (
        _candidates(step=step, service=service, day=day)
        .filter(agreement__holder__isnull=False)
        .filter(
            Q(limit_commission_pence__isnull=True) | Q(limit_commission_pence__gte=amount_pence)
        )
        .select_related("agreement__holder")
        .order_by("agreement__holder__name", "role")
    )
    for rule in rules:
        holder = rule.agreement.holder
        if holder is not None:
            found.append(_contact(organisation=holder, role=rule.role))
    return tuple(dict.fromkeys(found))


def next_level(*, service: Service, amount_pence: int, at: datetime) -> str:
    """Return the one role at the owner that approves what is over somebody's limit.

    A commissioner there whose own limit is enough (design §5).
    """
    return Role.COMMISSIONER


def _no(code: str, sentence: str, rule: Rule | None = None) -> Decision:
    return Decision(allowed=False, reasons=(Refusal(code, sentence),), rule=rule)


def _roles(*, by: history.Actor, family: Family | None, day: date) -> frozenset[str]:
    if by.organisation is not None:
        return memberships.roles(user_reference=by.reference, organisation=by.organisation, on=day)
    if family is not None and _is_of_family(by=by, family=family, day=day):
        return frozenset({Role.FAMILY})
    return frozenset()


def _is_of_family(*, by: history.Actor, family: Family, day: date) -> bool:
    has_plan = Plan.objects.filter(family=family, status=PlanStatus.ACTIVE).exists()
    return (
        has_plan
        and User.objects.filter(
            Q(person__members__left_on__isnull=True) | Q(person__members__left_on__gt=day),
            reference=by.reference,
            is_active=True,
            person__members__family=family,
            person__members__joined_on__lte=day,
        ).exists()
    )


def _acts_for(
    *, by: history.Actor, organisation: Organisation, role: Role, roles: frozenset[str]
) -> bool:
    return by.organisation == organisation.reference and role in roles


def _candidates(*, step: Step, service: Service, day: date) -> RuleQuerySet:
    terms = service.terms.values("pk")
    return Rule.objects.in_force(day).filter(
        Q(service=service)
        | Q(service__isnull=True, term__in=terms)
        | Q(service__isnull=True, term__isnull=True),
        agreement__owner=service.owner,
        step=step,
    )


def _rule(
    *, by: history.Actor, step: Step, service: Service, roles: frozenset[str], day: date
) -> Rule | None:
    holder = Q(agreement__holder__isnull=True)
    if by.organisation is not None:
        holder = Q(agreement__holder__reference=by.organisation)
    rules = list(
        _candidates(step=step, service=service, day=day)
        .filter(holder, role__in=roles)
        .select_related("cover", "agreement")
        .order_by("pk")
    )
    held = competences.codes(user_reference=by.reference, on=day) if rules else frozenset()
    return max(rules, key=lambda rule: _strength(rule, held), default=None)


def _strength(rule: Rule, held: frozenset[str]) -> tuple[int, bool, float, int]:
    """Rank rules: the most specific; then one whose competence is held; then the most room."""
    limit = rule.limit_commission_pence
    return (
        rule.specificity,
        not rule.competence or rule.competence in held,
        float("inf") if limit is None else float(limit),
        -rule.pk,
    )


def _judge(
    *,
    rule: Rule,
    by: history.Actor,
    service: Service,
    family: Family | None,
    amount_pence: int,
    day: date,
) -> Decision:
    hard = _unqualified(rule=rule, by=by, day=day)
    soft = _over(rule=rule, family=family, amount_pence=amount_pence, day=day)
    if rule.step == Step.COMMISSION and _is_interested(by=by, service=service, day=day):
        soft.append(
            Refusal("interest", _("You gain from this provider, so somebody else has to say yes."))
        )
    return Decision(
        allowed=not hard and not soft,
        reasons=tuple(hard + soft),
        rule=rule,
        needs_approval=bool(soft) and not hard,
    )


def _unqualified(*, rule: Rule, by: history.Actor, day: date) -> list[Refusal]:
    found = []
    if rule.competence and not competences.holds(
        user_reference=by.reference, code=rule.competence, on=day
    ):
        found.append(
            Refusal(
                "no_competence", _("This step needs a qualification that is not on your record.")
            )
        )
    if rule.agreement.holder_id is not None and (
        rule.cover is None or not rule.cover.holds_on(day)
    ):
        found.append(
            Refusal("no_cover", _("Your organisation's insurance for this step is not in force."))
        )
    return found


def _over(*, rule: Rule, family: Family | None, amount_pence: int, day: date) -> list[Refusal]:
    if rule.step != Step.COMMISSION:
        return []
    found = []
    limit = rule.limit_commission_pence
    if limit is not None and amount_pence > limit:
        found.append(
            Refusal(
                "over_limit",
                _("This costs %(amount)s. You can agree up to %(limit)s at once.")
                % {"amount": money.show(amount_pence), "limit": money.show(limit)},
            )
        )
    used = uses.totals(rule=rule, family=family, year=uses.year_of(day))
    limit = rule.limit_family_year_pence
    if limit is not None and family is not None and used.family_pence + amount_pence > limit:
        found.append(
            Refusal(
                "over_family_limit",
                _("With this, the family would pass %(limit)s this year under your agreement.")
                % {"limit": money.show(limit)},
            )
        )
    limit = rule.limit_year_pence
    if limit is not None and used.all_pence + amount_pence > limit:
        found.append(
            Refusal(
                "over_year_limit",
                _("With this, your organisation would pass %(limit)s this year.")
                % {"limit": money.show(limit)},
            )
        )
    return found


def _is_interested(*, by: history.Actor, service: Service, day: date) -> bool:
    own_employer = (
        by.organisation == service.provider.reference and service.provider_id != service.owner_id
    )
    return own_employer or competences.has_interest(
        user_reference=by.reference, organisation=service.provider, on=day
    )


def _contact(*, organisation: Organisation, role: str) -> WhoCan:
    return WhoCan(
        organisation=organisation.name,
        role=str(Role(role).label),
        contact=organisation.phone or organisation.email,
    )
