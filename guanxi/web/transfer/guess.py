"""What the columns of an unknown file probably are: by their names in either language, by what people call them, by what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import Form

LINES, ALSO = "lines.", "also."
KEY_NAMES = ("code", "number", "no", "key", "id", "编码", "编号", "代码", "代号", "单号", "客户编号", "客户编码")
CALLED = {
    "name": (
        "公司名称", "公司", "企业名称", "企业", "单位名称", "单位", "客户", "客户名", "客户名称", "名字", "姓名", "全称", "company", "company name",
        "customer", "customer name", "account", "account name", "full name", "organisation", "organization",
    ),
    "short_name": ("简称", "公司简称", "short"),
    "phone": ("tel", "telephone", "phone number", "电话号码", "联系电话", "公司电话", "座机", "固定电话"),
    "mobile": ("手机号", "手机号码", "移动电话", "cell", "cell phone", "mobile phone", "mobile number"),
    "email": ("mail", "e-mail", "email address", "邮箱", "电子邮箱", "邮件", "邮箱地址"),
    "website": ("网址", "网站", "官网", "homepage", "url", "web"),
    "job_title": ("职务", "职位", "岗位", "title", "position"),
    "department": ("部门", "dept"),
    "note": ("备注", "说明", "remark", "remarks", "comment", "comments", "notes"),
    "region": ("区域", "地区", "省份", "area", "province"), "country": ("国家", "国别", "nation"),
    "industry": ("行业", "所属行业", "sector"),
    "tier": ("等级", "级别", "客户等级", "客户级别", "level", "grade", "class"), "source": ("来源", "客户来源", "渠道", "lead source"),
    "owner": ("负责人", "业务员", "销售", "销售员", "跟进人", "salesperson", "sales rep", "account owner"),
    "credit_code": ("统一社会信用代码", "信用代码", "社会信用代码"), "tax_number": ("税号", "纳税人识别号", "vat", "vat number", "tax id"),
    "also.name": ("联系人", "联系人姓名", "姓名", "contact", "contact name", "contact person"),
}
"""Common names beside the columns' own; a kind of record takes those of the columns that it has."""
_HOLDS = (
    ("email", re.compile(r"[^@\s]+@[^@\s]+\.\w+")), ("url", re.compile(r"(?:https?://|www\.)\S+", re.I)),
    ("mobile", re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}")), ("phone", re.compile(r"\+?[\d ()/-]{7,20}")),
    ("company", re.compile(r".*(?:公司|集团|厂|中心|研究所|\b(?:ltd|inc|gmbh|llc|co)\.?)$", re.I)),
)
SAMPLE = 50


def targets_of(form: Form, also: Form | None = None, by: str = "") -> dict[str, Column]:
    """Everything that a column of the file may become; of lines as `lines.quantity`, of a second record as `also.mobile`."""
    found = dict(form.columns)
    if form.lines:
        found |= {LINES + name: column for name, column in form.lines.columns.items()}
    if also is not None:
        found |= {ALSO + name: column for name, column in also.columns.items() if name != by}
    return found


def guessed(
    header: Sequence[str], targets: Mapping[str, Column], business_key: str = "", rows: Sequence[Sequence[str]] = (),
) -> dict[str, str]:
    """Target → column of the file. A reference's code is taken rather than its title; what no name tells, the values may."""
    names = {_plain(name): business_key for name in KEY_NAMES} if business_key in targets else {}
    for target, column in targets.items():
        for name in _names(target, column):
            names.setdefault(_plain(name), target)
    for target, words in CALLED.items():
        if target in targets:
            for word in words:
                names.setdefault(_plain(word), target)
    for target in targets:
        for word in CALLED.get(target.removeprefix(ALSO), ()) if target.startswith(ALSO) else ():
            names.setdefault(_plain(word), target)
    found: dict[str, str] = {}
    for cell in header:
        mine = names.get(_plain(cell))
        if mine and (mine not in found or _is_code(cell)) and not is_problem(cell):
            found[mine] = cell
    if "also.name" not in found:
        _without_second(found, targets)
    for place, cell in enumerate(header):
        if cell not in found.values() and not is_problem(cell):
            target = _by_content([row[place] for row in rows[:SAMPLE] if place < len(row)], targets, found)
            if target:
                found[target] = cell
    return found


def _without_second(found: dict[str, str], targets: Mapping[str, Column]) -> None:
    """Where nobody is named, a telephone number is the first record's own."""
    for target in [one for one in found if one.startswith(ALSO)]:
        cell = found.pop(target)
        own = target.removeprefix(ALSO)
        free = [one for one in (own, *(["phone"] if own == "mobile" else [])) if one in targets and one not in found]
        if free:
            found[free[0]] = cell


def _names(target: str, column: Column) -> Iterable[str]:
    yield target.removeprefix(LINES).removeprefix(ALSO)
    for language, _name in settings.LANGUAGES:
        with override(language):
            label = str(column.label)
            yield _("%(column)s (code)") % {"column": label}
            yield label
            if target.startswith(LINES):
                yield _("Line · %(column)s") % {"column": label}


def _by_content(values: list[str], targets: Mapping[str, Column], found: Mapping[str, str]) -> str:
    """The first free column of the kind that most of the values are of; a person's things where the file has persons."""
    given = [value.strip() for value in values if value.strip()]
    if not given:
        return ""
    kind = next((kind for kind, form in _HOLDS if sum(1 for value in given if form.fullmatch(value)) * 5 >= len(given) * 4), "")
    wanted = {"email": ("email", "also.email"), "url": ("website",), "company": ("name",), "phone": ("phone", "also.phone", "mobile", "also.mobile"),
              "mobile": ("also.mobile", "mobile", "phone") if "also.name" in found else ("mobile", "phone")}.get(kind, ())
    return next((target for target in wanted if target in targets and target not in found), "")


def is_problem(cell: str) -> bool:
    """The column that a file of errors has more than the file it came from."""
    names = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            names.add(_("Problem"))
    return cell in names


def _is_code(cell: str) -> bool:
    return any(cell.endswith(end) for end in ("(code)", "（编码）"))


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
