"""An import of customers with a contact each, through the door that people use, beside bare COPY of the same rows in the same run."""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from guanxi.config.benchmarks.instance import cpu_seconds
from guanxi.config.terminal import say

KEY = "bench_import"
SCHEMA = "bench_copy"
WHOLE = ("parties_party", "parties_contact", "records_history", "search_searchentry")
FAMILY, GIVEN = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英华玉萍红"
PLACES = ("常州", "上海", "深圳", "杭州", "宁波", "苏州", "武汉", "成都", "天津", "青岛", "厦门", "长沙")
BRANDS = "恒启明远华兴盛德润宏达信诚泰和瑞丰源新天海龙金东方凯嘉博创联科宇星辰"
TRADES = ("液压", "电气", "汽车部件", "机床", "传动", "自动化", "注塑", "电梯", "激光", "包装机械", "仪器", "轴承")
HEADER = ("客户名称", "电话", "等级", "来源", "联系人", "职务", "手机", "邮箱")
MAPPING: dict[str, Any] = {
    "screen": "customers", "key": [], "columns": {"name": "客户名称", "phone": "电话", "tier": "等级", "source": "来源"},
    "values": {"source": {"展会": "exhibition", "网站": "website", "转介绍": "referral"}},
    "also": {"screen": "contacts", "by": "party", "columns": {"name": "联系人", "job_title": "职务", "mobile": "手机", "email": "邮箱"}},
}


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """As an office's list has them: every company another one, people's names often the same."""
    rng = Random(7)
    for number in range(count):
        company = rng.choice(PLACES) + "".join(rng.sample(BRANDS, 3)) + rng.choice(TRADES) + "有限公司"
        person = rng.choice(FAMILY) + rng.choice(GIVEN) + rng.choice(GIVEN)
        yield (
            company, f"0519-{8_000_000 + number}", "ABCD"[number % 4], ("展会", "网站", "转介绍")[number % 3], person,
            ("采购经理", "厂长", "工程师")[number % 3], f"138{number:08}", f"buyer{number}@example.com",
        )


def run(given: argparse.Namespace) -> int:
    """Rows a second with rights, numbers, history and search, and the ratio to COPY into the same tables with the same indexes."""
    from guanxi.kernel.sets.lifecycle import create_set, drop_set, list_sets

    if any(account_set.key == KEY for account_set in list_sets()):
        drop_set(KEY)
    create_set(KEY, "Benchmark", language="zh-hans")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(rows(given.rows))
        taken = _taken(path)
    floor = _floor(given.rows)
    used = taken["cpu_client"] + taken["cpu_database"]
    figures = {
        "rows": given.rows, **taken, "rows_a_second_of_two_cores": round(2 * given.rows / used), "bare_copy": floor,
        **{f"ratio_{name}": round(taken["rows_a_second"] / one["rows_a_second"], 3) for name, one in floor.items()},
        **{f"ratio_of_cpu_{name}": round((one["cpu_client"] + one["cpu_database"]) / used, 3) for name, one in floor.items()},
        "not_included": "keys of likely duplicates, which the worker writes afterwards",
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "load_average": round(os.getloadavg()[0], 1),
    }
    drop_set(KEY)
    if given.json:
        print(json.dumps(figures, indent=2))
    else:
        bare = {name: one["rows_a_second"] for name, one in floor.items()}
        say(f"{taken['rows_a_second']:,} rows a second; bare COPY {bare['two_tables']:,} into two tables, {bare['all_tables']:,} into all four")
        say(f"processor time {taken['cpu_client']} s here and {taken['cpu_database']} s in the database: "
            f"{figures['rows_a_second_of_two_cores']:,} rows a second if both cores were busy with nothing else")
    return 0


def _taken(path: Path) -> dict[str, Any]:
    """One import as a salesperson who sees only their own, in one transaction, all rows or none."""
    from guanxi.kernel.access.actor import actor_of
    from guanxi.kernel.access.models import Member, Role
    from guanxi.kernel.database import in_set
    from guanxi.kernel.importing.importer import import_file
    from guanxi.kernel.transfer.mapping import mapping_of

    with in_set(KEY):
        member, _made = Member.objects.get_or_create(code="bench", defaults={"name": "Benchmark", "kind": "key"})
        member.roles.set(Role.objects.filter(key="salesperson"))
    with _measured() as figures, in_set(KEY, member=member.pk):
        actor = actor_of(member.pk)
        assert actor is not None
        report = import_file(path, mapping_of(MAPPING), actor)
        assert report.written and not report.failed, report.errors[:3]
    return {"rows_a_second": round(report.created / figures["seconds"]), **figures, "records": report.created + report.also}


@contextmanager
def _measured() -> Iterator[dict[str, float]]:
    """Seconds by the clock, and of processor time here and in the database."""
    found: dict[str, float] = {}
    used, started, client = cpu_seconds()["database"], time.monotonic(), _client_seconds()
    yield found
    found |= {
        "seconds": round(time.monotonic() - started, 2), "cpu_client": round(_client_seconds() - client, 2),
        "cpu_database": round(cpu_seconds()["database"] - used, 2),
    }


def _client_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _floor(count: int) -> dict[str, dict[str, float]]:
    """COPY of the very rows that the import wrote, into empty tables with the same columns, indexes and checks."""
    from guanxi.kernel.database.session import path_of

    found: dict[str, dict[str, float]] = {}
    with psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner"), autocommit=True) as connection:
        connection.execute("SELECT set_config('search_path', %s, false)", [path_of(KEY)])
        texts = {table: _copied_out(connection, table) for table in WHOLE}
        for name, tables in (("two_tables", WHOLE[:2]), ("all_tables", WHOLE)):
            connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            connection.execute(f"CREATE SCHEMA {SCHEMA}")
            for table in tables:
                connection.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(sql.Identifier(SCHEMA, table), sql.Identifier(table)))
            with _measured() as figures, connection.transaction():
                for table in tables:
                    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(SCHEMA, table))) as copying:
                        for block in texts[table]:
                            copying.write(block)
            found[name] = {"rows_a_second": round(count / figures["seconds"]), **figures}
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    return found


def _copied_out(connection: psycopg.Connection, table: str) -> list[bytes]:
    with connection.cursor().copy(sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(table))) as copying:
        return [bytes(block) for block in copying]
