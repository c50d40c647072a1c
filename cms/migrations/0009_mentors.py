import re
import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.utils.text import slugify


def move_what_mentors_said(apps, schema_editor):
    """Keep what stood on the entry with the person; nobody has said yes to showing it yet."""
    Service = apps.get_model("cms", "Service")
    Mentor = apps.get_model("cms", "Mentor")
    Term = apps.get_model("cms", "Term")
    for service in Service.objects.filter(kind__in=["mentor", "role_model"]).exclude(first_name=""):
        mentor = Mentor.objects.create(
            service=service, first_name=service.first_name, story=service.lived_experience[:1500]
        )
        for words in filter(None, map(str.strip, re.split("[,;]", service.interests))):
            term, _is_new = Term.objects.get_or_create(
                taxonomy="interest", slug=slugify(words)[:120], defaults={"name": words[:200]}
            )
            mentor.interests.add(term)


def forget_what_drafts_say(apps, schema_editor):
    """Take a mentor's words out of the kept versions of her entry: a draft carries no consent."""
    Revision = apps.get_model("wagtailcore", "Revision")
    rows = Revision.objects.filter(content_type__app_label="cms", content_type__model="service")
    for revision in rows.iterator():
        gone = {"first_name", "lived_experience", "interests"} & set(revision.content)
        if gone:
            for name in gone:
                del revision.content[name]
            revision.save(update_fields=["content"])


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0008_search"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="term",
            name="taxonomy",
            field=models.CharField(
                choices=[
                    ("need", "Need"),
                    ("issue", "Issue"),
                    ("barrier", "Barrier"),
                    ("vision", "Vision"),
                    ("category", "Category"),
                    ("audience", "Who it is for"),
                    ("language", "Language"),
                    ("interest", "Interest"),
                ],
                max_length=10,
                verbose_name="taxonomy",
            ),
        ),
        migrations.CreateModel(
            name="Mentor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("first_name", models.CharField(max_length=50, verbose_name="first name")),
                (
                    "story",
                    models.TextField(
                        blank=True, max_length=1500, verbose_name="what she or he has lived through"
                    ),
                ),
                (
                    "interests",
                    models.ManyToManyField(blank=True, related_name="liked_by", to="cms.term"),
                ),
                (
                    "lived_through",
                    models.ManyToManyField(blank=True, related_name="lived_by", to="cms.term"),
                ),
                (
                    "service",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mentor",
                        to="cms.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "mentor",
                "verbose_name_plural": "mentors",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="FreeHour",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ],
                        verbose_name="day",
                    ),
                ),
                ("opens_at", models.TimeField(verbose_name="from")),
                ("closes_at", models.TimeField(verbose_name="until")),
                (
                    "mentor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="cms.mentor",
                    ),
                ),
            ],
            options={
                "verbose_name": "free hour",
                "verbose_name_plural": "free hours",
                "ordering": ["weekday", "opens_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="MentorConsent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("first_name", "First name"),
                            ("picture", "Picture"),
                            ("story", "Story"),
                        ],
                        max_length=10,
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("given_at", models.DateTimeField()),
                ("given_by", models.CharField(max_length=64)),
                (
                    "through",
                    models.CharField(
                        choices=[("sign_in", "Signed in"), ("link", "By a link")], max_length=7
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=64)),
                (
                    "mentor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="cms.mentor",
                    ),
                ),
            ],
            options={
                "verbose_name": "mentor's yes",
                "verbose_name_plural": "mentors' yeses",
                "ordering": ["given_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("content", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("width", models.PositiveSmallIntegerField()),
                ("height", models.PositiveSmallIntegerField()),
                ("is_drawing", models.BooleanField(default=False)),
                ("added_at", models.DateTimeField()),
                ("added_by", models.CharField(max_length=64)),
                (
                    "mentor",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="picture",
                        to="cms.mentor",
                    ),
                ),
            ],
            options={
                "verbose_name": "picture",
                "verbose_name_plural": "pictures",
            },
        ),
        migrations.CreateModel(
            name="Check",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "holder",
                    models.CharField(
                        help_text="A first name or initials is enough.",
                        max_length=50,
                        verbose_name="whose check",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("dbs_basic", "Basic DBS check"),
                            ("dbs_enhanced", "Enhanced DBS check"),
                        ],
                        max_length=12,
                        verbose_name="which check",
                    ),
                ),
                ("seen_on", models.DateField(verbose_name="seen on")),
                ("valid_until", models.DateField(verbose_name="held until")),
                ("seen_by", models.CharField(max_length=64)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checks",
                        to="cms.service",
                    ),
                ),
            ],
            options={
                "verbose_name": "check held",
                "verbose_name_plural": "checks held",
                "ordering": ["holder", "-valid_until", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["dbs_basic", "dbs_enhanced"])),
                        name="cms_check_level_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__gte", models.F("seen_on"))),
                        name="cms_check_held_from_when_it_was_seen",
                        violation_error_message="It had run out already when it was seen.",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="mentor",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_name", ""), _negated=True),
                name="cms_mentor_has_a_first_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="freehour",
            constraint=models.CheckConstraint(
                condition=models.Q(("weekday__range", (0, 6))), name="cms_freehour_weekday_is_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="freehour",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_at__gt", models.F("opens_at"))),
                name="cms_freehour_closes_after_it_opens",
                violation_error_message="Put the end after the beginning.",
            ),
        ),
        migrations.AddConstraint(
            model_name="freehour",
            constraint=models.UniqueConstraint(
                fields=("mentor", "weekday", "opens_at"), name="cms_freehour_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="mentorconsent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("mentor", "part"),
                name="cms_mentorconsent_one_open_a_part",
            ),
        ),
        migrations.AddConstraint(
            model_name="mentorconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest", ""), _negated=True),
                name="cms_mentorconsent_is_to_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="mentorconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at__isnull", True),
                    ("withdrawn_at__gte", models.F("given_at")),
                    _connector="OR",
                ),
                name="cms_mentorconsent_withdrawn_after_given",
            ),
        ),
        migrations.RunPython(move_what_mentors_said, migrations.RunPython.noop),
        migrations.RunPython(forget_what_drafts_say, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="service",
            name="first_name",
        ),
        migrations.RemoveField(
            model_name="service",
            name="interests",
        ),
        migrations.RemoveField(
            model_name="service",
            name="lived_experience",
        ),
    ]
