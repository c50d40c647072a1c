from django.apps import AppConfig

from marketplace import checks

__all__ = ["MarketplaceConfig", "checks"]


class MarketplaceConfig(AppConfig):
    name = "marketplace"
    label = "marketplace"
