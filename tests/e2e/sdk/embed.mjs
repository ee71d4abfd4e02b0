// embed.mjs - embeddings of every SDK that has them, at a provider of every
// format; prints TAP, one point per client and provider.
//
// COLUMNS: [{ name, model, mock }]. The mocks give text i of a request the same
// vector in all formats, so what another one's OpenAI says, ORACLE, is expected.
import OpenAI, { AzureOpenAI } from 'openai';
import { ApiError, GoogleGenAI } from '@google/genai';
import { Mistral } from '@mistralai/mistralai';
import * as mistralErrors from '@mistralai/mistralai/models/errors';
import { Ollama } from 'ollama';
import assert from 'node:assert/strict';
import { validators } from './validate.mjs';

const { GW, KEY, SPECS, ORACLE } = process.env;
const columns = JSON.parse(process.env.COLUMNS);
const TEXTS = ['a "quoted" text', 'zwei\nZeilen', '\u6f22\u5b57 \u{1f600}'];
const DIM = 5;
const codes = (get) => (...want) => (e) => want.includes(get(e));

// Each: embed(model, texts, { dim, key }) -> { vectors, tokens }; status(error);
// own: formats whose answers come as they are.
const openai = (make, more) => async (model, input, o = {}) => {
  const r = await make(o.key ?? KEY, model).embeddings.create({ model, input, ...more, ...(o.dim && { dimensions: o.dim }) });
  assert.equal(r.object, 'list');
  r.data.forEach((d, i) => { assert.equal(d.index, i); assert.equal(d.object, 'embedding'); });
  return { vectors: r.data.map((d) => [...d.embedding]), tokens: r.usage.prompt_tokens, total: r.usage.total_tokens };
};
const plain = (apiKey) => new OpenAI({ apiKey, baseURL: `${GW}/v1`, maxRetries: 0 });
const azure = (apiKey) => new AzureOpenAI({ apiKey, endpoint: GW, apiVersion: '2026-01-01', maxRetries: 0 });
const google = (apiKey) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: GW } });
const ollama = (key) => new Ollama({ host: `${GW}/ollama`, headers: { Authorization: `Bearer ${key}` } });
const mistral = (apiKey) => new Mistral({ apiKey, serverURL: `${GW}/mistral`, retryConfig: { strategy: 'none' } });

// Ollama's servers have OpenAI's interface too.
const OWN = ['openai', 'azure', 'ollama'];
const clients = [
  { name: 'openai', embed: openai(plain), own: OWN, status: (e) => e.status },		// asks for base64
  { name: 'openai, floats', embed: openai(plain, { encoding_format: 'float' }), own: OWN, status: (e) => e.status },
  { name: 'azure', embed: openai(azure), own: OWN, status: (e) => e.status },
  { name: '@google/genai', status: (e) => e instanceof ApiError && e.status, own: ['gemini'],
    embed: async (model, contents, o = {}) => {
      const r = await google(o.key ?? KEY).models.embedContent({ model, contents, ...(o.dim && { config: { outputDimensionality: o.dim } }) });
      return { vectors: r.embeddings.map((e) => e.values), tokens: r.usageMetadata?.promptTokenCount };
    } },
  { name: '@mistralai/mistralai', status: (e) => e instanceof mistralErrors.MistralError && e.statusCode, own: ['mistral'],
    embed: async (model, inputs, o = {}) => {
      const r = await mistral(o.key ?? KEY).embeddings.create({ model, inputs, ...(o.dim && { outputDimension: o.dim }) });
      assert.equal(r.object, 'list');
      return { vectors: r.data.map((d) => d.embedding), tokens: r.usage.promptTokens, total: r.usage.totalTokens };
    } },
  { name: 'ollama', status: (e) => e.status_code, own: ['ollama'],
    embed: async (model, input, o = {}) => {
      const r = await ollama(o.key ?? KEY).embed({ model, input, ...(o.dim && { dimensions: o.dim }) });
      assert(r.total_duration >= 0 && r.load_duration >= 0);
      return { vectors: r.embeddings, tokens: r.prompt_eval_count };
    } },
];

const json = async (url, init) => (await fetch(url, init)).json();
const last = async (col) => (await json(`${col.mock}/_mock/requests?n=1`)).requests[0];
const metered = async (col) => {
  const m = await json(`${col.mock}/_mock/meter`);
  return (await json(`${col.mock}/_mock/sent?since=${m.seq - 1}`)).sent[0];
};
const expected = async (n, dimensions) => (await json(`${ORACLE}/v1/embeddings`, { method: 'POST',
  headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'm', input: Array(n).fill('x'), dimensions }) })).data.map((d) => d.embedding);
const same = (got, want) => {
  assert.equal(got.length, want.length);
  got.forEach((v, i) => {
    assert.equal(v.length, want[i].length);
    v.forEach((x, k) => assert(Math.abs(x - want[i][k]) < 1e-7, `${x} for ${want[i][k]}`));
  });
};
const sent = (r) => JSON.stringify(typeof r.body === 'string' ? JSON.parse(r.body) : r.body);
const fails = (p, check, what) => assert.rejects(p, (e) => {
  if (check(e)) return true;
  throw new Error(`${what}: ${e.constructor.name} ${e.status ?? e.statusCode ?? e.status_code} ${e.message}`);
}, what);

