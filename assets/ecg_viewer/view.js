// Where on the sheet we look: scale in px per mm, origin in mm. Drawing happens once per animation frame.

const ACTUAL = 96 / 25.4; // CSS px per mm

function redraw(v, overlay = false) {
  v.stale ||= !overlay;
  if (!v.pending) v.pending = requestAnimationFrame(() => {
    v.pending = 0;
    draw(v);
  });
}

function draw(v) {
  if (!v.study || !v.width) return;
  if (v.dpr !== (window.devicePixelRatio || 1)) resize(v);
  if (v.stale) drawSheet(v);
  v.stale = false;
  v.ctx = v.front;
  v.ctx.setTransform(1, 0, 0, 1, 0, 0);
  v.ctx.drawImage(v.sheet.canvas, 0, 0);
  v.ctx.setTransform(v.dpr, 0, 0, v.dpr, 0, 0);
  drawCrosshair(v);
  drawCalipers(v);
  Object.assign(v.canvas.dataset, { pxPerMm: v.scale, left: v.ox, top: v.oy, baselines: v.geo.bands.map((b) => b.base).join(" "), origin: v.geo.left });
}

// All but crosshair and calipers, kept so that these move without drawing the rest again.
function drawSheet(v) {
  v.ctx = v.sheet;
  v.stroke = Math.min(2.2, Math.max(1.05, 0.27 * v.scale));
  drawSquares(v);
  const panels = v.geo.panels;
  if (v.options.attribution && v.study.attribution) panels.forEach((p) => drawAttribution(v, p));
  panels.forEach((p) => drawTrace(v, p));
  drawPulses(v);
  drawSeparators(v);
  if (v.options.fiducials && v.study.fiducials) panels.forEach((p) => drawFiducials(v, p));
  drawNames(v);
}

function fitScale(v) {
  return v.width / v.geo.sheet;
}

// Keep the sheet in view; where it is smaller than the canvas, centre it.
function clamp(v) {
  const wide = v.width / v.scale, high = v.height / v.scale;
  v.ox = wide >= v.geo.width ? (v.geo.width - wide) / 2 : Math.min(v.geo.width - wide, Math.max(0, v.ox));
  v.oy = high >= v.geo.height ? (v.geo.height - high) / 2 : Math.min(v.geo.height - high, Math.max(0, v.oy));
  v.canvas.classList.toggle("zoomed", v.scale > fitScale(v) * 1.01);
}

function zoom(v, factor, px = v.width / 2, py = v.height / 2) {
  const least = Math.min(fitScale(v), v.width / v.geo.width), most = 48;
  const scale = Math.min(most, Math.max(least, v.scale * factor));
  v.ox += px / v.scale - px / scale;
  v.oy += py / v.scale - py / scale;
  v.scale = scale;
  v.fitted = Math.abs(scale / fitScale(v) - 1) < 1e-6;
  clamp(v);
  redraw(v);
}

function pan(v, dx, dy) { // mm
  v.ox += dx;
  v.oy += dy;
  clamp(v);
  redraw(v);
}

function move(v, dx, dy) { // canvas pixels
  pan(v, -dx / v.scale, -dy / v.scale);
}

function fit(v) {
  v.scale = fitScale(v);
  v.ox = v.oy = 0;
  v.fitted = true;
  clamp(v);
  redraw(v);
}

// Lay the sheet out again after an option changed; calipers belong to the sheet they were drawn on.
function relayout(v) {
  const { study, options } = v;
  options.start = Math.max(0, Math.min(options.start, study.duration - Math.min(SHEET_SECONDS, study.duration)));
  v.geo = layOut(study, options);
  v.caliper = null;
  resize(v);
  fit(v);
}

function resize(v) {
  const full = v.root.getRootNode().fullscreenElement === v.root;
  const width = v.stage.clientWidth;
  if (!width || !v.geo) return;
  const sheet = (v.geo.height * width) / v.geo.sheet;
  const height = full ? v.stage.clientHeight : Math.round(Math.min(980, Math.max(220, sheet)));
  v.dpr = window.devicePixelRatio || 1;
  const ratio = v.width ? width / v.width : 1;
  v.width = width;
  v.height = height;
  v.canvas.style.height = full ? "100%" : `${height}px`;
  for (const canvas of [v.canvas, v.sheet.canvas]) sizeCanvas(canvas, width, height);
  v.scale = v.fitted ? fitScale(v) : v.scale * ratio;
  clamp(v);
  redraw(v);
}

function page(v, direction) { // a sheet earlier or later
  if (v.options.layout === "12x1") return pan(v, direction * SHEET_SECONDS * v.geo.speed, 0);
  const last = v.study.duration - Math.min(SHEET_SECONDS, v.study.duration);
  const start = Math.min(last, Math.max(0, v.options.start + direction * SHEET_SECONDS));
  if (start === v.options.start) return;
  v.options.start = start;
  v.geo = layOut(v.study, v.options);
  v.caliper = null;
  redraw(v);
}
