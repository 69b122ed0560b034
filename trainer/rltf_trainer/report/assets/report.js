"use strict";
(() => {
  const svgNamespace = "http://www.w3.org/2000/svg";
  const tooltip = document.getElementById("tooltip");

  // Text reaches the page through textContent only: nothing a run recorded is ever parsed as HTML.
  const element = (parent, name, text, className) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.setAttribute("class", className);
    return parent.appendChild(made);
  };

  const svgElement = (parent, name, attributes) => {
    const made = document.createElementNS(svgNamespace, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return parent.appendChild(made);
  };

  const nearest = (xs, x) => {
    let low = 0;
    let high = xs.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (xs[middle] < x) low = middle;
      else high = middle;
    }
    return Math.abs(xs[low] - x) <= Math.abs(xs[high] - x) ? low : high;
  };

  const show = (svg, points, index) => {
    const cursor = svg.querySelector(".cursor");
    cursor.replaceChildren();
    const x = points.x[index];
    svgElement(cursor, "line", { x1: x, x2: x, y1: points.top, y2: points.bottom });
    tooltip.replaceChildren();
    element(tooltip, "strong", points.heads[index]);
    for (const row of points.rows) {
      if (row.y[index] !== null) {
        svgElement(cursor, "circle", { cx: x, cy: row.y[index], r: 4, class: row.colour });
      }
      const line = element(tooltip, "div", "", row.colour);
      element(line, "i");
      element(line, "span", row.name);
      element(line, "b", row.text[index]);
    }
    tooltip.hidden = false;
    const box = svg.getBoundingClientRect();
    const scale = box.width / svg.viewBox.baseVal.width;
    const left = box.left + x * scale;
    const width = tooltip.offsetWidth;
    const fits = left + width + 16 < document.documentElement.clientWidth;
    tooltip.style.left = `${Math.max(4, fits ? left + 14 : left - width - 14)}px`;
    tooltip.style.top = `${Math.max(4, box.top + points.top * scale)}px`;
  };

  const hide = (svg) => {
    svg.querySelector(".cursor").replaceChildren();
    tooltip.hidden = true;
  };

  for (const svg of document.querySelectorAll("svg[data-chart]")) {
    const points = JSON.parse(svg.dataset.chart);
    let current = points.x.length - 1;
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      current = nearest(points.x, ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width);
      show(svg, points, current);
    });
    svg.addEventListener("pointerleave", () => hide(svg));
    svg.addEventListener("blur", () => hide(svg));
    svg.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
      if (move === undefined) return;
      event.preventDefault();
      current = Math.min(points.x.length - 1, Math.max(0, current + move));
      show(svg, points, current);
    });
  }
  window.addEventListener("scroll", () => { tooltip.hidden = true; }, { passive: true });

  for (const filters of document.querySelectorAll(".filters")) {
    filters.hidden = false;
    const rows = filters.parentElement.querySelectorAll("tr[data-change]");
    filters.addEventListener("click", (event) => {
      const wanted = event.target.dataset.filter;
      if (!wanted) return;
      for (const button of filters.children) button.setAttribute("aria-pressed", button === event.target);
      for (const row of rows) row.hidden = wanted !== "all" && row.dataset.change !== wanted;
    });
  }

  const theme = document.getElementById("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const root = document.documentElement;
    const systemIsDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : systemIsDark;
    root.dataset.theme = isDark ? "light" : "dark";
  });
})();
