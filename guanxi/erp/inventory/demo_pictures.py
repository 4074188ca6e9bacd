"""A picture of goods at a door, drawn: what stands for the photo that a driver takes."""

from __future__ import annotations

import io
from random import Random

WIDE, HIGH = 960, 720
WALL, FLOOR, DOOR, CARTON, TAPE = (196, 201, 205), (128, 124, 118), (74, 92, 110), (186, 148, 102), (214, 190, 146)
STEPS = ((0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (0, 2))
"""Places of cartons on the pallet: to the right, and up."""


def goods_at_the_door(number: int) -> bytes:
    """So many cartons on a pallet before a roller door; each number gives another picture."""
    from PIL import Image, ImageDraw, ImageFilter

    picture = Image.new("RGB", (WIDE, HIGH), WALL)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((110, 40, 620, 500), fill=DOOR)
    for at in range(60, 500, 22):
        pen.line((110, at, 620, at), fill=_shade(DOOR, 0.84), width=3)
    pen.polygon(((0, 500), (WIDE, 500), (WIDE, HIGH), (0, HIGH)), fill=FLOOR)
    pen.polygon(((250, 690), (850, 690), (905, 655), (305, 655)), fill=_shade(FLOOR, 0.7))
    for at in range(3):
        pen.rectangle((262 + 190 * at, 640, 420 + 190 * at, 676), fill=(146, 112, 76))
    pen.rectangle((250, 628, 846, 646), fill=(164, 128, 88))
    for right, up in STEPS[: 3 + number % 4]:
        _carton(pen, 262 + 194 * right, 628 - 152 * up)
    dots = Random(number)
    grain = Image.effect_noise((WIDE, HIGH), 18 + dots.random() * 8)
    picture = Image.blend(picture.filter(ImageFilter.GaussianBlur(1.1)), Image.merge("RGB", (grain, grain, grain)), 0.08)
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=78)
    return made.getvalue()


def _carton(pen, left: int, foot: int) -> None:
    """Front, top and side of one, with tape and a label."""
    wide, high, deep = 184, 148, 34
    pen.polygon(((left, foot - high), (left + deep, foot - high - 22), (left + wide + deep, foot - high - 22), (left + wide, foot - high)),
                fill=_shade(CARTON, 1.14))
    pen.polygon(((left + wide, foot), (left + wide + deep, foot - 22), (left + wide + deep, foot - high - 22), (left + wide, foot - high)),
                fill=_shade(CARTON, 0.76))
    pen.rectangle((left, foot - high, left + wide, foot), fill=CARTON, outline=_shade(CARTON, 0.8))
    pen.rectangle((left + 80, foot - high, left + 104, foot), fill=TAPE)
    pen.rectangle((left + 116, foot - 62, left + 172, foot - 16), fill=(244, 244, 240))
    for at in range(left + 122, left + 166, 5):
        pen.line((at, foot - 54, at, foot - 34), fill=(40, 40, 44), width=2 if at % 3 else 3)


def _shade(colour: tuple[int, int, int], by: float) -> tuple[int, int, int]:
    red, green, blue = (min(255, int(part * by)) for part in colour)
    return red, green, blue
