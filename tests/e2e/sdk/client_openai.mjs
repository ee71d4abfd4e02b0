// client_openai.mjs - the openai SDK, both of its APIs, as clients of
// matrix.mjs: ask() turns a neutral question into the SDK's call.
import OpenAI from 'openai';
import assert from 'node:assert/strict';
import { counted } from './counted.mjs';

const url = (image) => `data:image/png;base64,${image}`;
const pdf = (data) => `data:application/pdf;base64,${data}`;

// What stands before the text of a user's message, or nothing.
const chatPart = (h) => h.image ? { type: 'image_url', image_url: { url: url(h.image) } }
  : h.pdf ? { type: 'file', file: { filename: 'a.pdf', file_data: pdf(h.pdf) } }
  : h.audio ? { type: 'input_audio', input_audio: { data: h.audio, format: 'wav' } } : null;

const chatMessages = (o) => o.history.flatMap((h) => {
  if (h.native) return [h.native];
  if (h.results) return h.results.map((r) => ({ role: 'tool', tool_call_id: r.id, content: r.text }));
  if (h.mid) return [{ role: 'system', content: h.mid }];
  const part = chatPart(h);
  return [{ role: 'user', content: part ? [{ type: 'text', text: h.text }, part] : h.text }];
});

export const chatBody = (o) => ({
  model: o.model,
  messages: [...(o.system ? [{ role: 'system', content: o.system }] : []), ...chatMessages(o)],
  ...(o.tools && { tools: o.tools.map((t) => ({ type: 'function', function: t })) }),
  ...(o.schema && { response_format: { type: 'json_schema', json_schema: { name: 'out', strict: true, schema: o.schema } } }),
  ...(o.effort && { reasoning_effort: o.effort }),
  ...(o.max && { max_completion_tokens: o.max }),
  ...(o.choice && { tool_choice: o.choice === 'none' ? 'none' : { type: 'function', function: { name: o.choice } } }),
  ...(o.stop && { stop: o.stop }),
  ...(o.n && { n: o.n }),
  ...(o.logprobs && { logprobs: true, top_logprobs: 2 }),
});

export const chatAnswer = (r) => {
  const m = r.choices[0].message;
  return { text: m.content ?? '', thinking: m.reasoning_content ?? m.reasoning ?? '', native: m,
    calls: (m.tool_calls ?? []).map((c) => ({ id: c.id, name: c.function.name, args: JSON.parse(c.function.arguments) })),
    finish: r.choices[0].finish_reason, input: r.usage?.prompt_tokens, output: r.usage?.completion_tokens,
    cached: r.usage?.prompt_tokens_details?.cached_tokens, texts: r.choices.map((c) => c.message.content),
    logprobs: r.choices[0].logprobs?.content, cited: (m.annotations ?? []).map((n) => n.url_citation) };
};

const chat = (c) => async (o) => {
  const body = chatBody(o);
  if (!o.stream) return chatAnswer(await c.chat.completions.create(body));
  let thinking = '';
  const cited = [];
  const s = c.chat.completions.stream({ ...body, ...(!o.told && { stream_options: { include_usage: true } }) });
  s.on('chunk', (k) => { thinking += k.choices[0]?.delta?.reasoning_content ?? k.choices[0]?.delta?.reasoning ?? '';
    cited.push(...(k.choices[0]?.delta?.annotations ?? []).map((n) => n.url_citation)); });
  const r = await s.finalChatCompletion();
  const a = chatAnswer(r);
  // what the helper adds to the answer is no part of a message
  a.native = { role: 'assistant', content: a.text || null, ...(a.calls.length && { tool_calls:
    r.choices[0].message.tool_calls.map((t) => ({ id: t.id, type: 'function', function: { name: t.function.name, arguments: t.function.arguments } })) }) };
  return { ...a, thinking, cited };
};

