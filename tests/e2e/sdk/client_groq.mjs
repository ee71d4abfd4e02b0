// client_groq.mjs - groq-sdk as a client of matrix.mjs.
import Groq from 'groq-sdk';
import { chatAnswer, chatBody } from './client_openai.mjs';

// The SDK has no helper: what each chunk adds.
export const gather = async (stream, piece = (c) => c) => {
  const m = { role: 'assistant', content: '' };
  let finish = null, usage = null;
  for await (const e of stream) {
    const c = piece(e), d = c.choices?.[0]?.delta ?? {};
    m.content += d.content ?? '';
    if (d.reasoning) m.reasoning = (m.reasoning ?? '') + d.reasoning;
    for (const t of d.tool_calls ?? []) {
      m.tool_calls ??= [];
      const at = m.tool_calls[t.index] ??= { id: t.id, type: 'function', function: { name: '', arguments: '' } };
      at.function.name += t.function?.name ?? '';
      at.function.arguments += t.function?.arguments ?? '';
    }
    finish = c.choices?.[0]?.finish_reason ?? finish;
    usage = c.usage ?? c.x_groq?.usage ?? usage;
  }
  if (!finish) throw new Error('the stream has no end');
  return { choices: [{ message: m, finish_reason: finish }], usage };
};

const ask = (c) => async (o) => {
  const body = { ...chatBody(o), ...(o.effort && { reasoning_format: 'parsed' }) };
  const r = o.stream ? await gather(await c.chat.completions.create({ ...body, stream: true }))
    : await c.chat.completions.create(body);
  return chatAnswer(r);
};

export default ({ gw, key }) => {
  const make = (k, maxRetries = 0) => new Groq({ apiKey: k, baseURL: `${gw}/groq`, maxRetries });
  const is = (name, status) => (e) => e instanceof Groq[name] && (!status || e.status === status) && /^req_/.test(e.headers.get('x-request-id'));
  return [{ name: 'groq-sdk', like: true, ask: ask(make(key)), wrong: ask(make('sk-wrong')), retry: ask(make(key, 1)),
    raised: (e) => e instanceof Groq.APIError || e instanceof Groq.GroqError,
    cannot: { more: 'its family has chats only', pdf: 'no documents in its messages', audio: 'no audio in its messages',
      n: 'one answer only', logprobs: 'not supported by its models', toolerror: 'no mark for errors in its tool messages',
      cachemark: 'no breakpoints' },
    errors: { 401: is('AuthenticationError'), 404: is('NotFoundError'), 400: is('BadRequestError'), 500: is('InternalServerError'),
      413: is('APIError', 413), 422: is('UnprocessableEntityError'), 429: is('RateLimitError', 429), 502: is('InternalServerError', 502) } }];
};
