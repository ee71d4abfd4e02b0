// client_anthropic.mjs - @anthropic-ai/sdk of both API versions as clients of
// matrix.mjs.
import Anthropic from '@anthropic-ai/sdk';
import Anthropic2023 from 'anthropic-sdk-2023';
import assert from 'node:assert/strict';
import { counted } from './counted.mjs';

const messages = (o) => o.history.map((h) => {
  if (h.native) return { role: 'assistant', content: h.native };
  if (h.results) return { role: 'user', content: h.results.map((r) => ({ type: 'tool_result', tool_use_id: r.id, content: r.text, ...(r.error && { is_error: true }) })) };
  const [type, media_type, data] = h.image ? ['image', 'image/png', h.image] : h.pdf ? ['document', 'application/pdf', h.pdf] : [];
  return { role: 'user', content: data ? [{ type, source: { type: 'base64', media_type, data } }, { type: 'text', text: h.text }] : h.text };
});

const ask = (c) => async (o) => {
  const body = { model: o.model, max_tokens: o.max ?? (o.effort === 'high' ? 20000 : 4096), messages: messages(o),
    ...(o.system && { system: o.cachemark ? [{ type: 'text', text: o.system, cache_control: { type: 'ephemeral' } }] : o.system }),
    ...(o.stop && { stop_sequences: o.stop }),
    ...(o.tools && { tools: o.tools.map((t) => ({ name: t.name, description: t.description, input_schema: t.parameters })) }),
    ...(o.schema && { output_config: { format: { type: 'json_schema', schema: o.schema } } }),
    ...(o.effort && { thinking: { type: 'enabled', budget_tokens: { low: 1024, medium: 2048, high: 16384 }[o.effort] } }),
    ...(o.choice && { tool_choice: o.choice === 'none' ? { type: 'none' } : { type: 'tool', name: o.choice } }) };
  let m, dropped;
  if (o.stream) {
    const s = c.messages.stream(body);
    m = await s.finalMessage();
    dropped = (await s.withResponse()).response.headers.get('x-aigw-dropped');
  } else {
    const { data, response } = await c.messages.create(body).withResponse();
    m = data;
    dropped = response.headers.get('x-aigw-dropped');
  }
  const of = (type) => m.content.filter((b) => b.type === type);
  return { text: of('text').map((b) => b.text).join(''), thinking: of('thinking').map((b) => b.thinking).join(''),
    calls: of('tool_use').map((b) => ({ id: b.id, name: b.name, args: b.input })), native: m.content,
    finish: m.stop_reason, input: m.usage?.input_tokens + (m.usage?.cache_read_input_tokens ?? 0), output: m.usage?.output_tokens,
    cited: m.content.flatMap((b) => b.citations ?? []), cached: m.usage?.cache_read_input_tokens, dropped };
};

export default ({ gw, key }) => [['@anthropic-ai/sdk', Anthropic, '2026-10-21'],
  ['anthropic 2023-06-01', Anthropic2023, '2023-06-01']].map(([name, A, version]) => {
  const make = (k, maxRetries = 0) => new A({ apiKey: k, baseURL: gw, maxRetries });
  const is = (cls, type, status) => (e) => e instanceof A[cls] && e.error.error.type === type && (!status || e.status === status) && /^req_/.test(e.requestID);
  const more = async (model, dialect, counts) => {
    const c = make(key), hi = [{ role: 'user', content: 'hello there' }];
    await counted(c.messages.countTokens({ model, messages: hi, system: 'be kind', thinking: { type: 'enabled', budget_tokens: 2048 },
      tools: [{ name: 'get_weather', input_schema: { type: 'object', properties: {} } }], tool_choice: { type: 'auto' } }), 'input_tokens', counts,
    async () => (await c.messages.create({ model, max_tokens: 9, messages: hi })).usage.input_tokens);
    const ids = [];
    for await (const m of c.models.list()) ids.push(m.id);
    assert(ids.includes(model), ids.join());
  };
  return { name, version, counts: 'anthropic', more, ask: ask(make(key)), wrong: ask(make('sk-wrong')), retry: ask(make(key, 1)),
    raised: (e) => e instanceof A.APIError || e instanceof A.AnthropicError,
    cannot: { mid: 'no such role in its messages', audio: 'no audio in its messages', n: 'one answer only', logprobs: 'no such parameter' }, errors: {
    401: is('AuthenticationError', 'authentication_error'), 404: is('NotFoundError', 'not_found_error'),
    400: is('BadRequestError', 'invalid_request_error'), 500: is('InternalServerError', 'api_error'),
    413: is('APIError', 'request_too_large', 413), 422: is('UnprocessableEntityError', 'invalid_request_error'),
    429: is('RateLimitError', 'rate_limit_error', 429), 502: is('InternalServerError', 'api_error', 502) } };
});
