// formats.mjs - the SDKs of Anthropic, Google, Mistral, Ollama and Groq through the
// gateway, whose provider speaks OpenAI's format; prints TAP.
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import Groq from 'groq-sdk';
import { Mistral } from '@mistralai/mistralai';
import { Ollama } from 'ollama';
import assert from 'node:assert/strict';
import { validator } from './validate.mjs';

const { GW, MOCK, KEY } = process.env;
const points = [];
const test = (name, fn) => points.push([name, fn]);
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const an = new Anthropic({ apiKey: KEY, baseURL: GW, maxRetries: 0 });
const hi = [{ role: 'user', content: 'hello there' }];
const anTools = [{ name: 'get_weather', description: 'w', input_schema: {
  type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }];

test('Anthropic: text', async () => {
  const r = await an.messages.create({ model: 'm1', max_tokens: 50, system: 'be kind', messages: hi });
  assert.equal(r.type, 'message'); assert.equal(r.role, 'assistant');
  assert.equal(r.content[0].type, 'text'); assert(r.content[0].text.length > 0);
  assert.equal(r.stop_reason, 'end_turn');
  assert(r.usage.input_tokens > 0 && r.usage.output_tokens > 0);
});
test('Anthropic: stream', async () => {
  const s = an.messages.stream({ model: 'm1', max_tokens: 50, messages: hi });
  let text = '';
  s.on('text', (t) => { text += t; });
  const m = await s.finalMessage();
  assert(text.length > 0); assert.equal(m.content[0].text, text);
  assert.equal(m.stop_reason, 'end_turn'); assert(m.usage.output_tokens > 0);
});
for (const stream of [false, true])
  test(`Anthropic: tools, two turns${stream ? ', streams' : ''}`, async () => {
    const messages = [{ role: 'user', content: 'weather in Oslo?' }];
    const ask = async () => stream
      ? an.messages.stream({ model: 'm1', max_tokens: 50, messages, tools: anTools }).finalMessage()
      : an.messages.create({ model: 'm1', max_tokens: 50, messages, tools: anTools });
    const r = await ask();
    assert.equal(r.stop_reason, 'tool_use');
    const use = r.content.find((b) => b.type === 'tool_use');
    assert.equal(use.name, 'get_weather'); assert.equal(typeof use.input, 'object');
    messages.push({ role: 'assistant', content: r.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'rain' }] });
    const r2 = await ask();
    assert.equal(r2.stop_reason, 'end_turn'); assert(r2.content[0].text.length > 0);
  });
test('Anthropic: parallel tool calls in a stream', async () => {
  const m = await an.messages.stream({ model: 'm1', max_tokens: 50, tools: anTools,
    messages: [{ role: 'user', content: 'weather? [[mock:calls=3]]' }] }).finalMessage();
  const uses = m.content.filter((b) => b.type === 'tool_use');
  assert.equal(uses.length, 3);
  assert.equal(new Set(uses.map((u) => u.id)).size, 3);
  for (const u of uses) assert.equal(typeof u.input, 'object');
});
test('Anthropic: image', async () => {
  const r = await an.messages.create({ model: 'm1', max_tokens: 50, messages: [{ role: 'user', content: [
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
    { type: 'text', text: 'what is it?' }] }] });
  assert(r.content[0].text.length > 0);
});
test('Anthropic: errors have their classes', async () => {
  const bad = new Anthropic({ apiKey: 'sk-wrong', baseURL: GW, maxRetries: 0 });
  await assert.rejects(bad.messages.create({ model: 'm1', max_tokens: 5, messages: hi }),
    (e) => e instanceof Anthropic.AuthenticationError && e.error.error.type === 'authentication_error');
  await assert.rejects(an.messages.create({ model: 'nobody', max_tokens: 5, messages: hi }),
    (e) => e instanceof Anthropic.NotFoundError && e.error.error.type === 'not_found_error');
  await assert.rejects(an.messages.create({ model: 'm1', max_tokens: 5, top_k: 3, messages: hi }),
    (e) => e instanceof Anthropic.BadRequestError && /top_k/.test(e.message));
});
test('Anthropic: a stream that breaks off is an error', async () => {
  const s = an.messages.stream({ model: 'm1', max_tokens: 50, messages: [
    { role: 'user', content: 'hello [[mock:tokens=50 cut=2000]]' }] });
  await assert.rejects(s.finalMessage());
});

