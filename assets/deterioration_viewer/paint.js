// How the panels are drawn; nothing right of the hour that is shown.

function paint(v) {
  const c = v.front, ratio = window.devicePixelRatio || 1;
  sizeCanvas(v.canvas, v.wide, v.high);
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, v.wide, v.high);
  axis(v, c);
  for (const panel of v.panels) PAINTED[panel.kind](v, c, panel);
  const x = across(v, v.stay.start + v.row);
  line(c, [[x, 4], [x, v.high - AXIS]], v.colours.ink, 1.2);
  v.canvas.dataset.row = v.row;
  v.canvas.dataset.x = x;
}

function line(c, points, colour, width = 1, dash = []) {
  c.beginPath();
  points.forEach(([x, y], k) => (k ? c.lineTo(x, y) : c.moveTo(x, y)));
  Object.assign(c, { strokeStyle: colour, lineWidth: width, lineJoin: "round" });
  c.setLineDash(dash);
  c.stroke();
  c.setLineDash([]);
}

function write(v, c, text, x, y, { size = 12, colour = v.colours.ink, weight = 400, align = "left", base = "middle" } = {}) {
  c.font = `${weight} ${size}px ${v.font}`;
  Object.assign(c, { fillStyle: colour, textAlign: align, textBaseline: base });
  c.fillText(text, x, y);
}

function clear(colour, alpha) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

function axis(v, c) {
  const { start } = v.stay, last = start + Math.max(rowsOf(v) - 1, 6), foot = v.high - AXIS;
  const step = last - start > 24 ? 6 : last - start > 12 ? 3 : 1;
  for (let hour = Math.ceil(start / step) * step; hour <= last; hour += step) {
    line(c, [[across(v, hour), 6], [across(v, hour), foot]], v.colours.line, hour % 24 ? 0.5 : 1);
    write(v, c, `${hour}`, across(v, hour), foot + 11, { size: 11, colour: v.colours.muted, align: "center" });
  }
  write(v, c, "h", v.wide - RIGHT + 6, foot + 11, { size: 11, colour: v.colours.muted });
}

// Name and unit on the left, what an axis spans beside it, and the value of the hour on the right.
function named(v, c, panel, name, unit, value = "", { warm = false, age = "" } = {}) {
  const middle = panel.top + panel.height / 2;
  write(v, c, name, 0, unit ? middle - 7 : middle, { size: 12 });
  if (unit) write(v, c, unit, 0, middle + 8, { size: 11, colour: v.colours.muted });
  const colour = warm ? v.colours.attention : v.colours.ink;
  write(v, c, value, v.wide, age ? middle - 6 : middle, { size: value.length > 6 ? 12 : 15, weight: 600, align: "right", colour });
  if (age) write(v, c, age, v.wide, middle + 9, { size: 10, align: "right", colour: v.colours.muted });
}

function tick(v, c, text, y) {
  write(v, c, text, LEFT - 6, y, { size: 10, colour: v.colours.muted, align: "right" });
}

function paintRisk(v, c, panel) {
  const { risk, alarm, start, note } = v.stay, top = risk.tops[v.row], scale = [0, top];
  const at = (k, values) => [across(v, start + k), up(panel, scale, values[k])];
  const rows = Array.from({ length: v.row + 1 }, (_, k) => k);
  [0, top / 2, top].forEach((value) => {
    const clash = alarm !== null && Math.abs(up(panel, scale, value) - up(panel, scale, alarm)) < 10;
    if (!clash) tick(v, c, `${value}`, up(panel, scale, value));
    line(c, [[LEFT, up(panel, scale, value)], [v.wide - RIGHT, up(panel, scale, value)]], v.colours.line, 0.5);
  });
  c.beginPath();
  [...rows.map((k) => at(k, risk.high)), ...rows.toReversed().map((k) => at(k, risk.low))].forEach((p) => c.lineTo(...p));
  c.fillStyle = clear(v.colours.accent, 0.16);
  c.fill();
  if (risk.without && note !== null) {
    const from = rows.filter((k) => start + k >= note - 1e-6);
    if (from.length) line(c, from.map((k) => at(k, risk.without)), v.colours.muted, 1.5, [4, 3]);
  }
  for (const k of rows.slice(1)) {
    const thin = !risk.enough[k];
    line(c, [at(k - 1, risk.y), at(k, risk.y)], thin ? v.colours.muted : v.colours.accent, thin ? 1.5 : 2.4, thin ? [2, 3] : []);
  }
  if (alarm !== null) {
    const y = up(panel, scale, alarm);
    line(c, [[LEFT, y], [v.wide - RIGHT, y]], v.colours.attention, 1.4, [6, 4]);
    write(v, c, `${alarm.toFixed(1)}`, LEFT - 6, y, { size: 10, weight: 600, align: "right", colour: v.colours.attention });
    for (const k of rows) if (sounds(v, k)) dot(c, ...at(k, risk.y), 3, v.colours.attention);
  }
  if (note !== null && note <= start + v.row + 1e-6) {
    const x = across(v, Math.max(note, start));
    line(c, [[x, 6], [x, v.high - AXIS]], v.colours.muted, 1, [1, 3]);
    write(v, c, "note", x + 3, panel.top + 2, { size: 10, colour: v.colours.muted });
  }
  const said = v.stay.said[v.row];
  named(v, c, panel, "Running risk", "%, 95 % band", said.risk, { warm: sounds(v, v.row), age: said.thin ? "thin" : "" });
}

