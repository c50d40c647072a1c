"""The demonstration's mailbox: what was sent, to read; exists in the demonstration only."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

MOST = 50


@dataclass(frozen=True)
class Letter:
    """One message that was sent."""

    name: str
    to: str
    subject: str
    sent: str
    text: str


def mailbox(request: HttpRequest) -> HttpResponse:
    """List the last messages sent, newest first."""
    letters = [_letter(path) for path in _files()[:MOST]]
    return render(request, "public/mailbox.html", {"letters": letters})


def message(request: HttpRequest, name: str) -> HttpResponse:
    """Show one message as its reader gets it."""
    for path in _files():
        if path.stem == name:
            return render(request, "public/mail.html", {"letter": _letter(path)})
    raise Http404


def _files() -> list[Path]:
    if not settings.DEMO:
        raise Http404
    folder = Path(settings.EMAIL_FILE_PATH)
    return sorted(folder.glob("*.log"), reverse=True) if folder.exists() else []


def _letter(path: Path) -> Letter:
    raw = path.read_bytes().split(b"\n" + b"-" * 79)[0]
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)  # the default policy makes these
    body = parsed.get_body(preferencelist=("plain",))
    return Letter(
        name=path.stem,
        to=str(parsed["To"] or ""),
        subject=str(parsed["Subject"] or ""),
        sent=str(parsed["Date"] or ""),
        text=str(body.get_content()) if body else "",
    )
