from importlib import import_module

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "marketplace.pages"
    label = "pages"

    def ready(self) -> None:
        """Listen to what Wagtail tells by signal, once all models are there."""
        import_module("marketplace.pages.proposals_told")
