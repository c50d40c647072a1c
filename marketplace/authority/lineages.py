"""Which rule is a new version of which: so that running totals go on where a limit is changed."""

from collections.abc import Iterable

from marketplace.authority.models import Agreement, Rule


def carry_on(*, agreement: Agreement) -> None:
    """Let the rules of an agreement that both have signed go on with the lineage of older ones.

    A rule follows the latest one between the same two for the same role, step and services. One
    that asks for another competence is followed only where it holds no more, since both may hold
    side by side, each with a limit of its own.
    """
    older = list(_older(agreement))
    claimed: set[int] = set()
    for rule in sorted(agreement.rules.all(), key=lambda rule: rule.pk):
        before = _predecessor(rule, [one for one in older if one.pk not in claimed])
        if before is not None:
            claimed.add(before.pk)
            rule.lineage = before.lineage
            rule.save(update_fields=["lineage"])


def _older(agreement: Agreement) -> Iterable[Rule]:
    return (
        Rule.objects.filter(
            agreement__in=Agreement.objects.signed(),
            agreement__owner=agreement.owner_id,
            agreement__holder=agreement.holder_id,
        )
        .exclude(agreement=agreement)
        .select_related("agreement")
        .order_by("-valid_from", "-pk")
    )


def _predecessor(rule: Rule, older: Iterable[Rule]) -> Rule | None:
    same = [one for one in older if _kind(one) == _kind(rule)]
    exact = [one for one in same if one.competence == rule.competence]
    gone = [one for one in same if not _goes_on(one, rule)]
    return next(iter([*exact, *gone]), None)


def _kind(rule: Rule) -> tuple[str, str, int | None, int | None]:
    return rule.role, rule.step, rule.service_id, rule.term_id


def _goes_on(old: Rule, new: Rule) -> bool:
    """Tell whether an older rule still holds on the new one's first day."""
    start = max(new.valid_from, new.agreement.valid_from)
    ends = (old.valid_to, old.agreement.valid_to, old.agreement.ended_on)
    return all(end is None or end > start for end in ends)
