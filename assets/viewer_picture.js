// A picture in a viewer, for the rooms that show one: 1,024 grey levels in two colour channels of a PNG, a heat map, and
// where the picture lies. The viewer has film (width, height), canvas size (wide, height) and a function draw.

const LEVELS = 1024;
const FARTHEST = 12; // times the fitted size

async function readFilm(text) {
  const blob = await (await fetch(`data:image/png;base64,${text}`)).blob();
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const { width, height } = bitmap;
  const context = surface(width, height);
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const grey = new Uint16Array(width * height);
  for (let i = 0; i < grey.length; i++) grey[i] = (rgba[4 * i] << 2) | (rgba[4 * i + 1] >> 6);
  return { width, height, grey, context };
}

function surface(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas.getContext("2d", { willReadFrequently: true });
}

function colourAt(stops, part) {
  const at = part * (stops.length - 1), k = Math.min(Math.floor(at), stops.length - 2);
  const channel = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  return [0, 1, 2].map((i) => Math.round(channel(stops[k], i) + (at - k) * (channel(stops[k + 1], i) - channel(stops[k], i))));
}

// Colour and cover both grow with the weight: the film shows unchanged where the map is nothing. `slice`: of a stack of maps.
function paintMap({ values, rows, columns, signed, stops }, slice = 0) {
  const size = rows * columns, raw = atob(values).slice(slice * size, (slice + 1) * size), context = surface(columns, rows);
  const picture = context.createImageData(columns, rows);
  for (let i = 0; i < raw.length; i++) {
    const byte = raw.charCodeAt(i), value = (byte > 127 ? byte - 256 : byte) / 127;
    const shown = signed ? value : Math.max(0, value);
    picture.data.set([...colourAt(stops, signed ? (shown + 1) / 2 : shown), Math.round(255 * Math.abs(shown))], 4 * i);
  }
  context.putImageData(picture, 0, 0);
  return context.canvas;
}

// Scale and offset are in canvas pixels of the page; the film keeps its place in view.
function fit(v) {
  if (!v.film) return;
  v.scale = v.fitted = Math.min(v.wide / v.film.width, v.height / v.film.height);
  v.ox = (v.wide - v.scale * v.film.width) / 2;
  v.oy = (v.height - v.scale * v.film.height) / 2;
  redraw(v);
}

function zoom(v, factor, x = v.wide / 2, y = v.height / 2) {
  if (!v.film) return;
  const scale = Math.min(FARTHEST * v.fitted, Math.max(v.fitted, v.scale * factor));
  v.ox = x - ((x - v.ox) * scale) / v.scale;
  v.oy = y - ((y - v.oy) * scale) / v.scale;
  v.scale = scale;
  move(v, 0, 0);
}

function move(v, dx, dy) {
  if (!v.film) return;
  const kept = (offset, room, size) => (size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, offset)));
  v.ox = kept(v.ox + dx, v.wide, v.scale * v.film.width);
  v.oy = kept(v.oy + dy, v.height, v.scale * v.film.height);
  redraw(v);
}

function redraw(v) {
  cancelAnimationFrame(v.pending);
  v.pending = requestAnimationFrame(() => draw(v));
}

function pinch(v, down, moving, now) {
  const other = [...down].find(([id]) => id !== moving)[1], last = down.get(moving);
  const spread = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
  zoom(v, spread(now) / spread(last), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  move(v, (now[0] - last[0]) / 2, (now[1] - last[1]) / 2);
}
