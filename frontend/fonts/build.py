"""Cut Noto Sans SC down to what documents need and put it into the package, with licence and checksums.

    npm ci && python build.py [--check]        (needs fonttools; run in this folder)

Regular holds every character of GBK, bold those of GB 2312: a rarer one in a heading is taken from the regular. Both hold Latin, Greek and
Cyrillic letters, full-width forms and common signs. Hinting and vertical writing are left out: paper needs neither.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path

from fontTools import subset

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
TARGET = HERE.parents[1] / "guanxi" / "kernel" / "printing" / "fonts"
SIGNS = [
    (0x20, 0x250), (0x370, 0x500), (0x2000, 0x2070), (0x20A0, 0x20C0), (0x2100, 0x2800), (0x3000, 0x3130), (0xFF00, 0xFFF0),
]
DROPPED = ["BASE", "DSIG", "STAT", "gasp", "vhea", "vmtx"]


def characters(codec: str) -> set[int]:
    found = {code for first, end in SIGNS for code in range(first, end)}
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                found.add(ord(bytes([lead, trail]).decode(codec)))
            except (UnicodeDecodeError, TypeError):
                continue
    return found


def cut(source: Path, codec: str, target: Path) -> None:
    options = subset.Options()
    options.layout_features = ["kern", "ccmp", "locl"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += DROPPED
    font = subset.load_font(str(source), options)
    font.recalcTimestamp = False
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters(codec))
    cutter.subset(font)
    subset.save_font(font, str(target), options)


def build(folder: Path) -> None:
    cut(SOURCE / "400Regular" / "NotoSansSC_400Regular.ttf", "gbk", folder / "NotoSansSC-Regular.ttf")
    cut(SOURCE / "700Bold" / "NotoSansSC_700Bold.ttf", "gb2312", folder / "NotoSansSC-Bold.ttf")
    (folder / "LICENCE.txt").write_bytes((SOURCE / "LICENSE_FONT").read_bytes())
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.*")) if path.suffix != ".json"}
    (folder / "checksums.json").write_text(json.dumps(sums, indent=2) + "\n")


def main() -> int:
    if "--check" not in sys.argv:
        TARGET.mkdir(parents=True, exist_ok=True)
        build(TARGET)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        stale = [path.name for path in Path(folder).iterdir() if path.read_bytes() != (TARGET / path.name).read_bytes()]
    if stale:
        print(f"Not what the sources give: {', '.join(stale)}. Run: python build.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
