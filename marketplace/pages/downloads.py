"""A file to keep, made while it is sent: nothing of it touches the disk."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import cast

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template import loader

from marketplace.rights.copies import Copy

PIECE = 64 * 1024


class Pipe(io.RawIOBase):
    """Where the archive is written to, and from where it is taken at once."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def write(self, data: object) -> int:
        """Keep what was written until it is taken."""
        piece = bytes(data)  # type: ignore[call-overload]
        self._written += piece
        return len(piece)

    def take(self) -> bytes:
        """Return what was written since."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


def of_copy(request: HttpRequest, copy: Copy, *, filename: str) -> HttpResponse:
    """Send a copy as one archive: a page for people and data for machines.

    Everything was read before; while it is sent the database is asked nothing more.
    """
    page = loader.render_to_string("records/copy.html", {"copy": copy})
    data = json.dumps(copy.as_data(), ensure_ascii=False, indent=1)
    pieces = archive([("record.html", page), ("record.json", data)])
    answer = StreamingHttpResponse(
        _later(pieces) if isinstance(request, ASGIRequest) else pieces,
        content_type="application/zip",
    )
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return cast(HttpResponse, answer)  # doors hand on what they are given


def archive(files: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """Yield a ZIP archive of texts, piece by piece."""
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archived:
        for name, text in files:
            with archived.open(name, "w") as entry:
                data = text.encode()
                for start in range(0, len(data), PIECE):
                    entry.write(data[start : start + PIECE])
                    yield pipe.take()
            yield pipe.take()
    yield pipe.take()


async def _later(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
