"""Files that people of the year put to their customers: a drawing, a price list, minutes, an offer."""

from __future__ import annotations

import io
import zipfile

import xlsxwriter

from guanxi.kernel.files.contents import store
from guanxi.kernel.files.operations import attach, replace_file
from guanxi.shared.demo import Demo

MINUTES = (
    "技术交流纪要", "一、客户新产线需直线模组 20 套，重复定位精度 ±0.02 mm。", "二、滚珠丝杠 SFU2510 改用预压型，交期四周。",
    "三、样品于下周寄出，测试周期两周。",
)
PRICES = (("SFU2510", "滚珠丝杠", 660), ("HGH20", "直线导轨", 285), ("KK60", "直线模组", 2480))
OFFER = ("Offer for linear guides", "20 pcs linear guide HGH20, 285.00 CNY each", "Delivery within four weeks after receipt of order.")
CUSTOMERS = 8


def prepare(demo: Demo) -> None:
    """A few customers get what such folders usually hold, in the last days of the year."""
    days = demo.days()
    for number, customer in enumerate(demo.made["customers"][:CUSTOMERS]):
        who = demo.owner_of(customer)
        actor = demo.acting(who, days[-3 - number])
        if customer.name.isascii():
            attach(customer, stored(pages(OFFER)), "Offer linear guides.pdf", actor)
            continue
        attach(customer, stored(letter(MINUTES)), "技术交流纪要.docx", actor)
        file = attach(customer, stored(table(PRICES)), "年度框架价格.xlsx", actor, description="含税，有效期一年")
        if number % 2 == 0:
            attach(customer, stored(_drawing(number)), "安装尺寸图.png", demo.acting(who, days[-2]))
            lower = [(code, name, price * 97 // 100) for code, name, price in PRICES]
            replace_file(file, actor=demo.acting(who, days[-1]), content=stored(table(lower)))


def stored(raw: bytes):
    return store(io.BytesIO(raw))


def letter(text: tuple[str, ...]) -> bytes:
    lines = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text)
    body = f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{lines}</w:body></w:document>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS)
        archive.writestr("word/document.xml", '<?xml version="1.0" encoding="UTF-8"?>' + body)
    return made.getvalue()


_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)


def table(rows, headings=("编码", "名称", "单价"), name="价格") -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet(name)
    for at, row in enumerate([headings, *rows]):
        sheet.write_row(at, 0, row)
    book.close()
    return made.getvalue()


def _drawing(number: int) -> bytes:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (1200, 800), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((200, 300, 1000, 460), outline="#0f766e", width=6)
    pen.rectangle((200, 460, 1000, 500), fill="#94a3b8")
    for at in range(260, 1000, 120):
        pen.ellipse((at, 360, at + 40, 400), outline="#334155", width=4)
    pen.line((200, 580, 1000, 580), fill="#334155", width=3)
    pen.text((560, 600), f"{600 + 20 * number} mm", fill="#334155", font_size=40)
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


def pages(lines: tuple[str, ...]) -> bytes:
    """One page with these lines, written by hand as PDF is."""
    text = " ".join(f"BT /F1 {22 if not at else 13} Tf 64 {740 - 40 * at} Td ({line}) Tj ET" for at, line in enumerate(lines))
    parts = (
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    made, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return f"{made}xref\n0 6\n0000000000 65535 f \n{table}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{len(made)}\n%%EOF\n".encode()