const ge = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: GW } });
const geTools = [{ functionDeclarations: [{ name: 'get_weather', description: 'w', parametersJsonSchema: {
  type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }] }];

test('Google: text', async () => {
  const r = await ge.models.generateContent({ model: 'm1', contents: 'hello there', config: { systemInstruction: 'be kind', temperature: 0.5 } });
  assert(r.text.length > 0); assert.equal(r.candidates[0].finishReason, 'STOP');
  assert(r.usageMetadata.promptTokenCount > 0 && r.usageMetadata.candidatesTokenCount > 0);
});
test('Google: stream', async () => {
  let text = '', last = null;
  for await (const c of await ge.models.generateContentStream({ model: 'm1', contents: 'hello there' })) {
    text += c.text ?? ''; last = c;
  }
  assert(text.length > 0); assert.equal(last.candidates[0].finishReason, 'STOP');
  assert(last.usageMetadata.candidatesTokenCount > 0);
});
for (const stream of [false, true])
  test(`Google: tools, two turns${stream ? ', streams' : ''}`, async () => {
    const contents = [{ role: 'user', parts: [{ text: 'weather in Oslo?' }] }];
    const ask = async () => {
      if (!stream) return ge.models.generateContent({ model: 'm1', contents, config: { tools: geTools } });
      const parts = []; let all = null;
      for await (const c of await ge.models.generateContentStream({ model: 'm1', contents, config: { tools: geTools } })) {
        parts.push(...(c.candidates?.[0]?.content?.parts ?? [])); all = c;
      }
      return { candidates: [{ ...all.candidates[0], content: { role: 'model', parts } }] };
    };
    const content = (await ask()).candidates[0].content;
    const call = content.parts.find((p) => p.functionCall).functionCall;
    assert.equal(call.name, 'get_weather'); assert.equal(typeof call.args, 'object');
    contents.push(content, { role: 'user', parts: [{ functionResponse: { id: call.id, name: call.name, response: { output: 'rain' } } }] });
    const r2 = await ask();
    assert(r2.candidates[0].content.parts.some((p) => p.text?.length > 0));
  });
test('Google: image', async () => {
  const r = await ge.models.generateContent({ model: 'm1', contents: [{ role: 'user', parts: [
    { inlineData: { mimeType: 'image/png', data: PNG } }, { text: 'what is it?' }] }] });
  assert(r.text.length > 0);
});
test('Google: structured output', async () => {
  const r = await ge.models.generateContent({ model: 'm1', contents: 'name one', config: {
    responseMimeType: 'application/json', responseJsonSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } } });
  assert(r.text.length > 0);
});
test('Google: errors', async () => {
  const bad = new GoogleGenAI({ apiKey: 'sk-wrong', httpOptions: { baseUrl: GW } });
  await assert.rejects(bad.models.generateContent({ model: 'm1', contents: 'x' }), (e) => e.status === 401 || e.status === 400);
  await assert.rejects(ge.models.generateContent({ model: 'nobody', contents: 'x' }), (e) => e.status === 404);
  await assert.rejects(ge.models.generateContent({ model: 'm1', contents: 'x', config: { topK: 4 } }), (e) => e.status === 400 && /top_?k/i.test(e.message));
});

const gr = new Groq({ apiKey: KEY, baseURL: `${GW}/groq`, maxRetries: 0 });
const ol = new Ollama({ host: `${GW}/ollama`, headers: { Authorization: `Bearer ${KEY}` } });
test('Ollama: a prompt, whole and as a stream', async () => {
  const ask = { model: 'm1', prompt: 'hello there', system: 'be kind', options: { num_predict: 50, temperature: 0.5 } };
  const r = await ol.generate(ask);
  assert(r.response.length > 0); assert.equal(r.done_reason, 'stop');
  assert(r.prompt_eval_count > 0 && r.eval_count > 0 && r.eval_duration > 0);
  let text = '', last = null;
  for await (const c of await ol.generate({ ...ask, stream: true })) { text += c.response; last = c; }
  assert.equal(text, r.response); assert(last.done && last.eval_count > 0);
});
test('Ollama: the list of models, an error, a stream that breaks off', async () => {
  assert((await ol.list()).models.some((m) => m.name === 'm1' && m.details.families));
  await assert.rejects(ol.chat({ model: 'nobody', messages: hi }), (e) => e.status_code === 404 && /nobody/.test(e.message));
  await assert.rejects(async () => {
    for await (const c of await ol.chat({ model: 'm1', stream: true,
      messages: [{ role: 'user', content: 'hello [[mock:tokens=50 cut=2000]]' }] })) assert(c.message);
  });
});

test('Groq: text and stream', async () => {
  const r = await gr.chat.completions.create({ model: 'm1', messages: hi });
  assert(r.choices[0].message.content.length > 0);
  let text = '';
  for await (const c of await gr.chat.completions.create({ model: 'm1', messages: hi, stream: true })) text += c.choices[0]?.delta?.content ?? '';
  assert(text.length > 0);
});
const mi = new Mistral({ apiKey: KEY, serverURL: `${GW}/mistral` });
test('Mistral: text and stream', async () => {
  const r = await mi.chat.complete({ model: 'm1', messages: hi });
  assert(r.choices[0].message.content.length > 0);
  let text = '';
  for await (const c of await mi.chat.stream({ model: 'm1', messages: hi })) text += c.data.choices[0]?.delta?.content ?? '';
  assert(text.length > 0);
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
  assert(n > 15, `only ${n} were checked`);
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
