// The left ventricle of a slice: its middle, its contours as handles, and the segments around it.
// Points are [x, y] in true scale: column times pw, row times ph, from the corner of the picture.

const HANDLES = 12;
const SPREAD = [-8, -4, 0, 4, 8]; // degrees: a handle stands at the mean of these rays

const inCavity = (label) => label === 1;
const inVentricle = (label) => label >= 1;
const REGION = { endocardium: inCavity, epicardium: inVentricle };

// Middle of the cavity, of the ventricle where there is none; null where nothing is marked. Small papillary muscles
// within do not move it visibly.
function centreOf(v, k) {
  const { columns, pw, ph } = v.stack, labels = labelsOf(v, k);
  for (const inside of [inCavity, inVentricle]) {
    let n = 0, x = 0, y = 0;
    for (let i = 0; i < labels.length; i++) {
      if (!inside(labels[i])) continue;
      n++;
      x += (i % columns) + 0.5;
      y += Math.floor(i / columns) + 0.5;
    }
    if (n) return [(x / n) * pw, (y / n) * ph];
  }
  return null;
}

// How far a region reaches from `centre` at an angle (degrees, counter-clockwise as seen).
function reach(v, k, inside, [x, y], degrees) {
  const { rows, columns, pw, ph } = v.stack, labels = labelsOf(v, k);
  const dx = Math.cos((degrees * Math.PI) / 180), dy = -Math.sin((degrees * Math.PI) / 180), step = 0.2;
  let last = 0;
  for (let t = 0; ; t += step) {
    const c = Math.floor((x + t * dx) / pw), r = Math.floor((y + t * dy) / ph);
    if (c < 0 || r < 0 || c >= columns || r >= rows) return last;
    if (inside(labels[r * columns + c])) last = t + step / 2;
  }
}

function radii(v, k, which, centre) {
  return Array.from({ length: HANDLES }, (_, i) => {
    const rays = SPREAD.map((off) => reach(v, k, REGION[which], centre, (360 / HANDLES) * i + off));
    return rays.reduce((sum, radius) => sum + radius, 0) / rays.length;
  });
}

// The contour of slice k as handles. Where the slice has none, that of the nearest slice is offered, half the epicardium
// where there is no cavity, and a circle in the middle of the picture at last; `whole` says that it is not the mask's own.
function outline(v, k, which) {
  const { count, rows, columns, pw, ph } = v.stack;
  const has = (j, inside) => labelsOf(v, j).some(inside);
  const order = Array.from({ length: count }, (_, j) => j).sort((a, b) => Math.abs(a - k) - Math.abs(b - k));
  let centre = centreOf(v, k), far, whole = true;
  if (has(k, REGION[which])) {
    far = radii(v, k, which, centre);
    whole = false;
  } else if (centre) far = radii(v, k, "epicardium", centre).map((radius) => radius / 2);
  else {
    const near = order.find((j) => has(j, REGION[which]));
    centre = near === undefined ? [(columns * pw) / 2, (rows * ph) / 2] : centreOf(v, near);
    const round = Math.min(columns * pw, rows * ph) * (which === "endocardium" ? 0.1 : 0.15);
    far = near === undefined ? new Array(HANDLES).fill(round) : radii(v, near, which, centre);
  }
  return { which, k, centre, whole, points: far.map((radius, i) => polar(centre, radius, (360 / HANDLES) * i)) };
}

function polar([x, y], radius, degrees) {
  const angle = (degrees * Math.PI) / 180;
  return [x + radius * Math.cos(angle), y - radius * Math.sin(angle)];
}

function angleOf([cx, cy], [x, y]) {
  return ((Math.atan2(cy - y, x - cx) * 180) / Math.PI + 360) % 360;
}

// A closed Catmull-Rom curve through the handles.
function curve(points) {
  const path = new Path2D(), n = points.length, at = (i) => points[(i + n) % n];
  path.moveTo(...at(0));
  for (let i = 0; i < n; i++) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    path.bezierCurveTo(b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6, c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6, ...c);
  }
  path.closePath();
  return path;
}

// Which pixels lie inside of a curve, by half their area.
function inside(v, path) {
  const { rows, columns, size, pw, ph } = v.stack, context = surface(columns, rows), found = new Uint8Array(size);
  context.setTransform(1 / pw, 0, 0, 1 / ph, 0, 0);
  context.fill(path);
  const { data } = context.getImageData(0, 0, columns, rows);
  for (let i = 0; i < size; i++) found[i] = data[4 * i + 3] > 127;
  return found;
}

// The segments of a slice at this level: angle at which each begins, counted away from the insertion, and its number.
// As core/cmr/segments.py divides them: Cerqueira et al. 2002, Circulation 105:539.
function sectors(v, level) {
  const turn = v.mirrored ? -1 : 1;
  const parts = (n, first, start) => Array.from({ length: n }, (_, i) => ({
    from: v.angle + turn * (start + (i * 360) / n), middle: v.angle + turn * (start + ((i + 0.5) * 360) / n), number: ((i + 1) % n) + first,
  }));
  if (level === "basal" || level === "mid") return parts(6, level === "basal" ? 1 : 7, 0);
  return level === "apical" ? parts(4, 13, 15) : [];
}
