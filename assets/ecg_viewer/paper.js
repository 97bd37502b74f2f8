// The sheet in millimetres, and its squares. core/ecg/paper.py lays out the printed sheet by the same rules.

const LAYOUTS = {
  "3x4": { columns: 4, least: [15, 10], rows: [["I", "aVR", "V1", "V4"], ["II", "aVL", "V2", "V5"], ["III", "aVF", "V3", "V6"]], rhythm: "II" },
  "6x2": { columns: 2, least: [10, 10], rows: [["I", "V1"], ["II", "V2"], ["III", "V3"], ["aVR", "V4"], ["aVL", "V5"], ["aVF", "V6"]] },
  "12x1": { columns: 1, least: [10, 5], rows: ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"].map((l) => [l]) },
};
const SHEET_SECONDS = 10;
const MARGIN = 5; // mm
const FOOT = 7; // mm
const PULSE_SECONDS = 0.2;

// Room above and below the baseline in mm, whole 5 mm squares, so that every baseline lies on a heavy line.
function rowRoom(study, leads, gain, least) {
  const square = (mm, least, most) => Math.min(most, Math.max(least, 5 * Math.ceil((mm + 0.5) / 5)));
  const ups = leads.map((l) => study.extent[study.leads.indexOf(l)][0] * gain);
  const downs = leads.map((l) => study.extent[study.leads.indexOf(l)][1] * gain);
  return [square(Math.max(...ups), Math.max(least[0], gain), 40), square(Math.max(...downs), least[1], 30)];
}

function layOut(study, options) {
  const { columns, rows, rhythm, least } = LAYOUTS[options.layout];
  const { speed, gain } = options;
  const left = MARGIN + 5 * Math.ceil((PULSE_SECONDS * speed + 2) / 5);
  const whole = columns === 1; // one column holds the whole recording, the others a sheet of ten seconds
  const start = whole ? 0 : options.start;
  const sheet = Math.min(SHEET_SECONDS, study.duration);
  const span = whole ? study.duration : sheet;
  const panels = [], bands = [];
  let y = MARGIN;
  const add = (leads, seconds, repeat) => {
    const [up, down] = rowRoom(study, leads, gain, least);
    const row = { top: y, base: y + up, bottom: y + up + down };
    leads.forEach((lead, i) => {
      const from = start + i * seconds, to = Math.min(from + seconds, study.duration);
      panels.push({ ...row, lead: study.leads.indexOf(lead), x: left + i * seconds * speed, from, to,
        right: left + (i + 1) * seconds * speed, column: i, repeat });
    });
    bands.push(row);
    y += up + down;
  };
  rows.forEach((leads) => add(leads, span / columns));
  if (rhythm) add([rhythm], span, true);
  return { panels, bands, left, width: left + span * speed + MARGIN, sheet: left + sheet * speed + MARGIN,
    height: y + FOOT, speed, gain, start, span };
}

// Squares on whole device pixels; the 1 mm lines fade out where they would run together.
function drawSquares(v) {
  const { ctx, dpr } = v;
  const width = v.canvas.width, height = v.canvas.height;
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.fillStyle = v.colours.ecg_paper;
  ctx.fillRect(0, 0, width, height);
  const lines = (step, colour, alpha, thick) => {
    if (alpha <= 0) return;
    ctx.globalAlpha = alpha;
    ctx.fillStyle = colour;
    for (let k = Math.ceil(v.ox / step); (k * step - v.ox) * v.scale * dpr < width; k++) {
      if (step === 1 && k % 5 === 0) continue;
      ctx.fillRect(Math.round((k * step - v.ox) * v.scale * dpr), 0, thick, height);
    }
    for (let k = Math.ceil(v.oy / step); (k * step - v.oy) * v.scale * dpr < height; k++) {
      if (step === 1 && k % 5 === 0) continue;
      ctx.fillRect(0, Math.round((k * step - v.oy) * v.scale * dpr), width, thick);
    }
    ctx.globalAlpha = 1;
  };
  const hair = Math.max(1, Math.floor(dpr));
  lines(1, v.colours.ecg_minor, Math.min(1, (v.scale * dpr - 1.7) / 2), hair);
  lines(5, v.colours.ecg_major, Math.min(1, (v.scale * dpr - 0.3) / 0.8), hair);
  ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
}

// Calibration pulse: 1 mV for 200 ms, in front of each row.
function drawPulses(v) {
  const { ctx, geo } = v;
  const wide = PULSE_SECONDS * geo.speed;
  const x = geo.left - 2 - wide;
  ctx.strokeStyle = v.colours.ecg_ink;
  ctx.lineWidth = v.stroke;
  ctx.beginPath();
  for (const { base } of geo.bands) {
    const low = v.y(base), high = v.y(base - geo.gain);
    ctx.moveTo(v.x(x - 1), low);
    for (const [px, py] of [[x, low], [x, high], [x + wide, high], [x + wide, low], [x + wide + 1, low]]) ctx.lineTo(v.x(px), py);
  }
  ctx.stroke();
}

// Lead names stay in view when their start is panned out; what is wrong with a lead stands beside its name.
function drawNames(v) {
  const { ctx, geo, study } = v;
  const size = Math.min(17, Math.max(11, 3.4 * v.scale));
  ctx.textBaseline = "alphabetic";
  ctx.lineJoin = "round";
  for (const p of geo.panels) {
    const name = study.leads[p.lead], flag = p.repeat ? "" : study.flags[name];
    const x = Math.max(v.x(p.x) + 4, 6), y = v.y(p.top) + size + 1, limit = v.x(p.right) - 6;
    if (limit < 12 || x > v.width || y < 0 || y > v.height + size) continue;
    ctx.font = `600 ${size}px ${v.font}`;
    const room = ctx.measureText(name).width;
    const write = (text, at, colour) => {
      ctx.strokeStyle = v.colours.ecg_paper;
      ctx.lineWidth = 3;
      ctx.strokeText(text, at, y);
      ctx.fillStyle = colour;
      ctx.fillText(text, at, y);
    };
    write(name, Math.min(x, limit - room), v.colours.ecg_ink);
    if (!flag) continue;
    ctx.font = `500 ${Math.max(10.5, size * 0.8)}px ${v.font}`;
    let text = flag;
    while (text.length > 4 && x + room + 20 + ctx.measureText(text).width > limit) text = text.slice(0, -2).trimEnd() + "…";
    const mark = x + room + 6, half = size * 0.34;
    if (study.mild.has(name)) {
      write(text, mark, v.colours.muted);
      continue;
    }
    write(text, mark + 2 * half + 4, v.colours.attention);
    ctx.beginPath(); // a warning triangle
    ctx.moveTo(mark + half, y - 2 * half);
    ctx.lineTo(mark + 2 * half, y);
    ctx.lineTo(mark, y);
    ctx.closePath();
    ctx.fill();
  }
  ctx.font = `500 ${Math.min(13, Math.max(10.5, 2.8 * v.scale))}px ${v.font}`;
  ctx.fillStyle = v.colours.muted;
  ctx.textBaseline = "bottom";
  const words = `${geo.speed} mm/s    ${geo.gain} mm/mV    ${+study.rate.toFixed(1)} Hz`;
  ctx.strokeStyle = v.colours.ecg_paper;
  ctx.lineWidth = 3;
  ctx.strokeText(words, 8, v.height - 3);
  ctx.fillText(words, 8, v.height - 3);
}
