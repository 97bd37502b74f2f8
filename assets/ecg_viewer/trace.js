// Traces, and under them how much each sample counts for a finding.

const STEPS = 16; // colour steps of the attribution

function clipTo(v, p) {
  v.ctx.save();
  v.ctx.beginPath();
  v.ctx.rect(v.x(p.x), 0, (p.right - p.x) * v.scale, v.height);
  v.ctx.clip();
}

// Samples of a panel that are on screen, one more on either side.
function visible(v, p) {
  const { geo, study } = v;
  const perMm = study.rate / geo.speed, first = p.from * study.rate;
  const low = Math.max(first, first + (v.ox - p.x) * perMm), high = Math.min(p.to * study.rate, first + (v.ox + v.width / v.scale - p.x) * perMm);
  return [Math.max(0, Math.floor(low) - 1), Math.min(study.samples - 1, Math.ceil(high) + 1)];
}

function onScreen(v, p) {
  return v.x(p.right) > 0 && v.x(p.x) < v.width && v.y(p.bottom) > -v.height && v.y(p.top) < 2 * v.height;
}

function drawTrace(v, p) {
  const { ctx, geo, study } = v;
  if (!onScreen(v, p)) return;
  const counts = study.mv[p.lead];
  const [from, to] = visible(v, p);
  const dx = (geo.speed * v.scale) / study.rate, x0 = v.x(p.x) - p.from * study.rate * dx;
  const base = v.y(p.base), dy = study.unit * geo.gain * v.scale;
  clipTo(v, p);
  ctx.strokeStyle = v.colours.ecg_ink;
  ctx.lineWidth = v.stroke;
  ctx.lineJoin = "round";
  if (study.missing.has(study.leads[p.lead])) { // nothing was recorded: nothing that looks like a recording
    ctx.setLineDash([2, 5]);
    ctx.strokeStyle = v.colours.muted;
    ctx.beginPath();
    ctx.moveTo(v.x(p.x), base);
    ctx.lineTo(v.x(p.right), base);
    ctx.stroke();
    ctx.restore();
    return;
  }
  ctx.beginPath();
  if (dx * v.dpr >= 0.5) {
    for (let i = from; i <= to; i++) ctx.lineTo(x0 + i * dx, base - counts[i] * dy);
  } else { // several samples share a pixel column: keep its extremes, so that no peak is lost
    let column = NaN, first = 0, low = 0, high = 0, last = 0;
    const emit = () => {
      const x = (column + 0.5) / v.dpr;
      for (const value of [first, low, high, last]) ctx.lineTo(x, base - value * dy);
    };
    for (let i = from; i <= to; i++) {
      const at = Math.floor((x0 + i * dx) * v.dpr), value = counts[i];
      if (at !== column) {
        if (i > from) emit();
        column = at;
        first = low = high = value;
      }
      if (value < low) low = value;
      if (value > high) high = value;
      last = value;
    }
    emit();
  }
  ctx.stroke();
  ctx.restore();
}

function mix(stops, level) { // colour between stops, level 0 to 1
  const at = level * (stops.length - 1), i = Math.min(stops.length - 2, Math.floor(at)), t = at - i;
  const part = (colour, k) => parseInt(colour.slice(1 + 2 * k, 3 + 2 * k), 16);
  const rgb = [0, 1, 2].map((k) => Math.round(part(stops[i], k) * (1 - t) + part(stops[i + 1], k) * t));
  return `rgba(${rgb.join(",")},${(0.3 + 0.7 * level).toFixed(3)})`;
}

function attributionColour(v, level) { // level -1 to 1
  return mix(level < 0 ? v.colours.opposing : v.colours.sequential, Math.abs(level));
}

function drawAttribution(v, p) {
  const { ctx, geo, study } = v, map = study.attribution;
  if (!onScreen(v, p) || study.missing.has(study.leads[p.lead])) return;
  const levels = map.levels[p.lead], counts = study.mv[p.lead];
  const [from, to] = visible(v, p);
  const dx = (geo.speed * v.scale) / study.rate, x0 = v.x(p.x) - p.from * study.rate * dx;
  const base = v.y(p.base), dy = study.unit * geo.gain * v.scale;
  const perStep = study.samples / map.steps;
  const bins = Array.from({ length: 2 * STEPS + 1 }, () => []);
  for (let s = Math.floor(from / perStep); s <= Math.min(map.steps - 1, Math.floor(to / perStep)); s++) {
    bins[Math.round((levels[s] / 127) * STEPS) + STEPS].push(s);
  }
  clipTo(v, p);
  ctx.lineWidth = Math.min(15, Math.max(5, 2 * v.scale));
  ctx.lineCap = "butt";
  ctx.lineJoin = "round";
  const order = [...bins.keys()].sort((a, b) => Math.abs(a - STEPS) - Math.abs(b - STEPS));
  for (const bin of order) { // the strongest last, on top
    if (Math.abs(bin - STEPS) < 2 || !bins[bin].length) continue;
    ctx.strokeStyle = attributionColour(v, (bin - STEPS) / STEPS);
    ctx.beginPath();
    let previous = -2;
    for (const s of bins[bin]) {
      const begin = Math.max(0, Math.floor(s * perStep)), end = Math.min(study.samples - 1, Math.ceil((s + 1) * perStep));
      for (let i = begin; i <= end; i++) {
        const x = x0 + i * dx, y = base - counts[i] * dy;
        if (i === begin && s !== previous + 1) ctx.moveTo(x, y);
        else ctx.lineTo(x, y);
      }
      previous = s;
    }
    ctx.stroke();
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
