// openai.mjs - the openai SDK through the gateway; prints TAP.
import OpenAI, { toFile } from 'openai';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { validator } from './validate.mjs';

const { GW, MOCK, KEY, BOUND, SLOW } = process.env;
const points = [];
const test = (name, fn) => points.push([name, fn]);

// What the client received, byte for byte.
let last = null;
const spy = async (url, init) => {
  const res = await fetch(url, init);
  const buf = res.clone().arrayBuffer().catch((e) => e);
  last = { id: res.headers.get('x-upstream-request-id'), buf, status: res.status, headers: res.headers };
  return res;
};
const client = (opts = {}) => new OpenAI({ apiKey: KEY, baseURL: `${GW}/v1`, maxRetries: 0, fetch: spy, ...opts });
const c = client();
const sha = (b) => createHash('sha256').update(Buffer.from(b)).digest('hex');
const sent = async (id) => (await fetch(`${MOCK}/_mock/sent/${id}`)).json();

// The mock's word on what it sent equals what arrived.
const untouched = async () => {
  const buf = await last.buf;
  assert(last.id, 'no x-upstream-request-id');
  const s = await sent(last.id);
  assert.equal(sha(buf), s.sha256, JSON.stringify(s));
};
const hi = [{ role: 'user', content: 'hello there' }];
const tools = [{ type: 'function', function: { name: 'get_weather', description: 'w',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } }];

test('chat', async () => {
  const r = await c.chat.completions.create({ model: 'm1', messages: hi });
  assert(r.choices[0].message.content.length > 0);
  assert(r.usage.total_tokens > 0);
  await untouched();
});
test('chat with an unknown field and unicode', async () => {
  await c.chat.completions.create({ model: 'm1', messages: [{ role: 'user', content: 'é\u2028😀\\"' }], x_new_field: { a: [1, null] } });
  await untouched();
});
test('stream, usage asked', async () => {
  const s = await c.chat.completions.create({ model: 'm1', messages: hi, stream: true, stream_options: { include_usage: true } });
  let text = '', usage = null;
  for await (const e of s) { text += e.choices[0]?.delta?.content ?? ''; usage = e.usage ?? usage; }
  assert(text.length > 0); assert(usage.total_tokens > 0);
  await untouched();
});
test('stream, usage not asked: the usage chunk is withheld', async () => {
  const s = await c.chat.completions.create({ model: 'm1', messages: hi, stream: true });
  let n = 0;
  for await (const e of s) { n++; assert.equal(e.choices.length, 1); }
  assert(n > 1);
});
test('tools, two turns', async () => {
  const messages = [{ role: 'user', content: 'weather in Oslo?' }];
  const r = await c.chat.completions.create({ model: 'm1', messages, tools });
  assert.equal(r.choices[0].finish_reason, 'tool_calls');
  const call = r.choices[0].message.tool_calls[0];
  JSON.parse(call.function.arguments);
  await untouched();
  messages.push(r.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'rain' });
  const r2 = await c.chat.completions.create({ model: 'm1', messages, tools });
  assert.equal(r2.choices[0].finish_reason, 'stop');
  await untouched();
});
test('tools, streamed', async () => {
  const s = await c.chat.completions.create({ model: 'm1', messages: hi, tools, stream: true });
  let args = '', name = '';
  for await (const e of s) for (const t of e.choices[0].delta.tool_calls ?? []) { args += t.function?.arguments ?? ''; name += t.function?.name ?? ''; }
  assert.equal(name, 'get_weather'); JSON.parse(args);
});
test('structured output', async () => {
  const r = await c.chat.completions.create({ model: 'm1', messages: hi, response_format: { type: 'json_schema',
    json_schema: { name: 'x', strict: true, schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false } } } });
  JSON.parse(r.choices[0].message.content);
  await untouched();
});
test('embeddings', async () => {
  const r = await c.embeddings.create({ model: 'm1', input: ['a', 'b'] });
  assert.equal(r.data.length, 2); assert(r.data[0].embedding.length > 0);
  await untouched();
});
test('models', async () => {
  const ids = []; for await (const m of await c.models.list()) ids.push(m.id);
  assert(ids.includes('m1') && ids.includes('pool'));
  assert.equal((await c.models.retrieve('m1')).id, 'm1');
});
test('transcription (multipart)', async () => {
  const r = await c.audio.transcriptions.create({ model: 'm1', file: await toFile(Buffer.alloc(70000, 7), 'a.wav') });
  assert(typeof r.text === 'string');
  await untouched();
});
test('speech (binary)', async () => {
  const r = await c.audio.speech.create({ model: 'm1', voice: 'alloy', input: 'hello' });
  assert((await r.arrayBuffer()).byteLength > 0);
  await untouched();
});
test('moderations, with and without model', async () => {
  assert.equal((await c.moderations.create({ model: 'm1', input: 'x' })).results.length, 1);
  assert.equal((await c.moderations.create({ input: 'x' })).results.length, 1);
});
test('images', async () => {
  assert((await c.images.generate({ model: 'm1', prompt: 'x' })).data.length > 0);
  const r = await c.images.edit({ model: 'm1', prompt: 'x', image: await toFile(Buffer.alloc(3000, 1), 'a.png', { type: 'image/png' }) });
  assert(r.data.length > 0);
});
test('completions', async () => {
  const r = await c.completions.create({ model: 'm1', prompt: 'x' });
  assert(r.choices[0].text.length > 0);
  await untouched();
});
test('raw proxy by base URL', async () => {
  const raw = client({ baseURL: `${GW}/p1/v1` });
  const r = await raw.chat.completions.create({ model: 'm1', messages: hi });
  assert(r.choices.length === 1);
});

