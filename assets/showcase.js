// The static showcase: tabs, theme, and charts that are drawn when they come into view.
"use strict";
const root = document.documentElement;
const wish = matchMedia("(prefers-color-scheme: dark)");
const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : wish.matches);
const drawn = new Set();

function draw(place) {
  const figure = window.CHARTS[place.dataset.chart]?.[dark() ? 1 : 0];
  if (!figure) return;
  const layout = { ...figure.layout, autosize: true };
  delete layout.width;
  Plotly.react(place, figure.data, layout, { displayModeBar: false, responsive: true });
  drawn.add(place);
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting && !drawn.has(entry.target)) draw(entry.target);
}, { rootMargin: "200px" });
document.querySelectorAll("[data-chart]").forEach((place) => seen.observe(place));

function redraw() {
  drawn.forEach((place) => { if (place.offsetParent) draw(place); else { drawn.delete(place); seen.unobserve(place); seen.observe(place); } });
}
wish.addEventListener("change", redraw);
document.getElementById("theme").addEventListener("click", () => {
  root.dataset.theme = dark() ? "light" : "dark";
  redraw();
});

document.querySelectorAll("[role=tablist]").forEach((list) => {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const choose = (chosen) => tabs.forEach((tab) => {
    const on = tab === chosen;
    tab.setAttribute("aria-selected", on);
    tab.tabIndex = on ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
  });
  tabs.forEach((tab, k) => {
    tab.tabIndex = tab.getAttribute("aria-selected") === "true" ? 0 : -1;
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(k + step + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    });
  });
});
