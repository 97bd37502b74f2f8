// The late-enhancement viewer: slices, montage, and what the page sends and gets.

const GAP = 4; // canvas pixels between tiles

function setAngle(v, degrees) {
  v.angle = degrees % 360;
  changed(v);
}

function turn(v, index) {
  v.index = Math.min(v.stack.count - 1, Math.max(0, index));
  refresh(v);
}

// Zooms to the heart, or back to the whole slice.
function heart(v) {
  const box = heartBox(v), { pw, ph } = v.stack;
  fit(v);
  zoom(v, Math.min(v.wide / (box.width * pw), v.height / (box.height * ph)) / v.scale);
  move(v, v.wide / 2 - v.ox - (box.left + box.width / 2) * pw * v.scale, v.height / 2 - v.oy - (box.top + box.height / 2) * ph * v.scale);
}

// Tiles of the montage: how many across, and what a tile shows at which scale.
function tiles(v) {
  const { count, pw, ph } = v.stack, box = v.box;
  let best = { scale: 0 };
  for (let across = 1; across <= count; across++) {
    const down = Math.ceil(count / across);
    const scale = Math.min((v.wide / across - GAP) / (box.width * pw), (v.height / down - GAP) / (box.height * ph));
    if (scale > best.scale) best = { across, down, scale };
  }
  return best;
}

function tileAt(v, k) {
  const { across, down, scale } = tiles(v), wide = v.box.width * v.stack.pw * scale, high = v.box.height * v.stack.ph * scale;
  const middle = (room, count, size) => (room - count * (size + GAP) + GAP) / 2;
  return { left: middle(v.wide, across, wide) + (k % across) * (wide + GAP), wide, high,
    top: middle(v.height, down, high) + Math.floor(k / across) * (high + GAP) };
}

function openTile(v, [x, y]) {
  const found = Array.from({ length: v.stack.count }, (_, k) => k).find((k) => {
    const { left, top, wide, high } = tileAt(v, k);
    return x >= left && x < left + wide && y >= top && y < top + high;
  });
  if (found === undefined) return;
  v.options.montage = false;
  turn(v, found);
}

function words(v, k) {
  return [String(k + 1), v.levels[k], v.excluded.has(k) && "out of range"].filter(Boolean).join(", ");
}

function drawMontage(v) {
  const { context, box } = v, { scale } = tiles(v), { pw, ph } = v.stack;
  for (let k = 0; k < v.stack.count; k++) {
    const { left, top, wide, high } = tileAt(v, k);
    context.save();
    context.beginPath();
    context.rect(left, top, wide, high);
    context.clip();
    drawSlice(v, k, { x: left - box.left * pw * scale, y: top - box.top * ph * scale, sx: pw * scale, sy: ph * scale });
    write(v, words(v, k), [left + 6, top + 6]);
    context.restore();
    if (k !== v.index) continue;
    context.strokeStyle = "#4fc3cf";
    context.lineWidth = 2;
    context.strokeRect(left, top, wide, high);
  }
}

function draw(v) {
  const { stack, options } = v;
  clear(v);
  if (!stack) return;
  if (options.montage) drawMontage(v);
  else {
    const here = { x: v.ox, y: v.oy, sx: v.scale * stack.pw, sy: v.scale * stack.ph };
    drawSlice(v, v.index, here);
    drawSegments(v);
    drawTool(v);
    write(v, words(v, v.index), [10, 10]);
    Object.assign(v.canvas.dataset, here);
  }
  const times = zoomed(v);
  v.canvas.classList.toggle("held", times > 0 || options.tool !== "window" || Boolean(options.segments && v.labels));
  v.state.textContent = [
    `Slice ${v.index + 1} of ${stack.count}`, v.levels[v.index], v.excluded.has(v.index) && "out of range",
    `level ${worded(v, options.level)}`, `window ${worded(v, options.width)}`, times && `zoom ${times.toFixed(1)}`,
  ].filter(Boolean).join(", ");
}

function create(parent) {
  const v = beginPicture(parent, {
    tall: 0.62, index: 0, levels: [], excluded: new Set(), hidden: new Set(), colours: {}, greys: [], borders: [], fills: [],
    done: [], undone: [],
    options: { tool: "window", style: "contour", opacity: 80, segments: false, shown: true, heat: 55, radius: 2, montage: false,
      correct: false },
  });
  const hovered = () => brushOf(v) !== null && redraw(v);
  onPointers(v, { grip: gripSlice, drag: dragSlice, drop: dropSlice, hovered });
  onWheel(v, (event) => rollSlices(v, event));
  onKeys(v, (event) => pressKey(v, event));
  onLayers(v);
  return v;
}

// A mask that came anew: the model's, and the correction of it that was applied before the viewer was mounted.
function takeMask(v, mask) {
  Object.assign(v, { labels: null, bend: null, done: [], undone: [], dirty: false, excluded: new Set(), angle: 0 });
  forget(v);
  if (!mask) return;
  const read = (text, { excluded, insertion_angle_deg: angle }) => ({
    labels: unpackMask(text, v.stack.size * v.stack.count), excluded: new Set(excluded), angle });
  v.model = read(mask.packed, mask);
  v.applied = mask.applied ? read(mask.applied.labels, mask.applied) : v.model;
  v.labels = v.applied.labels.slice();
  Object.assign(v, turnOf(v.applied));
  v.mirrored = mask.mirrored;
  v.colours = Object.fromEntries(mask.classes.map(({ label, colour }) => [label, colour]));
  layerButtons(v, mask.classes);
}

async function show(v, data) {
  if (v.data === data) return;
  const isNew = v.data?.id !== data.id;
  v.data = data;
  v.canvas.setAttribute("aria-label", data.description);
  if (isNew) {
    v.stack = v.film = null;
    const stack = await readStack(data), [black, white] = data.window;
    if (v.data.id !== data.id) return; // another stack came meanwhile
    Object.assign(v, { stack, film: { width: stack.columns * stack.pw, height: stack.rows * stack.ph }, greys: [], range: stack });
    Object.assign(v, { wide: 0, fitted: 0, index: Math.floor(stack.count / 2), first: { level: (black + white) / 2, width: white - black } });
    Object.assign(v.options, v.first, { montage: false });
  } else if (!v.stack) return; // still being read
  const now = v.data; // the newest, also after waiting
  v.levels = now.mask?.levels ?? [];
  if (isNew || v.shownMask !== now.mask?.id) takeMask(v, now.mask);
  v.shownMask = now.mask?.id;
  takeHeat(v, now.heat);
  v.box = heartBox(v);
  refresh(v);
  resize(v);
}

export default component(create, show);
