// matrix.mjs - every SDK against a provider of every format; prints TAP, one
// point per SDK and format, and the table of cells.
//
// COLUMNS: [{ name, model, mock, dialect, thinks, counts }]; thinks: its thinking
// is told "always", when "asked", "never". A client that is silent cannot ask for
// it. counts: it has an operation that counts tokens. A column has a mock of its
// own, so columns run side by side; what reached each is held against the
// description of its API.
import assert from 'node:assert/strict';
import anthropic from './client_anthropic.mjs';
import google from './client_google.mjs';
import groq from './client_groq.mjs';
import mistral from './client_mistral.mjs';
import ollama from './client_ollama.mjs';
import openai from './client_openai.mjs';
import { validators } from './validate.mjs';

const { GW, KEY, SPECS, ONLY } = process.env;
const columns = JSON.parse(process.env.COLUMNS);
const clients = [openai, anthropic, google, groq, mistral, ollama].flatMap((make) => make({ gw: GW, key: KEY }));
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const THOUGHT = 'Thinking step 1 step 2 step 3 step 4 step 5';
const tools = [{ name: 'get_weather', description: 'tells the weather', parameters: {
  type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false } }];
const schema = { type: 'object', properties: { name: { type: 'string' }, count: { type: 'integer' } },
  required: ['name', 'count'], additionalProperties: false };
const done = new Set(['stop', 'completed', 'end_turn', 'STOP']);

// The last request that the column's mock got, and what it told of its answer.
const last = async (col) => (await (await fetch(`${col.mock}/_mock/requests?n=1`)).json()).requests[0];
const seen = async (col) => {
  const r = await last(col);
  return typeof r.body === 'string' ? r.body : JSON.stringify(r.body);
};
const metered = async (col) => {
  const m = await (await fetch(`${col.mock}/_mock/meter`)).json();
  return (await (await fetch(`${col.mock}/_mock/sent?since=${m.seq - 1}`)).json()).sent[0];
};
const user = (text, image) => ({ text, ...(image && { image }) });

// Ask, answer each call, ask again.
const loop = async (ask, o, n) => {
  const r = await ask(o);
  assert.equal(r.calls.length, n, `${r.calls.length} calls of ${n}: ${JSON.stringify(r.native)}`);
  for (const c of r.calls) { assert.equal(c.name, 'get_weather'); assert.deepEqual(c.args, { city: 'value' }); }
  if (r.calls[0].id) assert.equal(new Set(r.calls.map((c) => c.id)).size, n);
  const r2 = await ask({ ...o, history: [...o.history, { native: r.native },
    { results: r.calls.map((c, i) => ({ id: c.id, name: c.name, text: `rain ${i}` })) }] });
  assert.equal(r2.calls.length, 0);
  assert(r2.text.length > 0 && done.has(r2.finish), `${r2.finish}: ${r2.text}`);
  return r;
};
const fails = (p, check, what) => assert.rejects(p, (e) => {
  if (check(e)) return true;
  throw new Error(`${what}: ${e.constructor.name} ${e.status ?? e.statusCode ?? ''} ${e.message}`, { cause: e });
}, what);

