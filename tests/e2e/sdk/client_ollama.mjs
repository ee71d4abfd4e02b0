// client_ollama.mjs - ollama as a client of matrix.mjs.
import { Ollama } from 'ollama';

const messages = (o) => o.history.flatMap((h) => {
  if (h.native) return [h.native];
  if (h.results) return h.results.map((r) => ({ role: 'tool', tool_name: r.name, content: r.text }));
  if (h.mid) return [{ role: 'system', content: h.mid }];
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
    ...((o.max || o.stop) && { options: { ...(o.max && { num_predict: o.max }), ...(o.stop && { stop: o.stop }) } }) };
  const r = o.stream ? await gather(await c.chat({ ...body, stream: true })) : await c.chat(body);
  return { text: r.message.content, thinking: r.message.thinking ?? '',
    calls: (r.message.tool_calls ?? []).map((t) => ({ name: t.function.name, args: t.function.arguments })),
    native: r.message, finish: r.done_reason, input: r.prompt_eval_count, output: r.eval_count };
};

export default ({ gw, key }) => {
  const make = (k) => new Ollama({ host: `${gw}/ollama`, headers: { Authorization: `Bearer ${k}` } });
  const is = (...codes) => (e) => e.name === 'ResponseError' && codes.includes(e.status_code);
  const more = async (model) => {
    const { models } = await make(key).list();
    if (!models.some((m) => m.name === model)) throw new Error(JSON.stringify(models));
  };
  return [{ name: 'ollama', ask: ask(make(key)), wrong: ask(make('sk-wrong')), more,
    raised: (e) => e.name === 'ResponseError' || e.constructor === Error && !/did not receive done/i.test(e.message),
    cannot: { choice: 'no tool_choice in its requests', pdf: 'no documents in its messages', audio: 'no audio in its messages',
      n: 'one answer only', toolerror: 'no mark for errors in its tool messages', cachemark: 'no breakpoints',
      cached: 'no place in its usage', logprobs: 'not in the SDK', retry: 'the SDK does not retry' },
    errors: { 401: is(401), 404: is(404), 400: is(400), 500: is(500, 502, 503), 413: is(413), 422: is(422), 429: is(429), 502: is(502) } }];
};
