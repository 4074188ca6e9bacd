// Charts by ECharts, drawn as SVG; every figure stands in the table below as well. Loaded on chart pages only.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { $, ownAddress } from "./page.js";

use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const COLOURS = {
  light: ["#0f766e", "#d97706", "#2563eb", "#7c3aed", "#dc2626", "#0891b2", "#65a30d", "#db2777", "#475569", "#b45309", "#4f46e5", "#059669"],
  dark: ["#4fc9bb", "#f3b95f", "#9dbdfb", "#c4adfb", "#f47b7b", "#67d4ee", "#b5dd6c", "#f59ac6", "#b6c0cc", "#e8a168", "#a5a5fb", "#7fd6a0"],
};
let drawn = null;

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const short = (value) => {
  const chinese = document.documentElement.lang.startsWith("zh");
  const steps = chinese ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "B"], [1e6, "M"], [1e3, "k"]];
  const [size, sign] = steps.find(([size]) => Math.abs(value) >= size) || [1, ""];
  return `${Math.round((value / size) * 100) / 100}${sign}`;
};

function options({ kind, names, series }) {
  const theme = document.documentElement.dataset.theme === "dark" ? "dark" : "light";
  const text = { color: token("--muted"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 };
  const common = {
    animation: false,
    color: COLOURS[theme],
    textStyle: text,
    tooltip: {
      // Drawn in the picture: HTML of a tooltip would need styles that the page's policy forbids.
      renderMode: "richText",
      confine: true,
      backgroundColor: token("--raised"),
      borderColor: token("--line-strong"),
      textStyle: { ...text, color: token("--strong") },
    },
  };
  if (kind === "pie") {
    const [only] = series;
    const parts = names.map((name, at) => ({ name, value: only.values[at], said: only.said[at], url: only.urls[at] })).filter((part) => part.value > 0);
    return {
      ...common,
      tooltip: { ...common.tooltip, formatter: ({ name, data, percent }) => `${name}\n${data.said} · ${percent} %` },
      series: [{
        type: "pie", radius: ["38%", "72%"], data: parts, label: { ...text, color: token("--text"), formatter: "{b} {d} %" },
        itemStyle: { borderColor: token("--bg"), borderWidth: 1 }, emphasis: { disabled: true },
      }],
    };
  }
  const several = series.length > 1;
  return {
    ...common,
    tooltip: {
      ...common.tooltip,
      trigger: "axis",
      axisPointer: { type: kind === "line" ? "line" : "shadow", shadowStyle: { color: token("--line"), opacity: 0.35 } },
      formatter: (points) => [points[0].name, ...points.filter((point) => point.data?.said).map(({ seriesName, data }) => `${seriesName}: ${data.said}`)].join("\n"),
    },
    legend: several ? { type: "plain", top: 0, left: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: { ...text, color: token("--text") } } : undefined,
    grid: { left: 8, right: 12, top: several ? 44 : 14, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: token("--line-strong") } }, axisLabel: { ...text, hideOverlap: true } },
    yAxis: { type: "value", splitLine: { lineStyle: { color: token("--line-soft") } }, axisLabel: { ...text, formatter: short } },
    series: series.map((one) => ({
      type: kind === "line" ? "line" : "bar",
      name: one.name,
      stack: kind === "stacked" ? "all" : undefined,
      barMaxWidth: 46,
      symbolSize: 6,
      cursor: "pointer",
      emphasis: { disabled: true },
      data: one.values.map((value, at) => ({ value: value ?? (kind === "line" ? 0 : null), said: one.said[at], url: one.urls[at] })),
    })),
  };
}

function draw() {
  const place = $("[data-chart]");
  drawn?.chart.dispose();
  drawn = null;
  if (!place) return;
  const chart = init(place, null, { renderer: "svg" });
  chart.setOption(options(JSON.parse(place.dataset.chart)));
  chart.on("click", ({ data }) => {
    const address = data?.url && ownAddress(data.url);
    if (address) location.assign(address);
  });
  drawn = { chart };
  place.dataset.drawn = "yes";
}

draw();
document.addEventListener("guanxi:shown", draw);
addEventListener("guanxi:theme", () => setTimeout(draw));
addEventListener("resize", () => drawn?.chart.resize());
