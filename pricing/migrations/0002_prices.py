"""Everything the whole of pricing keeps: who set a price, what it said before, and its shares."""

import uuid
from datetime import timedelta
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F

VALID = timedelta(days=14)


def rename_each(apps: Any, schema_editor: Any) -> None:
    """Call what is paid once by its one name, wherever it is kept."""
    for model, field in (("Price", "unit"), ("Quote", "unit")):
        apps.get_model("pricing", model).objects.filter(unit="each").update(**{field: "one_off"})
    apps.get_model("cms", "Listing").objects.filter(price_unit="each").update(price_unit="one_off")


def name_the_last_moment(apps: Any, schema_editor: Any) -> None:
    """Let the quotes that were made hold fourteen days, as all do."""
    apps.get_model("pricing", "Quote").objects.update(expires_at=F("quoted_at") + VALID)


def write_staff_lines(apps: Any, schema_editor: Any) -> None:
    """Keep the time and the rate of each unit cost as a line of its own."""
    line = apps.get_model("pricing", "StaffLine")
    line.objects.bulk_create(
        line(
            unit_cost=cost,
            role="Staff",
            minutes=cost.direct_minutes,
            rate_pence_per_hour=cost.rate_pence_per_hour,
        )
        for cost in apps.get_model("pricing", "UnitCost").objects.all()
    )


