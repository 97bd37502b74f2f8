// Fiducials of P, QRS and T, and the crosshair.

const WAVES = ["P", "QRS", "T"];

// A bar under the lead spans onset to end; ticks on the trace bound it, a ring sits on the peak.
function drawFiducials(v, p) {
  const { ctx, geo, study } = v;
  if (!onScreen(v, p) || study.missing.has(study.leads[p.lead])) return;
  const counts = study.mv[p.lead], [from, to] = visible(v, p);
  const x = (i) => v.x(p.x + (i / study.rate - p.from) * geo.speed);
  const y = (i) => v.y(p.base - counts[i] * study.unit * geo.gain);
  const bar = v.y(p.bottom) - Math.max(3, 0.9 * v.scale), thick = Math.max(2, 0.6 * v.scale);
  clipTo(v, p);
  for (const { wave, onset, peak, end } of study.fiducials[p.lead]) {
    if (Math.max(onset, peak, end) < from || Math.min(...[onset, peak, end].filter((i) => i >= 0)) > to) continue;
    ctx.strokeStyle = ctx.fillStyle = v.colours.waves[wave];
    if (onset >= 0 && end > onset) ctx.fillRect(x(onset), bar, Math.max(1, x(end) - x(onset)), thick);
    ctx.lineWidth = 1.25;
    ctx.beginPath();
    for (const edge of [onset, end]) {
      if (edge < 0 || edge >= study.samples) continue;
      const half = Math.max(3.5, 1.4 * v.scale);
      ctx.moveTo(x(edge), y(edge) - half);
      ctx.lineTo(x(edge), y(edge) + half);
    }
    ctx.stroke();
    if (peak >= 0 && peak < study.samples) {
      ctx.beginPath();
      ctx.arc(x(peak), y(peak), Math.min(4.5, Math.max(2, 0.7 * v.scale)), 0, 2 * Math.PI);
      ctx.lineWidth = 1.5;
      ctx.stroke();
    }
    if (v.scale > 5 && onset >= 0 && end > onset) {
      ctx.font = `500 11px ${v.font}`;
      ctx.textAlign = "center";
      ctx.textBaseline = "bottom";
      ctx.fillText(WAVES[wave], (x(onset) + x(end)) / 2, bar - 2);
      ctx.textAlign = "left";
    }
  }
  ctx.restore();
}

// The panel under a point of the canvas, with time and voltage there.
function locate(v, px, py) {
  const { geo, study } = v;
  const mm = [v.ox + px / v.scale, v.oy + py / v.scale];
  const p = geo.panels.find((q) => mm[0] >= q.x && mm[0] < q.right && mm[1] >= q.top && mm[1] < q.bottom);
  if (!p) return null;
  const time = p.from + (mm[0] - p.x) / geo.speed;
  const i = Math.round(time * study.rate);
  if (i < 0 || i >= study.samples || time > p.to) return null;
  const away = study.missing.has(study.leads[p.lead]) || study.gaps[p.lead].some(([first, last]) => i >= first && i < last);
  return { panel: p, time: i / study.rate, mv: study.mv[p.lead][i] * study.unit, sample: i, away };
}

function drawCrosshair(v) {
  const { ctx, geo, study, hover } = v;
  const found = hover && !v.dragging && locate(v, hover[0], hover[1]);
  let text = "";
  if (found) {
    const { panel, time, mv, away } = found, name = study.leads[panel.lead];
    const x = v.x(panel.x + (time - panel.from) * geo.speed), y = v.y(panel.base - mv * geo.gain);
    ctx.strokeStyle = v.colours.accent;
    ctx.globalAlpha = 0.55;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(Math.round(x) + 0.5, v.y(panel.top));
    ctx.lineTo(Math.round(x) + 0.5, v.y(panel.bottom));
    ctx.stroke();
    ctx.globalAlpha = 1;
    if (!away) {
      ctx.fillStyle = v.colours.accent;
      ctx.beginPath();
      ctx.arc(x, y, 3, 0, 2 * Math.PI);
      ctx.fill();
    }
    const flag = study.flags[name] ? `, ${study.flags[name]}` : `   ${number(mv, 2)} mV`;
    text = `${name}   ${time.toFixed(3)} s${away ? ", not recorded" : flag}`;
  }
  v.cross.textContent = text;
}

function number(value, digits) { // with a true minus sign, and no minus zero
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212");
}
