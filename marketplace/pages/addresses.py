"""From which address a request comes, and whether too many came from there, or from somebody."""

from ipaddress import ip_address

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

HOUR = 60 * 60


def of(request: HttpRequest) -> str:
    """Return the address that a request comes from, behind as many proxies as are trusted.

    Each proxy writes whom it heard from at the end of X-Forwarded-For; what stands before that
    anybody can make up. Where the line is not as the setting says, it is the connection's own.
    """
    connected = str(request.META.get("REMOTE_ADDR", ""))
    trusted = settings.TRUSTED_PROXIES
    heard = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if trusted < 1 or len(heard) < trusted:
        return connected
    try:
        return str(ip_address(heard[-trusted].strip()))
    except ValueError:
        return connected


def is_too_often(*, form: str, whose: str, most: int) -> bool:
    """Count a form that was sent, and tell whether there were more than `most` within the hour.

    From whom is not kept, only a mark of it.
    """
    key = f"{form}:{salted_hmac(form, whose).hexdigest()}"
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key) > most
    except ValueError:  # it ran out in between
        return False
