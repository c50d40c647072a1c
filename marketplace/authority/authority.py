"""May this person do this step on this service, and if not, why not and who can (design §5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Family, Member, Person, Plan, Relation
from cms.models import Organisation, Service, Step
from marketplace.authority import rules, uses
from marketplace.authority.models import Rule
from marketplace.people import appointments, competences, memberships
from marketplace.people.models import User
from marketplace.people.roles import Power, Role
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


@dataclass(frozen=True)
class Case:
    """One question to decide: who wants to do what, for whom, for how much, on which day."""

    by: history.Actor
    step: Step
    service: Service
    family: Family | None
    amount_pence: int
    day: date
    roles: frozenset[str] = frozenset()


class KnownOfAnother(ValueError):
    """What was handed down was gathered for another actor, service, family or moment."""


@dataclass
class Known:
    """What is asked of the database for one service and actor, and then holds for every step."""

    by: history.Actor
    service: Service
    family: Family | None
    at: datetime

    @cached_property
    def roles(self) -> frozenset[str]:
        """Return the roles that the actor acts in."""
        return _roles(by=self.by, family=self.family, day=timezone.localdate(self.at))

    @cached_property
    def rules(self) -> list[Rule]:
        """Return the rules on the service that day, whoever holds them, in order."""
        return _asked(service=self.service, at=self.at)

    def is_about(self, *, service: Service, at: datetime) -> bool:
        """Tell whether its rules are those of this service at this moment."""
        return (self.service.pk, self.at) == (service.pk, at)

    def is_for(self, *, by: history.Actor, family: Family | None) -> bool:
        """Tell whether its roles are this actor's towards this family."""
        return self.by == by and self.family == family


def decide(
    *,
    by: history.Actor,
    step: Step,
    service: Service,
    family: Family | None,
    amount_pence: int = 0,
    at: datetime,
    known: Known | None = None,
) -> Decision:
    """Decide whether `by` may take `step` on a service now.

    `amount_pence` is the whole life of the commission. No rule means no; the most specific rule
    wins; everything is judged on the day (report §5.4.3). `known` spares who asks for several
    steps at once the same questions to the database. Raises KnownOfAnother where it was gathered
    for anything else.
    """
    day = timezone.localdate(at)
    if known and not (
        known.is_about(service=service, at=at) and known.is_for(by=by, family=family)
    ):
        raise KnownOfAnother(known)
    if by.kind != history.ActorKind.PERSON:
        return _no("not_a_person", _("Only a person can take this step."))
    known = known or Known(by, service, family, at)
    roles = known.roles
    if not roles:
        return _no("no_role", _("You have no role that can do this today."))
    case = Case(by, step, service, family, amount_pence, day, roles)
    if _is_providers(case):
        return Decision(allowed=True)
    found = _rules(case, known)
    if _is_owners(case, found):
        return _interested(case) or Decision(allowed=True)
    if not found:
        return _no("no_rule", _no_rule(case))
    return max((_judge(case, rule) for rule in found), key=_merit)


def who_can(
    *,
    step: Step,
    service: Service,
    amount_pence: int = 0,
    at: datetime,
    known: Known | None = None,
) -> tuple[WhoCan, ...]:
    """Return who may take the step: the owner's intake first, then the holders of rules.

    For what only the provider's specialists do, the provider comes first. Running totals and
    competences belong to one worker, and are asked for when she tries. Raises KnownOfAnother.
    """
    day = timezone.localdate(at)
    if known and not known.is_about(service=service, at=at):
        raise KnownOfAnother(known)
    found = []
    if step in PROVIDER_STEPS:
        found.append(_contact(organisation=service.provider, role=Role.PROVIDER_WORKER))
    if step != Step.DIAGNOSE:
        found.append(_contact(organisation=service.owner, role=Role.INTAKE_WORKER))
    asked = known.rules if known else _asked(service=service, at=at)
    deciding: dict[tuple[int | None, str], list[Rule]] = {}
    for rule in asked:
        if rule.step == step and rule.agreement.holder_id is not None:
            deciding.setdefault((rule.agreement.holder_id, rule.role), []).append(rule)
    for held in deciding.values():
        for rule in rules.most_specific(held):
            holder, limit = rule.agreement.holder, rule.limit_commission_pence
            if (
                holder
                and rules.has_cover(rule=rule, day=day)
                and (limit is None or limit >= amount_pence)
            ):
                found.append(_contact(organisation=holder, role=rule.role))
    return tuple(dict.fromkeys(found))


def _no(code: str, sentence: str, rule: Rule | None = None) -> Decision:
    return Decision(allowed=False, reasons=(Refusal(code, sentence),), rule=rule)


def _no_rule(case: Case) -> str:
    sentence = _("%(owner)s has not agreed that your organisation can do this on “%(service)s”.")
    if case.by.organisation is None:
        sentence = _("%(owner)s does this step of “%(service)s” itself.")
    return sentence % {"owner": case.service.owner.name, "service": case.service.name}


def _roles(*, by: history.Actor, family: Family | None, day: date) -> frozenset[str]:
    if by.organisation is not None:
        return memberships.roles(user_reference=by.reference, organisation=by.organisation, on=day)
    if family is not None and _decides_in_family(by=by, family=family, day=day):
        return frozenset({Role.FAMILY})
    return frozenset()


def _decides_in_family(*, by: history.Actor, family: Family, day: date) -> bool:
    """Tell whether somebody lives in a family with an active plan, and decides for herself."""
    user = User.objects.filter(reference=by.reference, is_active=True, person__isnull=False)
    person = Person.objects.filter(user__in=user).first()
    if person is None or families.deciders(person=person, on=day) != [person]:
        return False
    lives_here = Member.objects.on(day).filter(family=family, person=person)
    return (
        lives_here.exclude(relation=Relation.VISITOR).exists()
        and Plan.objects.active().filter(family=family).exists()
    )


