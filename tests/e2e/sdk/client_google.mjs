// client_google.mjs - @google/genai as a client of matrix.mjs.
import { ApiError, GoogleGenAI } from '@google/genai';
import assert from 'node:assert/strict';
import { counted } from './counted.mjs';

const contents = (o) => o.history.map((h) => {
  if (h.native) return h.native;
  if (h.results) return { role: 'user', parts: h.results.map((r) => ({ functionResponse: { ...(r.id && { id: r.id }), name: r.name, response: r.error ? { error: r.text } : { output: r.text } } })) };
  const [mimeType, data] = h.image ? ['image/png', h.image] : h.pdf ? ['application/pdf', h.pdf] : h.audio ? ['audio/wav', h.audio] : [];
  return { role: 'user', parts: [...(data ? [{ inlineData: { mimeType, data } }] : []), { text: h.text }] };
});

const ask = (c) => async (o) => {
  const p = { model: o.model, contents: contents(o), config: {
    ...(o.system && { systemInstruction: o.system }),
    ...(o.tools && { tools: [{ functionDeclarations: o.tools.map((t) => ({ name: t.name, description: t.description, parametersJsonSchema: t.parameters })) }] }),
    ...(o.schema && { responseMimeType: 'application/json', responseJsonSchema: o.schema }),
    ...(o.effort && { thinkingConfig: { includeThoughts: true, thinkingBudget: { low: 1024, medium: 8192, high: 24576 }[o.effort] } }),
    ...(o.stop && { stopSequences: o.stop }),
    ...(o.n && { candidateCount: o.n }),
    ...(o.logprobs && { responseLogprobs: true, logprobs: 2 }),
    ...(o.max && { maxOutputTokens: o.max }),
    ...(o.choice && { toolConfig: { functionCallingConfig: o.choice === 'none' ? { mode: 'NONE' } : { mode: 'ANY', allowedFunctionNames: [o.choice] } } }) } };
  let parts = [], last, logprobs = [];
  const texts = [];
  const take = (k) => {
    for (const x of k.candidates ?? []) {
      texts[x.index ?? 0] = (texts[x.index ?? 0] ?? '') + (x.content?.parts ?? []).map((q) => q.text ?? '').join('');
      if (x.index) continue;
      parts.push(...(x.content?.parts ?? []));
      logprobs.push(...(x.logprobsResult?.chosenCandidates ?? []));
    }
    last = k;
  };
  if (o.stream) for await (const k of await c.models.generateContentStream(p)) take(k);
  else take(await c.models.generateContent(p));
  const finish = last.candidates?.[0]?.finishReason;
  if (!finish) throw new Error('the stream has no end');
  return { text: parts.filter((x) => x.text && !x.thought).map((x) => x.text).join(''),
    thinking: parts.filter((x) => x.thought).map((x) => x.text).join(''),
    calls: parts.filter((x) => x.functionCall).map((x) => ({ id: x.functionCall.id, name: x.functionCall.name, args: x.functionCall.args })),
    native: { role: 'model', parts }, finish, input: last.usageMetadata?.promptTokenCount,
    output: (last.usageMetadata?.candidatesTokenCount ?? 0) + (last.usageMetadata?.thoughtsTokenCount ?? 0),
    cited: (last.candidates[0].groundingMetadata?.groundingChunks ?? []).map((x) => ({ url: x.web.uri, title: x.web.title })),
    dropped: last.sdkHttpResponse?.headers?.['x-aigw-dropped'], cached: last.usageMetadata?.cachedContentTokenCount, texts,
    logprobs: logprobs.map((x) => ({ token: x.token, logprob: x.logProbability })) };
};

export default ({ gw, key }) => {
  const make = (k, retryOptions) => new GoogleGenAI({ apiKey: k, httpOptions: { baseUrl: gw, ...(retryOptions && { retryOptions }) } });
  const is = (...codes) => (e) => e instanceof ApiError && codes.includes(e.status);
  const more = async (model, dialect, counts) => {
    const c = make(key);
    const r = await fetch(`${gw}/v1beta/models/${model}:streamGenerateContent`, { method: 'POST',
      headers: { 'x-goog-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hello there' }] }] }) });
    const l = await r.json();		// without alt=sse: one array
    assert(l.length > 3 && l.at(-1).candidates[0].finishReason === 'STOP', JSON.stringify(l.at(-1)));
    const ids = [];
    for await (const m of await c.models.list()) ids.push(m.name);
    assert(ids.includes(`models/${model}`), ids.join());
    await counted(c.models.countTokens({ model, contents: 'hello there' }), 'totalTokens', counts,
      async () => (await c.models.generateContent({ model, contents: 'hello there' })).usageMetadata.promptTokenCount);
    if (dialect !== 'gemini') return;
    assert.equal((await c.models.embedContent({ model, contents: ['a', 'b'] })).embeddings.length, 2);
  };
  // The SDK knows no headers of errors; when to come again stands in the body.
  const busy = (e) => is(429)(e) && JSON.parse(e.message).error.details.some((d) => /RetryInfo$/.test(d['@type']) && d.retryDelay === '1s');
  return [{ name: '@google/genai', more, ask: ask(make(key)), wrong: ask(make('sk-wrong')),
    retry: ask(make(key, { attempts: 2, initialDelay: 1.1, jitter: 0 })), raised: (e) => e instanceof ApiError,
    cannot: { mid: 'no such role in its contents', cachemark: 'no breakpoints' },
    errors: { 401: is(400, 401), 404: is(404), 400: is(400), 500: is(500, 502, 503), 413: is(413), 422: is(422), 429: busy, 502: is(502) } }];
};
