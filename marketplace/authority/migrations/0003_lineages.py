"""Give every rule its lineage, every total the lineage of its rule, and every stop its day."""

import uuid
from collections import defaultdict

from django.db import migrations
from django.utils import timezone


def give_references(apps, schema_editor):
    """Give every cover a reference of its own."""
    for cover in apps.get_model("authority", "Cover").objects.all():
        cover.reference = uuid.uuid4()
        cover.save(update_fields=["reference"])


def give_lineages(apps, schema_editor):
    """Let a rule that followed another of the same kind go on with its lineage."""
    latest = {}
    rules = apps.get_model("authority", "Rule").objects.select_related("agreement")
    for rule in rules.order_by("valid_from", "pk"):
        agreement = rule.agreement
        kind = (
            agreement.owner_id, agreement.holder_id, rule.role, rule.service_id, rule.term_id,
            rule.step, rule.competence,
        )  # fmt: skip
        rule.lineage = latest.setdefault(kind, uuid.uuid4())
        rule.save(update_fields=["lineage"])


def add_up_uses(apps, schema_editor):
    """Add up the totals of rules that are versions of one another."""
    Use = apps.get_model("authority", "Use")
    totals = defaultdict(list)
    for use in Use.objects.select_related("rule").order_by("pk"):
        totals[use.rule.lineage, use.family_id, use.year].append(use)
    for (lineage, _family, _year), (first, *others) in totals.items():
        first.lineage = lineage
        first.amount_pence += sum(use.amount_pence for use in others)
        first.save(update_fields=["lineage", "amount_pence"])
        Use.objects.filter(pk__in=[use.pk for use in others]).delete()


def date_stops(apps, schema_editor):
    """Date suspensions and ends by the history of the agreement, else by its first day."""
    events = apps.get_model("budgets", "Event").objects
    suspensions = apps.get_model("authority", "Suspension").objects
    stopped = apps.get_model("authority", "Agreement").objects.filter(
        state__in=["suspended", "ended"]
    )
    for agreement in stopped:
        event = (
            events.filter(subject=agreement.reference, verb=agreement.state).order_by("-at").first()
        )
        day = timezone.localdate(event.at) if event else agreement.valid_from
        if agreement.state == "ended":
            agreement.ended_on = day
            agreement.save(update_fields=["ended_on"])
        else:
            suspensions.create(
                agreement=agreement,
                starts_on=day,
                organisation=event.organisation_reference if event else None,
                suspended_by=event.actor_reference if event else "migration",
            )


class Migration(migrations.Migration):
    dependencies = [("authority", "0002_in_the_open")]

    operations = [
        migrations.RunPython(step, migrations.RunPython.noop)
        for step in (give_references, give_lineages, add_up_uses, date_stops)
    ]
