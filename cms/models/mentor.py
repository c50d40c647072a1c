"""A mentor or a role model: a person, and what she lets us show of herself.

Her entry in the catalogue is a service. What she is called, what she looks like and what she has
lived through are hers: each is shown only while her own yes to exactly that stands.
"""

import hashlib
import re
import uuid

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models.process import Weekday

MOST_WORDS_OF_STORY = 1500  # characters


class ConsentPart(models.TextChoices):
    """What a mentor says yes to, each by itself."""

    FIRST_NAME = "first_name", gettext_lazy("First name")
    PICTURE = "picture", gettext_lazy("Picture")
    STORY = "story", gettext_lazy("Story")


class Through(models.TextChoices):
    """How a mentor said yes: signed in, or by the link that was sent to her own address."""

    SIGN_IN = "sign_in", gettext_lazy("Signed in")
    LINK = "link", gettext_lazy("By a link")


class MentorQuerySet(models.QuerySet["Mentor"]):
    """The questions asked of mentors."""

    def whole(self) -> "MentorQuerySet":
        """Fetch all that is shown of them, but for the pictures' own bytes: five statements."""
        return self.select_related("service", "picture").prefetch_related(
            models.Prefetch("consents", MentorConsent.objects.open(), to_attr="open_consents"),
            "interests",
            "lived_through",
            "hours",
        ).defer("picture__content")  # fmt: skip


class Mentor(models.Model):
    """The person behind an entry of kind mentor or role model."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.OneToOneField("cms.Service", on_delete=models.CASCADE, related_name="mentor")
    first_name = models.CharField(gettext_lazy("first name"), max_length=50)
    story = models.TextField(
        gettext_lazy("what she or he has lived through"),
        blank=True,
        max_length=MOST_WORDS_OF_STORY,
    )
    lived_through = models.ManyToManyField("cms.Term", blank=True, related_name="lived_by")
    interests = models.ManyToManyField("cms.Term", blank=True, related_name="liked_by")

    objects = MentorQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("mentor")
        verbose_name_plural = gettext_lazy("mentors")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(first_name=""), name="cms_mentor_has_a_first_name"
            ),
        ]

    def __str__(self) -> str:
        return f"mentor of service {self.service_id}"

    def has_picture(self) -> bool:
        """Say whether there is a picture, shown or not."""
        return getattr(self, "picture", None) is not None

    def digest(self, part: str) -> str:
        """Return what stands for one part exactly as it is now; nothing where there is nothing."""
        if part == ConsentPart.PICTURE:
            return self.picture.digest if self.has_picture() else ""
        if part == ConsentPart.FIRST_NAME:
            return digest_of(part, self.first_name)
        if not self.story:
            return ""
        lived = sorted(str(term.reference) for term in self.lived_through.all())
        return digest_of(part, self.story, *lived)

    def consents_now(self) -> list["MentorConsent"]:
        """Return what she said yes to and did not take back."""
        fetched: list[MentorConsent] | None = getattr(self, "open_consents", None)
        return list(self.consents.open()) if fetched is None else fetched

    def agreed(self) -> frozenset[str]:
        """Return the parts that may be shown: her yes stands, and is to what is there now."""
        return frozenset(
            consent.part
            for consent in self.consents_now()
            if consent.digest and consent.digest == self.digest(consent.part)
        )

    def called(self) -> str:
        """Return the first name where it may be shown, else nothing."""
        return self.first_name if ConsentPart.FIRST_NAME in self.agreed() else ""

    def said_in(self, text: str) -> bool:
        """Tell whether a text says the first name, as it is written or in capitals.

        In small letters it may be a word like any other: will, grace, may.
        """
        found = re.finditer(rf"(?<!\w){re.escape(self.first_name)}(?!\w)", text, re.IGNORECASE)
        return any(one[0] == self.first_name or one[0][0].isupper() for one in found)

    def is_in_address(self, slug: str) -> bool:
        """Tell whether an address says the first name."""
        return f"-{slugify(self.first_name)}-" in f"-{slug}-"

    def plain_name(self, name: str) -> str:
        """Return an entry's name without the first name before it: "A mentor for dads"."""
        if not self.said_in(name):
            return name[:1].upper() + name[1:]
        first = rf"^\s*{re.escape(self.first_name)}(?!\w)\s*[:,–-]?\s*"
        plain = re.sub(first, "", name, flags=re.IGNORECASE)
        return plain[:1].upper() + plain[1:]

    def entry_name(self, name: str) -> str:
        """Return an entry's name as it may be read: "Kai: a mentor for dads", or without Kai."""
        plain, called = self.plain_name(name), self.called()
        if not called:
            return plain
        if not plain:
            return called
        is_acronym = plain[1:2].isupper()
        return f"{called}: {plain if is_acronym else plain[0].lower() + plain[1:]}"

    def must_not_be_named(self, **texts: str) -> None:
        """Refuse texts of the entry that say her name: it is shown by her yes, and only there."""
        said = [name for name, text in texts.items() if self.said_in(text)]
        if said:
            sentence = _("Leave the first name out: we write it while the mentor says yes to it.")
            raise ValidationError(dict.fromkeys(said, sentence))

    def must_not_be_in(self, **addresses: str) -> None:
        """Refuse addresses, of post or pages, of which the first name is a part."""
        told = {name: slugify(re.sub(r"\W|_", " ", text)) for name, text in addresses.items()}
        named = [name for name, words in told.items() if self.is_in_address(words)]
        if named:
            sentence = _("Use an address without the mentor’s first name.")
            raise ValidationError(dict.fromkeys(named, sentence))


