// Traces, and under them how much each sample counts for a finding.

const STEPS = 16; // colour steps of the attribution

function clipTo(v, p) { // to whole device pixels, which clips without blending
  const snap = (mm) => Math.round(v.x(mm) * v.dpr) / v.dpr;
  v.ctx.save();
  v.ctx.beginPath();
  v.ctx.rect(snap(p.x), 0, snap(p.right) - snap(p.x), v.height);
  v.ctx.clip();
}

// A polyline stroked in short pieces: a rasteriser sweeps one long path far slower than many short ones.
function strokeLine(ctx, points) {
  const PIECE = 160;
  for (let i = 0; i + 2 < points.length; i += PIECE) {
    ctx.beginPath();
    ctx.moveTo(points[i], points[i + 1]);
    for (let k = i + 2; k <= i + PIECE && k < points.length; k += 2) ctx.lineTo(points[k], points[k + 1]);
    ctx.stroke();
  }
}

// Points of samples from..to on the canvas. Where several share a pixel column the column keeps its lowest and
// highest in their order, so that no peak is lost.
function outline(v, p, from, to) {
  const { geo, study } = v, counts = study.mv[p.lead];
  const dx = (geo.speed * v.scale) / study.rate, x0 = v.x(p.x) - p.from * study.rate * dx;
  const base = v.y(p.base), dy = study.unit * geo.gain * v.scale;
  const points = [];
  if (dx * v.dpr >= 0.5) {
    for (let i = from; i <= to; i++) points.push(x0 + i * dx, base - counts[i] * dy);
    return points;
  }
  for (let i = from; i <= to; ) {
    const column = Math.floor((x0 + i * dx) * v.dpr);
    const end = Math.min(to + 1, Math.max(i + 1, Math.ceil(((column + 1) / v.dpr - x0) / dx)));
    let low = i, high = i;
    for (let k = i + 1; k < end; k++) {
      if (counts[k] < counts[low]) low = k;
      if (counts[k] > counts[high]) high = k;
    }
    const x = (column + 0.5) / v.dpr, first = Math.min(low, high), second = Math.max(low, high);
    points.push(x, base - counts[first] * dy);
    if (counts[second] !== counts[first]) points.push(x, base - counts[second] * dy);
    i = end;
  }
  return points;
}

// Samples of a panel that are on screen, one more on either side.
function visible(v, p) {
  const { geo, study } = v;
  const perMm = study.rate / geo.speed, first = p.from * study.rate;
  const low = Math.max(first, first + (v.ox - p.x) * perMm), high = Math.min(p.to * study.rate, first + (v.ox + v.width / v.scale - p.x) * perMm);
  return [Math.max(0, Math.floor(low) - 1), Math.min(study.samples - 1, Math.ceil(high) + 1)];
}

// The stretches of from..to that were recorded: a gap is left open.
function recorded(study, lead, from, to) {
  const parts = [];
  for (const [first, last] of study.gaps[lead]) {
    if (last <= from) continue;
    if (first > to) break;
    if (first > from) parts.push([from, first - 1]);
    from = last;
  }
  if (from <= to) parts.push([from, to]);
  return parts;
}

function onScreen(v, p) {
  return v.x(p.right) > 0 && v.x(p.x) < v.width && v.y(p.bottom) > -v.height && v.y(p.top) < 2 * v.height;
}

function drawTrace(v, p) {
  const { ctx, study } = v;
  if (!onScreen(v, p)) return;
  clipTo(v, p);
  ctx.lineWidth = v.stroke;
  ctx.lineJoin = "bevel";
  if (study.missing.has(study.leads[p.lead])) { // nothing was recorded: nothing that looks like a recording
    ctx.setLineDash([2, 5]);
    ctx.strokeStyle = v.colours.muted;
    strokeLine(ctx, [v.x(p.x), v.y(p.base), v.x(p.right), v.y(p.base)]);
  } else {
    ctx.strokeStyle = v.colours.ecg_ink;
    for (const [from, to] of recorded(study, p.lead, ...visible(v, p))) strokeLine(ctx, outline(v, p, from, to));
  }
  ctx.restore();
}

function attributionColour(v, level) { // level -1 to 1
  const stops = level < 0 ? v.colours.opposing : v.colours.sequential, weight = Math.abs(level);
  return `rgba(${colourAt(stops, weight).join(",")},${(0.3 + 0.7 * weight).toFixed(3)})`;
}

function drawAttribution(v, p) {
  const { ctx, study } = v, map = study.attribution;
  if (!onScreen(v, p) || study.missing.has(study.leads[p.lead])) return;
  const levels = map.levels[p.lead], perStep = study.samples / map.steps;
  const [from, to] = visible(v, p);
  const runs = []; // neighbouring steps of one colour: bin, first and last sample
  const last = Math.min(map.steps - 1, Math.floor(to / perStep));
  for (let s = Math.floor(from / perStep); s <= last; s++) {
    const bin = Math.round((levels[s] / 127) * STEPS), run = runs[runs.length - 1];
    const end = Math.min(study.samples - 1, Math.ceil((s + 1) * perStep));
    if (run?.bin === bin) run.end = end;
    else runs.push({ bin, begin: Math.max(0, Math.floor(s * perStep)), end });
  }
  clipTo(v, p);
  ctx.lineWidth = Math.min(15, Math.max(5, 2 * v.scale));
  ctx.lineJoin = "bevel";
  const shown = runs.filter((run) => Math.abs(run.bin) > 1).sort((a, b) => Math.abs(a.bin) - Math.abs(b.bin));
  for (const { bin, begin, end } of shown) { // the strongest last, on top
    ctx.strokeStyle = attributionColour(v, bin / STEPS);
    strokeLine(ctx, outline(v, p, begin, end));
  }
  ctx.restore();
}

// Short bars above and below the baseline where one lead ends and the next begins, as on printed sheets.
function drawSeparators(v) {
  const { ctx, geo } = v;
  ctx.strokeStyle = v.colours.ecg_ink;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (const p of geo.panels) {
    if (!p.column) continue;
    for (const [a, b] of [[-6, -3], [3, 6]]) {
      ctx.moveTo(v.x(p.x), v.y(p.base + a));
      ctx.lineTo(v.x(p.x), v.y(p.base + b));
    }
  }
  ctx.stroke();
}
