"""Run as a program on its own: pages of a PDF or a picture, drawn anew as WebP files. Nothing of Guanxi is imported here.

What is drawn anew holds points and nothing else: no place, no camera, no thumbnail of what was cut away, no program.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

MEMORY = 1280 * 1024 * 1024
SECONDS = 30
LARGEST_FILE = 32 * 1024 * 1024
MOST_POINTS = 100_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
QUALITY = 80


def save(picture, target: Path, width: int) -> None:
    picture.thumbnail((width, width * 2))
    picture = picture.convert("RGBA" if picture.mode in ("RGBA", "LA", "PA", "P") else "RGB")
    picture.info.clear()
    picture.save(target, "WEBP", quality=QUALITY, method=2, exif=b"", icc_profile=None)


def draw_picture(path: str, folder: Path, width: int) -> int:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_POINTS // 2  # Pillow refuses at twice this
    with Image.open(path, formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_POINTS:
            return 0
        if picture.format == "JPEG":
            picture.draft("RGB", (width * 2, width * 4))
        save(ImageOps.exif_transpose(picture), folder / f"1-{width}.webp", width)
    return 1


def draw_pages(path: str, folder: Path, width: int, first: int, count: int) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    for number in range(first, min(first + count, len(document) + 1)):
        page = document[number - 1]
        wide, high = page.get_size()
        # A page may claim to be a kilometre long.
        scale = min(width / max(wide, 1), 2 * width / max(high, 1))
        save(page.render(scale=scale).to_pil(), folder / f"{number}-{width}.webp", width)
        page.close()
    return len(document)


def main(kind: str, path: str, folder: str, width: str, first: str, count: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        if kind == "application/pdf":
            pages = draw_pages(path, Path(folder), int(width), int(first), int(count))
        else:
            pages = draw_picture(path, Path(folder), int(width))
    except MemoryError:
        return 4
    except Exception:
        return 5
    print(pages)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