def digest_of(*parts: str) -> str:
    """Return a digest of some texts, each apart from the next."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class MentorConsentQuerySet(models.QuerySet["MentorConsent"]):
    """The questions asked of consents."""

    def open(self) -> "MentorConsentQuerySet":
        """Return those that were not taken back."""
        return self.filter(withdrawn_at__isnull=True)


class MentorConsent(models.Model):
    """A mentor's own yes to showing one part of herself, exactly as she saw it."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    mentor = models.ForeignKey(Mentor, on_delete=models.CASCADE, related_name="consents")
    part = models.CharField(max_length=10, choices=ConsentPart.choices)
    digest = models.CharField(max_length=64)
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=64)
    through = models.CharField(max_length=7, choices=Through.choices)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=64, blank=True)

    objects = MentorConsentQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("mentor's yes")
        verbose_name_plural = gettext_lazy("mentors' yeses")
        ordering = ["given_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mentor", "part"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="cms_mentorconsent_one_open_a_part",
            ),
            models.CheckConstraint(
                condition=~models.Q(digest=""), name="cms_mentorconsent_is_to_something"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True)
                | models.Q(withdrawn_at__gte=models.F("given_at")),
                name="cms_mentorconsent_withdrawn_after_given",
            ),
        ]

    def __str__(self) -> str:
        return f"yes {self.reference}"


class Picture(models.Model):
    """A mentor's picture, small and of our own making: nothing of the file that was sent is left.

    Kept beside the words, so that taking it back and deleting it are one transaction. Every
    picture has a new reference, and is served only while her yes to it stands.
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    mentor = models.OneToOneField(Mentor, on_delete=models.CASCADE, related_name="picture")
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    is_drawing = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=64)

    class Meta:
        verbose_name = gettext_lazy("picture")
        verbose_name_plural = gettext_lazy("pictures")

    def __str__(self) -> str:
        return f"picture {self.reference}"


class FreeHour(models.Model):
    """Hours of the week in which a mentor is usually free."""

    mentor = models.ForeignKey(Mentor, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(gettext_lazy("day"), choices=Weekday.choices)
    opens_at = models.TimeField(gettext_lazy("from"))
    closes_at = models.TimeField(gettext_lazy("until"))

    class Meta:
        verbose_name = gettext_lazy("free hour")
        verbose_name_plural = gettext_lazy("free hours")
        ordering = ["weekday", "opens_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weekday__range=(0, 6)), name="cms_freehour_weekday_is_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")),
                name="cms_freehour_closes_after_it_opens",
                violation_error_message=gettext_lazy("Put the end after the beginning."),
            ),
            models.UniqueConstraint(
                fields=["mentor", "weekday", "opens_at"], name="cms_freehour_once"
            ),
        ]

    def __str__(self) -> str:
        return f"free hour {self.pk} of mentor {self.mentor_id}"
