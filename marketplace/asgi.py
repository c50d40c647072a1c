"""Serves pages and sockets in one process (daphne, uvicorn, granian)."""

import os

import django
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
django.setup()

# What follows has models, which need the settings above.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import WebsocketDenier  # noqa: E402
from channels.sessions import CookieMiddleware  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from marketplace.pages import live  # noqa: E402

sockets = URLRouter([path("live/", live.Live.as_asgi()), re_path("", WebsocketDenier.as_asgi())])

application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": live.SameOrigin(CookieMiddleware(sockets)),
    }
)
