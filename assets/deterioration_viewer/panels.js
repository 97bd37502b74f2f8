// Where the panels of the stay lie, and what is known at the hour that is shown.

const LEFT = 124, RIGHT = 58, GAP = 9, STRIP = 6, AXIS = 24;
const HEIGHTS = { risk: 112, news2: 60, vital: 42, lane: 15 };

// The panels from top to bottom, with `top` and `height` in pixels; `v.high` is all of them.
function arrange(v) {
  const { vitals, why } = v.stay, panels = [];
  let top = 8;
  function add(kind, height, more = {}, gap = GAP) {
    panels.push({ kind, top, height, ...more });
    top += height + gap;
  }
  add("risk", HEIGHTS.risk, {}, GAP + 6);
  add("news2", HEIGHTS.news2);
  vitals.forEach((vital, k) => add("vital", HEIGHTS.vital, { vital, k }, why ? STRIP + 2 + GAP : GAP));
  add("oxygen", HEIGHTS.lane, {}, 3);
  add("awake", HEIGHTS.lane, {}, 2);
  v.panels = panels;
  v.high = top + AXIS;
}

const rowsOf = (v) => v.stay.said.length;

// Pixels of an hour of the stay; the axis is as long as the stay and does not move.
function across(v, hour) {
  const { start } = v.stay, span = Math.max(rowsOf(v) - 1, 6) + 0.5;
  return LEFT + ((hour - start + 0.5) / (span + 0.5)) * (v.wide - LEFT - RIGHT);
}

function rowAt(v, x) {
  const { start } = v.stay, one = across(v, start + 1) - across(v, start);
  return Math.min(Math.max(Math.round((x - across(v, start)) / one), 0), rowsOf(v) - 1);
}

// Pixels of a value between the ends of an axis.
function up(panel, [low, high], value) {
  const part = (value - low) / (high - low || 1);
  return panel.top + panel.height * (1 - Math.min(Math.max(part, 0), 1));
}

// The measurements of a vital sign at or before the hour that is shown.
function until(v, vital) {
  const now = v.stay.start + v.row + 1e-6;
  let count = 0;
  while (count < vital.hours.length && vital.hours[count] <= now) count += 1;
  return count;
}

// What the axis of a vital sign spans: what is usual, and what was measured by now; never what lies ahead.
function ends(vital, count) {
  let [low, high] = vital.ends;
  for (let k = 0; k < count; k += 1) {
    low = Math.min(low, vital.values[k]);
    high = Math.max(high, vital.values[k]);
  }
  return [low, high];
}
