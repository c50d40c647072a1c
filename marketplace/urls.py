"""Where each address leads; the pages' own addresses are in `pages/urls.py`."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
