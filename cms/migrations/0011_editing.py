import uuid

import django.db.models.deletion
import wagtail.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0010_freshness"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="GuideApproval",
            fields=[
                (
                    "task_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="wagtailcore.task",
                    ),
                ),
            ],
            options={
                "verbose_name": "another editor's approval",
                "verbose_name_plural": "other editors' approvals",
            },
            bases=("wagtailcore.task",),
        ),
        migrations.AddField(
            model_name="service",
            name="places_a_week",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="How many can start.",
                null=True,
                verbose_name="new people a week",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="places_at_once",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="How many can have it together.",
                null=True,
                verbose_name="people at once",
            ),
        ),
        migrations.AlterField(
            model_name="guidepage",
            name="body",
            field=wagtail.fields.StreamField(
                [
                    ("heading", 0),
                    ("paragraph", 1),
                    ("inset", 2),
                    ("warning", 3),
                    ("details", 6),
                    ("steps", 12),
                    ("facts", 13),
                    ("table", 16),
                    ("contact", 21),
                    ("service", 22),
                    ("card", 25),
                    ("button", 28),
                ],
                blank=True,
                block_lookup={
                    0: ("cms.blocks.HeadingBlock", (), {}),
                    1: ("cms.blocks.ParagraphBlock", (), {}),
                    2: ("cms.blocks.InsetBlock", (), {}),
                    3: ("cms.blocks.WarningBlock", (), {}),
                    4: ("wagtail.blocks.CharBlock", (), {"label": "Question"}),
                    5: ("cms.blocks.ParagraphBlock", (), {"label": "Answer"}),
                    6: ("wagtail.blocks.StructBlock", [[("question", 4), ("answer", 5)]], {}),
                    7: ("wagtail.blocks.CharBlock", (), {"label": "Heading", "max_length": 80}),
                    8: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {"label": "What is done", "max_length": 120},
                    ),
                    9: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {"label": "What to know", "max_length": 255, "required": False},
                    ),
                    10: ("wagtail.blocks.StructBlock", [[("text", 8), ("more", 9)]], {}),
                    11: ("wagtail.blocks.ListBlock", (10,), {"label": "Steps", "min_num": 1}),
                    12: ("wagtail.blocks.StructBlock", [[("title", 7), ("steps", 11)]], {}),
                    13: ("cms.blocks.FactsBlock", (), {}),
                    14: ("wagtail.blocks.CharBlock", (), {"label": "Words", "required": False}),
                    15: ("wagtail.blocks.CharBlock", (), {"label": "Figures", "required": False}),
                    16: (
                        "wagtail.contrib.typed_table_block.blocks.TypedTableBlock",
                        [[("text", 14), ("number", 15)]],
                        {},
                    ),
                    17: ("wagtail.blocks.CharBlock", (), {"label": "Who", "max_length": 100}),
                    18: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {
                            "help_text": "For example: weekdays from nine to five.",
                            "label": "When, and for what",
                            "max_length": 200,
                            "required": False,
                        },
                    ),
                    19: (
                        "wagtail.blocks.RegexBlock",
                        (),
                        {
                            "error_messages": {"invalid": "Write a telephone number in figures."},
                            "label": "Telephone",
                            "regex": "^\\+?[0-9 ()-]{3,25}$",
                            "required": False,
                        },
                    ),
                    20: (
                        "wagtail.blocks.EmailBlock",
                        (),
                        {"label": "E-mail address", "required": False},
                    ),
                    21: (
                        "wagtail.blocks.StructBlock",
                        [[("name", 17), ("note", 18), ("phone", 19), ("email", 20)]],
                        {},
                    ),
                    22: ("cms.blocks.ServiceBlock", (), {}),
                    23: ("wagtail.blocks.CharBlock", (), {"label": "Sentence", "max_length": 200}),
                    24: ("cms.blocks.AddressBlock", (), {"label": "Address", "required": False}),
                    25: (
                        "wagtail.blocks.StructBlock",
                        [[("heading", 7), ("text", 23), ("address", 24)]],
                        {},
                    ),
                    26: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {"label": "Words on it", "max_length": 60},
                    ),
                    27: (
                        "cms.blocks.AddressBlock",
                        (),
                        {"help_text": "For example /services/", "label": "Address"},
                    ),
                    28: ("wagtail.blocks.StructBlock", [[("label", 26), ("address", 27)]], {}),
                },
                verbose_name="text",
            ),
        ),
        migrations.CreateModel(
            name="CriteriaSuggestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("content", models.JSONField(default=dict, verbose_name="content")),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "made_to",
                    models.PositiveSmallIntegerField(verbose_name="version it was made to"),
                ),
                ("suggested_by", models.CharField(max_length=64, verbose_name="suggested by")),
                ("suggested_at", models.DateTimeField(verbose_name="suggested")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for an answer"),
                            ("taken", "taken"),
                            ("declined", "not taken"),
                            ("replaced", "replaced by another"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("answer", models.TextField(blank=True, verbose_name="answer")),
                (
                    "answered_by",
                    models.CharField(blank=True, max_length=64, verbose_name="answered by"),
                ),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="answered"),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="criteria_suggestions",
                        to="cms.service",
                    ),
                ),
            ],
            options={
                "ordering": ["-suggested_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("service",),
                        name="cms_criteria_suggestion_one_waits_a_service",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("state", "waiting")),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("answered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="cms_criteria_suggestion_answer_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "taken", "declined", "replaced"])
                        ),
                        name="cms_criteria_suggestion_state_is_known",
                    ),
                ],
            },
        ),
    ]