const cell = async (c, col) => {
  const status = codes(c.status);
  const want = { some: await expected(3, DIM), one: await expected(1, 16) };
  const r = await c.embed(col.model, TEXTS, { dim: DIM });
  const told = await metered(col), was = await last(col);
  same(r.vectors, want.some);
  for (const t of TEXTS) assert(sent(was).includes(JSON.stringify(t)), sent(was));
  assert.equal(r.tokens, told.input);
  if (r.total !== undefined) assert.equal(r.total, told.input);
  same((await c.embed(col.model, 'one')).vectors, want.one);
  same((await c.embed(`g-${col.name}`, TEXTS, { dim: DIM })).vectors, want.some);	// a group: another name
  // Of their own format what the provider says goes through, and they count on it.
  if (!c.own.includes(col.name)) {
    const un = await c.embed(col.model, ['x', '[[mock:usage=missing]]']);
    assert.equal(un.vectors.length, 2);
    assert(un.tokens > 0);
  }
  await fails(c.embed(col.model, 'x', { key: 'sk-wrong' }), status(401, 400), 'wrong key');
  await fails(c.embed('nobody', 'x'), status(404), 'unknown model');
  await fails(c.embed(col.model, '[[mock:status=400,message=too odd]]'), (e) => status(400)(e) && /too odd/.test(e.message), 'refused');
  await fails(c.embed(col.model, '[[mock:status=500]]'), status(500, 502, 503), 'failed');
};

const none = async (c, col) => {
  const before = (await json(`${col.mock}/_mock/meter`)).seq;
  for (const m of [col.model, `g-${col.name}`])
    await fails(c.embed(m, 'x'), (e) => codes(c.status)(400)(e) && /can serve/.test(e.message), 'no embeddings');
  assert.equal((await json(`${col.mock}/_mock/meter`)).seq, before, 'something was sent');
};

const points = [];
for (const c of clients)
  for (const col of columns)
    points.push([`${c.name} with ${col.name}`, () => (col.name === 'anthropic' ? none : cell)(c, col)]);
const of = (name) => columns.find((col) => col.name === name);

points.push(['what is lost is named', async () => {
  const ask = (model, more) => plain(KEY).embeddings.create({ model, input: 'x', ...more }).withResponse();
  const header = async (p) => (await p).response.headers.get('x-aigw-dropped');
  assert.equal(await header(ask(of('gemini').model, { user: 'u' })), 'user');
  assert.equal(await header(ask(of('openai').model, { user: 'u' })), null);
  const r = await google(KEY).models.embedContent({ model: of('ollama').model, contents: 'x', config: { taskType: 'CLUSTERING' } });
  assert.equal(r.sdkHttpResponse.headers['x-aigw-dropped'], 'taskType');
}]);
points.push(['numbers of tokens', async () => {
  assert.equal((await openai(plain)(of('azure').model, [[1, 2], [3]])).vectors.length, 2);
  for (const name of ['mistral', 'gemini'])
    await fails(openai(plain)(of(name).model, [1, 2]), (e) => e.status === 400 && e.param === 'input', name);
}]);
points.push(['what only Ollama has', async () => {
  const c = ollama(KEY);
  same([(await c.embeddings({ model: of('mistral').model, prompt: 'x' })).embedding], await expected(1, 16));
  same([(await c.embeddings({ model: of('ollama').model, prompt: 'x' })).embedding], await expected(1, 16));
  assert.match((await c.version()).version, /^\d+\.\d+\.\d+$/);
  assert.deepEqual((await c.ps()).models, []);
  assert((await c.list()).models.some((m) => m.name === of('gemini').model));
  assert.deepEqual((await c.show({ model: of('gemini').model })).capabilities, ['embedding']);
  const s = await c.show({ model: of('anthropic').model });
  assert(s.capabilities.includes('completion') && s.capabilities.includes('tools') && s.details.families);
  await fails(c.show({ model: 'nobody' }), (e) => e.status_code === 404, 'unknown');
}]);
const check = validators(SPECS);
for (const col of columns.filter((x) => x.name !== 'anthropic'))
  points.push([`requests to ${col.name} are valid`, async () => {
    const f = check(col.name);
    if (!f) return 'SKIP its description is not there';
    let n = 0;
    for (const r of (await json(`${col.mock}/_mock/requests?n=512`)).requests) {
      const bad = f(r);
      if (bad !== undefined) n++;
      if (bad) throw new Error(`${r.head.split('\r\n')[0]}: ${bad}\n${sent(r)}`);
    }
    assert(col.name === 'ollama' || n > 20, `${n} requests`);
  }]);

console.log(`1..${points.length}`);
let n = 0, failed = 0;
for (const [name, fn] of points) {
  try {
    const skip = await fn();
    console.log(`ok ${++n} - ${name}${skip ? ` # ${skip}` : ''}`);
  } catch (e) {
    failed = 1;
    console.log(`# ${String(e.cause ?? '')} ${String(e.stack ?? e).split('\n').slice(0, 12).join('\n# ')}\nnot ok ${++n} - ${name}`);
  }
}
process.exit(failed);
