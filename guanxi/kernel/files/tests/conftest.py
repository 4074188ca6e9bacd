"""Files to put to records, made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guanxi.kernel.acts.writer import create_record
from guanxi.shared.parties.models import Party


@pytest.fixture(autouse=True)
def _own_folder(database: None, settings: Any, tmp_path: Path) -> None:
    """Other processes of the tests have theirs."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def customer(alpha: Any) -> Party:
    return create_record(Party, {"name": "恒川液压"}, actor=alpha).result


def picture(width: int = 40, height: int = 20, form: str = "PNG", **more: Any) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(made, form, **more)
    return made.getvalue()


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, raw in parts.items():
            archive.writestr(name, raw)
    return made.getvalue()


def word_document(text: str, parts: dict[str, bytes] | None = None) -> bytes:
    body = (
        '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"
    )
    return packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": body.encode(), **(parts or {})})


def pdf(*pages: str) -> bytes:
    """Pages with one line each, by hand."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for text in pages:
        stream = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects)} 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    made, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n{text}\nendobj\n".encode()
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


@pytest.fixture
def put(alpha: Any) -> Callable[..., Any]:
    """`put(record, b"…", "offer.txt", actor=…)`: the attachment."""
    from guanxi.kernel.files.contents import store
    from guanxi.kernel.files.operations import attach

    def attached(record: Any, raw: bytes, name: str = "offer.txt", actor: Any = None) -> Any:
        return attach(record, store(io.BytesIO(raw), name), name, actor or alpha)

    return attached
