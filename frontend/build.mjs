// Builds app.js, theme.js, app.css, icons.svg and what single pages load beside them into guanxi/web/static/vendor, with licences and checksums.
// `node build.mjs --check` fails when the committed files differ from what the sources give.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "guanxi", "web", "static", "vendor");
const read = (...parts) => readFileSync(join(here, ...parts), "utf8");
const files = new Map();

async function bundle(entry, name, options = {}) {
  const result = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    write: false,
    charset: "utf8",
    legalComments: "none",
    target: ["es2022", "chrome109", "firefox115", "safari16.4"],
    logLevel: "warning",
    ...options,
  });
  files.set(name, Buffer.from(result.outputFiles[0].contents));
}

/** One sprite of the outlines named in icons.txt; the invisible bounding path of each drawing is dropped. */
function sprite() {
  const names = [...new Set(read("icons.txt").split(/\s+/).filter(Boolean))].sort();
  const symbols = names.map((name) => {
    const svg = read("node_modules", "@tabler", "icons", "icons", "outline", `${name}.svg`);
    const body = svg
      .replace(/<!--[\s\S]*?-->/g, "")
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace(/<\/svg>\s*$/, "")
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
      .replace(/\s+/g, " ")
      .replace(/ ?\/>/g, "/>")
      .replace(/> </g, "><")
      .trim();
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${body}</symbol>`;
  });
  files.set("icons.svg", Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`));
}

function licences() {
  const parts = ["@tabler/icons", "echarts", "htmx.org", "idiomorph", "tslib", "zrender"].map((name) => {
    const place = join(here, "node_modules", ...name.split("/"));
    const about = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
    const texts = ["LICENSE", "LICENSE.txt", "NOTICE"].map((file) => join(place, file)).filter(existsSync);
    const text = texts.map((file) => readFileSync(file, "utf8").trim()).join("\n\n");
    return `${name} ${about.version} (${about.license})\n\n${text}\n`;
  });
  files.set("LICENCES.txt", Buffer.from(`Software of others in these files\n\n${parts.join("\n----\n\n")}`));
}

const ON_DEMAND = ["charts.js", "calendar.js", "api_docs.js"];

await bundle("src/app.js", "app.js", { format: "iife" });
await bundle("src/calendar.js", "calendar.js", { format: "iife" });
await bundle("src/charts.js", "charts.js", { format: "iife" });
await bundle("src/api_docs.js", "api_docs.js", { format: "iife" });
await bundle("src/theme.js", "theme.js", { format: "iife" });
await bundle("css/app.css", "app.css");
sprite();
licences();

const sums = {};
for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
  sums[name] = createHash("sha256").update(content).digest("hex");
files.set("checksums.json", Buffer.from(`${JSON.stringify(sums, null, 2)}\n`));

if (process.argv.includes("--check")) {
  const stale = [...files].filter(([name, content]) => {
    const path = join(out, name);
    return !existsSync(path) || !readFileSync(path).equals(content);
  });
  if (stale.length) {
    console.error(`Not what the sources give: ${stale.map(([name]) => name).join(", ")}. Run: npm run build`);
    process.exit(1);
  }
  console.log("The committed files are what the sources give.");
} else {
  mkdirSync(out, { recursive: true });
  let total = 0;
  for (const [name, content] of files) {
    writeFileSync(join(out, name), content);
    const size = gzipSync(content, { level: 9 }).length;
    if (/\.(js|css|svg)$/.test(name) && !ON_DEMAND.includes(name)) total += size;
    console.log(`${name.padEnd(16)} ${String(content.length).padStart(8)}  ${String(size).padStart(7)} gzipped`);
  }
  console.log(`first screen, without the page itself: ${(total / 1024).toFixed(1)} KB gzipped`);
}
