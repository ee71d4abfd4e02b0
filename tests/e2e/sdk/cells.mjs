// cells.mjs - what matrix.mjs asks of every SDK and a provider of every format.
//
// A cell is a function of client, column and options. It throws when something
// is wrong, and returns why when there is nothing to be asked; those that list
// what an SDK's format has no words for say so in the client's "cannot".
import assert from 'node:assert/strict';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const PDF = Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64');
const WAV = Buffer.from('RIFF\x24\0\0\0WAVEfmt ').toString('base64');
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
const loop = async (ask, o, n, more) => {
  const r = await ask(o);
  assert.equal(r.calls.length, n, `${r.calls.length} calls of ${n}: ${JSON.stringify(r.native)}`);
  for (const c of r.calls) { assert.equal(c.name, 'get_weather'); assert.deepEqual(c.args, { city: 'value' }); }
  if (r.calls[0].id) assert.equal(new Set(r.calls.map((c) => c.id)).size, n);
  const r2 = await ask({ ...o, history: [...o.history, { native: r.native },
    { results: r.calls.map((c, i) => ({ id: c.id, name: c.name, text: `rain ${i}`, ...more })) }] });
  assert.equal(r2.calls.length, 0);
  assert(r2.text.length > 0 && done.has(r2.finish), `${r2.finish}: ${r2.text}`);
  return r;
};
const fails = (p, check, what) => assert.rejects(p, (e) => {
  if (check(e)) return true;
  throw new Error(`${what}: ${e.constructor.name} ${e.status ?? e.statusCode ?? ''} ${e.message}`, { cause: e });
}, what);

// What reached the provider; null: it is one that has no place for it, and the
// client was told so by name.
const reaches = async (ask, c, col, lacks, name) => {
  if (lacks.includes(col.name) && !(c.like && col.name === 'azure')) {
    await fails(ask(), (e) => c.errors[400](e) && name.test(e.message), 'is refused');
    return null;
  }
  const answer = await ask();
  return { answer, body: JSON.parse(await seen(col)) };
};
// OpenAI's chats reach Groq's servers as they are, which then refuse them.
const untouched = (c, col) => c.like && col.name === 'groq' && 'requests of its kind go through as they are, also what the servers lack';

// How hard a provider was asked to think, in words; and where it has others.
const level = (b) => {
  const v = b.reasoning_effort ?? b.reasoning?.effort ?? b.output_config?.effort ?? b.thinking?.budget_tokens
    ?? b.generationConfig?.thinkingConfig?.thinkingBudget ?? b.generationConfig?.thinkingConfig?.thinkingLevel ?? b.think;
  return typeof v !== 'number' ? String(v).toLowerCase() : v < 2049 ? 'low' : v < 12288 ? 'medium' : 'high';
};
const levels = { mistral: { low: 'high' }, ollama: { low: 'true', high: 'true' } };

