// client_mistral.mjs - @mistralai/mistralai as a client of matrix.mjs.
import { Mistral } from '@mistralai/mistralai';
import * as errors from '@mistralai/mistralai/models/errors';

const messages = (o) => o.history.flatMap((h) => {
  if (h.native) return [h.native];
  if (h.results) return h.results.map((r) => ({ role: 'tool', toolCallId: r.id, name: r.name, content: r.text }));
  return [{ role: 'user', content: h.image
    ? [{ type: 'text', text: h.text }, { type: 'image_url', imageUrl: `data:image/png;base64,${h.image}` }] : h.text }];
});

const chunks = (content) => typeof content === 'string' ? [{ type: 'text', text: content }] : content ?? [];

// One message of the pieces; thinking and text as chunks.
const gather = async (stream) => {
  const m = { role: 'assistant', content: [], toolCalls: [] };
  let finishReason = null, usage = null;
  for await (const { data } of stream) {
    const d = data.choices[0]?.delta ?? {};
    for (const c of chunks(d.content)) {
      const last = m.content.at(-1);
      if (last?.type !== c.type) m.content.push(structuredClone(c));
      else if (c.type === 'text') last.text += c.text;
      else last.thinking.push(...c.thinking);
    }
    for (const t of d.toolCalls ?? []) {
      const at = m.toolCalls[t.index ?? 0];
      if (at) at.function.arguments += t.function.arguments;
      else m.toolCalls[t.index ?? 0] = structuredClone(t);
    }
    finishReason = data.choices[0]?.finishReason ?? finishReason;
    usage = data.usage ?? usage;
  }
  if (!finishReason) throw new Error('the stream has no end');
  m.content = m.content.filter((c) => c.type !== 'text' || c.text);
  return { choices: [{ message: m, finishReason }], usage };
};

const ask = (c) => async (o) => {
  const body = { model: o.model, messages: [...(o.system ? [{ role: 'system', content: o.system }] : []), ...messages(o)],
    ...(o.tools && { tools: o.tools.map((t) => ({ type: 'function', function: t })) }),
    ...(o.schema && { responseFormat: { type: 'json_schema', jsonSchema: { name: 'out', strict: true, schemaDefinition: o.schema } } }),
    ...(o.effort && { reasoningEffort: 'high' }),
    ...(o.max && { maxTokens: o.max }),
    ...(o.choice && { toolChoice: o.choice === 'none' ? 'none' : { type: 'function', function: { name: o.choice } } }) };
  const r = o.stream ? await gather(await c.chat.stream(body)) : await c.chat.complete(body);
  const m = r.choices[0].message;
  return { text: chunks(m.content).filter((x) => x.type === 'text').map((x) => x.text).join(''),
    thinking: chunks(m.content).filter((x) => x.type === 'thinking').flatMap((x) => x.thinking).map((x) => x.text).join(''),
    calls: (m.toolCalls ?? []).map((t) => ({ id: t.id, name: t.function.name, args: JSON.parse(t.function.arguments) })),
    native: m, finish: r.choices[0].finishReason, input: r.usage?.promptTokens, output: r.usage?.completionTokens };
};

export default ({ gw, key }) => {
  const make = (k) => new Mistral({ apiKey: k, serverURL: `${gw}/mistral`, retryConfig: { strategy: 'none' } });
  const is = (...codes) => (e) => e instanceof errors.MistralError && codes.includes(e.statusCode);
  return [{ name: '@mistralai/mistralai', counts: 'mistral', ask: ask(make(key)), wrong: ask(make('sk-wrong')),
    errors: { 401: is(401), 404: is(404), 400: is(400, 422), 500: is(500, 502, 503) } }];
};
