"""How long a document takes from its values to the PDF, cold and warm; every one has other texts and figures."""

from __future__ import annotations

import argparse
import random
import statistics
import time
from datetime import UTC, datetime

from guanxi.config.terminal import say


def measure(given: argparse.Namespace) -> int:
    from guanxi.kernel.printing.declared import form_of_key
    from guanxi.kernel.printing.printing import as_values
    from guanxi.kernel.printing.rendering import render

    rng = random.Random(1)
    template = form_of_key("quotation").template
    seconds, work = [], []
    for number in range(given.documents + 1):
        values = as_values(_sheet(rng, number, given.lines))
        started, begun = time.perf_counter(), time.process_time()
        pdf = render(template, [values], at=datetime(2026, 1, 1, tzinfo=UTC))
        seconds.append(time.perf_counter() - started)
        work.append(time.process_time() - begun)
    warm = sorted(seconds[1:])
    say(f"{given.lines} lines, {len(pdf):,} bytes: first {seconds[0] * 1000:.0f} ms, then p50 {statistics.median(warm) * 1000:.0f} ms, "
        f"p95 {warm[int((len(warm) - 1) * 0.95)] * 1000:.0f} ms of {len(warm)}; work p50 {statistics.median(work[1:]) * 1000:.0f} ms")
    return 0


def _sheet(rng: random.Random, number: int, lines: int):
    from guanxi.kernel.access.models import Entity
    from guanxi.kernel.printing.sheet import Party, Place, Sheet
    from guanxi.kernel.printing.speech import Speech

    words = "滚珠丝杠直线导轨支撑座联轴器轴承模组润滑脂恒川液压沪源电气"

    def name() -> str:
        return "".join(rng.choice(words) for _ in range(8))

    return Sheet(
        Speech("zh-hans"), Entity(name="华启精密机械股份有限公司", address="江苏省常州市", phone="0519-5550", tax_number="91320412"), "报价单",
        f"QT-2026-{number:05}",
        facts=[("报价日期", f"2026年1月{number % 28 + 1}日"), ("币种", "CNY")],
        parties=[Party("客户", name(), [("地址", name())])],
        places=[Place("#"), Place("产品", share=1), Place("数量", "number"), Place("单位"), Place("单价", "number"), Place("金额", "number")],
        rows=[
            [str(row + 1), [f"{name()} {rng.randrange(10_000)}", f"SFU{rng.randrange(10_000)} · L={rng.randrange(3000)}"],
             str(rng.randrange(100)), "件", f"{rng.randrange(10_000) / 100:.2f}", f"{rng.randrange(1_000_000) / 100:,.2f}"]
            for row in range(lines)
        ],
        totals=[("未税金额", "¥1.00"), ("价税合计", f"¥{rng.randrange(1_000_000)}.00")],
        amount=("金额大写", "人民币壹元整"), notes=[("备注", name())],
    )
