// azure.mjs - the openai SDK's AzureOpenAI through the gateway, at Azure and at
// servers of other kinds; prints TAP.
import OpenAI, { AzureOpenAI, toFile } from 'openai';
import assert from 'node:assert/strict';

const { GW, KEY } = process.env;
const mocks = JSON.parse(process.env.MOCKS);	// by model
const points = [];
const test = (name, fn) => points.push([name, fn]);
const VERSION = '2025-04-01-preview';
const c = new AzureOpenAI({ endpoint: GW, apiKey: KEY, apiVersion: VERSION, maxRetries: 0 });
const last = async (model) => (await (await fetch(`${mocks[model]}/_mock/requests?n=1`)).json()).requests[0];
const wav = () => toFile(Buffer.alloc(5000, 7), 'a.wav');
const png = () => toFile(Buffer.alloc(3000, 1), 'a.png', { type: 'image/png' });

// What reached the provider, and where.
const sent = async (model, op) => {
  const r = await last(model), [, target] = r.head.split(' ');
  assert.equal(target, model === 'dep' ? `/openai/deployments/dep/${op}?api-version=${VERSION}` : `/v1/${op}`);
  assert.match(r.head, model === 'dep' ? /^api-key: sk-up/im : /^authorization: Bearer sk-up/im);
  return typeof r.body === 'string' ? r.body : JSON.stringify(r.body);
};
const field = (model) => new RegExp(`name="model"\\r\\n\\r\\n${model}\\r\\n`);

for (const model of ['dep', 'whole']) {
  test(`${model}: a transcription`, async () => {
    assert((await c.audio.transcriptions.create({ model, file: await wav() })).text.length > 0);
    if (model !== 'dep') assert.match(await sent(model, 'audio/transcriptions'), field(model));
    else await sent(model, 'audio/transcriptions');
  });
  test(`${model}: a translation of a group's deployment`, async () => {
    const group = model === 'dep' ? 'hear-dep' : 'hear-whole';
    assert((await c.audio.translations.create({ model: group, file: await wav() })).text.length > 0);
    const form = await sent(model, 'audio/translations');
    assert.match(form, field(model === 'dep' ? group : model));
  });
  test(`${model}: images, made and changed`, async () => {
    assert((await c.images.generate({ model, prompt: 'x' })).data.length > 0);
    await sent(model, 'images/generations');
    assert((await c.images.edit({ model, prompt: 'x', image: await png() })).data.length > 0);
    await sent(model, 'images/edits');
  });
  test(`${model}: speech`, async () => {
    assert((await (await c.audio.speech.create({ model, voice: 'alloy', input: 'x' })).arrayBuffer()).byteLength > 0);
    await sent(model, 'audio/speech');
  });
  test(`${model}: a client made for one deployment`, async () => {
    const one = new AzureOpenAI({ endpoint: GW, apiKey: KEY, apiVersion: VERSION, deployment: model, maxRetries: 0 });
    const r = await one.chat.completions.create({ model: '', messages: [{ role: 'user', content: 'hi' }] });
    assert(r.choices[0].message.content.length > 0);
    await sent(model, 'chat/completions');
    assert((await one.embeddings.create({ model: 'any', input: 'x' })).data.length === 1);
    await sent(model, 'embeddings');
  });
}
for (const model of ['dep', 'whole', 'claude']) {
  const target = model === 'dep' ? `/openai/responses?api-version=${VERSION}` : model === 'claude' ? '/v1/messages' : '/v1/responses';
  test(`${model}: a response, whole and as a stream`, async () => {
    const r = await c.responses.create({ model, input: 'hi', store: false });
    assert.equal(r.status, 'completed');
    assert(r.output_text.length > 0 && r.usage.input_tokens > 0);
    assert.equal((await last(model)).head.split(' ')[1], target);
    const s = await c.responses.stream({ model, input: 'hi', store: false }).finalResponse();
    assert(s.output_text.length > 0 && s.status === 'completed');
  });
  test(`${model}: tokens are ${model === 'dep' ? 'estimated' : 'counted'}`, async () => {
    const { data, response } = await c.responses.inputTokens.count({ model, input: 'hi' }).withResponse();
    assert.equal(data.object, 'response.input_tokens');
    assert(data.input_tokens > 0);
    assert.equal(response.headers.get('x-aigw-estimated'), model === 'dep' ? 'true' : null);
    assert.equal(response.headers.get('x-aigw-cost'), model === 'dep' ? null : '0.000000000');
  });
}
test('the path without versions', async () => {
  const v1 = new OpenAI({ apiKey: KEY, baseURL: `${GW}/openai/v1`, defaultQuery: { 'api-version': 'preview' }, maxRetries: 0 });
  assert((await v1.responses.create({ model: 'dep', input: 'hi' })).output_text.length > 0);
  assert.equal((await last('dep')).head.split(' ')[1], '/openai/responses?api-version=2026-01-01');
  assert((await v1.responses.create({ model: 'new', input: 'hi' })).output_text.length > 0);
  assert.equal((await last('new')).head.split(' ')[1], '/openai/v1/responses');
});
test('without the version', async () => {
  for (const path of ['/openai/deployments/dep/audio/transcriptions', '/openai/deployments/whole/images/edits', '/openai/responses']) {
    const form = new FormData();
    form.set('file', new Blob(['x']), 'a.wav');
    const r = await fetch(GW + path, { method: 'POST', headers: { 'api-key': KEY }, body: form });
    assert.equal(r.status, 400, path);
    assert.match((await r.json()).error.message, /api-version/);
  }
});
test('errors have their classes', async () => {
  await assert.rejects(c.audio.transcriptions.create({ model: 'nobody', file: await wav() }), OpenAI.NotFoundError);
  await assert.rejects(c.responses.create({ model: 'nobody', input: 'x' }), OpenAI.NotFoundError);
  const bad = new AzureOpenAI({ endpoint: GW, apiKey: 'sk-wrong', apiVersion: VERSION, maxRetries: 0 });
  await assert.rejects(bad.responses.create({ model: 'dep', input: 'x' }), OpenAI.AuthenticationError);
});

console.log(`1..${points.length}`);
let failed = 0;
for (const [i, [name, fn]] of points.entries()) {
  const error = await fn().then(() => null, (e) => e);
  if (error) {
    failed = 1;
    console.log(String(error.stack).replace(/^/gm, '# '));
  }
  console.log(`${error ? 'not ' : ''}ok ${i + 1} - ${name}`);
}
process.exit(failed);
