// Chooses the light or dark set before the first paint; loaded in <head>, so that nothing flashes.
const system = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

function chosen() {
  try {
    return localStorage.getItem("theme") || "auto";
  } catch {
    return "auto";
  }
}

function apply() {
  const choice = chosen();
  root.dataset.themeChoice = choice;
  root.dataset.theme = choice === "auto" ? (system.matches ? "dark" : "light") : choice;
}

system.addEventListener("change", apply);
addEventListener("storage", apply);
addEventListener("guanxi:theme", apply);
// Paper is light.
addEventListener("beforeprint", () => (root.dataset.theme = "light"));
addEventListener("afterprint", apply);
apply();
