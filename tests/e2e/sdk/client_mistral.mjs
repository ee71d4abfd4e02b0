// client_mistral.mjs - @mistralai/mistralai as a client of matrix.mjs.
import { Mistral } from '@mistralai/mistralai';
import * as errors from '@mistralai/mistralai/models/errors';

const messages = (o) => o.history.flatMap((h) => {
  if (h.native) return [h.native];
  if (h.results) return h.results.map((r) => ({ role: 'tool', toolCallId: r.id, name: r.name, content: r.text }));
  if (h.mid) return [{ role: 'system', content: h.mid }];
  const part = h.image ? { type: 'image_url', imageUrl: `data:image/png;base64,${h.image}` }
    : h.pdf ? { type: 'document_url', documentUrl: `data:application/pdf;base64,${h.pdf}` }
    : h.audio ? { type: 'input_audio', inputAudio: h.audio } : null;
  return [{ role: 'user', content: part ? [{ type: 'text', text: h.text }, part] : h.text }];
});

const chunks = (content) => typeof content === 'string' ? [{ type: 'text', text: content }] : content ?? [];

// One message of the pieces; thinking and text as chunks.
const gather = async (stream) => {
  const m = { role: 'assistant', content: [], toolCalls: [] };
  let finishReason = null, usage = null;
  const others = new Map();
  for await (const { data } of stream) {
    for (const x of data.choices.filter((y) => y.index > 0)) others.set(x.index, (others.get(x.index) ?? '') + (x.delta.content ?? ''));
    if (data.choices[0]?.index > 0) continue;
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
  return { choices: [{ message: m, finishReason }, ...[...others.values()].map((content) => ({ message: { content } }))], usage };
};

const ask = (c) => async (o) => {
  const body = { model: o.model, messages: [...(o.system ? [{ role: 'system', content: o.system }] : []), ...messages(o)],
    ...(o.tools && { tools: o.tools.map((t) => ({ type: 'function', function: t })) }),
    ...(o.schema && { responseFormat: { type: 'json_schema', jsonSchema: { name: 'out', strict: true, schemaDefinition: o.schema } } }),
    ...(o.effort && { reasoningEffort: 'high' }),
    ...(o.max && { maxTokens: o.max }),
    ...(o.choice && { toolChoice: o.choice === 'none' ? 'none' : { type: 'function', function: { name: o.choice } } }),
    ...(o.stop && { stop: o.stop }), ...(o.n && { n: o.n }) };
  const r = o.stream ? await gather(await c.chat.stream(body)) : await c.chat.complete(body);
  const m = r.choices[0].message;
  return { text: chunks(m.content).filter((x) => x.type === 'text').map((x) => x.text).join(''),
    thinking: chunks(m.content).filter((x) => x.type === 'thinking').flatMap((x) => x.thinking).map((x) => x.text).join(''),
    calls: (m.toolCalls ?? []).map((t) => ({ id: t.id, name: t.function.name, args: JSON.parse(t.function.arguments) })),
    native: m, finish: r.choices[0].finishReason, input: r.usage?.promptTokens, output: r.usage?.completionTokens,
    cached: r.usage?.promptTokensDetails?.cachedTokens ?? r.usage?.prompt_tokens_details?.cached_tokens,
    texts: r.choices.map((x) => chunks(x.message.content).map((y) => y.text).join('')) };
};

export default ({ gw, key }) => {
  const make = (k, retryConfig = { strategy: 'none' }) => new Mistral({ apiKey: k, serverURL: `${gw}/mistral`, retryConfig });
  const is = (...codes) => (e) => e instanceof errors.MistralError && codes.includes(e.statusCode) && /^req_/.test(e.headers.get('x-request-id'));
  const once = { strategy: 'backoff', backoff: { initialInterval: 1, maxInterval: 3000, exponent: 1, maxElapsedTime: 20000 }, retryConnectionErrors: false };
  return [{ name: '@mistralai/mistralai', counts: 'mistral', ask: ask(make(key)), wrong: ask(make('sk-wrong')), retry: ask(make(key, once)),
    // What the SDK makes of an error's event: no chunk.
    raised: (e) => e.name === 'ZodError' || e instanceof errors.SDKValidationError || e instanceof errors.MistralError || e instanceof errors.HTTPClientError || e instanceof TypeError && e.message === 'terminated',
    cannot: { more: 'its family has no lists', logprobs: 'no such parameter', toolerror: 'no mark for errors in its tool messages',
      cachemark: 'no breakpoints' }, levels: ['high'],
    errors: { 401: is(401), 404: is(404), 400: is(400, 422), 500: is(500, 502, 503), 413: is(413), 422: is(422), 429: is(429), 502: is(502) } }];
};
