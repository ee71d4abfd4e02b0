// client_anthropic.mjs - @anthropic-ai/sdk of both API versions as clients of
// matrix.mjs.
import Anthropic from '@anthropic-ai/sdk';
import Anthropic2023 from 'anthropic-sdk-2023';
import assert from 'node:assert/strict';
import { counted } from './counted.mjs';

const messages = (o) => o.history.map((h) => {
  if (h.native) return { role: 'assistant', content: h.native };
  if (h.results) return { role: 'user', content: h.results.map((r) => ({ type: 'tool_result', tool_use_id: r.id, content: r.text })) };
  return { role: 'user', content: h.image
    ? [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: h.image } }, { type: 'text', text: h.text }] : h.text };
});

const ask = (c) => async (o) => {
  const body = { model: o.model, max_tokens: o.max ?? 4096, messages: messages(o),
    ...(o.system && { system: o.system }),
    ...(o.tools && { tools: o.tools.map((t) => ({ name: t.name, description: t.description, input_schema: t.parameters })) }),
    ...(o.schema && { output_config: { format: { type: 'json_schema', schema: o.schema } } }),
    ...(o.effort && { thinking: { type: 'enabled', budget_tokens: 2048 } }),
    ...(o.choice && { tool_choice: o.choice === 'none' ? { type: 'none' } : { type: 'tool', name: o.choice } }) };
  const m = o.stream ? await c.messages.stream(body).finalMessage() : await c.messages.create(body);
  const of = (type) => m.content.filter((b) => b.type === type);
  return { text: of('text').map((b) => b.text).join(''), thinking: of('thinking').map((b) => b.thinking).join(''),
    calls: of('tool_use').map((b) => ({ id: b.id, name: b.name, args: b.input })), native: m.content,
    finish: m.stop_reason, input: m.usage?.input_tokens, output: m.usage?.output_tokens };
};

export default ({ gw, key }) => [['@anthropic-ai/sdk', Anthropic, '2026-10-21'],
  ['anthropic 2023-06-01', Anthropic2023, '2023-06-01']].map(([name, A, version]) => {
  const make = (k) => new A({ apiKey: k, baseURL: gw, maxRetries: 0 });
  const is = (cls, type) => (e) => e instanceof A[cls] && e.error.error.type === type;
  const more = async (model, dialect, counts) => {
    const c = make(key), hi = [{ role: 'user', content: 'hello there' }];
    await counted(c.messages.countTokens({ model, messages: hi, system: 'be kind', thinking: { type: 'enabled', budget_tokens: 2048 },
      tools: [{ name: 'get_weather', input_schema: { type: 'object', properties: {} } }], tool_choice: { type: 'auto' } }), 'input_tokens', counts,
    async () => (await c.messages.create({ model, max_tokens: 9, messages: hi })).usage.input_tokens);
    const ids = [];
    for await (const m of c.models.list()) ids.push(m.id);
    assert(ids.includes(model), ids.join());
  };
  return { name, version, counts: 'anthropic', more, ask: ask(make(key)), wrong: ask(make('sk-wrong')), errors: {
    401: is('AuthenticationError', 'authentication_error'), 404: is('NotFoundError', 'not_found_error'),
    400: is('BadRequestError', 'invalid_request_error'), 500: is('InternalServerError', 'api_error') } };
});