export const cells = {
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
    await fails(c.ask(hi('[[mock:status=500]]')), c.errors[500], 'failed');
  },
  // The client's own fault: the provider's words in the client's format. That of
  // our key or our list of models is none of the client's.
  refused: async (c, col, o) => {
    const hi = (text) => ({ ...o, history: [user(text)] });
    for (const status of [400, 413, 422])
      await fails(c.ask(hi(`[[mock:status=${status},message=too odd]]`)), (e) => c.errors[status](e) && /too odd/.test(e.message), status);
    for (const status of [401, 402, 403, 404])
      await fails(c.ask(hi(`[[mock:status=${status},message=key sk-up-is bad]]`)),
        (e) => c.errors[502](e) && !/sk-up|is bad|127\.0\.0\.1/.test(e.message), status);
  },
  // A stream that breaks off is an error of the SDK, not a short answer.
  broken: async (c, col, o) => {
    for (const what of ['error=4', 'cut=4', 'cut-clean=5', 'no-done'])
      await fails(c.ask({ ...o, history: [user(`[[mock:${what}]]`)] }), c.raised, what);
  },
  choice: async (c, col, o) => {
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
    if (c.counts === col.dialect) return 'the SDK wants usage, and answers of its own format go through as they are';
    const r = await c.ask({ ...o, history: [user('[[mock:usage=missing]]')] });
    assert(r.text.startsWith('The quick') && done.has(r.finish), `${r.finish}: ${r.text}`);
  },
  length: async (c, col, o) => {
    const r = await c.ask({ ...o, max: 20, history: [user('[[mock:tokens=40]]')] });
    assert(['length', 'incomplete', 'max_tokens', 'MAX_TOKENS'].includes(r.finish), r.finish);
    assert.equal((await metered(col)).output, 20);
  },
  // A system message behind the first turn stays where it is.
  mid: async (c, col, o) => {
    await c.ask({ ...o, system: 'be kind', history: [user('first words'), { mid: 'middle rule' }, user('last words')] });
    const { system, systemInstruction, instructions, ...rest } = JSON.parse(await seen(col));
    const got = JSON.stringify(rest);
    const at = ['first words', 'middle rule', 'last words'].map((x) => got.indexOf(x));
    assert(at[0] >= 0 && at[0] < at[1] && at[1] < at[2], got);
  },
  stop: async (c, col, o) => {
    const got = await reaches(() => c.ask({ ...o, stop: ['END', 'FIN'], history: [user('hello')] }), c, col, ['responses', 'azure'], /stop/);
    const b = got?.body;
    if (b) assert.deepEqual(b.stop ?? b.stop_sequences ?? b.generationConfig?.stopSequences ?? b.options?.stop, ['END', 'FIN']);
  },
  pdf: async (c, col, o) => {
    if (untouched(c, col)) return untouched(c, col);
    const got = await reaches(() => c.ask({ ...o, history: [{ text: 'what does it say?', pdf: PDF }] }), c, col, ['groq', 'ollama'], /file|document|PDF/i);
    if (got) assert(JSON.stringify(got.body).includes(PDF), JSON.stringify(got.body));
  },
  audio: async (c, col, o) => {
    if (untouched(c, col)) return untouched(c, col);
    const got = await reaches(() => c.ask({ ...o, history: [{ text: 'what is said?', audio: WAV }] }), c, col,
      ['responses', 'claude-4', 'claude-5', 'groq', 'ollama'], /audio|sound|text, images and files only/i);
    if (got) assert(JSON.stringify(got.body).includes(WAV), JSON.stringify(got.body));
  },
  effort: async (c, col, o) => {
    for (const effort of c.levels ?? ['low', 'high']) {
      const r = await c.ask({ ...o, effort, history: [user('think about it')] });
      assert(r.text.length > 0);
      const got = level(JSON.parse(await seen(col)));
      assert.equal(got, c.name !== col.name && levels[col.name]?.[effort] || effort);
    }
  },
  toolerror: async (c, col, o) => {
    await loop(c.ask, { ...o, tools, history: [user('weather in Oslo?')] }, 1, { error: true });
    const got = await seen(col);
    if (col.dialect === 'anthropic') assert.match(got, /"is_error": ?true/);
    else if (col.dialect === 'gemini') assert.match(got, /"error": ?"rain 0"/);
    else assert.match(got, /Error: rain 0/);
  },
  cached: async (c, col, o) => {
    if (col.dialect === 'ollama') return 'its servers tell of no cache';
    const r = await c.ask({ ...o, history: [user('[[mock:cached=3]] and some words more to be counted')] });
    const m = await metered(col);
    assert.deepEqual({ input: r.input, cached: r.cached, told: m.cached }, { input: m.input, cached: 3, told: 3 });
  },
  // Breakpoints of the cache arrive, or are said to be lost.
  // A source is an annotation for OpenAI's clients; others have a form for their own
  // servers only, and are told of the loss where a head can tell.
  cited: async (c, col, o) => {
    if (['mistral', 'groq', 'ollama'].includes(col.dialect)) return 'its servers name no sources so';
    const own = { 'gemini': 'google', 'anthropic': 'anthropic' }[col.dialect];
    const r = await c.ask({ ...o, history: [user('[[mock:cite]]')] });
    assert(r.text.startsWith('The quick'), r.text);
    // What chats of OpenAI's servers say reaches Groq's clients as it is.
    const same = c.name === 'groq-sdk' && ['chat', 'azure'].includes(col.name);
    if (same && o.stream) return 'its SDK has no word for sources in a stream';
    if (c.name.startsWith('openai') || same || (own && c.name.includes(own)))
      assert.deepEqual(r.cited.map(({ url, title }) => ({ url, title })), [{ url: 'https://zoo.example/a', title: 'Zoo' }]);
    else {
      assert.deepEqual(r.cited ?? [], []);
      if (!o.stream && 'dropped' in r) assert.match(r.dropped ?? '', /citations/);
    }
  },
  cachemark: async (c, col, o) => {
    const r = await c.ask({ ...o, cachemark: true, system: 'be kind', history: [user('hello')] });
    const got = await seen(col);
    if (col.dialect === 'anthropic') assert.match(got, /"cache_control": ?{"type": ?"ephemeral"}/);
    else assert.match(r.dropped ?? '', /cache_control/);
  },
  logprobs: async (c, col, o) => {
    if (untouched(c, col)) return untouched(c, col);
    if (col.name === 'ollama') return 'the mock has none of its servers';
    const got = await reaches(() => c.ask({ ...o, logprobs: true, history: [user('hello')] }), c, col,
      ['claude-4', 'claude-5', 'mistral', 'groq'], /logprobs|include/i);
    if (!got) return;
    const { text, logprobs } = got.answer;
    assert.equal(logprobs.map((x) => x.token).join(''), text);
    assert.deepEqual(logprobs.map((x) => x.logprob), logprobs.map((_, i) => -(i % 8) - 0.25));
  },
  n: async (c, col, o) => {
    if (untouched(c, col)) return untouched(c, col);
    const got = await reaches(() => c.ask({ ...o, n: 2, history: [user('hello')] }), c, col,
      ['responses', 'claude-4', 'claude-5', 'groq', 'ollama'], /\bn\b|candidateCount/);
    if (!got) return;
    const { texts } = got.answer;
    assert.equal(texts.length, 2);
    for (const t of texts) assert(t.startsWith('The quick'), t);
  },
  // The other operations of the client's format.
  more: async (c, col, o) => c.more(o.model, col.dialect, col.counts),
};
// Whole answers or streams only. FEW: what asks the same of a request, however its
// answer comes, is asked once.
export const modes = { more: [false], broken: [true], ...(process.env.FEW && Object.fromEntries(
  ['refused', 'mid', 'stop', 'pdf', 'audio', 'effort', 'toolerror', 'cachemark'].map((name) => [name, [true]]))) };

// A provider that is busy at first: the SDK comes again when it is told to. Each
// has a model of its own, which the mock refuses once.
export const busy = async (c, col, o) => {
  const hi = { ...o, history: [user('hello there')] };
  await fails(c.ask({ ...hi, history: [user('[[mock:status=429,retry-after=1]]')] }), c.errors[429], 'busy');
  const began = performance.now();
  const r = await c.retry({ ...hi, model: o.busy });
  assert(r.text.startsWith('The quick'), r.text);
  const ms = performance.now() - began;
  assert(ms > 950, `came again after ${Math.round(ms)} ms`);
};