function sounds(v, row) {
  const { risk, alarm } = v.stay;
  return alarm !== null && risk.y[row] >= alarm && Boolean(risk.enough[row]);
}

function dot(c, x, y, radius, colour) {
  c.beginPath();
  c.arc(x, y, radius, 0, 2 * Math.PI);
  c.fillStyle = colour;
  c.fill();
}

function paintNews2(v, c, panel) {
  const { news2, start } = v.stay, scale = [0, news2.most], rows = v.row + 1;
  [0, news2.most].forEach((value) => tick(v, c, `${value}`, up(panel, scale, value)));
  for (const [name, at] of Object.entries(news2.lines)) {
    const y = up(panel, scale, at);
    line(c, [[LEFT, y], [v.wide - RIGHT, y]], v.colours.muted, 0.8, [1, 3]);
    write(v, c, `${at} ${name}`, LEFT + 4, name === "urgent" ? y + 6 : y - 6, { size: 10, colour: v.colours.muted });
  }
  const steps = (values) => Array.from({ length: rows }, (_, k) => k).flatMap((k) => {
    const y = up(panel, scale, values[k]), x = across(v, start + k);
    return [[x, y], [k + 1 < rows ? across(v, start + k + 1) : x, y]];
  });
  const low = steps(news2.low), high = steps(news2.high);
  c.beginPath();
  [...high, ...low.toReversed()].forEach((p) => c.lineTo(...p));
  c.fillStyle = clear(v.colours.ink, 0.16);
  c.fill();
  line(c, low, v.colours.ink, 1.6);
  line(c, high, v.colours.ink, 0.6);
  named(v, c, panel, "NEWS2", "points", v.stay.said[v.row].score.replace(" to ", "\u2013"),
        { warm: news2.low[v.row] >= news2.lines.urgent });
}

function paintVital(v, c, panel) {
  const { vital, k } = panel, { carry, start, why } = v.stay, count = until(v, vital), scale = ends(vital, count);
  const [low, high] = vital.band, at = (i) => [across(v, Math.max(vital.hours[i], start - 0.5)), up(panel, scale, vital.values[i])];
  const outside = (i) => vital.values[i] < low || vital.values[i] > high;
  c.fillStyle = clear(v.colours.muted, 0.15);
  c.fillRect(LEFT, up(panel, scale, high), v.wide - LEFT - RIGHT, up(panel, scale, low) - up(panel, scale, high));
  const apart = up(panel, scale, low) - up(panel, scale, high) > 9;
  if (high < scale[1] && apart) tick(v, c, `${+high.toFixed(1)}`, up(panel, scale, high));
  tick(v, c, `${+low.toFixed(1)}`, up(panel, scale, low));
  let piece = [];
  for (let i = 0; i < count; i += 1) {
    if (i && vital.hours[i] - vital.hours[i - 1] > carry + 1e-6) {
      gap(v, c, panel, at(i - 1)[0], at(i)[0]);
      line(c, piece, v.colours.ink, 1.5);
      piece = [];
    }
    piece.push(at(i));
  }
  line(c, piece, v.colours.ink, 1.5);
  const marked = count <= 200;
  for (let i = 0; i < count; i += 1) if (marked || outside(i)) dot(c, ...at(i), marked ? 2.1 : 1.4, v.colours[outside(i) ? "attention" : "ink"]);
  const last = count - 1, age = last < 0 ? Infinity : start + v.row - vital.hours[last];
  if (age > carry) gap(v, c, panel, last < 0 ? LEFT : at(last)[0], across(v, start + v.row));
  const known = age <= carry + 1e-6;
  named(v, c, panel, vital.label, vital.unit, known ? vital.values[last].toFixed(vital.decimals) : "\u2013",
        { warm: known && outside(last), age: known && age >= 1 ? `${Math.floor(age)} h ago` : "" });
  if (why && why.hour <= start + v.row) strip(v, c, panel, why.weights[k]);
}