const fails = async (p, cls, status) => {
  try { await p; } catch (e) {
    assert(e instanceof cls, `${e.constructor.name}: ${e.message}`);
    if (status) assert.equal(e.status, status);
    return e;
  }
  assert.fail('no error');
};
const chat = (o = {}, cl = c) => cl.chat.completions.create({ model: 'm1', messages: hi, ...o });
test('401 wrong key', async () => { const e = await fails(chat({}, client({ apiKey: 'sk-wrong' })), OpenAI.AuthenticationError, 401); assert.equal(e.code, 'invalid_api_key'); });
test('403 model outside the groups of the key', async () => { await fails(chat({}, client({ apiKey: BOUND })), OpenAI.PermissionDeniedError, 403); });
test('404 unknown model', async () => { const e = await fails(chat({ model: 'nobody' }), OpenAI.NotFoundError, 404); assert.equal(e.code, 'model_not_found'); assert.equal(e.param, 'model'); });
test('400 of the provider, untouched', async () => { await fails(chat({ model: 'm1' }, client({ defaultHeaders: { 'x-mock': 'status=400' } })), OpenAI.BadRequestError, 400); await untouched(); });
test('409 and 422 of the provider pass', async () => {
  await fails(chat({}, client({ defaultHeaders: { 'x-mock': 'status=409' } })), OpenAI.ConflictError, 409);
  await fails(chat({}, client({ defaultHeaders: { 'x-mock': 'status=422' } })), OpenAI.UnprocessableEntityError, 422);
});
test('429 of our limit, with retry-after', async () => {
  const s = client({ apiKey: SLOW });
  await chat({}, s); await chat({}, s);
  const e = await fails(chat({}, s), OpenAI.RateLimitError, 429);
  assert(Number(e.headers.get('retry-after')) >= 1);
  assert(Number(e.headers.get('retry-after-ms')) >= 1);
});
test('502 when the only provider fails', async () => { await fails(chat({}, client({ defaultHeaders: { 'x-mock': 'status=500' } })), OpenAI.InternalServerError, 502); });
test('502 when the provider refuses our key', async () => { const e = await fails(chat({}, client({ defaultHeaders: { 'x-mock': 'status=401' } })), OpenAI.InternalServerError, 502); assert.equal(e.code, 'upstream_auth'); });
test('503 when every candidate fails', async () => { await fails(chat({ model: 'pool' }, client({ defaultHeaders: { 'x-mock': 'status=503' } })), OpenAI.InternalServerError, 503); });
test('an error inside a stream is an error', async () => {
  const s = await chat({ stream: true }, client({ defaultHeaders: { 'x-mock': 'error=3' } }));
  await fails((async () => { for await (const e of s) void e; })(), OpenAI.APIError);
});
test('a cut stream is an error', async () => {
  const s = await chat({ stream: true }, client({ defaultHeaders: { 'x-mock': 'cut=3' } }));
  await fails((async () => { for await (const e of s) void e; })(), Error);
});
test('a clean end without [DONE] is an error', async () => {
  const s = await chat({ stream: true }, client({ defaultHeaders: { 'x-mock': 'cut-clean=3' } }));
  await fails((async () => { for await (const e of s) void e; })(), Error);
});
test('the client hangs up in mid-stream', async () => {
  const s = await chat({ stream: true }, client({ defaultHeaders: { 'x-mock': 'rate=20,tokens=1000' } }));
  for await (const e of s) { void e; break; }
  s.controller.abort();
  for (let i = 0; i < 200; i++) {
    const m = await (await fetch(`${MOCK}/_mock/meter`)).json();
    if (m.total.aborted > 0) return;
    await new Promise((r) => setTimeout(r, 25));
  }
  assert.fail('the provider was not told');
});

