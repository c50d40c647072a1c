from django.apps import AppConfig
from django.db.models.signals import post_migrate

from pricing import constraints


class PricingConfig(AppConfig):
    name = "pricing"
    label = "pricing"

    def ready(self) -> None:
        """Keep prices apart in time after every migrate."""
        post_migrate.connect(constraints.after_migrate, sender=self)
