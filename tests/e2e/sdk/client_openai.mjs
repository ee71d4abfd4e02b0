// client_openai.mjs - the openai SDK, both of its APIs, as clients of
// matrix.mjs: ask() turns a neutral question into the SDK's call.
import OpenAI from 'openai';
import assert from 'node:assert/strict';
import { counted } from './counted.mjs';

const url = (image) => `data:image/png;base64,${image}`;

const chatMessages = (o) => o.history.flatMap((h) => {
  if (h.native) return [h.native];
  if (h.results) return h.results.map((r) => ({ role: 'tool', tool_call_id: r.id, content: r.text }));
  return [{ role: 'user', content: h.image
    ? [{ type: 'text', text: h.text }, { type: 'image_url', image_url: { url: url(h.image) } }] : h.text }];
});

export const chatBody = (o) => ({
  model: o.model,
  messages: [...(o.system ? [{ role: 'system', content: o.system }] : []), ...chatMessages(o)],
  ...(o.tools && { tools: o.tools.map((t) => ({ type: 'function', function: t })) }),
  ...(o.schema && { response_format: { type: 'json_schema', json_schema: { name: 'out', strict: true, schema: o.schema } } }),
  ...(o.effort && { reasoning_effort: o.effort }),
  ...(o.max && { max_completion_tokens: o.max }),
  ...(o.choice && { tool_choice: o.choice === 'none' ? 'none' : { type: 'function', function: { name: o.choice } } }),
});

export const chatAnswer = (r) => {
  const m = r.choices[0].message;
  return { text: m.content ?? '', thinking: m.reasoning_content ?? m.reasoning ?? '', native: m,
    calls: (m.tool_calls ?? []).map((c) => ({ id: c.id, name: c.function.name, args: JSON.parse(c.function.arguments) })),
    finish: r.choices[0].finish_reason, input: r.usage?.prompt_tokens, output: r.usage?.completion_tokens };
};

const chat = (c) => async (o) => {
  const body = chatBody(o);
  if (!o.stream) return chatAnswer(await c.chat.completions.create(body));
  let thinking = '';
  const s = c.chat.completions.stream({ ...body, ...(!o.told && { stream_options: { include_usage: true } }) });
  s.on('chunk', (k) => { thinking += k.choices[0]?.delta?.reasoning_content ?? k.choices[0]?.delta?.reasoning ?? ''; });
  const r = await s.finalChatCompletion();
  const a = chatAnswer(r);
  // what the helper adds to the answer is no part of a message
  a.native = { role: 'assistant', content: a.text || null, ...(a.calls.length && { tool_calls:
    r.choices[0].message.tool_calls.map((t) => ({ id: t.id, type: 'function', function: { name: t.function.name, arguments: t.function.arguments } })) }) };
  return { ...a, thinking };
};

const items = (o) => o.history.flatMap((h) => {
  if (h.native) return h.native;
  if (h.results) return h.results.map((r) => ({ type: 'function_call_output', call_id: r.id, output: r.text }));
  return [{ role: 'user', content: h.image
    ? [{ type: 'input_text', text: h.text }, { type: 'input_image', image_url: url(h.image), detail: 'auto' }] : h.text }];
});

const responses = (c) => async (o) => {
  const body = { model: o.model, input: items(o), store: false,
    ...(o.system && { instructions: o.system }),
    ...(o.tools && { tools: o.tools.map((t) => ({ type: 'function', strict: false, ...t })) }),
    ...(o.schema && { text: { format: { type: 'json_schema', name: 'out', strict: true, schema: o.schema } } }),
    ...(o.effort && { reasoning: { effort: o.effort, summary: 'auto' }, include: ['reasoning.encrypted_content'] }),
    ...(o.max && { max_output_tokens: o.max }),
    ...(o.choice && { tool_choice: o.choice === 'none' ? 'none' : { type: 'function', name: o.choice } }) };
  const r = o.stream ? await c.responses.stream(body).finalResponse() : await c.responses.create(body);
  if (r.status === 'failed') throw new Error(r.error.message);
  const calls = r.output.filter((i) => i.type === 'function_call');
  return { text: r.output_text, calls: calls.map((i) => ({ id: i.call_id, name: i.name, args: JSON.parse(i.arguments) })),
    thinking: r.output.filter((i) => i.type === 'reasoning').flatMap((i) => [...i.summary, ...(i.content ?? [])]).map((p) => p.text).join(''),
    native: r.output.map(({ parsed_arguments, ...i }) => ({ ...i, ...(i.content && { content: i.content.map(({ parsed, ...p }) => p) }) })),
    finish: r.status, input: r.usage?.input_tokens, output: r.usage?.output_tokens };
};

export default ({ gw, key }) => {
  const make = (k) => new OpenAI({ apiKey: k, baseURL: `${gw}/v1`, maxRetries: 0 });
  const is = (name) => (e) => e instanceof OpenAI[name];
  const errors = { 401: is('AuthenticationError'), 404: is('NotFoundError'), 400: is('BadRequestError'), 500: is('InternalServerError') };
  const more = async (model) => {
    const ids = [];
    for await (const m of make(key).models.list()) ids.push(m.id);
    assert(ids.includes(model), ids.join());
  };
  const count = async (model, dialect, counts) => {
    const c = make(key), body = { model, input: 'hello there' };
    await counted(c.responses.inputTokens.count({ ...body, instructions: 'be kind', reasoning: { effort: 'low' },
      tools: [{ type: 'function', name: 'get_weather', strict: false, parameters: { type: 'object', properties: {} } }] }), 'input_tokens', counts,
    async () => (await c.responses.create({ ...body, store: false })).usage.input_tokens);
  };
  return [
    { name: 'openai chat', more, silent: true, ask: chat(make(key)), wrong: chat(make('sk-wrong')), errors },
    { name: 'openai responses', more: count, ask: responses(make(key)), wrong: responses(make('sk-wrong')), errors },
  ];
};
