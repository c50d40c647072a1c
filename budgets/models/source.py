"""Under which number another system knows a household or a person, and what it said last."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from budgets.models.family import Family, Person


class FamilySource(models.Model):
    """A household as another system knows it: one record for each number, whatever is merged."""

    FAMILY_PATH: ClassVar[str] = "family"
    INFORMATION: ClassVar[str] = "household"
    IS_PRIVATE: ClassVar[bool] = True
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "family": True,
        "source": True,
        "source_id": True,
        "said": True,
    }

    family = models.ForeignKey(Family, models.PROTECT, related_name="sources")
    source = models.CharField(max_length=100)
    source_id = models.CharField(max_length=100)
    said = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(source="") & ~Q(source_id=""), name="budgets_familysource_says_which"
            ),
            models.UniqueConstraint(
                fields=["source", "source_id"], name="budgets_familysource_one_record"
            ),
        ]

    def __str__(self) -> str:
        return f"household {self.pk} of a source"


class PersonSource(models.Model):
    """A person as another system knows her: one record for each number, whatever is merged."""

    FAMILY_PATH: ClassVar[str] = "person__members__family"
    PERSON_PATH: ClassVar[str] = "person"
    INFORMATION: ClassVar[str] = "household"
    IS_PRIVATE: ClassVar[bool] = True
    PERSONAL: ClassVar[dict[str, bool]] = {
        "id": False,
        "person": True,
        "source": True,
        "source_id": True,
        "said": True,
    }

    person = models.ForeignKey(Person, models.PROTECT, related_name="sources")
    source = models.CharField(max_length=100)
    source_id = models.CharField(max_length=100)
    said = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(source="") & ~Q(source_id=""), name="budgets_personsource_says_which"
            ),
            models.UniqueConstraint(
                fields=["source", "source_id"], name="budgets_personsource_one_record"
            ),
        ]

    def __str__(self) -> str:
        return f"person {self.pk} of a source"
