from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "marketplace.insight"
    label = "insight"
