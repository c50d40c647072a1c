"""Is it alive, and is it ready: for whoever runs it."""

from importlib.metadata import PackageNotFoundError, version

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from budgets.models import Proof
from marketplace.notices import notices


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer whether the process and its database are alive."""
    is_alive = _database_answers()
    return JsonResponse(
        {"process": "ok", "database": "ok" if is_alive else "down"},
        status=200 if is_alive else 503,
    )


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer whether channel layer, worker and the last ledger proof are well, and the version."""
    if not _database_answers():
        return JsonResponse({"database": "down"}, status=503)
    proof = Proof.objects.order_by("-at").first()
    ready = {
        "channel_layer": _layer_answers(),
        "worker": notices.is_swept(at=timezone.now()),
        "ledger": proof.ok if proof else None,
    }
    return JsonResponse(
        {
            **ready,
            "ledger_proved_at": proof.at.isoformat() if proof else None,
            "version": _version(),
        },
        status=503 if False in ready.values() else 200,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _layer_answers() -> bool:
    layer = get_channel_layer()
    if layer is None:
        return False
    try:
        async_to_sync(layer.group_send)("ready", {"type": "changed", "topic": "ready"})
    except OSError:
        return False
    return True


def _version() -> str:
    try:
        return version("alongside")
    except PackageNotFoundError:
        return "unreleased"
