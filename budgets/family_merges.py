"""Two records of one household: said, and taken back.

Nothing is moved, as with persons (`person_merges`). Whoever lives in the household that goes lives
in the one that stands as well, from that day; these stays, and no others, a split ends again. Each
keeps what she could read before. Money moves only by the ledger: so the plan of the household that
goes is closed first, which returns what is left to its funds.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import families, history
from budgets.models import Arm, Family, FamilyMerge, Member, Plan
from budgets.models.family import FamilyQuerySet


class SameAlready(history.Refused):
    """The two are one record, or are merged."""

    def __init__(self) -> None:
        super().__init__(_("These are one and the same record already."))


class PlanIsOpen(history.Refused):
    """Money stays in the plan that it was put into."""

    def __init__(self, *, in_both: bool) -> None:
        super().__init__(
            _(
                "Both households have an open plan. Close the plan of the one that goes: what is "
                "left returns to its funds, and can be put into the other plan."
            )
            if in_both
            else _(
                "The household that goes has an open plan. Close it first, or keep that household "
                "and let the other one go."
            )
        )


class TwoGroups(history.Refused):
    """The pilot group is recorded once, and does not change."""

    def __init__(self) -> None:
        super().__init__(
            _("These households are in different pilot groups. Keep the one that has its group.")
        )


class KeptApart(history.Refused):
    """A home that somebody hides in is shown to nobody new.

    The sentence is the same whatever the cause, so that it betrays nobody.
    """

    def __init__(self) -> None:
        super().__init__(
            _("These two households cannot be merged. Move people between them one at a time.")
        )


class IsSplit(history.Refused):
    """The merge was undone before."""

    def __init__(self) -> None:
        super().__init__(_("These two records are apart already."))


class MergedOn(history.Refused):
    """What was merged last is undone first."""

    def __init__(self) -> None:
        super().__init__(_("This household was merged into another since. Undo that first."))


def merge(
    *, kept: Family, gone: Family, words: str, by: history.Actor, at: datetime
) -> FamilyMerge:
    """Say that two records are of one household; `kept` stands for both.

    Raises families.NoWords, SameAlready, KeptApart, PlanIsOpen, TwoGroups.
    """
    if not words.strip():
        raise families.NoWords
    with transaction.atomic():
        records = locked_records(kept, gone)
        stands, goes = _root(kept), _root(gone)
        if stands == goes:
            raise SameAlready
        going = Family.objects.records_of(goes)
        _must_be_free(stands, goes, records)
        stays = _let_in(stands, going, by=by, at=at)
        going.update(merged_into=stands)
        merged = FamilyMerge.objects.create(
            kept=stands,
            gone=goes,
            stays=[stay.pk for stay in stays],
            merged_at=at,
            merged_by=by.reference,
        )
        _record(merged, verb="merge", text=words.strip(), by=by, at=at)
    return merged


def split(*, merge: FamilyMerge, words: str, by: history.Actor, at: datetime) -> FamilyMerge:
    """Take a merge back: the stays that it added end, and those before it stand as they stood.

    Raises families.NoWords, IsSplit, MergedOn.
    """
    if not words.strip():
        raise families.NoWords
    with transaction.atomic():
        locked_records(merge.kept)
        merge = FamilyMerge.objects.select_for_update(no_key=True).get(pk=merge.pk)
        if merge.undone_at is not None:
            raise IsSplit
        if Family.objects.get(pk=merge.kept_id).is_merged:
            raise MergedOn
        merge.undone_at, merge.undone_by = at, by.reference
        merge.save(update_fields=["undone_at", "undone_by"])
        _let_out(merge, on=timezone.localdate(at))
        Family.objects.filter(pk=merge.gone_id).update(merged_into=None)
        Family.objects.filter(pk__in=_below(merge.gone_id)).update(merged_into=merge.gone_id)
        _record(merge, verb="split", text=words.strip(), by=by, at=at)
    return merge


def locked_records(*households: Family) -> list[Family]:
    """Lock every record of these households, by key, and return them as they are now."""
    keys: set[int] = set()
    wanted = {family.pk for family in households}
    while wanted - keys:
        keys |= wanted
        rows = Family.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
        found = list(rows)
        for one in found:
            wanted |= set(Family.objects.records_of(one).values_list("pk", flat=True))
    return found


def _root(family: Family) -> Family:
    fresh = Family.objects.get(pk=family.pk)
    return Family.objects.get(pk=fresh.merged_into_id) if fresh.merged_into_id else fresh


def _below(family_id: int) -> set[int]:
    found: set[int] = set()
    edge = {family_id}
    while edge:
        merges = FamilyMerge.objects.live().filter(kept__in=edge)
        edge = set(merges.values_list("gone", flat=True)) - found
        found |= edge
    return found


def _must_be_free(stands: Family, goes: Family, records: list[Family]) -> None:
    keys = [one.pk for one in records]
    if Family.objects.hidden().filter(pk__in=keys).exists():
        raise KeptApart
    plans = Plan.objects.current()
    if plans.filter(family__in=Family.objects.records_of(goes)).exists():
        raise PlanIsOpen(in_both=plans.filter(family=stands).exists())
    if goes.arm not in (Arm.NONE, stands.arm):
        raise TwoGroups


def _let_in(
    stands: Family, going: FamilyQuerySet, *, by: history.Actor, at: datetime
) -> list[Member]:
    """Let whoever lives in the records that go live in the one that stands, who does not yet."""
    on = timezone.localdate(at)
    added: list[Member] = []
    for stay in Member.objects.after(on).filter(family__in=going).select_related("person"):
        since = max(on, stay.joined_on)
        theirs = Member.objects.after(since).filter(family=stands, person=stay.person)
        if theirs.exists():
            continue
        added.append(
            Member.objects.create(
                family=stands,
                person=stay.person,
                relation=stay.relation,
                joined_on=since,
                left_on=stay.left_on,
            )
        )
    return added


def _let_out(merge: FamilyMerge, *, on: date) -> None:
    stays = Member.objects.after(on).filter(pk__in=merge.stays)
    stays.filter(joined_on__gte=on).delete()
    stays.update(left_on=on)


def _record(merge: FamilyMerge, *, verb: str, text: str, by: history.Actor, at: datetime) -> None:
    for family in (merge.kept, merge.gone):
        history.record(
            by=by,
            at=at,
            verb=verb,
            subject_kind="family",
            subject=family.reference,
            family=family,
            text=text,
        )
