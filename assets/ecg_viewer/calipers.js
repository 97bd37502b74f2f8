// Calipers: two points on the sheet, in millimetres, read as time, voltage and rate.

const REACH = 9; // px around a handle

function measure(v) {
  const { a, b } = v.caliper;
  const seconds = Math.abs(b[0] - a[0]) / v.geo.speed, mv = (a[1] - b[1]) / v.geo.gain;
  const rate = seconds >= 0.05 ? `   ${Math.round(60 / seconds)} /min` : "";
  return `\u0394t ${Math.round(1000 * seconds)} ms   \u0394V ${number(mv, 2)} mV${rate}`;
}

// What a press takes hold of: a corner, an edge, the whole, or nothing.
function grip(v, px, py) {
  if (!v.caliper) return null;
  const { a, b } = v.caliper;
  const [ax, ay, bx, by] = [v.x(a[0]), v.y(a[1]), v.x(b[0]), v.y(b[1])];
  const near = (p, q) => Math.abs(p - q) <= REACH;
  if (near(px, ax) && near(py, ay)) return "a";
  if (near(px, bx) && near(py, by)) return "b";
  const within = (p, q, r) => p > Math.min(q, r) && p < Math.max(q, r);
  if (within(px, ax, bx) && within(py, Math.min(ay, by) - REACH, Math.max(ay, by) + REACH)) return "both";
  return null;
}

function holdCaliper(v, which, dx, dy, from) {
  const move = (point) => [point[0] + dx, point[1] + dy];
  v.caliper = {
    a: which === "b" ? from.a : move(from.a),
    b: which === "a" ? from.b : move(from.b),
  };
}

function drawCalipers(v) {
  const { ctx, geo, caliper } = v;
  v.reading.textContent = caliper ? measure(v) : "";
  if (!caliper) return;
  const { a, b } = caliper;
  const band = geo.bands.find((r) => a[1] >= r.top && a[1] < r.bottom) ?? geo.bands[0];
  const [left, right] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
  const top = Math.min(band.top, a[1], b[1]), bottom = Math.max(band.bottom, a[1], b[1]);
  const [ax, ay, bx, by] = [v.x(a[0]), v.y(a[1]), v.x(b[0]), v.y(b[1])];
  ctx.fillStyle = ctx.strokeStyle = v.colours.accent;
  ctx.globalAlpha = 0.1;
  ctx.fillRect(v.x(left), v.y(top), (right - left) * v.scale, (bottom - top) * v.scale);
  if (v.options.march && right - left >= 1.25) { // 50 ms at 25 mm/s: below that it is a grey wall
    ctx.globalAlpha = 0.6;
    ctx.setLineDash([4, 3]);
    ctx.lineWidth = 1;
    ctx.beginPath();
    const step = right - left;
    for (let k = Math.ceil((geo.left - left) / step); left + k * step <= geo.width - MARGIN; k++) {
      ctx.moveTo(v.x(left + k * step), v.y(band.top));
      ctx.lineTo(v.x(left + k * step), v.y(band.bottom));
    }
    ctx.stroke();
    ctx.setLineDash([]);
  }
  ctx.globalAlpha = 1;
  ctx.lineWidth = 1.25;
  ctx.beginPath();
  for (const x of [ax, bx]) {
    ctx.moveTo(x, v.y(top));
    ctx.lineTo(x, v.y(bottom));
  }
  for (const y of [ay, by]) {
    ctx.moveTo(Math.min(ax, bx) - 6, y);
    ctx.lineTo(Math.max(ax, bx) + 6, y);
  }
  ctx.stroke();
  for (const [x, y] of [[ax, ay], [bx, by]]) {
    ctx.beginPath();
    ctx.arc(x, y, 4, 0, 2 * Math.PI);
    ctx.fillStyle = v.colours.ecg_paper;
    ctx.fill();
    ctx.stroke();
  }
  plate(v, measure(v), Math.max(ax, bx) + 10, v.y(top) + 4);
}

function plate(v, text, x, y) { // the reading beside the calipers, kept on the canvas
  const { ctx } = v;
  ctx.font = `600 12px ${v.font}`;
  const wide = ctx.measureText(text).width + 16;
  const px = x + wide > v.width - 4 ? Math.max(4, v.width - wide - 4) : Math.max(4, x), py = Math.min(v.height - 26, Math.max(4, y));
  ctx.fillStyle = v.colours.accent;
  ctx.beginPath();
  ctx.roundRect(px, py, wide, 22, 5);
  ctx.fill();
  ctx.fillStyle = v.colours.ecg_paper;
  ctx.textBaseline = "middle";
  ctx.fillText(text, px + 8, py + 11.5);
}
