// The film: 1,024 grey levels in two colour channels of a PNG, and what window and heat map make of them.

const LEVELS = 1024;

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

// What level and width (percent of the film's range) make of each grey level.
function paintFilm(film, { level, width, invert }) {
  const low = (level - width / 2) / 100, shades = new Uint32Array(LEVELS);
  for (let k = 0; k < LEVELS; k++) {
    const part = Math.min(1, Math.max(0, (k / (LEVELS - 1) - low) / (width / 100)));
    const g = Math.round(255 * (invert ? 1 - part : part));
    shades[k] = (0xff000000 | (g << 16) | (g << 8) | g) >>> 0;
  }
  const picture = film.context.createImageData(film.width, film.height);
  const pixels = new Uint32Array(picture.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = shades[film.grey[i]];
  film.context.putImageData(picture, 0, 0);
}

function colourAt(stops, part) {
  const at = part * (stops.length - 1), k = Math.min(Math.floor(at), stops.length - 2);
  const channel = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  return [0, 1, 2].map((i) => Math.round(channel(stops[k], i) + (at - k) * (channel(stops[k + 1], i) - channel(stops[k], i))));
}

// Colour and cover both grow with the weight: the film shows unchanged where the map is nothing.
function paintMap({ values, rows, columns, signed, stops }) {
  const raw = atob(values), context = surface(columns, rows);
  const picture = context.createImageData(columns, rows);
  for (let i = 0; i < raw.length; i++) {
    const byte = raw.charCodeAt(i), value = (byte > 127 ? byte - 256 : byte) / 127;
    const shown = signed ? value : Math.max(0, value);
    picture.data.set([...colourAt(stops, signed ? (shown + 1) / 2 : shown), Math.round(255 * Math.abs(shown))], 4 * i);
  }
  context.putImageData(picture, 0, 0);
  return context.canvas;
}
