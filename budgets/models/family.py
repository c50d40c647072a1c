"""A household, its people, and who may decide for whom."""

import uuid
from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

ADULT_AT = 18


class Arm(models.TextChoices):
    """The pilot group a family is in, or none."""

    NONE = "none", _("none")
    PILOT = "pilot", _("pilot")
    CONTROL = "control", _("control")


class Relation(models.TextChoices):
    """What somebody is in a household."""

    PARENT = "parent", _("parent")
    PARTNER = "partner", _("partner")
    CHILD = "child", _("child")
    STEP_CHILD = "step_child", _("step-child")
    GRANDCHILD = "grandchild", _("grandchild")
    GRANDPARENT = "grandparent", _("grandparent")
    VISITOR = "visitor", _("visitor")
    OTHER = "other", _("other")


class FamilyQuerySet(models.QuerySet["Family"]):
    """Families by what is true of them."""

    def synthetic(self) -> Self:
        """Return families made for the demonstration."""
        return self.filter(is_synthetic=True)

    def in_arm(self, arm: Arm) -> Self:
        """Return the families of one pilot group."""
        return self.filter(arm=arm)

    def records_of(self, family: "Family") -> Self:
        """Return every record of one household: the one that stands and those merged into it."""
        root = family.merged_into_id or family.pk
        return self.filter(Q(pk=root) | Q(merged_into=root))

    def hidden(self) -> Self:
        """Return the households in which somebody shielded lives or has lived."""
        return self.filter(members__person__is_shielded=True).distinct()


class Family(models.Model):
    """A household."""

    INFORMATION: ClassVar[str] = "household"
    FAMILY_PATH: ClassVar[str] = ""
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "reference": False,
        "name": True,
        "postcode": True,
        "district": True,
        "is_synthetic": False,
        "arm": True,
        "arm_joined_on": True,
        "baseline": True,
        "created_at": False,
        "merged_into": True,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=150)
    postcode = models.CharField(max_length=10, blank=True)
    district = models.CharField(max_length=100, blank=True)
    is_synthetic = models.BooleanField(default=False)
    arm = models.CharField(max_length=10, choices=Arm, default=Arm.NONE)
    arm_joined_on = models.DateField(null=True, blank=True)
    baseline = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    # The record that stands for this household; the merge itself is a FamilyMerge.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged"
    )

    objects = FamilyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "families"
        constraints = [
            models.CheckConstraint(
                condition=Q(arm=Arm.NONE, arm_joined_on__isnull=True)
                | (Q(arm__in=[Arm.PILOT, Arm.CONTROL]) & Q(arm_joined_on__isnull=False)),
                name="budgets_family_arm_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="budgets_family_merged_into_another",
            ),
        ]

    def __str__(self) -> str:
        return f"family {self.reference}"

    @property
    def is_control(self) -> bool:
        """Tell whether the family is in the group that has no budget."""
        return self.arm == Arm.CONTROL

    @property
    def is_merged(self) -> bool:
        """Tell whether another record stands for this household."""
        return self.merged_into_id is not None


class PersonQuerySet(models.QuerySet["Person"]):
    """People by household."""

    def at_home(self, *, family: Family, on: date) -> Self:
        """Return who lives in the household on the day."""
        members = Member.objects.on(on).filter(family=family)
        return self.filter(pk__in=members.values("person"))

    def shielded(self) -> Self:
        """Return the people who are hidden."""
        return self.filter(is_shielded=True)

    def records_of(self, person: "Person") -> Self:
        """Return every record of one person: the one that stands and those merged into it."""
        root = person.merged_into_id or person.pk
        return self.filter(Q(pk=root) | Q(merged_into=root))

    def every_record_of(self, persons: Any) -> Self:
        """Return all records of these persons, a subquery or list of keys, hidden ones too.

        For what is kept, erased or held up: nothing of one is shown to whoever knows another.
        """
        merged = Person.objects.filter(pk__in=persons, merged_into__isnull=False)
        roots = merged.values("merged_into")
        return self.filter(
            Q(pk__in=persons)
            | Q(merged_into__in=persons)
            | Q(pk__in=roots)
            | Q(merged_into__in=roots)
        )

    def same_as(self, persons: Any) -> Self:
        """Return the other records of these persons, a subquery or list of keys.

        Where one of a person's records is shielded all are, and none of them leads to another.
        """
        ways = self.ways_to_same(persons)
        return self.filter(pk__in=ways[0].union(*ways[1:], all=True))

    def ways_to_same(self, persons: Any) -> list[models.QuerySet["Person", Any]]:
        """Return the keys of the same, a way each: of those below, that stand, and beside.

        Apart, so that a database finds the few by an index and need not read a whole table.
        """
        shown = Person.objects.filter(is_shielded=False)
        known = shown.filter(pk__in=persons)
        stands = known.filter(merged_into__isnull=False).values("merged_into")
        return [
            shown.filter(merged_into__in=known.values("pk")).values("pk"),
            shown.filter(pk__in=stands).values("pk"),
            shown.filter(merged_into__in=stands).values("pk"),
        ]