// Nothing was measured for longer than a value counts.
function gap(v, c, panel, from, to) {
  const y = panel.top + panel.height / 2;
  if (to - from > 6) line(c, [[from + 4, y], [to - 2, y]], v.colours.muted, 1, [1, 4]);
}

// How each hour of a vital sign speaks for the risk, -1 to 1, under its trajectory.
function strip(v, c, panel, weights) {
  const { start } = v.stay, wide = across(v, start + 1) - across(v, start), top = panel.top + panel.height + 2;
  for (let k = 0; k <= v.row; k += 1) {
    if (weights[k] === null || Math.abs(weights[k]) < 0.02) continue;
    c.fillStyle = weightColour(v, weights[k]);
    c.fillRect(across(v, start + k - 1), top, wide - 0.5, STRIP);
  }
}

function weightColour(v, weight) {
  const { surface, sequential, opposing } = v.colours;
  return `rgb(${colourAt([surface, ...(weight < 0 ? opposing : sequential)], Math.min(Math.abs(weight), 1)).join(",")})`;
}

// What a nurse writes beside the numbers, hour by hour.
function lane(v, c, panel, name, states, colours) {
  const { start } = v.stay, one = across(v, start + 1) - across(v, start), middle = panel.top + panel.height / 2;
  write(v, c, name, 0, middle, { size: 12 });
  let from = 0;
  for (let k = 1; k <= v.row + 1; k += 1) {
    if (k <= v.row && states[k] === states[from]) continue;
    if (states[from] !== null) {
      const x = across(v, start + from), end = k <= v.row ? across(v, start + k) : across(v, start + v.row);
      c.fillStyle = colours(states[from]);
      c.fillRect(x, panel.top, Math.max(end - x - 1, 2), panel.height);
    }
    from = k;
  }
  for (let k = 1, begin = 0; k <= v.row + 1; k += 1) {
    if (k <= v.row && states[k] === states[begin]) continue;
    const words = worded(v, states[begin]), space = (k - begin) * one;
    c.font = `400 10px ${v.font}`;
    if (states[begin] !== null && c.measureText(words).width + 8 < space) {
      write(v, c, words, across(v, start + begin) + 4, middle + 0.5, { size: 10 });
    }
    begin = k;
  }
  const now = states[v.row];
  write(v, c, now === null ? "\u2013" : typeof now === "string" ? now : now ? "yes" : "no", v.wide, middle,
        { size: 12, weight: 600, align: "right", colour: now === null || now === 0 || now === "A" ? v.colours.ink : v.colours.attention });
}

const worded = (v, state) => (typeof state === "string" ? v.stay.levels[state] : state ? "oxygen" : "room air");

function paintOxygen(v, c, panel) {
  lane(v, c, panel, "Oxygen", v.stay.oxygen, (given) => (given ? clear(v.colours.accent, 0.3) : clear(v.colours.muted, 0.12)));
}

function paintAwake(v, c, panel) {
  lane(v, c, panel, "Consciousness", v.stay.awake,
       (level) => (level === "A" ? clear(v.colours.muted, 0.12) : clear(v.colours.attention, 0.2 + 0.1 * "CVPU".indexOf(level))));
}

const PAINTED = { risk: paintRisk, news2: paintNews2, vital: paintVital, oxygen: paintOxygen, awake: paintAwake };
