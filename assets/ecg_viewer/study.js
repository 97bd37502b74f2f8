// What the page sent: signal, marks and attribution as base64 little-endian integers.

function unpack(text, Kind) {
  if (!text) return null;
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Kind(bytes.buffer);
}

function readStudy(data) {
  const counts = unpack(data.signal, Int16Array);
  const samples = counts.length / data.leads.length;
  return {
    id: data.id, leads: data.leads, rate: data.rate, samples, duration: samples / data.rate,
    mv: data.leads.map((_, i) => counts.subarray(i * samples, (i + 1) * samples)), unit: data.unit, // mV per count
    extent: data.extent, missing: new Set(data.missing), mild: new Set(data.mild), flags: data.flags, description: data.description,
    gaps: readGaps(data.gaps, data.leads.length), fiducials: readMarks(unpack(data.marks, Int32Array), data.leads.length), attribution: readAttribution(data),
  };
}

function readGaps(rows, leads) { // lead, first sample and one past the last of what was not recorded
  const byLead = Array.from({ length: leads }, () => []);
  for (const [lead, first, last] of rows || []) byLead[lead].push([first, last]);
  return byLead;
}

function readMarks(flat, leads) { // rows of lead, wave, onset, peak, end
  if (!flat || !flat.length) return null;
  const byLead = Array.from({ length: leads }, () => []);
  for (let i = 0; i < flat.length; i += 5) {
    byLead[flat[i]]?.push({ wave: flat[i + 1], onset: flat[i + 2], peak: flat[i + 3], end: flat[i + 4] });
  }
  return byLead;
}

function readAttribution(data) {
  if (!data.attribution) return null;
  const levels = unpack(data.attribution.values, Int8Array);
  const steps = levels.length / data.leads.length;
  return {
    id: data.attribution.id, signed: data.attribution.signed, title: data.attribution.title, steps,
    levels: data.leads.map((_, i) => levels.subarray(i * steps, (i + 1) * steps)), // -127 to 127
  };
}