const items = (o) => o.history.flatMap((h) => {
  if (h.native) return h.native;
  if (h.results) return h.results.map((r) => ({ type: 'function_call_output', call_id: r.id, output: r.text }));
  if (h.mid) return [{ role: 'developer', content: h.mid }];
  const part = h.image ? { type: 'input_image', image_url: url(h.image), detail: 'auto' }
    : h.pdf ? { type: 'input_file', filename: 'a.pdf', file_data: pdf(h.pdf) } : null;
  return [{ role: 'user', content: part ? [{ type: 'input_text', text: h.text }, part] : h.text }];
});

// The SDK tells the failure of a response by its status, as the API does.
class Failed extends Error {}

const responses = (c) => async (o) => {
  const body = { model: o.model, input: items(o), store: false,
    ...(o.system && { instructions: o.system }),
    ...(o.tools && { tools: o.tools.map((t) => ({ type: 'function', strict: false, ...t })) }),
    ...(o.schema && { text: { format: { type: 'json_schema', name: 'out', strict: true, schema: o.schema } } }),
    ...(o.effort && { reasoning: { effort: o.effort, summary: 'auto' }, include: ['reasoning.encrypted_content'] }),
    ...(o.logprobs && { include: ['message.output_text.logprobs'], top_logprobs: 2 }),
    ...(o.max && { max_output_tokens: o.max }),
    ...(o.choice && { tool_choice: o.choice === 'none' ? 'none' : { type: 'function', name: o.choice } }) };
  const r = o.stream ? await c.responses.stream(body).finalResponse() : await c.responses.create(body);
  if (r.status === 'failed') throw new Failed(r.error.message);
  const calls = r.output.filter((i) => i.type === 'function_call');
  return { text: r.output_text, calls: calls.map((i) => ({ id: i.call_id, name: i.name, args: JSON.parse(i.arguments) })),
    thinking: r.output.filter((i) => i.type === 'reasoning').flatMap((i) => [...i.summary, ...(i.content ?? [])]).map((p) => p.text).join(''),
    native: r.output.map(({ parsed_arguments, ...i }) => ({ ...i, ...(i.content && { content: i.content.map(({ parsed, ...p }) => p) }) })),
    finish: r.status, input: r.usage?.input_tokens, output: r.usage?.output_tokens,
    cached: r.usage?.input_tokens_details?.cached_tokens,
    cited: r.output.flatMap((i) => (i.content ?? []).flatMap((p) => p.annotations ?? [])),
    logprobs: r.output.find((i) => i.type === 'message')?.content[0]?.logprobs };
};

export default ({ gw, key }) => {
  const make = (k, maxRetries = 0) => new OpenAI({ apiKey: k, baseURL: `${gw}/v1`, maxRetries });
  const is = (name, status) => (e) => e instanceof OpenAI[name] && (!status || e.status === status) && /^req_/.test(e.requestID);
  const errors = { 401: is('AuthenticationError'), 404: is('NotFoundError'), 400: is('BadRequestError'), 500: is('InternalServerError'),
    413: is('APIError', 413), 422: is('UnprocessableEntityError'), 429: is('RateLimitError', 429), 502: is('InternalServerError', 502) };
  const raised = (e) => e instanceof OpenAI.APIError || e instanceof OpenAI.OpenAIError || e instanceof Failed;
  const retries = make(key, 1);
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
    { name: 'openai chat', like: true, more, silent: true, ask: chat(make(key)), wrong: chat(make('sk-wrong')), errors, raised, retry: chat(retries),
      cannot: { toolerror: 'no mark for errors in its tool messages', cachemark: 'no breakpoints without a beta' } },
    { name: 'openai responses', more: count, ask: responses(make(key)), wrong: responses(make('sk-wrong')), errors, raised, retry: responses(retries),
      cannot: { stop: 'no stop parameter', audio: 'no audio input', n: 'one answer only',
        toolerror: 'no mark for errors in its outputs', cachemark: 'no breakpoints without a beta' } },
  ];
};