const cells = {
  text: async (c, col, o) => {
    const r = await c.ask({ ...o, system: 'be kind', history: [user('hello there')] });
    assert(r.text.startsWith('The quick'), r.text);
    assert(done.has(r.finish), r.finish);
    const { input, output } = await metered(col);
    assert.deepEqual({ input: r.input, output: r.output }, { input, output });
    if (c.version && col.dialect === 'anthropic')
      assert.match((await last(col)).head, new RegExp(`anthropic-version: ${c.version}`, 'i'));
    const got = await seen(col);
    assert(got.includes('be kind') && got.includes('hello there'), got);
  },
  tools: async (c, col, o) => {
    await loop(c.ask, { ...o, tools, history: [user('weather in Oslo?')] }, 1);
    assert((await seen(col)).includes('rain 0'));
  },
  parallel: async (c, col, o) => {
    await loop(c.ask, { ...o, tools, history: [user('weather? [[mock:calls=3]]')] }, 3);
    const got = await seen(col);
    for (const n of [0, 1, 2]) assert(got.includes(`rain ${n}`), got);
  },
  image: async (c, col, o) => {
    const r = await c.ask({ ...o, history: [user('what is it?', PNG)] });
    assert(r.text.length > 0);
    assert((await seen(col)).includes(PNG));
  },
  schema: async (c, col, o) => {
    const r = await c.ask({ ...o, schema, history: [user('name one')] });
    assert.deepEqual(JSON.parse(r.text), { name: 'text', count: 7 });
  },
  thinking: async (c, col, o) => {
    const told = col.thinks === 'always' || (col.thinks === 'asked' && !c.silent);
    const ask = { ...o, effort: 'medium', history: [user('think about it')] };
    const r = await c.ask(ask);
    assert(r.text.length > 0 && done.has(r.finish));
    assert((await metered(col)).output > 16, 'the provider was not asked to think');
    if (told) assert.equal(r.thinking, THOUGHT);
    const r2 = await c.ask({ ...ask, history: [...ask.history, { native: r.native }, user('again')] });
    assert(r2.text.length > 0);
    const t = await loop(c.ask, { ...ask, tools }, 1);
    if (told) assert.equal(t.thinking, THOUGHT);
  },
  errors: async (c, col, o) => {
    const hi = (text) => ({ ...o, history: [user(text)] });
    await fails(c.wrong(hi('x')), c.errors[401], 'wrong key');
    await fails(c.ask({ ...hi('x'), model: 'nobody' }), c.errors[404], 'unknown model');
    await fails(c.ask(hi('[[mock:status=400,message=too odd]]')), (e) => c.errors[400](e) && /too odd/.test(e.message), 'refused');
    await fails(c.ask(hi('[[mock:status=500]]')), c.errors[500], 'failed');
    if (!o.stream) return;
    await fails(c.ask(hi('[[mock:error=4]]')), () => true, 'error in the stream');
    await fails(c.ask(hi('[[mock:cut=4]]')), () => true, 'stream cut');
    await fails(c.ask(hi('[[mock:no-done]]')), () => true, 'stream without its end mark');
  },
  choice: async (c, col, o) => {
    if (c.chooses === false) return;
    const ask = { ...o, tools: [...tools, { ...tools[0], name: 'get_time' }], history: [user('what now?')] };
    const forced = c.ask({ ...ask, choice: 'get_time' });
    if (col.dialect === 'ollama')	// has no way to say it
      await fails(forced, c.errors[400], 'forced');
    else
      assert.deepEqual((await forced).calls.map((x) => x.name), ['get_time']);
    const r2 = await c.ask({ ...ask, choice: 'none' });
    assert.equal(r2.calls.length, 0);
    assert(r2.text.length > 0);
  },
  // A provider that tells no usage. Of their own format that cannot be: what it
  // says goes through as it is, and these two count on it.
  unmetered: async (c, col, o) => {
    if (c.counts === col.dialect) return;
    const r = await c.ask({ ...o, history: [user('[[mock:usage=missing]]')] });
    assert(r.text.startsWith('The quick') && done.has(r.finish), `${r.finish}: ${r.text}`);
  },
  length: async (c, col, o) => {
    const r = await c.ask({ ...o, max: 20, history: [user('[[mock:tokens=40]]')] });
    assert(['length', 'incomplete', 'max_tokens', 'MAX_TOKENS'].includes(r.finish), r.finish);
    assert.equal((await metered(col)).output, 20);
  },
  // The other operations of the client's format.
  more: async (c, col, o) => {
    if (c.more && !o.stream) await c.more(o.model, col.dialect, col.counts);
  },
};

const table = new Map();
const why = [];
const run = async (col) => {
  for (const c of clients)
    for (const [name, fn] of Object.entries(cells))
      for (const stream of [false, true]) {
        const id = `${c.name} / ${col.name} / ${name}${stream ? ' stream' : ''}`;
        if (ONLY && !id.includes(ONLY)) continue;
        try {
          await fn(c, col, { model: col.model, stream, told: col.dialect === 'groq' });  // usage unasked
          table.set(id, true);
        } catch (e) {
          table.set(id, false);
          why.push(`${id}: ${e.cause?.cause ?? e.cause ?? ''} ${String(e.stack ?? e).split('\n').slice(0, 6).join('\n    ')}`);
        }
      }
};
await Promise.all(columns.map(run));

const valid = async (col, check) => {
  const bad = new Map();
  let n = 0;
  const all = (await (await fetch(`${col.mock}/_mock/requests?n=512`)).json()).requests;
  assert(all.length < 512, 'more requests than the mock remembers');
  for (const r of all) {
    const is = check(r);
    if (is === undefined) continue;
    n++;
    if (is) bad.set(is, r);
  }
  return { n, bad };
};

// One letter a cell: "." passed in both modes, "s" failed as a stream, "w"
// failed whole, "X" in both.
const mark = (c, col, name) => {
  const [w, s] = ['', ' stream'].map((m) => table.get(`${c.name} / ${col.name} / ${name}${m}`));
  return w === undefined ? ' ' : w && s ? '.' : w ? 's' : s ? 'w' : 'X';
};
console.log(`# cells: ${Object.keys(cells).join(', ')}`);
console.log(`# ${''.padEnd(22)}${columns.map((x) => x.name.padEnd(12)).join('')}`);
for (const c of clients)
  console.log(`# ${c.name.padEnd(22)}${columns.map((col) => Object.keys(cells).map((n) => mark(c, col, n)).join('').padEnd(12)).join('')}`);
for (const w of why) console.log(w.split('\n').map((l) => `# ${l}`).join('\n'));

console.log(`1..${clients.length * columns.length + columns.length}`);
let n = 0, failed = 0;
const point = (ok, name) => { console.log(`${ok ? '' : 'not '}ok ${++n} - ${name}`); if (!ok) failed = 1; };
for (const c of clients)
  for (const col of columns)
    point(![...table].some(([id, ok]) => !ok && id.startsWith(`${c.name} / ${col.name} /`)), `${c.name} with ${col.name}`);
const check = validators(SPECS);
for (const col of columns) {
  const v = check(col.dialect);
  if (!v) { point(true, `requests to ${col.name} are valid # SKIP its description is not there`); continue; }
  const { n: count, bad } = await valid(col, v);
  for (const [text, r] of bad) console.log(`# ${r.head.split('\r\n')[0]}: ${text}\n#   ${(typeof r.body === 'string' ? r.body : JSON.stringify(r.body)).slice(0, 600)}`);
  point(bad.size === 0 && (ONLY || count > 50), `${count} requests to ${col.name} are valid`);
}
process.exit(failed);
