// Corrections: brush, contours, undo, and whether something waits to be applied.

const DEEPEST = 60; // steps of undo

function brushOf(v) {
  return v.labels && v.options.tool.startsWith("paint") ? Number(v.options.tool.slice(5)) : null;
}

function snapshot(v, slices) {
  return { index: v.index, parts: slices.map((k) => [k, labelsOf(v, k).slice()]) };
}

function restore(v, { index, parts, turned }) {
  for (const [k, labels] of parts) {
    labelsOf(v, k).set(labels);
    forget(v, k);
  }
  if (turned) Object.assign(v, turnOf(turned));
  else v.index = index;
}

// What an edit of the whole stack changes beside the mask.
function turnOf({ excluded, angle }) {
  return { excluded: new Set(excluded), angle };
}

// Takes a step of undo or redo: what is there now goes to the other pile.
function step(v, from, to) {
  const last = from.pop();
  if (!last) return;
  to.push({ ...snapshot(v, last.parts.map(([k]) => k)), index: last.index, turned: last.turned && turnOf(v) });
  restore(v, last);
  changed(v);
}

// Keeps what was there before an edit, if the edit changed anything.
function keep(v, before) {
  if (!before.turned && before.parts.every(([k, labels]) => same(labels, labelsOf(v, k)))) return;
  v.done.push(before);
  if (v.done.length > DEEPEST) v.done.shift();
  v.undone.length = 0;
  changed(v);
}

function same(a, b) {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function changed(v) {
  const { applied } = v, listed = (slices) => [...slices].sort().join();
  v.dirty = v.angle !== applied.angle || listed(v.excluded) !== listed(applied.excluded) || !same(v.labels, applied.labels);
  v.bend = null;
  refresh(v);
}

// A disc of the brush along a line; radius in the shorter side of a pixel, true to scale. Scar stays within the wall.
function dab(v, from, to) {
  const { rows, columns, pw, ph } = v.stack, labels = labelsOf(v, v.index), label = brushOf(v), radius = v.options.radius;
  const steps = Math.max(1, Math.ceil((2 * Math.hypot(to[0] - from[0], to[1] - from[1])) / Math.max(1, radius)));
  for (let s = 0; s <= steps; s++) {
    const x = from[0] + ((to[0] - from[0]) * s) / steps, y = from[1] + ((to[1] - from[1]) * s) / steps;
    const under = Math.floor(y / ph) * columns + Math.floor(x / pw); // a small brush always marks the pixel under it
    for (let r = Math.max(0, Math.floor((y - radius) / ph)); r < Math.min(rows, (y + radius) / ph); r++) {
      for (let c = Math.max(0, Math.floor((x - radius) / pw)); c < Math.min(columns, (x + radius) / pw); c++) {
        const i = r * columns + c, near = Math.hypot((c + 0.5) * pw - x, (r + 0.5) * ph - y) <= radius || i === under;
        if (near && (label < 3 || labels[i] >= 2)) labels[i] = label;
      }
    }
  }
  forget(v, v.index);
}

// The contour under the tool, read from the mask anew after every change.
function bendOf(v) {
  const { tool } = v.options;
  if (!v.labels || !REGION[tool] || v.options.montage) return null;
  if (v.bend?.k !== v.index || v.bend.which !== tool) v.bend = outline(v, v.index, tool);
  return v.bend;
}

// Refills the mask from the contour. A contour that was the mask's own acts only where its moved handle bends it, two
// handles to either side: the rest of the border stays as fine as it was.
function refill(v, moved) {
  const { which, centre, points, whole } = v.bend, { columns, size, pw, ph } = v.stack;
  const labels = labelsOf(v, v.index), within = inside(v, curve(points)), before = snapshot(v, [v.index]);
  const width = 720 / HANDLES, middle = (360 / HANDLES) * moved;
  for (let i = 0; i < size; i++) {
    if (!whole && moved !== null) {
      const away = angleOf(centre, [((i % columns) + 0.5) * pw, (Math.floor(i / columns) + 0.5) * ph]) - middle;
      if (Math.abs(((away + 540) % 360) - 180) > width) continue;
    }
    if (which === "endocardium") {
      if (within[i]) labels[i] = 1;
      else if (labels[i] === 1) labels[i] = 2;
    } else if (!within[i]) labels[i] = 0;
    else if (labels[i] === 0) labels[i] = 2;
  }
  forget(v, v.index);
  v.bend = null;
  keep(v, before);
  refresh(v);
}

// The whole contour outwards or inwards, for the keyboard.
function grow(v, by) {
  const bend = bendOf(v);
  if (!bend) return;
  bend.points = bend.points.map(([x, y]) => {
    const far = Math.hypot(x - bend.centre[0], y - bend.centre[1]), times = Math.max(1, far + by) / Math.max(1e-6, far);
    return [bend.centre[0] + (x - bend.centre[0]) * times, bend.centre[1] + (y - bend.centre[1]) * times];
  });
  refill(v, null);
}

// The mask as the model gave it, or as it was applied last.
function setAll(v, { labels, excluded, angle }) {
  const before = { ...snapshot(v, Array.from({ length: v.stack.count }, (_, k) => k)), turned: turnOf(v) };
  v.labels.set(labels);
  Object.assign(v, turnOf({ excluded, angle }));
  forget(v);
  keep(v, before);
}

function apply(v) {
  const { id } = v.data.mask, excluded = [...v.excluded].sort((a, b) => a - b);
  v.applied = { labels: v.labels.slice(), excluded: new Set(excluded), angle: v.angle };
  changed(v);
  v.send("edit", { id, labels: packMask(v.labels), excluded, insertion_angle_deg: v.angle });
}