def _is_providers(case: Case) -> bool:
    """Tell whether it is what the provider's own workers do: answer for times, and diagnose."""
    return (
        case.step in PROVIDER_STEPS
        and case.by.organisation == case.service.provider.reference
        and Role.PROVIDER_WORKER in case.roles
    )


def _is_owners(case: Case, found: Iterable[Rule]) -> bool:
    """Tell whether the owner's intake may do it by its own right.

    Intake has every step on its own services, but diagnosis stays with specialists; and where the
    owner's own scheme says what intake may commission, that rule decides.
    """
    return (
        case.by.organisation == case.service.owner.reference
        and Role.INTAKE_WORKER in case.roles
        and case.step != Step.DIAGNOSE
        and not any(rule.role == Role.INTAKE_WORKER for rule in found)
    )


def _asked(*, service: Service, at: datetime) -> list[Rule]:
    found = rules.about(service=service, day=timezone.localdate(at))
    return list(
        found.select_related("cover", "agreement__holder").order_by(
            "agreement__holder__name", "role", "pk"
        )
    )


def _rules(case: Case, known: Known) -> list[Rule]:
    return rules.most_specific(
        rule
        for rule in known.rules
        if rule.step == case.step and rule.role in case.roles and _is_holders(case, rule)
    )


def _is_holders(case: Case, rule: Rule) -> bool:
    """Tell whether a rule is for who acts: for her organisation, or for families."""
    holder = rule.agreement.holder
    return case.by.organisation == (holder.reference if holder else None)


def _merit(decision: Decision) -> tuple[bool, bool, float, int]:
    """Rank what equally specific rules say, so that their order never matters."""
    rule = decision.rule
    room = rules.room(rule) if rule else 0.0
    return decision.allowed, decision.needs_approval, room, -rule.pk if rule else 0


def _judge(case: Case, rule: Rule) -> Decision:
    hard = _unqualified(case, rule)
    soft = _over(case, rule) if rule.step == Step.COMMISSION else []
    if interested := _interested(case):
        soft += interested.reasons
    return Decision(
        allowed=not hard and not soft,
        reasons=(*hard, *soft),
        rule=rule,
        needs_approval=bool(soft) and not hard,
    )


def _unqualified(case: Case, rule: Rule) -> list[Refusal]:
    found = []
    if rule.competence and not competences.holds(
        user_reference=case.by.reference, code=rule.competence, on=case.day
    ):
        found.append(
            Refusal(
                "no_competence", _("This step needs a qualification that is not on your record.")
            )
        )
    if not rules.has_cover(rule=rule, day=case.day):
        found.append(
            Refusal("no_cover", _("Your organisation's insurance for this step is not in force."))
        )
    if rule.role == Role.ADVOCATE and not _is_appointed(case):
        found.append(
            Refusal("not_appointed", _("Nobody in this family has asked you to act for them."))
        )
    return found


def _is_appointed(case: Case) -> bool:
    user = User.objects.filter(reference=case.by.reference).first()
    if case.family is None or user is None:
        return case.family is None
    at_home = Person.objects.at_home(family=case.family, on=case.day)
    held = appointments.of(user=user, on=case.day, power=Power.REPRESENT)
    return held.filter(person__in=at_home).exists()


def _over(case: Case, rule: Rule) -> list[Refusal]:
    amount, used = case.amount_pence, _used(case, rule)
    limit = money.show(rule.limit_commission_pence or 0)
    found = []
    if _passes(amount, rule.limit_commission_pence):
        sentence = _("This costs %(amount)s. You can agree up to %(limit)s at once.")
        shown = {"amount": money.show(amount), "limit": limit}
        found.append(Refusal("over_limit", sentence % shown))
    if case.family is not None and _passes(
        used.family_pence + amount, rule.limit_family_year_pence
    ):
        sentence = _("With this, the family would pass %(limit)s this year under your agreement.")
        shown = {"limit": money.show(rule.limit_family_year_pence or 0)}
        found.append(Refusal("over_family_limit", sentence % shown))
    if _passes(used.all_pence + amount, rule.limit_year_pence):
        sentence = _("With this, your organisation would pass %(limit)s this year.")
        shown = {"limit": money.show(rule.limit_year_pence or 0)}
        found.append(Refusal("over_year_limit", sentence % shown))
    return found


def _used(case: Case, rule: Rule) -> uses.Totals:
    return uses.totals(rule=rule, family=case.family, year=uses.year_of(case.day))


def _passes(amount_pence: int, limit_pence: int | None) -> bool:
    return limit_pence is not None and amount_pence > limit_pence


def _interested(case: Case) -> Decision | None:
    """Return the refusal of whoever gains from the provider, or None where she does not."""
    if case.step != Step.COMMISSION or not _gains(case):
        return None
    gain = Refusal("interest", _("You gain from this provider, so somebody else has to say yes."))
    return Decision(allowed=False, reasons=(gain,), needs_approval=True)


def _gains(case: Case) -> bool:
    provider, service = case.service.provider, case.service
    own_employer = (
        case.by.organisation == provider.reference and service.provider_id != service.owner_id
    )
    return own_employer or competences.has_interest(
        user_reference=case.by.reference, organisation=provider, on=case.day
    )


def _contact(*, organisation: Organisation, role: str) -> WhoCan:
    return WhoCan(
        organisation=organisation.name,
        role=str(Role(role).label),
        contact=organisation.phone or organisation.email,
    )
