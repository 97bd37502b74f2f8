// The component: one viewer per mount, kept while the page reruns; its stack, mask and map change with the data.

const viewers = new WeakMap();
const GAP = 4; // canvas pixels between tiles

function setWindow(v, level, width) {
  const { low, high } = v.stack, range = high - low;
  v.options.level = Math.min(high, Math.max(low, level));
  v.options.width = Math.min(1.5 * range, Math.max(range / 200, width));
  refresh(v);
}

function firstWindow(v) {
  const [black, white] = v.data.window;
  Object.assign(v.options, { level: (black + white) / 2, width: white - black });
}

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
  v.montage = false;
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
  const { context, stack, options } = v, ratio = devicePixelRatio || 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = "#000";
  context.fillRect(0, 0, v.wide, v.height);
  if (!stack) return;
  if (v.montage) drawMontage(v);
  else {
    const here = { x: v.ox, y: v.oy, sx: v.scale * stack.pw, sy: v.scale * stack.ph };
    drawSlice(v, v.index, here);
    drawSegments(v);
    drawTool(v);
    write(v, words(v, v.index), [10, 10]);
    Object.assign(v.canvas.dataset, here);
  }
  const times = v.scale / v.fitted, zoomed = times > 1.001 && !v.montage;
  v.canvas.classList.toggle("held", zoomed || options.tool !== "window" || Boolean(options.segments && v.labels));
  v.state.textContent = [
    `Slice ${v.index + 1} of ${stack.count}`, v.levels[v.index], v.excluded.has(v.index) && "out of range",
    `level ${signal(v, options.level)}`, `window ${signal(v, options.width)}`, zoomed && `zoom ${times.toFixed(1)}`,
  ].filter(Boolean).join(", ");
}

function resize(v) {
  const full = v.root.matches(":fullscreen");
  v.root.classList.toggle("narrow", v.root.clientWidth < 560);
  const wide = v.stage.clientWidth, shape = v.film ? v.film.height / v.film.width : 1;
  const room = full ? innerHeight - 40 - v.below.offsetHeight : Math.max(320, 0.62 * innerHeight);
  const height = full ? room : Math.min(wide * shape, room);
  if (!wide || (wide === v.wide && height === v.height)) return;
  const wasFitted = !v.fitted || v.scale <= v.fitted * 1.001;
  Object.assign(v, { ox: v.ox + (wide - v.wide) / 2, oy: v.oy + (height - v.height) / 2, wide, height }); // the middle stays
  const ratio = devicePixelRatio || 1;
  v.canvas.width = Math.round(wide * ratio);
  v.canvas.height = Math.round(height * ratio);
  v.canvas.style.height = `${height}px`;
  if (wasFitted) return fit(v);
  if (v.film) v.fitted = Math.min(wide / v.film.width, height / v.film.height);
  zoom(v, 1);
}

function create(parent) {
  const root = parent.querySelector(".lge"), find = (selector) => root.querySelector(selector);
  const v = {
    root, stage: find(".stage"), canvas: find("canvas"), hint: find(".hint"), state: find(".state"), below: find(".below"),
    end: new AbortController(), wide: 0, height: 0, scale: 1, ox: 0, oy: 0, index: 0, montage: false, correct: false,
    levels: [], excluded: new Set(), hidden: new Set(), colours: {}, greys: [], borders: [], fills: [], heats: [], done: [], undone: [],
    options: { tool: "window", style: "contour", opacity: 80, segments: false, shown: true, heat: 55, radius: 2 },
  };
  v.context = v.canvas.getContext("2d", { alpha: false });
  onPointers(v);
  onKeys(v);
  onControls(v);
  listen(v, root, { fullscreenchange: () => resize(v) });
  v.watch = new ResizeObserver(() => resize(v));
  v.watch.observe(root);
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
  Object.assign(v, liesOf(v.applied));
  v.mirrored = mask.mirrored;
  v.colours = Object.fromEntries(mask.classes.map(({ label, colour }) => [label, colour]));
  layerButtons(v, mask.classes);
}

async function show(v, data) {
  const before = v.data, isNew = before?.id !== data.id;
  v.data = data;
  v.canvas.setAttribute("aria-label", data.description);
  if (isNew) {
    v.stack = v.film = null;
    const stack = await readStack(data);
    if (v.data.id !== data.id) return; // another stack came meanwhile
    Object.assign(v, { stack, film: { width: stack.columns * stack.pw, height: stack.rows * stack.ph }, greys: [] });
    Object.assign(v, { wide: 0, fitted: 0, montage: false, index: Math.floor(stack.count / 2) });
    firstWindow(v);
  } else if (!v.stack) return; // still being read
  const now = v.data; // the newest, also after waiting
  v.levels = now.mask?.levels ?? [];
  if (isNew || v.shownMask !== now.mask?.id) takeMask(v, now.mask);
  v.shownMask = now.mask?.id;
  if (isNew || v.shownHeat !== now.heat?.id) {
    Object.assign(v, { heat: now.heat, heats: [] });
    if (now.heat) v.options.shown = true;
  }
  v.shownHeat = now.heat?.id;
  v.box = heartBox(v);
  refresh(v);
  resize(v);
}

export default function ({ data, parentElement, setStateValue }) {
  let v = viewers.get(parentElement);
  if (!v || !v.root.isConnected) {
    v?.watch.disconnect();
    viewers.set(parentElement, (v = create(parentElement)));
  }
  v.send = setStateValue;
  if (v.data !== data) show(v, data);
  return () => {
    cancelAnimationFrame(v.pending);
    v.watch.disconnect();
    v.end.abort();
    viewers.delete(parentElement);
  };
}
