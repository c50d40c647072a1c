"""How far somebody may take each of many services herself: for lists, in a few queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from cms.models import Service, Step
from marketplace.authority import rules
from marketplace.authority.models import Rule
from marketplace.people import competences, memberships
from marketplace.people.roles import Role
from marketplace.referrals import ladder
from marketplace.referrals.models import Rung
from marketplace.referrals.models.referral import CLIMB


@dataclass(frozen=True)
class Reach:
    """The rung an actor may reach herself, the step that stops her, and who goes on."""

    rung: Rung
    stopped_at: Step | None
    owner: str
    needs_approval: bool = False
    is_open_to_all: bool = False

    @property
    def sentence(self) -> str:
        """Return it in words: what she can do, and who does the rest."""
        if self.is_open_to_all:
            return _("Open to everyone: you can book it at once.")
        if self.rung in (Rung.COMMISSIONED, Rung.BOOKED):
            return _("You can take this all the way to money set aside.")
        if self.needs_approval:
            return _("You can take this up to the cost; then %(owner)s has to approve it.") % {
                "owner": self.owner
            }
        return SENTENCES[self.rung]() % {"owner": self.owner}

    @property
    def tone(self) -> str:
        """Return how good the news is, for its tag."""
        if self.is_open_to_all or self.rung in (Rung.COMMISSIONED, Rung.BOOKED):
            return "good"
        return "plain" if self.rung == Rung.SIGNPOSTED else "wait"

    @property
    def share(self) -> int:
        """Return how many of the six rungs it is."""
        number: int = CLIMB.index(self.rung) + 1
        return number


SENTENCES = {
    Rung.SIGNPOSTED: lambda: _("You can tell them about it; %(owner)s takes it from there."),
    Rung.SOFT_REFERRED: lambda: _("You can check who can have it; %(owner)s takes the form."),
    Rung.APPLIED: lambda: _("You can send the form; %(owner)s decides."),
    Rung.HARD_REFERRED: lambda: _("You can get it agreed; %(owner)s works out the rest."),
}


def of(
    *,
    services: Iterable[Service],
    by: history.Actor,
    at: datetime,
    amounts_pence: Mapping[int, int] | None = None,
) -> dict[int, Reach]:
    """Return, by the id of each service, how far the actor may take it by today's rules.

    `amounts_pence` is what each costs in all, against the limit of one commission; running totals
    and money are asked for when it comes to it. Prefetch processes and terms.
    """
    wanted, day = list(services), timezone.localdate(at)
    roles = memberships.roles(user_reference=by.reference, organisation=by.organisation, on=day)
    held = competences.codes(user_reference=by.reference, on=day)
    found = _rules(services=wanted, by=by, roles=roles, day=day)
    amounts = amounts_pence or {}
    return {
        service.pk: _reach(
            service=service,
            found=[rule for rule in found if rules.covers(rule=rule, service=service)],
            held=held,
            is_owners_intake=by.organisation == service.owner.reference
            and Role.INTAKE_WORKER in roles,
            amount_pence=0 if service.is_statutory else amounts.get(service.pk, 0),
            day=day,
        )
        for service in wanted
    }


def _rules(
    *, services: list[Service], by: history.Actor, roles: frozenset[str], day: date
) -> list[Rule]:
    if by.organisation is None:
        return []
    return list(
        Rule.objects.in_force(day)
        .filter(
            agreement__owner__in={service.owner_id for service in services},
            agreement__holder__reference=by.organisation,
            role__in=roles,
        )
        .select_related("agreement", "cover")
    )


def _reach(
    *,
    service: Service,
    found: list[Rule],
    held: frozenset[str],
    is_owners_intake: bool,
    amount_pence: int,
    day: date,
) -> Reach:
    done: set[str] = set()
    needed = [Step(process.step) for process in service.processes.all()]
    for step in needed:
        if is_owners_intake or (step == Step.BOOK and service.is_universal):
            done.add(step)
            continue
        rule = _best([rule for rule in found if rule.step == step], held)
        if rule is None or not _is_fit(rule, held, day):
            return _stopped(service, needed, done, at_step=step)
        limit = rule.limit_commission_pence
        if step == Step.COMMISSION and limit is not None and amount_pence > limit:
            return _stopped(service, needed, done, at_step=step, needs_approval=True)
        done.add(step)
    return _stopped(service, needed, done, at_step=None)


def _best(found: list[Rule], held: frozenset[str]) -> Rule | None:
    """Return the rule that `authority.decide` would go by: specific, competence held, most room."""

    def strength(rule: Rule) -> tuple[int, bool, float, int]:
        is_qualified = not rule.competence or rule.competence in held
        return rule.specificity, is_qualified, rules.room(rule), -rule.pk

    return max(found, key=strength, default=None)


def _is_fit(rule: Rule, held: frozenset[str], day: date) -> bool:
    is_qualified = not rule.competence or rule.competence in held
    return is_qualified and rules.has_cover(rule=rule, day=day)


def _stopped(
    service: Service,
    needed: list[Step],
    done: set[str],
    *,
    at_step: Step | None,
    needs_approval: bool = False,
) -> Reach:
    rung = Rung.SIGNPOSTED
    for source, _arrow, steps in ladder.CLIMBS:
        if done and all(step in done or step not in needed for step in steps):
            rung = CLIMB[CLIMB.index(source) + 1]
            continue
        break
    return Reach(
        rung=rung,
        stopped_at=at_step,
        owner=service.owner.name,
        needs_approval=needs_approval,
        is_open_to_all=service.is_universal and at_step is None,
    )