class Migration(migrations.Migration):
    dependencies = [("pricing", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="CostShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("parts", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["-parts", "organisation__name"],
            },
        ),
        migrations.CreateModel(
            name="PriceChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_pence", models.BigIntegerField()),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("session", "session"),
                            ("hour", "hour"),
                            ("day", "day"),
                            ("week", "week"),
                            ("course", "course"),
                            ("place", "place"),
                            ("one_off", "one-off payment"),
                            ("month", "month"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "funding",
                    models.CharField(
                        choices=[
                            ("already_funded", "already funded: nothing to pay"),
                            ("recharge", "recharged between public bodies"),
                            ("spot_purchase", "bought each time"),
                        ],
                        max_length=20,
                    ),
                ),
                ("cost_pence", models.BigIntegerField(blank=True, null=True)),
                (
                    "confidence",
                    models.CharField(
                        choices=[
                            ("placeholder", "placeholder"),
                            ("estimated", "estimated"),
                            ("costed", "costed"),
                            ("agreed", "agreed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("price_year", models.CharField(max_length=9)),
                ("source", models.CharField(max_length=300)),
                ("contract_reference", models.CharField(blank=True, max_length=100)),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                ("set_by", models.CharField(blank=True, max_length=64)),
                ("set_at", models.DateTimeField(blank=True, null=True)),
                ("price_reference", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("corrected", "corrected"),
                            ("removed", "taken back before it began"),
                            ("ended", "ended"),
                            ("shared", "shared out in another way"),
                        ],
                        max_length=10,
                    ),
                ),
                ("shares", models.JSONField(blank=True, default=dict)),
                ("changed_by", models.CharField(max_length=64)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-changed_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="PriceProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("amount_pence", models.BigIntegerField()),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("session", "session"),
                            ("hour", "hour"),
                            ("day", "day"),
                            ("week", "week"),
                            ("course", "course"),
                            ("place", "place"),
                            ("one_off", "one-off payment"),
                            ("month", "month"),
                        ],
                        max_length=10,
                    ),
                ),
                ("price_year", models.CharField(max_length=9)),
                ("valid_from", models.DateField()),
                ("reason", models.CharField(max_length=300)),
                ("proposed_by", models.CharField(max_length=64)),
                ("proposed_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for an answer"),
                            ("accepted", "accepted"),
                            ("refused", "not accepted"),
                            ("taken_back", "taken back"),
                        ],
                        default="waiting",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=1000)),
                ("answered_by", models.CharField(blank=True, max_length=64)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-proposed_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="QuoteShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("parts", models.PositiveIntegerField()),
                ("amount_pence", models.BigIntegerField()),
            ],
            options={
                "ordering": ["-parts", "organisation__name"],
            },
        ),
        migrations.CreateModel(
            name="StaffLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("role", models.CharField(max_length=100)),
                ("minutes", models.PositiveIntegerField()),
                ("rate_pence_per_hour", models.BigIntegerField()),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["unit_cost_id", "position"],
            },
        ),
        migrations.AlterModelOptions(
            name="unitcost",
            options={"ordering": ["service_id", "-built_on", "-pk"]},
        ),
        migrations.RemoveConstraint(
            model_name="price",
            name="pricing_price_unit_known",
        ),
        migrations.RemoveConstraint(
            model_name="unitcost",
            name="pricing_unit_cost_never_below_nothing",
        ),
        migrations.AddField(
            model_name="price",
            name="contract_reference",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="price",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="price",
            name="ended_by",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="price",
            name="set_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="price",
            name="set_by",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="quote",
            name="contract_reference",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="quote",
            name="expires_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="unitcost",
            name="built_by",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="unitcost",
            name="materials_pence",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="unitcost",
            name="unit",
            field=models.CharField(
                choices=[
                    ("session", "session"),
                    ("hour", "hour"),
                    ("day", "day"),
                    ("week", "week"),
                    ("course", "course"),
                    ("place", "place"),
                    ("one_off", "one-off payment"),
                    ("month", "month"),
                ],
                default="session",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="price",
            name="unit",
            field=models.CharField(
                choices=[
                    ("session", "session"),
                    ("hour", "hour"),
                    ("day", "day"),
                    ("week", "week"),
                    ("course", "course"),
                    ("place", "place"),
                    ("one_off", "one-off payment"),
                    ("month", "month"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="quote",
            name="unit",
            field=models.CharField(
                choices=[
                    ("session", "session"),
                    ("hour", "hour"),
                    ("day", "day"),
                    ("week", "week"),
                    ("course", "course"),
                    ("place", "place"),
                    ("one_off", "one-off payment"),
                    ("month", "month"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True), ("valid_to__isnull", False), _connector="OR"
                ),
                name="pricing_price_that_was_ended_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitcost",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_pence__gte", 0), ("materials_pence__gte", 0)),
                name="pricing_unit_cost_never_below_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitcost",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "unit__in",
                        ["session", "hour", "day", "week", "course", "place", "one_off", "month"],
                    )
                ),
                name="pricing_unit_cost_unit_known",
            ),
        ),
        migrations.AddField(
            model_name="costshare",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cost_shares",
                to="cms.organisation",
            ),
        ),
        migrations.AddField(
            model_name="costshare",
            name="price",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="shares",
                to="pricing.price",
            ),
        ),
        migrations.AddField(
            model_name="pricechange",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="price_changes",
                to="cms.service",
            ),
        ),
        migrations.AddField(
            model_name="priceproposal",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="price_proposals",
                to="cms.service",
            ),
        ),
        migrations.AddField(
            model_name="quoteshare",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="quote_shares",
                to="cms.organisation",
            ),
        ),
        migrations.AddField(
            model_name="quoteshare",
            name="quote",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="shares",
                to="pricing.quote",
            ),
        ),
        migrations.AddField(
            model_name="staffline",
            name="unit_cost",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="staff_lines",
                to="pricing.unitcost",
            ),
        ),
        migrations.AddConstraint(
            model_name="costshare",
            constraint=models.CheckConstraint(
                condition=models.Q(("parts__gte", 1)), name="pricing_cost_share_at_least_one_part"
            ),
        ),
        migrations.AddConstraint(
            model_name="costshare",
            constraint=models.UniqueConstraint(
                fields=("price", "organisation"), name="pricing_cost_share_one_an_organisation"
            ),
        ),
        migrations.AddIndex(
            model_name="pricechange",
            index=models.Index(fields=["service", "unit"], name="pricing_price_change_service"),
        ),
        migrations.AddConstraint(
            model_name="pricechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["corrected", "removed", "ended", "shared"])),
                name="pricing_price_change_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_pence__gte", 0)),
                name="pricing_proposal_never_below_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "accepted", "refused", "taken_back"])),
                name="pricing_proposal_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "unit__in",
                        ["session", "hour", "day", "week", "course", "place", "one_off", "month"],
                    )
                ),
                name="pricing_proposal_unit_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")),
                fields=("service", "unit"),
                name="pricing_proposal_one_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="quoteshare",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_pence__gte", 0)),
                name="pricing_quote_share_never_below_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="quoteshare",
            constraint=models.UniqueConstraint(
                fields=("quote", "organisation"), name="pricing_quote_share_one_an_organisation"
            ),
        ),
        migrations.AddConstraint(
            model_name="staffline",
            constraint=models.CheckConstraint(
                condition=models.Q(("rate_pence_per_hour__gte", 0)),
                name="pricing_staff_line_rate_never_below_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffline",
            constraint=models.UniqueConstraint(
                fields=("unit_cost", "position"), name="pricing_staff_line_one_a_position"
            ),
        ),
        migrations.RunPython(rename_each, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "unit__in",
                        ["session", "hour", "day", "week", "course", "place", "one_off", "month"],
                    )
                ),
                name="pricing_price_unit_known",
            ),
        ),
        migrations.RunPython(name_the_last_moment, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="quote",
            name="expires_at",
            field=models.DateTimeField(),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("quoted_at"))),
                name="pricing_quote_expires_after_it_is_made",
            ),
        ),
        migrations.RunPython(write_staff_lines, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="unitcost",
            name="direct_minutes",
        ),
        migrations.RemoveField(
            model_name="unitcost",
            name="rate_pence_per_hour",
        ),
    ]
