// matrix.mjs - every SDK against a provider of every format; prints TAP, one
// point per SDK and format, and the table of cells.
//
// COLUMNS: [{ name, model, busy, mock, dialect, thinks, counts }]; busy: a model
// for each client and mode; thinks: its thinking is told "always", when "asked",
// "never". A client that is silent cannot ask for it. counts: it has an operation
// that counts tokens. A column has a mock of its own, so columns run side by
// side; what reached each is held against the description of its API.
import assert from 'node:assert/strict';
import { busy, cells, modes } from './cells.mjs';
import anthropic from './client_anthropic.mjs';
import google from './client_google.mjs';
import groq from './client_groq.mjs';
import mistral from './client_mistral.mjs';
import ollama from './client_ollama.mjs';
import openai from './client_openai.mjs';
import { validators } from './validate.mjs';

console.warn = () => {};	// an SDK speaks of old models
const { GW, KEY, SPECS, ONLY } = process.env;
const columns = JSON.parse(process.env.COLUMNS);
const clients = [openai, anthropic, google, groq, mistral, ollama].flatMap((make) => make({ gw: GW, key: KEY }));
// By its id a cell is true, false, or why there is nothing to be asked.
const table = new Map();
const why = [];
const one = async (c, col, name, fn, stream, more) => {
  const id = `${c.name} / ${col.name} / ${name}${stream ? ' stream' : ''}`;
  if (ONLY && !id.includes(ONLY)) return;
  if (c.cannot?.[name]) { table.set(id, c.cannot[name]); return; }
  try {
    const not = await fn(c, col, { model: col.model, stream, told: col.dialect === 'groq', ...more });  // usage unasked
    table.set(id, not ?? true);
  } catch (e) {
    table.set(id, false);
    why.push(`${id}: ${e.cause?.cause ?? e.cause ?? ''} ${String(e.stack ?? e).split('\n').slice(0, 6).join('\n    ')}`);
  }
};
// What reaches the column's mock while fn runs is kept; the mock remembers 512.
const seq = async (col) => (await (await fetch(`${col.mock}/_mock/meter`)).json()).seq;
const watched = async (col, fn) => {
  const before = await seq(col);
  await fn();
  const n = await seq(col) - before;
  assert(n <= 512, `${n} requests are more than the mock remembers`);
  if (n > 0) col.got.push(...(await (await fetch(`${col.mock}/_mock/requests?n=${n}`)).json()).requests);
};
const run = async (col) => {
  for (const c of clients)
    await watched(col, async () => {
      for (const [name, fn] of Object.entries(cells))
        for (const stream of modes[name] ?? [false, true])
          await one(c, col, name, fn, stream);
    });
};
for (const col of columns) col.got = [];
await Promise.all(columns.map(run));
// They mostly wait, so all at once.
await Promise.all(columns.map((col) => fetch(`${col.mock}/_mock/config`, { method: 'POST', body: JSON.stringify({
  rules: col.busy.map((model) => ({ model, to: 1, do: 'status=429,retry-after=1' })) }) })));
await Promise.all(columns.map((col) => watched(col, () => Promise.all(clients.flatMap((c, i) => [false, true].map((stream, k) =>
  one(c, col, 'retry', busy, stream, { busy: col.busy[2 * i + k] })))))));

// One letter a cell: "." passed in all its modes, "s" failed as a stream, "w"
// failed whole, "X" in both, "-" nothing to be asked.
const names = [...Object.keys(cells), 'retry'];
const mark = (c, col, name) => {
  const [w, s] = ['', ' stream'].map((m) => table.get(`${c.name} / ${col.name} / ${name}${m}`));
  if (w === undefined && s === undefined) return ' ';
  if (typeof (w ?? s) === 'string') return '-';
  return w !== false && s !== false ? '.' : w !== false ? 's' : s !== false ? 'w' : 'X';
};
const told = [...table.values()];
console.log(`# cells: ${names.join(', ')}`);
console.log(`# ${told.filter((v) => v === true).length} passed, ${told.filter((v) => v === false).length} failed, ${told.filter((v) => typeof v === 'string').length} with nothing to be asked:`);
for (const c of clients)
  for (const [name, text] of new Set([...table].filter(([id, v]) => typeof v === 'string' && id.startsWith(`${c.name} /`))
    .map(([id, v]) => `${id.split(' / ')[2].replace(' stream', '')}\t${v}`)).values().map((x) => x.split('\t')))
    console.log(`#   ${c.name}, ${name}: ${text}`);
console.log(`# ${''.padEnd(22)}${columns.map((x) => x.name.padEnd(names.length + 1)).join('')}`);
for (const c of clients)
  console.log(`# ${c.name.padEnd(22)}${columns.map((col) => names.map((n) => mark(c, col, n)).join('').padEnd(names.length + 1)).join('')}`);
for (const w of why) console.log(w.split('\n').map((l) => `# ${l}`).join('\n'));

console.log(`1..${clients.length * columns.length + columns.length}`);
let n = 0, failed = 0;
const point = (ok, name) => { console.log(`${ok ? '' : 'not '}ok ${++n} - ${name}`); if (!ok) failed = 1; };
for (const c of clients)
  for (const col of columns)
    point(![...table].some(([id, ok]) => ok === false && id.startsWith(`${c.name} / ${col.name} /`)), `${c.name} with ${col.name}`);
const check = validators(SPECS);
for (const col of columns) {
  const bad = new Map(), is = check(col.dialect);
  let count = 0;
  for (const r of is ? col.got : []) {
    const text = is(r);
    if (text !== undefined) count++;
    if (text) bad.set(text, r);
  }
  if (!is) { point(true, `requests to ${col.name} are valid # SKIP its description is not there`); continue; }
  for (const [text, r] of bad) console.log(`# ${r.head.split('\r\n')[0]}: ${text}\n#   ${(typeof r.body === 'string' ? r.body : JSON.stringify(r.body)).slice(0, 600)}`);
  point(bad.size === 0 && (ONLY || count > 50), `${count} requests to ${col.name} are valid`);
}
process.exit(failed);
