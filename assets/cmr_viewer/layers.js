// What is drawn on a slice: filled labels, contours, heat map, segments and handles. A place is where the picture's corner
// stands on the canvas and the size of a pixel there: {x, y, sx, sy}.

// A contour goes around a union (epicardium, endocardium, all scar), so that scar covers the line of the wall.
const UNIONS = { 2: (label) => label >= 1, 1: (label) => label === 1, 3: (label) => label >= 3, 4: (label) => label === 4 };
const ORDER = [2, 1, 3, 4];
const FILLED = 0.6; // of the opacity: the scan stays readable under a filled label
const FADED = 0.25; // of the opacity: a slice out of range
const SIDES = [[], [[3, 0]], [[0, 1]], [[3, 1]], [[1, 2]], [[3, 0], [1, 2]], [[0, 2]], [[3, 2]], [[2, 3]], [[0, 2]],
  [[0, 1], [2, 3]], [[1, 2]], [[3, 1]], [[0, 1]], [[3, 0]], []]; // marching squares: sides a line joins, by corners inside

// The border of a region by marching squares, as a path in pixels.
function border(labels, rows, columns, belongs) {
  const path = new Path2D(), has = (r, c) => r >= 0 && c >= 0 && r < rows && c < columns && belongs(labels[r * columns + c]);
  for (let r = -1; r < rows; r++) {
    for (let c = -1; c < columns; c++) {
      const code = has(r, c) | (has(r, c + 1) << 1) | (has(r + 1, c + 1) << 2) | (has(r + 1, c) << 3);
      if (!code || code === 15) continue;
      const sides = [[c + 1, r + 0.5], [c + 1.5, r + 1], [c + 1, r + 1.5], [c + 0.5, r + 1]];
      for (const [a, b] of SIDES[code]) {
        path.moveTo(...sides[a]);
        path.lineTo(...sides[b]);
      }
    }
  }
  return path;
}

function bordersOf(v, k) {
  const { rows, columns } = v.stack, labels = labelsOf(v, k);
  return (v.borders[k] ??= Object.fromEntries(ORDER.map((label) => [label, border(labels, rows, columns, UNIONS[label])])));
}

function fillOf(v, k) {
  if (v.fills[k]) return v.fills[k];
  const { rows, columns } = v.stack, context = surface(columns, rows), picture = context.createImageData(columns, rows);
  const pixels = new Uint32Array(picture.data.buffer), labels = labelsOf(v, k);
  const inks = [0, 1, 2, 3, 4].map((label) => {
    if (!v.colours[label] || v.hidden.has(label)) return 0;
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(v.colours[label].slice(i, i + 2), 16));
    return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
  });
  for (let i = 0; i < pixels.length; i++) pixels[i] = inks[labels[i]];
  context.putImageData(picture, 0, 0);
  return (v.fills[k] = context.canvas);
}

function forget(v, k) {
  for (const made of [v.borders, v.fills]) k === undefined ? (made.length = 0) : delete made[k];
}

function drawSlice(v, k, place) {
  const { context, stack } = v, rect = [place.x, place.y, place.sx * stack.columns, place.sy * stack.rows];
  context.imageSmoothingEnabled = true;
  context.drawImage(greyOf(v, k), ...rect);
  drawHeat(v, k, rect);
  if (v.labels) drawLabels(v, k, place, rect);
  context.globalAlpha = 1;
}

function drawLabels(v, k, place, rect) {
  const { context, options } = v;
  const opacity = (options.opacity / 100) * (v.excluded.has(k) ? FADED : 1);
  if (options.style === "fill") {
    context.globalAlpha = opacity * FILLED;
    context.imageSmoothingEnabled = false;
    context.drawImage(fillOf(v, k), ...rect);
    return;
  }
  context.globalAlpha = opacity;
  context.lineWidth = Math.min(2, Math.max(1, place.sx / 3));
  context.lineCap = "round";
  for (const label of ORDER) {
    if (v.hidden.has(label)) continue;
    context.strokeStyle = v.colours[label];
    context.stroke(moved(bordersOf(v, k)[label], place.x, place.y, place.sx, place.sy));
  }
}

// A path with another origin and scale: lines keep their width.
function moved(path, x, y, sx, sy) {
  const there = new Path2D();
  there.addPath(path, new DOMMatrix([sx, 0, 0, sy, x, y]));
  return there;
}

// The circle around the ventricle on which the insertion stands, on the canvas; null where nothing is marked.
function ring(v) {
  const centre = v.labels && v.options.segments && !v.excluded.has(v.index) ? centreOf(v, v.index) : null;
  if (!centre) return null;
  const widest = Math.max(...[0, 1, 2, 3, 4, 5, 6, 7].map((i) => reach(v, v.index, inVentricle, centre, 45 * i + 20)));
  return { centre: seen(v, centre), radius: (1.2 * widest + 3) * v.scale };
}

function seen(v, [x, y]) {
  return [v.ox + x * v.scale, v.oy + y * v.scale];
}

function drawSegments(v) {
  const found = (v.ring = ring(v)), { context } = v;
  if (!found) return;
  const { centre, radius } = found;
  context.strokeStyle = "#e3eeec";
  context.lineWidth = 1;
  context.globalAlpha = 0.4;
  context.beginPath();
  context.arc(...centre, radius, 0, 2 * Math.PI);
  const parts = sectors(v, v.levels[v.index]);
  for (const { from } of parts) {
    context.moveTo(...centre);
    context.lineTo(...polar(centre, radius, from));
  }
  context.stroke();
  context.globalAlpha = 1;
  for (const { middle, number } of parts) write(v, String(number), polar(centre, radius + 12, middle), "center", "middle");
  v.canvas.dataset.sectors = parts.map(({ middle, number }) => `${number}:${middle}`).join(" ");
  handle(v, polar(centre, radius, v.angle), "#f0a35e", 7);
}

// Words that are readable on any grey.
function write({ context }, text, [x, y], align = "left", baseline = "top") {
  Object.assign(context, { font: "600 13px system-ui, sans-serif", textAlign: align, textBaseline: baseline, lineWidth: 3 });
  context.strokeStyle = "#0b151c";
  context.fillStyle = "#e3eeec";
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

function handle({ context }, [x, y], colour, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = "#0b151c";
  context.stroke();
}

function drawTool(v) {
  const { context } = v, bend = bendOf(v);
  if (bend) {
    context.lineWidth = 1.5;
    context.strokeStyle = "#ffffff";
    context.setLineDash(bend.whole ? [5, 4] : []);
    context.stroke(moved(curve(bend.points), v.ox, v.oy, v.scale, v.scale));
    context.setLineDash([]);
    bend.points.forEach((point) => handle(v, seen(v, point), "#ffffff", 5));
  }
  if (v.hover && brushOf(v) !== null) {
    context.beginPath();
    context.arc(...v.hover, v.options.radius * v.scale, 0, 2 * Math.PI);
    context.lineWidth = 1.5;
    context.strokeStyle = v.colours[brushOf(v)] ?? "#ffffff";
    context.stroke();
  }
}
