from django.apps import AppConfig
from django.db.models.signals import post_migrate

from budgets import triggers


class BudgetsConfig(AppConfig):
    name = "budgets"
    label = "budgets"

    def ready(self) -> None:
        """Keep ledger and history unchangeable after every migrate."""
        post_migrate.connect(triggers.after_migrate, sender=self)