class Person(models.Model):
    """One of a household's people: it is people who look, say yes, sign and hold rights."""

    INFORMATION: ClassVar[str] = "household"
    FAMILY_PATH: ClassVar[str] = "members__family"
    PERSON_PATH: ClassVar[str] = ""
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "reference": False,
        "first_name": True,
        "last_name": True,
        "born_on": True,
        "decides_alone": True,
        "decides_alone_on": True,
        "decides_alone_by": True,
        "email": True,
        "phone": True,
        "is_shielded": True,
        "unshielded_at": False,
        "merged_into": True,
    }

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100, blank=True)
    born_on = models.DateField(null=True, blank=True)
    decides_alone = models.BooleanField(default=False)
    decides_alone_on = models.DateField(null=True, blank=True)
    decides_alone_by = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    # Hidden: only she, whoever decides for her, whom she appointed, and whoever holds a reason of
    # their own for her knows of her; not the household, and not whoever leads for it.
    is_shielded = models.BooleanField(default=False)
    # When somebody lifted it last: a trigger refuses to lift it without (budgets/triggers.py).
    unshielded_at = models.DateTimeField(null=True, blank=True)
    # The record that stands for this person; the merge itself is a PersonMerge.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged"
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                condition=Q(decides_alone=False, decides_alone_on__isnull=True, decides_alone_by="")
                | (Q(decides_alone=True, decides_alone_on__isnull=False) & ~Q(decides_alone_by="")),
                name="budgets_person_decides_alone_says_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="budgets_person_merged_into_another",
            ),
        ]

    def __str__(self) -> str:
        return f"person {self.reference}"

    @property
    def name(self) -> str:
        """Return the first and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_merged(self) -> bool:
        """Tell whether another record stands for this person."""
        return self.merged_into_id is not None

    def age_on(self, day: date) -> int | None:
        """Return the age in whole years on the day, or None where the birthday is not known."""
        if self.born_on is None:
            return None
        had_birthday = (day.month, day.day) >= (self.born_on.month, self.born_on.day)
        return day.year - self.born_on.year - (0 if had_birthday else 1)

    def is_adult_on(self, day: date) -> bool:
        """Tell whether the person is known to be 18 or older on the day."""
        age = self.age_on(day)
        return age is not None and age >= ADULT_AT


class MemberQuerySet(models.QuerySet["Member"]):
    """Memberships of a household by day."""

    def on(self, day: date) -> Self:
        """Return the memberships that hold on the day; the last day is not included."""
        return self.filter(joined_on__lte=day).filter(Q(left_on__isnull=True) | Q(left_on__gt=day))

    def after(self, day: date) -> Self:
        """Return the memberships that hold on the day or later."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=day))

    def living_there(self) -> Self:
        """Return the memberships of whoever does not only visit."""
        return self.exclude(relation=Relation.VISITOR)


class Member(models.Model):
    """Somebody's time in a household."""

    INFORMATION: ClassVar[str] = "household"
    FAMILY_PATH: ClassVar[str] = "family"
    PERSON_PATH: ClassVar[str] = "person"
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "family": True,
        "person": True,
        "relation": True,
        "joined_on": True,
        "left_on": True,
    }

    family = models.ForeignKey(Family, models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, models.PROTECT, related_name="members")
    relation = models.CharField(max_length=20, choices=Relation)
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gt=F("joined_on")),
                name="budgets_member_leaves_after_joining",
            ),
            models.UniqueConstraint(
                fields=["family", "person"],
                condition=Q(left_on__isnull=True),
                name="budgets_member_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"member {self.pk}"

    @property
    def is_visit(self) -> bool:
        """Tell whether somebody only visits."""
        return self.relation == Relation.VISITOR


class ResponsibilityQuerySet(models.QuerySet["Responsibility"]):
    """Responsibilities by day."""

    def on(self, day: date) -> Self:
        """Return the responsibilities that hold on the day; the last day is not included."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day))


class Responsibility(models.Model):
    """What one person may do for another: parental responsibility, and who may decide."""

    INFORMATION: ClassVar[str] = "household"
    FAMILY_PATH: ClassVar[str] = "person__members__family"
    PERSON_PATH: ClassVar[str] = "person"
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "holder": True,
        "person": True,
        "has_parental_responsibility": True,
        "may_decide": True,
        "starts_on": True,
        "ends_on": True,
    }

    holder = models.ForeignKey(Person, models.PROTECT, related_name="responsibilities")
    person = models.ForeignKey(Person, models.PROTECT, related_name="responsible_people")
    has_parental_responsibility = models.BooleanField(default=False)
    may_decide = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = ResponsibilityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "responsibilities"
        constraints = [
            models.CheckConstraint(
                condition=~Q(holder=F("person")), name="budgets_responsibility_for_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="budgets_responsibility_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["holder", "person"],
                condition=Q(ends_on__isnull=True),
                name="budgets_responsibility_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"responsibility {self.pk}"