// Recorded exchanges: NAME.request.json, NAME.response.sse|json, NAME.meta.json.
const walk = (d) => fs.readdirSync(d, { withFileTypes: true }).flatMap((e) =>
  e.isDirectory() ? walk(path.join(d, e.name)) : [path.join(d, e.name)]);
(process.env.REPLAYS ? process.env.REPLAYS.split(':') : []).forEach((dir, n) => {
  const names = walk(dir).filter((f) => f.endsWith('.request.json') && /openai-chat|openai-other|replay\//.test(f))
    .map((f) => f.slice(0, -'.request.json'.length));
  test(`replay of ${names.length} recorded exchanges (${n})`, async () => {
    let done = 0;
    for (const name of names) {
      const meta = fs.existsSync(`${name}.meta.json`) ? JSON.parse(fs.readFileSync(`${name}.meta.json`)) : {};
      const url = meta.path ?? new URL(meta.url ?? 'http://x/v1/chat/completions').pathname;
      const body = fs.readFileSync(`${name}.request.json`);
      let req; try { req = JSON.parse(body); } catch { continue; }
      if (!req.model || !/chat\/completions|embeddings|moderations|completions$/.test(url)) continue;
      const want = [`${name}.response.sse`, `${name}.response.json`].find((f) => fs.existsSync(f));
      if (!want) continue;
      const model = `replay${n}/${req.model}`;
      const r = await fetch(`${GW}${url.replace(/^.*\/v1\//, '/v1/')}`, { method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', 'x-replay': path.relative(dir, name) },
        body: JSON.stringify({ ...req, model }) });
      const got = Buffer.from(await r.arrayBuffer());
      const rec = fs.readFileSync(want);
      if ((meta.status ?? 200) === 404 || [401, 403, 429, 500, 502, 503].includes(meta.status)) continue;
      assert(got.equals(rec), `${name}: ${r.status} ${got.length} of ${rec.length} bytes: ${got.subarray(0, 300)}`);
      done++;
    }
    assert(done > 0, 'nothing was replayed');
    console.log(`# ${done} replayed`);
  });
});

test('every request sent upstream is valid by the OpenAPI description', async () => {
  const v = validator(process.env.SPECS);
  if (!v) return 'SKIP the description is not there';
  const all = await (await fetch(`${MOCK}/_mock/requests?n=512`)).json();
  let n = 0;
  for (const r of all.requests) {
    const bad = v(r);
    if (bad === undefined) continue;
    assert.equal(bad, null, `${r.head.split('\r\n')[0]}: ${bad}`);
    n++;
  }
  assert(n > 10, `only ${n} were checked`);
  console.log(`# ${n} requests checked`);
});

console.log(`1..${points.length}`);
let bad = 0;
for (let i = 0; i < points.length; i++) {
  const [name, fn] = points[i];
  try {
    const why = await fn();
    console.log(`ok ${i + 1} - ${name}${why ? ` # ${why}` : ''}`);
  } catch (e) {
    bad = 1;
    console.log(String(e.stack ?? e).split('\n').map((l) => `# ${l}`).join('\n'));
    console.log(`not ok ${i + 1} - ${name}`);
  }
}
process.exit(bad);
