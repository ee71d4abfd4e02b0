// client_ollama.mjs - ollama as a client of matrix.mjs.
import { Ollama } from 'ollama';

const messages = (o) => o.history.flatMap((h) => {
  if (h.native) return [h.native];
  if (h.results) return h.results.map((r) => ({ role: 'tool', tool_name: r.name, content: r.text }));
  return [{ role: 'user', content: h.text, ...(h.image && { images: [h.image] }) }];
});

// One message of the pieces, in the last one's place.
const gather = async (stream) => {
  const m = { role: 'assistant', content: '' };
  let last = null;
  for await (const r of stream) {
    m.content += r.message.content;
    if (r.message.thinking) m.thinking = (m.thinking ?? '') + r.message.thinking;
    if (r.message.tool_calls) m.tool_calls = [...(m.tool_calls ?? []), ...r.message.tool_calls];
    last = r;
  }
  return { ...last, message: m };
};

const ask = (c) => async (o) => {
  const body = { model: o.model, messages: [...(o.system ? [{ role: 'system', content: o.system }] : []), ...messages(o)],
    ...(o.tools && { tools: o.tools.map((t) => ({ type: 'function', function: t })) }),
    ...(o.schema && { format: o.schema }),
    ...(o.effort && { think: o.effort }),
    ...(o.max && { options: { num_predict: o.max } }) };
  const r = o.stream ? await gather(await c.chat({ ...body, stream: true })) : await c.chat(body);
  return { text: r.message.content, thinking: r.message.thinking ?? '',
    calls: (r.message.tool_calls ?? []).map((t) => ({ name: t.function.name, args: t.function.arguments })),
    native: r.message, finish: r.done_reason, input: r.prompt_eval_count, output: r.eval_count };
};

export default ({ gw, key }) => {
  const make = (k) => new Ollama({ host: `${gw}/ollama`, headers: { Authorization: `Bearer ${k}` } });
  const is = (...codes) => (e) => e.name === 'ResponseError' && codes.includes(e.status_code);
  return [{ name: 'ollama', chooses: false, ask: ask(make(key)), wrong: ask(make('sk-wrong')),
    errors: { 401: is(401), 404: is(404), 400: is(400), 500: is(500, 502, 503) } }];
};
