// The stack: its slices out of the atlas, masks as runs, and what the window makes of a slice.

async function readStack(data) {
  const atlas = await readFilm(data.atlas), { count, rows, columns, across, low, high } = data;
  const [height, width] = data.step, unit = Math.min(height, width);
  const grey = Array.from({ length: count }, (_, k) => {
    const slice = new Uint16Array(rows * columns), top = Math.floor(k / across) * rows, left = (k % across) * columns;
    for (let r = 0; r < rows; r++) {
      const start = (top + r) * atlas.width + left;
      slice.set(atlas.grey.subarray(start, start + columns), r * columns);
    }
    return slice;
  });
  return { count, rows, columns, low, high, grey, size: rows * columns, ph: height / unit, pw: width / unit };
}

// Runs of a label byte and two bytes of length, low byte first.
function unpackMask(text, size) {
  const raw = atob(text), labels = new Uint8Array(size);
  for (let i = 0, at = 0; i < raw.length; i += 3) {
    const end = at + raw.charCodeAt(i + 1) + 256 * raw.charCodeAt(i + 2);
    labels.fill(raw.charCodeAt(i), at, end);
    at = end;
  }
  return labels;
}

function packMask(labels) {
  const parts = [];
  for (let at = 0; at < labels.length; ) {
    let end = at + 1;
    while (end < labels.length && labels[end] === labels[at] && end - at < 0xffff) end++;
    parts.push(String.fromCharCode(labels[at], (end - at) & 255, (end - at) >> 8));
    at = end;
  }
  return btoa(parts.join(""));
}

function labelsOf(v, k) {
  return v.labels.subarray(k * v.stack.size, (k + 1) * v.stack.size);
}

// Slice k as a canvas. Level and width are signal, as stored in the scan.
function greyOf(v, k) {
  return painted(v, (v.greys[k] ??= {}), v.stack.grey[k], v.stack.columns, v.stack.rows);
}

// Rows and columns around all that is marked, the ventricle about half as wide as the box; the whole slice where nothing is.
function heartBox(v) {
  const { rows, columns, size, pw, ph } = v.stack;
  let top = rows, bottom = 0, left = columns, right = 0;
  for (let i = 0; v.labels && i < v.labels.length; i++) {
    if (!v.labels[i]) continue;
    const r = Math.floor((i % size) / columns), c = i % columns;
    top = Math.min(top, r);
    bottom = Math.max(bottom, r + 1);
    left = Math.min(left, c);
    right = Math.max(right, c + 1);
  }
  if (bottom <= top) return { left: 0, top: 0, width: columns, height: rows };
  const side = 2 * Math.max((right - left) * pw, (bottom - top) * ph);
  const width = Math.min(columns, side / pw), height = Math.min(rows, side / ph);
  return {
    width, height, left: Math.min(columns - width, Math.max(0, (left + right - width) / 2)),
    top: Math.min(rows - height, Math.max(0, (top + bottom - height) / 2)),
  };
}
